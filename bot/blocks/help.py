"""`/acr help`: what the app does, each command with an example, and what protects images."""

from collections.abc import Sequence
from datetime import timedelta

from bot.blocks import rich
from bot.blocks.message import Block, Message, fallback
from bot.blocks.parts import section
from bot.blocks.problem import explained, explained_text
from bot.blocks.text import code, duration, join, name
from bot.errors import JanitorError

_EXAMPLE_MOST = 300
_NAME_MOST = 64

_INTRO = (
    "*I clean up Azure Container Registry together with you.* Ask what could go in a repository and propose it with a "
    "button; somebody else approves, and exactly that is deleted, nothing more. Looking never deletes anything."
)


def help_message(
    *,
    problem: JanitorError | None = None,
    registries: Sequence[str] = (),
    repository: str = "myrepo",
    login_server: str = "",
    grace: timedelta | None = None,
) -> Message:
    """Explain the app to one person; with ``problem`` on top where what they typed was wrong.

    ``registries`` are the names that settings give them, the default first. ``repository`` goes into the examples, and
    so does ``login_server``, the host of the default registry. ``grace`` is the time within which changes are kept.
    """
    commands = _commands(registries, repository, login_server or "myregistry.azurecr.io")
    blocks: list[Block] = []
    if problem:
        blocks.append(rich.rich(rich.paragraph(rich.emoji("warning"), rich.text(" "), *explained(problem))))
        blocks.append({"type": "divider"})
    blocks += [
        section(_INTRO),
        _list(
            "What you can type", [[rich.code(line, _EXAMPLE_MOST), rich.text(f": {does}")] for line, does in commands]
        ),
        _list("What protects your images", [[rich.text(line)] for line in _protection(grace)]),
    ]
    told = explained_text(problem) if problem else []
    examples = [code(line, _EXAMPLE_MOST) for line, _ in commands]
    return Message(fallback(*told, _INTRO, f"Type {join(examples, len(examples), 'or')}."), blocks)


def _commands(registries: Sequence[str], repository: str, login_server: str) -> list[tuple[str, str]]:
    """Give what can be typed, as an example that works, and what it does."""
    untagged = f"/acr untagged {repository}"
    group = repository.partition("/")[0] if "/" in repository else "team"
    commands = [
        (untagged, "what could go in a repository, and what stays and why"),
        (f"{untagged} --min-age 7d", "only what has not changed for 7 days (or 12h, 1d12h, 2w)"),
        (f"/acr untagged {group}/*", "all repositories that match; * and ? stand for anything"),
        (f"/acr untagged {login_server}/{repository}", "a full reference, as you paste it"),
        (
            f"/acr old {repository} --older-than 30d",
            "all that has not changed since, tagged or not; or --before 2019-04-05",
        ),
        (
            f"/acr old {repository} --older-than 30d --tags 'pr-.*' --keep 3",
            "only what has no other tags; the newest 3 stay",
        ),
        (f"/acr delete {repository}:v1.2", "one manifest and so all its tags, by one of them or by @digest"),
        (f"/acr explain {repository}:latest", "why one image is kept or could go, step by step; by @digest, too"),
        (f"/acr explain {repository}", "how each reason works out in a repository, with examples"),
    ]
    commands.append(
        ("/acr repos", "all repositories in figures, the most stale first; with a pattern, those that match")
    )
    commands.append((f"/acr manifests {repository} --oldest", "every manifest by time, the newest or the oldest first"))
    commands.append(("/acr usage", "what each repository stores, as a chart and a table, and what of it is stale"))
    commands.append(("/acr pending", "the proposals that wait for a decision, with links to their cards; all as CSV"))
    commands.append((f"/acr history {repository}", "what was deleted, by whom asked and approved; without a name, all"))
    commands += [
        (
            f"/acr purge '{repository}:^pr-' --ago 30d",
            "what acr purge would do, with all protections and by a proposal",
        ),
        (f"/acr untag {repository}:v1.2", "remove one tag; its manifest and the other tags stay"),
        (f"/acr lock {repository}:v1.2", "lock a tag, a @digest or a whole repository at once, if you may approve"),
        (f"/acr unlock {repository}:v1.2", "propose to lift such a lock; somebody else approves"),
    ]
    if len(registries) > 1:
        default, *others = (name(registry, _NAME_MOST) for registry in registries)
        which = join(others, 5)
        commands.append((f"{untagged} --registry {others[0]}", f"in another registry than {default}: {which}"))
    return [*commands, ("/acr help", "this text")]


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
