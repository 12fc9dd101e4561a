"""A command's words, split but not yet understood, and what a command says of the words that it takes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bot.domain.fields import Form
from bot.domain.reference import Reference, clip
from bot.domain.request import Request
from bot.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Asked:
    """``line``: ``/acr`` and the command. ``word``: its one positional word, empty for none. Options by their name."""

    line: str
    word: str
    options: dict[str, str]
    flags: frozenset[str] = frozenset()


class Group(Enum):
    """What commands are for, in the order in which people are told of them."""

    FIND = "Find what could go"
    NAMED = "Name what is to be done"
    LOOK = "Look around"
    REPORTS = "Get a report every week"


@dataclass(frozen=True, slots=True)
class Example:
    """One way to type a command. ``line`` is what stands behind ``/acr``, ``does`` says plainly what that does.

    These stand for names in ``line``: ``REPO`` a repository, ``TEAM`` the first part of a path, ``HOST`` a registry's
    host, ``RULE`` a standing rule, ``NAME`` a registry that is not the default, without which ``several`` examples make
    no sense.
    """

    line: str
    does: str
    several: bool = False

    def typed(
        self,
        *,
        repository: str = "REPO",
        team: str = "team",
        host: str = "HOST",
        registry: str = "NAME",
        rule: str = "RULE",
    ) -> str:
        """Give the whole line with names in it."""
        names = {"REPO": repository, "TEAM": team, "HOST": host, "NAME": registry, "RULE": rule}
        return f"/acr {_STANDS_FOR_NAME.sub(lambda match: names[match[0]], self.line)}".rstrip()


_STANDS_FOR_NAME = re.compile(r"\b(?:REPO|TEAM|HOST|NAME|RULE)\b")


REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command takes, what people are told of it, and how its parts are put together once they are split.

    ``options`` have a value, ``flags`` have none. ``expected`` says what its positional word is, ``several`` is an
    example of it for whoever typed more than one, ``noun`` says what it names. ``group`` and ``examples`` are what help
    and README tell of it. ``needs_word``: it can't do without; ``takes_word``: it takes one. ``needs``: what else it
    can't do without, as examples (see ``JanitorError.about``). ``form``: how the form of ``/acr`` alone offers it,
    where it is a rule there. ``free``: its word is all that follows, as it was written, up to a registry at the end.
    """

    read: Callable[[Asked], Request]
    options: tuple[str, ...]
    expected: str
    several: str
    group: Group
    examples: tuple[Example, ...]
    flags: tuple[str, ...] = ()
    needs_word: bool = True
    takes_word: bool = True
    needs: tuple[str, ...] = ()
    form: Form | None = None
    noun: str = REPOSITORY
    free: bool = False


def registry_of(asked: Asked, reference: Reference | None = None) -> str:
    """Give the registry that was named, before the repository or by the option; empty where none was.

    Raises BadInputError where two are.
    """
    registry = asked.options.get("--registry", "")
    named = reference.registry if reference else ""
    if registry and named and registry.lower() != named:
        raise BadInputError(
            f"Two registries are named: {clip(named)} and {clip(registry)}.",
            expected="Name the registry once, before the repository or with --registry.",
            example=f"/acr untagged {reference} --registry {clip(registry)}",
        )
    return (registry or named).lower()
