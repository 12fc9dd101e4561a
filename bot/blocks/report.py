"""A team's weekly report: one message, readable in ten seconds, the point in its first line."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from os.path import commonprefix

from bot.blocks.card_view import View
from bot.blocks.chart import BARS, sizes_chart
from bot.blocks.doing import capital
from bot.blocks.listing import PROPOSE
from bot.blocks.message import Block, Message, fallback
from bot.blocks.paging import grid
from bot.blocks.parts import actions, button, confirm, context, section
from bot.blocks.sheet import Sheet, moment, sheet
from bot.blocks.text import actor, age, code, date, duration, join, link, name, number, plural, size
from bot.blocks.wording import fault_list
from bot.domain.report import Cleaned, Line, Report
from bot.errors import BadInputError
from bot.janitor.history import Waiting

SNOOZE, DETAILS = "report.snooze", "report.details"
"""Buttons: of the schedule with this key, and for the details with the time of the report (see ``parse_details``)."""

ROWS = 15
BUTTONS = 10
_A_ROW = 5
_SHOWN = 5
_BUTTON_MOST = 40
_NAME_MOST = 100
_TITLE_MOST = 24
_CSV = (
    "registry",
    "repository",
    "untagged",
    "stale",
    "up_to_bytes",
    "change_bytes",
    "oldest",
    "fault",
)


def report(
    found: Report,
    waiting: Mapping[str, Waiting],
    *,
    links: Mapping[str, str],
    values: Mapping[tuple[str, str], str],
    stale_after: timedelta,
) -> Message:
    """Draw a report for its channel, or for the one who asked.

    ``waiting`` and ``links`` to cards are by proposals' ids. ``values``: of the buttons that propose a clean-up, by
    registry and repository (2000 characters at most); what has none gets no button.
    """
    headline = _headline(found)
    faults = _faults(found)
    if not found.lines:
        blocks: list[Block] = [context(headline)]
        if faults:
            blocks.append(faults)
        return Message(fallback(headline, _blind(found)), [*blocks, *_cleaned(found), *_waiting(found, waiting, links)])
    blocks = [section(headline), context(_scope(found, stale_after)), *_chart(found), _table(found)]
    if len(found.lines) > ROWS:
        blocks.append(context(f"And {number(len(found.lines) - ROWS)} more with less to free: see *Details*."))
    if faults:
        blocks.append(faults)
    blocks += _cleaned(found) + _waiting(found, waiting, links) + _propose(found, values)
    blocks.append(
        actions(
            button("Details", DETAILS, f"{found.team.key}@{found.taken.isoformat()}"),
            button("Snooze a week", SNOOZE, found.team.key, confirm=_CONFIRM),
        )
    )
    return Message(fallback(headline, _worst(found), _blind(found)), blocks)


def parse_details(value: str) -> tuple[str, datetime]:
    """Give the schedule's key and the time of a report, as its button for the details carries them.

    Raises BadInputError on anything else.
    """
    key, _, taken = value.rpartition("@")
    try:
        when = datetime.fromisoformat(taken)
        if key and when.tzinfo:
            return key, when
    except ValueError:
        pass
    raise BadInputError("This button is from another version of the app.", expected="Run the command again.")


_CONFIRM = confirm(
    "Snooze this report?", "The next one is left out; the one after it comes as usual.", "Snooze a week", "Cancel"
)


def report_csv(found: Report) -> Sheet:
    """Write every repository with something stale, and what could not be read with the reason."""
    rows: list[list[str | int]] = [
        [
            line.registry,
            line.repository,
            line.untagged,
            line.stale,
            line.size,
            "" if line.change is None else line.change,
            moment(line.oldest),
            "",
        ]
        for line in found.lines
    ]
    rows += [[fault.registry, fault.repository, *[""] * 5, fault.why] for fault in found.faults]
    return sheet("report", _CSV, rows, f"{plural(len(rows), 'repository', 'repositories')} of this report.")


def _headline(found: Report) -> str:
    team = code(found.team.name, 80)
    if found.lines:
        up_to = f", up to *{size(found.size)}*" if found.size else ""
        change = _change(found)
        return f"{team}: *{plural(found.stale, 'stale manifest')}*{up_to}{f', {change}' if change else ''}"
    if not found.repositories:
        nothing = "nothing could be read" if found.faults else "there is no repository that is the team's"
        return f"{team}: {nothing}."
    # What could not be read is never counted as clean.
    those = "of those that could be read" if found.faults else ""
    in_all = f"in {plural(found.repositories, 'repository', 'repositories')} {those}".strip()
    return f"{team}: nothing is stale {in_all}."


def _change(found: Report) -> str:
    if found.change is None or found.compared is None:
        return ""
    then = "last week" if found.since_last_week else f"on {found.compared:%Y-%m-%d}"
    where = " where both could be read" if found.partly else ""
    if not found.change:
        return f"as much as {then}{where}"
    return f"{size(abs(found.change))} {'more' if found.change > 0 else 'less'} than {then}{where}"


def _scope(found: Report, stale_after: timedelta) -> str:
    unchanged = f"unchanged for {duration(stale_after)}, " if stale_after else ""
    many = plural(found.repositories, "repository", "repositories")
    return f"Stale: untagged, {unchanged}and needed by nothing that stays · {many} · seen {date(found.taken)}"


def _chart(found: Report) -> list[Block]:
    bars = [line for line in found.lines[:BARS] if line.size]
    if not bars:
        return []
    names = [_where(line, several=_several(found)) for line in bars]
    # A label has room for a few letters: what all begin with is told once.
    prefix = commonprefix(names)  # noqa: RUF071 - it is cut at its last slash
    shared = prefix.rpartition("/")[0] if len(names) > 1 else ""
    title = f"Most to free in {name(shared, _TITLE_MOST)}" if shared else "Most to free"
    labels = [each.removeprefix(f"{shared}/") for each in names]
    return [sizes_chart(title, labels, {"Stale": [line.size for line in bars]})]


def _table(found: Report) -> Block:
    several, compared = _several(found), found.compared is not None
    columns = [("Repository", "left"), ("Untagged", "right"), ("Stale", "right"), ("Up to", "right")]
    if compared:
        columns.append(("Change", "right"))
    columns.append(("Oldest", "right"))
    return grid(columns, [_row(line, found.taken, several=several, compared=compared) for line in found.lines[:ROWS]])


def _row(line: Line, now: datetime, *, several: bool, compared: bool) -> list[str]:
    row = [
        name(_where(line, several=several), _NAME_MOST),
        number(line.untagged),
        number(line.stale),
        size(line.size),
    ]
    if compared:
        row.append(_signed(line.change))
    return [*row, age(line.oldest, now) if line.oldest else ""]


def _signed(change: int | None) -> str:
    if change is None:
        return "?"
    return f"{'+' if change > 0 else '-'}{size(abs(change))}" if change else "same"


def _where(line: Line, *, several: bool) -> str:
    return f"{line.registry}: {line.repository}" if several else line.repository


def _several(found: Report) -> bool:
    return len(found.team.scopes) > 1


def _faults(found: Report) -> Block | None:
    if not found.faults:
        return None
    several = _several(found)
    reasons = {}
    for fault in found.faults:
        whole = f"registry {fault.registry}"
        place = f"{fault.registry}: {fault.repository}" if several else fault.repository
        reasons[place if fault.repository else whole] = fault.why
    return fault_list("Could not be read, and is no part of these figures:", reasons)


def _cleaned(found: Report) -> list[Block]:
    if not found.cleaned:
        return []
    lines = [_clean(one) for one in found.cleaned[:_SHOWN]]
    if len(found.cleaned) > _SHOWN:
        lines.append(f"• and {number(len(found.cleaned) - _SHOWN)} more: {code('/acr history')}")
    return [section("\n".join(["*Cleaned in the last 7 days*", *lines]))]


def _clean(one: Cleaned) -> str:
    where = join([code(repository, 60) for repository in one.repositories], 2)
    up_to = f", up to {size(one.size)}" if one.size else ""
    who = f"asked by {actor(one.proposal.requester)}, approved by {actor(one.proposal.decided_by)}"
    return f"• {plural(one.manifests, 'manifest')} of {where}{up_to} · {who}"


def _waiting(found: Report, waiting: Mapping[str, Waiting], links: Mapping[str, str]) -> list[Block]:
    shown = [proposal for proposal in found.waiting if proposal.id in waiting]
    if not shown:
        return []
    lines = []
    for proposal in shown[:_SHOWN]:
        one = waiting[proposal.id]
        view = View(one.proposal, one.records, one.tally, (), (), found.taken, {}, allow_self=False)
        verb, rest = view.parts()
        what = f"{link(links.get(proposal.id, ''), capital(verb))} {rest}{view.up_to}"
        lines.append(f"• {what} · asked by {actor(proposal.requester)}, open until {date(proposal.expires)}")
    if len(found.waiting) > _SHOWN:
        lines.append(f"• and {number(len(found.waiting) - len(shown[:_SHOWN]))} more: {code('/acr pending')}")
    return [section("\n".join(["*Waiting for a decision*", *lines]))]


def _propose(found: Report, values: Mapping[tuple[str, str], str]) -> list[Block]:
    several = _several(found)
    places = [line for line in found.lines if (line.registry, line.repository) in values][:BUTTONS]
    if not places:
        return []
    buttons = [
        button(
            name(_where(line, several=several), _BUTTON_MOST),
            f"{PROPOSE}.{position}",
            values[line.registry, line.repository],
        )
        for position, line in enumerate(places)
    ]
    rows = [actions(*buttons[start : start + _A_ROW]) for start in range(0, len(buttons), _A_ROW)]
    return [section("*Propose clean-up* of what is stale in one of them; somebody else approves it:"), *rows]


def _worst(found: Report) -> str:
    worst = [f"{code(line.repository, 120)} has {number(line.stale)}" for line in found.lines[:_SHOWN]]
    return f"{join(worst, _SHOWN)}."


def _blind(found: Report) -> str:
    if not found.faults:
        return ""
    places = [code(fault.repository or f"registry {fault.registry}", 120) for fault in found.faults]
    return f"Could not be read: {join(places)}."
