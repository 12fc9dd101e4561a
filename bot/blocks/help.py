"""`/acr help`: what the app does, each command with an example, and what protects images."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.blocks import rich
from bot.blocks.message import Block, Message, fallback
from bot.blocks.parts import context, section
from bot.blocks.problem import explained, explained_text
from bot.blocks.text import code, duration, join
from bot.errors import JanitorError

_REGISTRIES_MOST = 8


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be typed. ``{repository}`` and ``{registry}`` in the example stand for names that exist."""

    example: str
    meaning: str


COMMANDS = (
    Command("/acr untagged {repository}", "what could go in a repository, and what stays and why"),
    Command(
        "/acr untagged {repository} --min-age 7d", "only what has not changed for a week; `12h`, `1d12h`, `2w` too"
    ),
    Command("/acr untagged {group}/*", "all repositories that match; `*` and `?` stand for any characters"),
    Command("/acr untagged {repository} --registry {registry}", "in another registry than the first"),
    Command("/acr untagged {login_server}/{repository}", "a full reference, as you paste it"),
    Command("/acr help", "this text"),
)

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
    registry = registries[-1] if registries else "myregistry"
    names = {
        "repository": repository,
        "registry": registry,
        "group": repository.partition("/")[0] if "/" in repository else "team",
        "login_server": login_server or f"{registries[0] if registries else 'myregistry'}.azurecr.io",
    }
    commands = [f"{code(c.example.format(**names), 300)}\n{c.meaning}" for c in COMMANDS]
    where = f"Registries: {join([code(one, 64) for one in registries], _REGISTRIES_MOST)}. The first is the default."
    blocks: list[Block] = []
    if problem:
        blocks.append(rich.rich(rich.paragraph(rich.emoji("warning"), rich.text(" "), *explained(problem))))
        blocks.append({"type": "divider"})
    blocks += [section(_INTRO), section("\n".join(commands)), section(_protects(grace))]
    if len(registries) > 1:
        blocks.append(context(where))
    told = explained_text(problem) if problem else []
    examples = [code(c.example.format(**names), 300) for c in COMMANDS]
    return Message(fallback(*told, _INTRO, f"Type {join(examples, len(examples), 'or')}."), blocks)


def _protects(grace: timedelta | None) -> str:
    lines = [
        "*What protects your images*",
        "• All that a kept image needs stays: the parts of a multi-arch image, its signatures and other attachments.",
        "• What is locked in the registry stays, and so does what a keep pattern of your settings names.",
        "• Nobody approves their own proposal, unless your settings allow it. One without an answer expires unused.",
        "• All is checked again right before it is deleted. What was tagged, locked or referenced since is skipped.",
        "• What can't be read is kept as it is.",
    ]
    if grace:
        lines.insert(2, f"• What changed in the last {duration(grace)} stays.")
    return "\n".join(lines)
