"""What somebody filled in in the form that ``/acr`` alone opens, read by what reads the typed command."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.asked import Asked, Usage
from bot.domain.fields import TAGS, Field, Kind
from bot.domain.grammar import GRAMMAR
from bot.domain.parse import TYPOGRAPHY
from bot.domain.reference import clip, parse_reference
from bot.domain.removals import Old
from bot.domain.request import Request
from bot.errors import BadInputError

REPOSITORY = "repository"
RULE = "rule"
_SOME_REPOSITORY = "team/app"
_DATE = re.compile(r"\d{4}-", re.ASCII)
_QUOTED = re.compile(r"""(["'])(.*)\1""", re.DOTALL)
# The zone where a day begins first: a date that is still to come there is so everywhere.
_FIRST_ZONE = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Filled:
    """``command`` is the rule, by the name of its command; ``registry`` is empty for the default.

    ``values`` are what stands in the fields, by ``Field.name``; a tick is any text, an empty field an empty one.
    """

    command: str
    repository: str
    registry: str
    values: Mapping[str, str]


class FormError(Exception):
    """The form can't be read. ``faults`` says what is wrong with which field: REPOSITORY, RULE or a ``Field.name``."""

    def __init__(self, faults: Mapping[str, BadInputError]) -> None:
        super().__init__("; ".join(f"{name}: {error.problem}" for name, error in faults.items()))
        self.faults = faults


def read_form(filled: Filled, now: datetime) -> Request:
    """Make the request that the same words typed would make. Raises FormError with every field that is wrong.

    Each field is tried by itself, among values that work, so that what the command says of it goes to that field.
    """
    usage = GRAMMAR.get(filled.command)
    if usage is None or usage.form is None:
        raise FormError({RULE: BadInputError("There is no such rule.", expected="Choose one of the list.")})
    values = {field.name: _plain(filled.values.get(field.name, "")) for field in usage.form.fields}
    repository = _plain(filled.repository)
    working = {field.name: field.example for field in usage.form.fields if field.needed}
    faults = {
        field.name: BadInputError(f"{field.label}: nothing is filled in.", expected=field.hint)
        for field in usage.form.fields
        if field.needed and not values[field.name]
    }
    if not repository:
        faults[REPOSITORY] = BadInputError("The repository is missing.", expected="Choose one, or type its name below.")
    for name in {REPOSITORY, *values} - faults.keys():
        tried = repository if name == REPOSITORY else _SOME_REPOSITORY
        others = working if name == REPOSITORY else {**working, name: values[name]}
        try:
            _read(filled, usage, tried, others, now)
        except BadInputError as error:
            faults[name] = error
    if faults:
        raise FormError(faults)
    try:
        return _read(filled, usage, repository, values, now)
    except BadInputError as error:
        raise FormError({RULE: error}) from error


def _read(filled: Filled, usage: Usage, repository: str, values: Mapping[str, str], now: datetime) -> Request:
    options = {"--registry": filled.registry} if filled.registry else {}
    flags = set()
    word = repository
    for field in usage.form.fields if usage.form else ():
        value = values.get(field.name, "")
        if field.option == TAGS:
            _check_whole(repository)
            word = f"{repository}:{value}"
        elif field.kind is Kind.TICK:
            flags |= {field.option} if value else set()
        elif value:
            options[_option(field, value)] = value
    request = usage.read(Asked(f"/acr {filled.command}", word, options, frozenset(flags)))
    if isinstance(request, Old):
        request.fixed(now + _FIRST_ZONE if request.needs_zone else now)
    return request


def _check_whole(repository: str) -> None:
    """Refuse a repository with a tag, which would become a part of the pattern for tags."""
    try:
        reference = parse_reference(repository)
    except BadInputError:
        return  # the command itself has a say in what it is
    if reference.tag or reference.digest:
        raise BadInputError(
            f"{clip(str(reference))!r} names one manifest.", expected="Give the name of the repository alone."
        )


def _option(field: Field, value: str) -> str:
    return field.dated if field.dated and _DATE.match(value) else field.option


def _plain(text: str) -> str:
    """Take off what a command line would have: spaces around, quotation marks, and what keyboards put in."""
    text = text.translate(TYPOGRAPHY).strip()
    quoted = _QUOTED.fullmatch(text)
    return quoted[2].strip() if quoted else text
