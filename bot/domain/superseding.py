"""Whether one proposal is meant to take the place of another: the same rule, looked at again."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.proposal import Proposal
from bot.domain.rule import Protection, Rule

_DAY = timedelta(days=1)


def same_rule(one: Proposal, other: Proposal) -> bool:
    """Whether two proposals for the same target come from the same rule, at different times.

    An age becomes an instant when somebody looks, so the ages of both are compared: they are the same within a tenth,
    or within a day. What names tags or locks one by one has no rule, and never the same one.
    """
    if not (_selects(one.rule) and _core(one.rule) == _core(other.rule)):
        return False
    if one.rule.before is None or other.rule.before is None or one.rule.before == other.rule.before:
        return one.rule.before == other.rule.before
    mine, theirs = one.created - one.rule.before, other.created - other.rule.before
    return abs(mine - theirs) <= max(_DAY, min(mine, theirs) / 10)


def _selects(rule: Rule) -> bool:
    return rule.untagged or rule.tagged or rule.by_name


def _core(rule: Rule) -> Rule:
    """Leave out what may differ by the time of the look, and by the settings of that time."""
    return replace(rule, before=None, protection=Protection())
