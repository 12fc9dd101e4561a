"""Run every benchmark, one after the other, and write the figures and the machine into docs/performance.md.

python benchmarks/report.py            some eight minutes
python benchmarks/report.py --small    a minute: shows that they work, and writes nothing
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rig import Table

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
PACKAGES = ("aiohttp", "azure-core", "azure-containerregistry")


def machine() -> str:
    """Describe what the figures hold for: no names, no paths."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{cores} cores ({_processor()}), {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()},"
        f" {packages}; {datetime.now(UTC):%Y-%m-%d}."
    )


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1].strip() if found else platform.machine()


def take(program: Path, *, small: bool) -> Table:
    """Run one benchmark in a process of its own."""
    print(f"— {program.name}", file=sys.stderr, flush=True)
    command = [sys.executable, str(program), "--json", *(["--small"] if small else [])]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return Table(**json.loads(said.stdout.splitlines()[-1]))


def write(page: str, figures: str) -> str:
    """Put the figures between the page's marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}"


def main() -> int:
    """Run them all; 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="small sizes; prints and writes nothing")
    small = parser.parse_args().small
    tables = [take(program, small=small) for program in sorted(HERE.glob("bench_*.py"))]
    figures = "\n\n".join([f"Machine: {machine()}", *(f"### {table.title}\n\n{table.markdown()}" for table in tables)])
    print(figures)
    if small:
        return 0
    PAGE.write_text(write(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")
    missed = [text for table in tables for text, met in table.targets if not met]
    for text in missed:
        print(f"missed: {text}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
