"""The files that git knows: nothing of one machine, nothing that is missing, nothing half done."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.project.conftest import ROOT

HERE = Path(__file__).relative_to(ROOT)

# A path below these is somebody's machine, unless it continues another path or an address.
MACHINE_PATH = re.compile(r"(?<![\w.\-/~$}])/(?:work|home|root|Users)/\w")
# Where packages come from is for whoever installs to say.
PACKAGE_INDEX = re.compile(
    r"pypi\.org|pythonhosted|(?:extra-)?index-url\b(?!\|)|find-links|npmjs|artifactory", re.IGNORECASE
)
# What stands outside of this repository can't be read by those who have only the repository.
OUTSIDE = re.compile(r"\.\./shared/|\bfacts?[ -]sheet|\bfacts/[a-z]+|\b(?:DESIGN|ANCHORS|DEVELOPERS)\.md")
UNFINISHED = re.compile(r"#\s*(?:TODO|FIXME|HACK|XXX)\b|raise NotImplementedError\s*$|\b[Ll]orem ipsum\b")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#|mailto:)([^)#\s]+)")
MENTION = re.compile(r"`((?:bot|handlers|sandbox|tests|docs|benchmarks|requirements)/[\w./-]*)`")


def texts(tracked: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """Give each text file but this one, which has to spell out what it looks for."""
    for path in tracked:
        if path != HERE and path.suffix not in {".png", ".ico", ".woff2"}:
            yield path, (ROOT / path).read_text(encoding="utf-8")


def found(tracked: tuple[Path, ...], pattern: re.Pattern[str]) -> list[str]:
    """Give each line that matches, with its place."""
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in texts(tracked)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_path_of_a_machine(tracked: tuple[Path, ...]) -> None:
    """Nothing works only where it was written."""
    assert found(tracked, MACHINE_PATH) == []


def test_no_package_index(tracked: tuple[Path, ...]) -> None:
    """No file names the host that packages come from."""
    lines = found(tracked, PACKAGE_INDEX)

    # the flag that keeps indexes out of the locks, and the test that they are out
    assert [line for line in lines if "--no-emit-index-url" not in line and "test_locks.py" not in line] == []


def test_nothing_points_outside(tracked: tuple[Path, ...]) -> None:
    """Every source is one that readers can have."""
    assert found(tracked, OUTSIDE) == []


def test_nothing_is_left_for_later(tracked: tuple[Path, ...]) -> None:
    """What is to do stands in issues; what is here is done."""
    assert found(tracked, UNFINISHED) == []


def test_every_link_of_the_documents_leads_somewhere(tracked: tuple[Path, ...]) -> None:
    """A relative link, and a path in backticks, names something that is there."""
    broken = []
    for path, text in texts(tracked):
        if path.suffix == ".md":
            links = [(path.parent / target, target) for target in LINK.findall(text)]
            mentions = [(Path(target), target) for target in MENTION.findall(text)]
            broken += [f"{path}: {name}" for target, name in (*links, *mentions) if not (ROOT / target).exists()]

    assert broken == []


def test_decisions_are_numbered(tracked: tuple[Path, ...]) -> None:
    """Decisions count up without a gap, and each says its context, the choice and what was rejected."""
    decisions = sorted(path for path in tracked if path.parent == Path("docs/decisions"))

    for number, path in enumerate(decisions, 1):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert path.name.startswith(f"{number:04}-")
        assert text.startswith(f"# {number}. ")
        for part in ("Context", "Choice", "Rejected"):
            assert re.search(rf"^(?:## {part}$|\*\*{part}\.\*\*)", text, re.MULTILINE), f"{path} has no {part}"
