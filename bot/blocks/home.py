"""The app's Home tab: what waits for this person on top, with buttons; then how things stand."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.blocks import card_question, doing
from bot.blocks.card import APPROVE, REJECT, WITHDRAW, button_value
from bot.blocks.card_view import View
from bot.blocks.history import told
from bot.blocks.message import Block, Message
from bot.blocks.parts import actions, button, context, plain, section
from bot.blocks.problem import problem
from bot.blocks.revising import revision_words
from bot.blocks.text import actor, age, code, date, join, link, mention, number, said, size
from bot.blocks.wording import criteria
from bot.clocks import DAY_NAMES
from bot.domain.proposal import Proposal, State
from bot.janitor.history import Waiting
from bot.janitor.home import HomeFound
from bot.janitor.teams import Due
from bot.store import Run

TEAMS_MOST = 8
_NAME_MOST = 60
_WHY_MOST = 100
_REASON_MOST = 300

_STATES = {
    State.OPEN: ":hourglass_flowing_sand: Waits for a decision",
    State.APPROVED: ":arrow_forward: Approved by {}, waits for its run",
    State.RUNNING: ":arrow_forward: Approved by {}, is being carried out",
    State.DONE: ":white_check_mark: Approved by {} and carried out",
    State.FAILED: ":x: Approved by {}, and could not all be carried out",
    State.STOPPED: ":octagonal_sign: Approved by {} and stopped",
    State.REJECTED: ":no_entry_sign: Rejected by {}",
    State.EXPIRED: ":hourglass: Expired: nobody decided in time",
    State.WITHDRAWN: ":leftwards_arrow_with_hook: Withdrawn",
}
_ENDS = {
    State.DONE: ":white_check_mark:",
    State.FAILED: ":x:",
    State.STOPPED: ":octagonal_sign:",
}

HomeView = dict[str, Any]


def home(found: HomeFound, *, links: Mapping[str, str], now: datetime, notice: Message | None = None) -> HomeView:
    """Draw the tab. ``links`` to cards are by proposals' ids; ``notice`` is what came of this person's last click."""
    blocks = [
        *(_noticed(notice) if notice else []),
        *_waiting(found, links, now),
        *_own(found, links, now),
        *_teams(found.teams),
        *_runs(found, links, now),
        context(f"{code('/acr')} opens a form in any channel; {code('/acr help')} lists all commands."),
    ]
    return {"type": "home", "blocks": blocks}


def home_of(message: Message) -> HomeView:
    """Draw the tab where it can't be drawn: with what is wrong."""
    return {"type": "home", "blocks": message.blocks}


def _noticed(notice: Message) -> list[Block]:
    return [*notice.blocks, {"type": "divider"}]


def _header(text: str) -> Block:
    return {"type": "header", "text": plain(text)}


def _waiting(found: HomeFound, links: Mapping[str, str], now: datetime) -> Iterator[Block]:
    count = found.waiting_count
    yield _header(f"Waiting for you: {number(count)}" if count else "Waiting for you")
    if found.unknown is not None:
        yield from problem(found.unknown).blocks
        return
    if not count:
        yield section("Nothing waits for your approval.")
    for position, waiting in enumerate(found.waiting):
        if position:
            yield {"type": "divider"}
        view = _view(waiting, now)
        proposal = waiting.proposal
        yield section(f"{_what(view, links)}\n{_asked(proposal, now)}")
        yield context(f"Selected: {' · '.join(criteria(proposal.rule))} · registry {code(proposal.registry, 100)}")
        row = card_question.buttons(view, button_value(proposal), (APPROVE, REJECT, WITHDRAW))
        yield actions(*(one for one in row["elements"] if one["action_id"] != WITHDRAW))
    rest = count - len(found.waiting)
    if rest > 0:
        yield context(f"And {number(rest)} more that expire later: {code('/acr pending')} lists them with their cards.")


def _own(found: HomeFound, links: Mapping[str, str], now: datetime) -> Iterator[Block]:
    yield {"type": "divider"}
    yield _header("Your proposals")
    if not found.own:
        yield section(f"You have proposed nothing yet. {code('/acr untagged REPOSITORY')} shows what could go.")
    for waiting in found.own:
        proposal = waiting.proposal
        block = section(f"{_what(_view(waiting, now), links)}\n{_state(proposal, now)}")
        if proposal.state is State.OPEN:
            block["accessory"] = button("Withdraw", WITHDRAW, button_value(proposal))
        yield block
    if found.own_more:
        yield context("Older ones are not shown.")


def _teams(teams: Sequence[Due]) -> Iterator[Block]:
    yield {"type": "divider"}
    yield _header("Weekly reports")
    if not teams:
        yield section(f"Nobody gets one yet. {code('/acr subscribe')} asks for one in the channel where it is typed.")
        return
    yield section("\n".join(map(_report, teams[:TEAMS_MOST])))
    if len(teams) > TEAMS_MOST:
        rest = number(len(teams) - TEAMS_MOST)
        yield context(f"And {rest} more that come later: {code('/acr subscriptions')} lists them.")


def _report(due: Due) -> str:
    weekly = due.team.weekly
    when = f"{DAY_NAMES[weekly.weekday]}s at {weekly.at:%H:%M} ({weekly.zone})"
    coming = f"next {date(due.next.at)}{', snoozed until then' if due.snoozed else ''}"
    if due.paused_why:
        coming = "paused, since the channel can't be posted to"
    return f"• {code(due.team.name, _NAME_MOST)} in {mention(due.team.channel)}, {when}: {coming}"


def _runs(found: HomeFound, links: Mapping[str, str], now: datetime) -> Iterator[Block]:
    yield {"type": "divider"}
    yield _header("Last runs")
    yield section(f"*Freed this month*: {_month(found.month)}.")
    if found.runs:
        yield from (section(_run(run, links, now)) for run in found.runs)
        yield context(f"{code('/acr history')} has all that was ever deleted, and the whole of it as CSV.")


def _month(runs: Sequence[Run]) -> str:
    """``*12.4 GiB* (37 manifests deleted)``; as in a single run, what is not measured is the most that it can be."""
    sums = [sum(counts) for counts in zip(*((run.manifests, run.tags, run.locks) for run in runs), strict=True)]
    if not sums:
        return "nothing so far"
    freeing = [run for run in runs if run.manifests]
    known = all(run.measured_bytes is not None for run in freeing)
    total = sum(run.deleted_bytes if run.measured_bytes is None else run.measured_bytes for run in freeing)
    return f"{'' if known else 'up to '}*{size(total)}* ({join(told(*sums))})"


def _freed(run: Run) -> str:
    if not run.manifests:
        return ""
    return f", up to {size(run.deleted_bytes)}" if run.measured_bytes is None else f", {size(run.measured_bytes)} freed"


def _run(run: Run, links: Mapping[str, str], now: datetime) -> str:
    proposal = run.proposal
    mark = _ENDS.get(proposal.state, ":arrow_forward:")
    done = join(told(run.manifests, run.tags, run.locks)) or "nothing done"
    moment = proposal.finished or proposal.started
    when = f"{age(moment, now)} ago" if proposal.state.final and moment else "under way"
    where = f"{link(links.get(proposal.id, ''), 'Run')} in {code(proposal.target)}"
    return f"{mark} {where}: {done}{_freed(run)}\nApproved by {actor(proposal.decided_by)} · {when}"


def _view(waiting: Waiting, now: datetime) -> View:
    return View(waiting.proposal, waiting.records, waiting.tally, (), (), now, {}, allow_self=False)


def _what(view: View, links: Mapping[str, str]) -> str:
    verb, rest = view.parts()
    return f"*{link(links.get(view.proposal.id, ''), doing.capital(verb))}* {rest}{view.up_to}"


def _asked(proposal: Proposal, now: datetime) -> str:
    who = f"Asked by {mention(proposal.requester)} {age(proposal.created, now)} ago in {mention(proposal.channel)}"
    return f"{who} · open until {date(proposal.expires)}{revision_words(proposal)}"


def state_words(proposal: Proposal, by: str = "") -> str:
    """Say how a proposal stands, in mrkdwn with an emoji in front; ``by`` are those who decided, in words."""
    words = _STATES[proposal.state].format(by or actor(proposal.decided_by))
    if proposal.replaced_by:
        words = f":recycle: Replaced by {actor(proposal.decided_by)} with a newer proposal"
    if proposal.state is State.REJECTED and proposal.note:
        words = f"{words}: {said(' '.join(proposal.note.split()), _REASON_MOST)}"
    return words


def _state(proposal: Proposal, now: datetime) -> str:
    words = state_words(proposal)
    if proposal.state is State.OPEN:
        return f"{words} until {date(proposal.expires)}{revision_words(proposal)}"
    moment = proposal.finished or proposal.decided or proposal.created
    return f"{words} · {age(moment, now)} ago"
