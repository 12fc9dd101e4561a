"""What of a command can be filled in in the form that ``/acr`` alone opens."""

from dataclasses import dataclass
from enum import Enum

TAGS = ":"
"""Stands in ``Field.option`` for what goes behind the repository, with this sign before it."""


class Kind(Enum):
    """How a field is filled in."""

    TEXT = "text"
    NUMBER = "number"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class Field:
    """One option of a command as a field. ``name`` is the same in each command, so that what was filled in stays.

    ``option`` is the option that the value goes to, or ``TAGS``; ``dated`` the one that a date goes to instead.
    ``example`` is a value that works, ``hint`` says what belongs here. ``needed``: the command can't do without.
    """

    name: str
    option: str
    label: str
    example: str = ""
    hint: str = ""
    kind: Kind = Kind.TEXT
    needed: bool = False
    dated: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A command as a rule in the form: what it is called there, and its fields beside registry and repository."""

    label: str
    fields: tuple[Field, ...]


KEEP = Field("keep", "--keep", "Keep the newest", "3", "So many of the newest that match stay.", Kind.NUMBER)
KEEP_MOST = 10_000
