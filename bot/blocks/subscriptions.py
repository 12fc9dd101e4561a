"""The private answers about subscriptions: what was changed, and who gets a report where and when."""

from collections.abc import Sequence

from bot.blocks import rich
from bot.blocks.message import Block, Message, fallback
from bot.blocks.paging import PAGE, Cell, grid
from bot.blocks.parts import context, section
from bot.blocks.text import actor, code, date, is_mention, join, mention, name, number, plural
from bot.clocks import DAY_NAMES
from bot.domain.team import Team
from bot.domain.weekly import Slot
from bot.janitor.teams import Due

_COLUMNS = (("Report of", "left"), ("Channel", "left"), ("When", "left"), ("Next", "left"), ("Made by", "left"))
_NAME_MOST = 80
_WHY_MOST = 100


def subscribed(team: Team, following: Slot, *, guessed_zone: bool) -> Message:
    """Say what a channel gets from now on. ``guessed_zone``: nobody named one, and Slack does not say the asker's."""
    headline = (
        f":calendar: *{mention(team.channel)} gets a report* of {_of(team)} in {_registries(team)} every {_when(team)}."
    )
    zone = "Slack does not say your time zone, so it is UTC; --zone names another. " if guessed_zone else ""
    rest = f"{zone}The next one comes {date(following.at)}. {code('/acr report')} posts it now."
    return Message(fallback(headline, rest), [section(headline), context(rest)])


def unsubscribed(teams: Sequence[Team]) -> Message:
    """Say what a channel gets no more."""
    headline = f"*No more reports* of {join([_of(team) for team in teams], 5)} in {mention(teams[0].channel)}."
    return Message(fallback(headline), [section(headline)])


def subscriptions(found: Sequence[Due], channel: str) -> Message:
    """List who gets a report, those of this channel first, then by the time of the next one."""
    ordered = sorted(found, key=lambda due: (due.team.channel != channel, due.next.at, due.team.name))
    here = sum(due.team.channel == channel for due in ordered)
    if not ordered:
        headline = "*Nobody gets a report.*"
        hint = f"{code('/acr subscribe')} asks for one in the channel where it is typed."
        return Message(fallback(headline, hint), [section(headline), context(hint)])
    others = "none of them" if here == 0 else "all of them" if here == len(ordered) else f"{number(here)} of them"
    where = ("" if here else "not ") if len(ordered) == 1 else f"{others} "
    headline = f"*{plural(len(ordered), 'weekly report')}*, {where}in this channel."
    blocks: list[Block] = [section(headline), grid(_COLUMNS, [_row(due) for due in ordered[:PAGE]])]
    if len(ordered) > PAGE:
        blocks.append(context(f"And {number(len(ordered) - PAGE)} more that come later."))
    if any(due.team.in_settings for due in ordered):
        blocks.append(context("Those of the settings file can't be changed from Slack."))
    told = [f"{_of(due.team)} every {_when(due.team)}: {_next(due)}." for due in ordered[:5]]
    return Message(fallback(headline, *told), blocks)


def snoozed(team: Team, again: Slot, *, already: bool) -> Message:
    """Say that the next report is left out, and when the one after it comes."""
    headline = f":zzz: The report of {_of(team)} is snoozed{' already' if already else ''}."
    rest = f"The next one comes {date(again.at)}."
    return Message(fallback(headline, rest), [section(f"{headline} {rest}")])


def paused(team: Team, why: str) -> Message:
    """Tell whoever subscribed that the report can't be posted any more, and how it goes on."""
    headline = f":double_vertical_bar: *The weekly report of {_of(team)} is paused*: {mention(team.channel)} {why}."
    again = (
        f"It goes on once I am in that channel and somebody types {code('/acr report')} in it."
        if team.in_settings
        else f"It goes on once I am in that channel and somebody types {code('/acr subscribe')} in it again."
    )
    return Message(fallback(headline, again), [section(headline), context(again)])


def _of(team: Team) -> str:
    return code(team.name, _NAME_MOST)


def _registries(team: Team) -> str:
    return join([code(scope.registry, _NAME_MOST) for scope in team.scopes], 2)


def _when(team: Team) -> str:
    weekly = team.weekly
    return f"{DAY_NAMES[weekly.weekday]} at {weekly.at:%H:%M} ({weekly.zone})"


def _row(due: Due) -> list[Cell]:
    team = due.team
    registries = ", ".join(dict.fromkeys(scope.registry for scope in team.scopes))
    return [
        f"{name(team.name, _NAME_MOST)} in {name(registries, _NAME_MOST)}",
        _mentioned(mention(team.channel)),
        _when(team),
        _next(due),
        "settings file" if team.in_settings else _mentioned(actor(team.made_by)),
    ]


def _next(due: Due) -> str:
    if due.paused_why:
        return f"paused: {name(due.paused_why, _WHY_MOST)}"
    return f"{due.next.day.isoformat()}{', snoozed until then' if due.snoozed else ''}"


def _mentioned(text: str) -> Cell:
    return rich.rich(rich.paragraph(*rich.worded(text, [text]))) if is_mention(text) else name(text, 40)
