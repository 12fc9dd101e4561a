"""Narrowing the rule of a proposal: an older cutoff, more of the newest that stay; never anything that selects more."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.fields import KEEP_MOST
from bot.domain.form import FormError
from bot.domain.proposal import Proposal
from bot.domain.reason import at
from bot.domain.rule import Rule
from bot.durations import EXPECTED, parse_duration
from bot.errors import BadInputError

OLDER = "older"
KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """``before``: only what last changed before this instant; ``keep``: so many of the newest stay; None as it is."""

    before: datetime | None = None
    keep: int | None = None

    def __bool__(self) -> bool:
        return self.before is not None or self.keep is not None

    def of(self, rule: Rule) -> Rule:
        """Give the narrower rule. What would select more than the rule does leaves it as it is."""
        before = min(filter(None, (rule.before, self.before)), default=None)
        keep = max(kept_by(rule), self.keep or 0)
        narrower = replace(rule, before=before)
        return replace(narrower, spared=keep) if rule.search else replace(narrower, keep_newest=keep)


def can_choose(proposal: Proposal) -> bool:
    """Whether it has anything to choose from: not where there is one item, or a repository goes as a whole."""
    return proposal.item_count > 1 and not proposal.rule.whole


def can_narrow(rule: Rule) -> bool:
    """Whether ages and numbers mean anything to it: not where somebody has named what it selects."""
    return not rule.by_name and (rule.untagged or rule.tagged)


def kept_by(rule: Rule) -> int:
    """How many of the newest a rule leaves out; for one that searches in tags, as acr purge counts them."""
    return rule.spared if rule.search else rule.keep_newest


def read_narrowing(older: str, keep: str, rule: Rule, now: datetime) -> Narrowing:
    """Read what somebody filled in: an age such as ``90d`` and a number; empty where it stays as it is.

    Raises FormError with each field that is wrong: what would select more than the rule does is wrong too.
    """
    faults: dict[str, BadInputError] = {}
    before, number = None, None
    try:
        before = _before(older.strip(), rule, now)
    except BadInputError as error:
        faults[OLDER] = error
    try:
        number = _number(keep.strip(), rule)
    except BadInputError as error:
        faults[KEEP] = error
    if faults:
        raise FormError(faults)
    return Narrowing(before, number)


def _before(text: str, rule: Rule, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        before = now - parse_duration(text)
    except ValueError as error:
        raise BadInputError(str(error), expected=EXPECTED, example="90d") from error
    if rule.before is not None and before >= rule.before:
        raise BadInputError(
            f"All that is on the list last changed before {at(rule.before)}, which is longer ago than that.",
            expected="Give a longer time, or leave this empty.",
        )
    return before


def _number(text: str, rule: Rule) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(KEEP_MOST)) and int(text) <= KEEP_MOST):
        raise BadInputError(
            f"{text[:20]!r} is not a number from 0 to {KEEP_MOST:,}.", expected="Give one, or leave this empty."
        )
    number, kept = int(text), kept_by(rule)
    if number < kept:
        raise BadInputError(
            f"The list leaves out the newest {kept:,} already.", expected="Give a higher number, or leave this empty."
        )
    return number if number > kept else None
