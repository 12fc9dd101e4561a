# One entry for people and for CI: `make help` lists it. Needs Python 3.11 or newer, git and make.

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
UV_VERSION := 0.13.9

# The first Python that is new enough, unless one is named: make install PYTHON=/usr/local/bin/python3.12
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help install demo test check bench format lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z]*\):.*## /  make \1  /p' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## install the app into .venv, from the lock; quick the second time
	@echo "Installed: $(BIN)/acr-janitor"

demo: $(VENV)/.installed ## start registry, Slack page and app on this machine; SCRIPT=1 plays the main job and checks it
	@$(BIN)/acr-janitor demo $(if $(SCRIPT),--script)

test: $(VENV)/.installed-dev ## run the tests; ARGS="-k name" picks some
	@$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

check: $(VENV)/.installed-dev ## check form, types, layers, documents and locks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --quiet tests/project

bench: $(VENV)/.installed-dev ## measure everything and write the figures to docs/performance.md; SMALL=1 only tries it
	@$(BIN)/python benchmarks/report.py $(if $(SMALL),--small)

format: $(VENV)/.installed-dev ## format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The resolution holds for every supported Python and platform; delete a file first to raise all its versions.
COMPILE = build/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header
lock: build/uv/bin/uv ## write requirements/*.txt anew from pyproject.toml
	$(COMPILE) pyproject.toml --extra postgres --output-file requirements/run.txt
	$(COMPILE) --group build --output-file requirements/build.txt
	$(COMPILE) pyproject.toml --extra postgres --group dev --constraint requirements/run.txt \
		--constraint requirements/build.txt --output-file requirements/dev.txt

clean: ## remove what was built and installed; the state in var/ stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Hashes are required of all that comes from outside, the build back end included; building fetches nothing.
$(VENV)/.installed: requirements/run.txt requirements/build.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. For example: make install PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing into $(VENV) (some 30 seconds) ..." >&2
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --require-hashes --requirement requirements/run.txt --requirement requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements/dev.txt
	@echo "Installing the tools for tests and checks ..." >&2
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@

build/uv/bin/uv:
	$(PYTHON) -m venv build/uv
	build/uv/bin/python -m pip --quiet --disable-pip-version-check install uv==$(UV_VERSION)
