"""What somebody asked for with ``/acr …``, as values, and how to read it from what they typed."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.domain.reference import Reference, parse_reference
from bot.durations import EXPECTED, format_duration, parse_duration
from bot.errors import BadInputError

MOST_CHARACTERS = 2000
COMMANDS = ("untagged", "help")

# Slack's composer and word processors put these in the place of what was typed.
_TYPOGRAPHY = str.maketrans(
    {
        "\u00a0": " ",  # non-breaking space
        "\u202f": " ",  # narrow non-breaking space
        "\u2007": " ",  # figure space
        "\u200b": "",  # zero-width space
        "\u2060": "",  # word joiner
        "\ufeff": "",  # byte order mark
        "\u2014": "--",  # em dash
        "\u2013": "--",  # en dash
        "\u2011": "-",  # non-breaking hyphen
        "\u2010": "-",  # hyphen
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
    }
)


@dataclass(frozen=True, slots=True)
class Untagged:
    """``/acr untagged REPO``: what carries no tag. ``registry`` is a name or a host, empty for the default."""

    reference: Reference
    registry: str = ""
    min_age: timedelta | None = None

    def to_json(self) -> dict[str, Any]:
        """Give a form that a button can carry."""
        seconds = self.min_age.total_seconds() if self.min_age is not None else None
        return {"cmd": "untagged", "repo": self.reference.repository, "registry": self.registry, "min_age": seconds}

    def __str__(self) -> str:
        parts = ["/acr untagged", str(self.reference)]
        if self.min_age is not None:
            parts.append(f"--min-age {format_duration(self.min_age)}")
        if self.registry:
            parts.append(f"--registry {self.registry}")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Help:
    """``/acr help``, or ``/acr`` alone."""


Request = Untagged | Help


def request_from_json(data: Any) -> Untagged:
    """Read what ``Untagged.to_json`` gave. Raises BadInputError on anything else."""
    try:
        min_age = data["min_age"]
        request = Untagged(
            reference=parse_reference(data["repo"]),
            registry=str(data["registry"]),
            min_age=None if min_age is None else timedelta(seconds=min_age),
        )
        known = data["cmd"] == "untagged"
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        known = False
    if not known:
        raise BadInputError("This button is from another version of the app.", expected="Run the command again.")
    return request


def parse_command(text: str) -> Request:
    """Read the text behind ``/acr``. Raises BadInputError with what would have worked."""
    words = _words(text)
    if not words or words[0] in {"help", "-h", "--help"}:
        return Help()
    command, *rest = words
    if command.lower() != "untagged":
        raise BadInputError(
            f"There is no command {_clip(command)!r}.",
            expected=f"The commands are: {', '.join(COMMANDS)}.",
            example="/acr untagged myrepo",
        )
    return _untagged(rest)


def _words(text: str) -> list[str]:
    if len(text) > MOST_CHARACTERS:
        raise BadInputError(
            f"That is too long: {len(text):,} characters.",
            expected=f"A command has at most {MOST_CHARACTERS:,}.",
            example="/acr untagged myrepo",
        )
    try:
        return shlex.split(text.translate(_TYPOGRAPHY))
    except ValueError as error:
        raise BadInputError(
            "A quotation mark is not closed.",
            expected="Quotation marks come in pairs; a repository needs none.",
            example="/acr untagged 'team/*'",
        ) from error


def _untagged(words: Sequence[str]) -> Untagged:
    positional, options = _split_options(words, known=("--min-age", "--registry"), usage="/acr untagged myrepo")
    if len(positional) != 1:
        raise BadInputError(
            "The repository is missing."
            if not positional
            else f"One repository is expected, and there are {len(positional)}: {_clip(' '.join(positional))}.",
            expected="Give the name of a repository, or a pattern for several.",
            example="/acr untagged team/app" if not positional else "/acr untagged 'team/*'",
        )
    reference = parse_reference(positional[0])
    if reference.tag or reference.digest:
        raise BadInputError(
            f"{_clip(str(reference))!r} names one manifest.",
            expected="This command looks through a whole repository.",
            example=f"/acr untagged {reference.repository}",
        )
    registry = options.get("--registry", "")
    if registry and reference.registry and registry.lower() != reference.registry:
        raise BadInputError(
            f"Two registries are named: {_clip(reference.registry)} and {_clip(registry)}.",
            expected="Name the registry once, before the repository or with --registry.",
            example=f"/acr untagged {reference.repository} --registry {_clip(registry)}",
        )
    min_age = options.get("--min-age")
    return Untagged(
        reference=Reference(reference.repository),
        registry=(registry or reference.registry).lower(),
        min_age=_duration("--min-age", min_age) if min_age is not None else None,
    )


def _duration(option: str, value: str) -> timedelta:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise BadInputError(f"{option}: {error}", expected=EXPECTED, example=f"{option} 7d") from error


def _split_options(words: Sequence[str], *, known: Sequence[str], usage: str) -> tuple[list[str], dict[str, str]]:
    """Split words into positional ones and ``--name value`` or ``--name=value`` pairs."""
    positional: list[str] = []
    options: dict[str, str] = {}
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if not word.startswith("-") or word == "-":
            positional.append(word)
            continue
        name, equals, value = word.partition("=")
        name = name.lower() if name.startswith("--") else f"--{name.lstrip('-').lower()}"
        if name not in known:
            raise BadInputError(
                f"There is no option {_clip(word)!r}.",
                expected=f"The options are: {', '.join(known)}.",
                example=f"{usage} --min-age 7d",
            )
        if name in options:
            raise BadInputError(f"{name} is given twice.", expected="Give it once.", example=f"{usage} --min-age 7d")
        if not equals:
            if not queue or queue[0].startswith("--"):
                example = "--min-age 7d" if name == "--min-age" else "--registry myregistry"
                raise BadInputError(
                    f"{name} has no value.", expected="A value follows it.", example=f"{usage} {example}"
                )
            value = queue.pop(0)
        options[name] = value
    return positional, options


def _clip(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
