"""`/acr help`: what the app does, each command with an example, and what protects images."""

from collections.abc import Sequence
from datetime import timedelta

from bot.blocks import rich
from bot.blocks.hold import all_frozen
from bot.blocks.message import Block, Message, fallback
from bot.blocks.parts import section
from bot.blocks.problem import explained, explained_text
from bot.blocks.text import code, duration, join, name
from bot.domain.asked import Example, Group
from bot.domain.grammar import ALONE, HELP, examples
from bot.domain.hold import Frozen
from bot.errors import JanitorError

_EXAMPLE_MOST = 300
_NAME_MOST = 64

_INTRO = (
    "*I clean up Azure Container Registry together with you.* Ask what could go in a repository and propose it with a "
    "button; somebody else approves, and exactly that is deleted, nothing more. Looking never deletes anything."
)


# Each is of a whole tag but the last, which is searched for within it.
PATTERNS = (
    ("pr-.*", "for --tags: pr-7 and all else that begins with pr-; the whole tag must match"),
    ("(pr|dev)-.*", "for --tags: pr-7 and dev-2, either of two; [^v].* is any that does not begin with v"),
    ("^pr-", "for /acr purge, which searches within the tag as acr purge does: the same as pr-.* there"),
)


def help_message(
    *,
    problem: JanitorError | None = None,
    registries: Sequence[str] = (),
    repository: str = "myrepo",
    login_server: str = "",
    grace: timedelta | None = None,
    rule: str = "",
    frozen: Sequence[Frozen] = (),
) -> Message:
    """Explain the app to one person; with ``problem`` on top where what they typed was wrong.

    ``registries`` are the names that settings give them, the default first. ``repository`` goes into the examples, and
    so do ``login_server``, the host of the default registry, and ``rule``, the name of a standing rule. ``grace`` is
    the time within which changes are kept. ``frozen``: the registries that are frozen.
    """
    commands = _commands(registries, repository, login_server or "myregistry.azurecr.io", rule or "ci-images")
    blocks: list[Block] = []
    if problem:
        blocks.append(rich.rich(rich.paragraph(rich.emoji("warning"), rich.text(" "), *explained(problem))))
        blocks.append({"type": "divider"})
    held = all_frozen(frozen)
    blocks += [section(words) for words in held]
    blocks += [
        section(_INTRO),
        *(
            _list(title, [[rich.code(line, _EXAMPLE_MOST), rich.text(f": {does}")] for line, does in lines])
            for title, lines in commands.items()
        ),
        _list(
            "Patterns for tags: regular expressions of RE2, without look-around",
            [[rich.code(pattern), rich.text(f": {meaning}")] for pattern, meaning in PATTERNS],
        ),
        _list("What protects your images", [[rich.text(line)] for line in _protection(grace)]),
    ]
    told = explained_text(problem) if problem else []
    typed = [code(line, _EXAMPLE_MOST) for lines in commands.values() for line, _ in lines]
    return Message(fallback(*told, *held, _INTRO, f"Type {join(typed, len(typed), 'or')}."), blocks)


def _commands(
    registries: Sequence[str], repository: str, login_server: str, rule: str
) -> dict[str, list[tuple[str, str]]]:
    """Give what can be typed, under its title: each line works as it stands, and what it does."""
    team = repository.partition("/")[0] if "/" in repository else "team"
    _, *others = [name(registry, _NAME_MOST) for registry in registries] or [""]

    def told(example: Example) -> tuple[str, str]:
        registry = others[0] if others else ""
        line = example.typed(repository=repository, team=team, host=login_server, registry=registry, rule=rule)
        return line, f"{example.does}: {join(others, 5)}" if example.several else example.does

    titled = {
        group.value: [told(example) for example in examples(group) if others or not example.several] for group in Group
    }
    titled[Group.FIND.value].insert(0, told(ALONE))
    titled[Group.LOOK.value].append(told(HELP))
    return titled


def _protection(grace: timedelta | None) -> list[str]:
    lines = [
        "All that a kept image needs stays: the parts of a multi-arch image, its signatures and other attachments.",
        "What is locked in the registry stays, and so does what a keep pattern of the settings names.",
        "Nobody approves their own proposal, unless the settings allow it. One without an answer expires.",
        "All is checked again right before it is deleted. What was tagged, locked or referenced since is skipped.",
        "What can't be read is kept as it is.",
    ]
    if grace:
        lines.insert(1, f"What changed in the last {duration(grace)} stays.")
    return lines


def _list(title: str, lines: Sequence[Sequence[rich.Element]]) -> Block:
    return rich.rich(rich.paragraph(rich.text(title, bold=True)), rich.bullets(lines))
