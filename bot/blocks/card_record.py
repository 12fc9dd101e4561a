"""A card after its question: waiting, running, or the record of how it ended."""

from collections.abc import Iterable
from datetime import timedelta

from bot.blocks import doing, rich
from bot.blocks.card_view import View
from bot.blocks.hold import held_words
from bot.blocks.message import Block, fallback
from bot.blocks.named import as_many_as_fit, names_of
from bot.blocks.outcomes import bar, counts, outcome_lists, reasons_sentence
from bot.blocks.parts import context, fields, section
from bot.blocks.replaced import replaced_words
from bot.blocks.text import actor, code, date, duration, join, mention, number, plural, said, size
from bot.domain.complete import Completeness
from bot.domain.freed import Freed
from bot.domain.proposal import Outcome, State
from bot.domain.reason import short

_NOTE_MOST = 1500
_TAGS_MOST = 8
_SIZE = "The size counts every layer in full, also those that surviving images share."
_FILE = "The thread has a CSV file with what became of each {one}."

Drawing = tuple[str, list[Block]]


def waiting(view: View, buttons: list[Block]) -> Drawing:
    """Draw what is approved and has not begun."""
    title = f"{view.to(before='Approved: ')}{view.up_to}"
    turn = "Waiting to start: a registry is cleaned by one proposal at a time."
    if held := held_words(view.held):
        turn = held
    blocks = [section(f":hourglass_flowing_sand: {title}"), *_turn(view, turn), _people(view), *buttons]
    return fallback(f"{title}.", _by(view, "Approved"), turn, view.repeats), blocks


def _turn(view: View, turn: str) -> list[Block]:
    if view.held is None:
        return [context(turn, view.repeats)]
    return [section(turn), *([context(view.repeats)] if view.repeats else [])]


def progress(view: View, buttons: list[Block]) -> Drawing:
    """Draw how far the deletion has come."""
    tally = view.tally
    title = f"{view.to(doing.NOW)}{view.up_to}"
    done = f"{number(tally.settled)} of {number(tally.total)}"
    lines = [f"{bar(tally)} · {done}", counts(tally)]
    blocks = [section(f":broom: {title}"), section("\n".join(lines))]
    if _again(view) or view.repeats:
        blocks.append(context(_again(view), view.repeats))
    held = "" if view.proposal.stop_by else held_words(view.held)
    if held:
        blocks.append(section(held))
    stopping = _stopping(view)
    if stopping:
        blocks.append(section(f":octagonal_sign: {stopping}"))
    blocks += [_people(view), *buttons]
    return fallback(
        f"{title}: {done}.", held, stopping, f"{counts(tally)}.", _by(view, "Approved"), view.repeats
    ), blocks


def result(view: View, buttons: list[Block]) -> Drawing:
    """Draw the record of a run: how much was deleted, and of the rest, why not."""
    proposal, tally = view.proposal, view.tally
    title = _result_title(view)
    blocks: list[Block] = [section(f":{_emoji(view)}: {title}")]
    if proposal.note:
        blocks.append(rich.rich(rich.quote(proposal.note, _NOTE_MOST)))
    blocks.append(section(counts(tally) + (f"\n{_left(view)}" if tally[Outcome.TODO] else "")))
    blocks += outcome_lists(tally, view.records)
    blocks.append(_people(view, ("Took", _took(view)) if proposal.started and proposal.finished else None))
    blocks += _checked(view)
    blocks.append(
        context(
            view.repeats,
            _stopping(view),
            _again(view),
            _measure(view),
            _FILE.format(one="digest" if doing.only_deletes(view.actions) else "item"),
        )
    )
    blocks += buttons
    note = f"{said(proposal.note, 500)}" if proposal.note else ""
    text = fallback(
        f"{title}.",
        note,
        f"{counts(tally)}.",
        _left(view) if tally[Outcome.TODO] else "",
        reasons_sentence(tally, view.records),
        view.repeats,
        f"Asked by {mention(proposal.requester)}.",
        _by(view, "Approved"),
    )
    return text, blocks


def declined(view: View) -> Drawing:
    """Draw what was rejected, withdrawn, or left until its time was up."""
    proposal = view.proposal
    word, emoji = (
        ("Replaced", "recycle")
        if proposal.replaced_by
        else {
            State.REJECTED: ("Rejected", "no_entry_sign"),
            State.WITHDRAWN: ("Withdrawn", "white_circle"),
            State.STOPPED: ("Stopped before it began", "octagonal_sign"),
        }.get(proposal.state, ("Expired", "hourglass"))
    )
    expired = proposal.state is State.EXPIRED
    title = f"*{word}:* {view.to(mark='~')}"
    nothing = doing.nothing_done(view.actions)
    blocks: list[Block] = [section(f":{emoji}: {title}. {nothing}")]
    if proposal.note and not proposal.replaced_by:
        blocks.append(_why(view))
    if proposal.state is State.STOPPED:
        ends = [("Approved by", view.decided), ("Stopped by", view.stopped)]
    else:
        ends = [("Expired", date(proposal.expires)) if expired else (f"{word} by", view.decided)]
    replaced = replaced_words(proposal, view.newer_url)
    if replaced:
        blocks.append(section(replaced))
    blocks.append(fields([("Asked by", view.asked), *ends, ("Registry", code(proposal.registry, 100))]))
    if expired:
        blocks.append(context("Nobody decided in time. Ask again for a new list if it should still go."))
    text = fallback(
        f"{title}.",
        nothing,
        replaced,
        f"Reason: {said(proposal.note, 500)}." if proposal.note and not replaced else "",
        f"Nobody decided before {date(proposal.expires)}." if expired else "",
        f"Stopped by {actor(proposal.stop_by)}." if proposal.stop_by else "",
        "" if expired else _by(view, "Approved" if proposal.state is State.STOPPED else word),
        f"Asked by {mention(proposal.requester)}.",
    )
    return text, blocks


def _why(view: View) -> Block:
    """``Rejected by @sam: we still need these``; what was withdrawn or stopped says who below."""
    proposal = view.proposal
    if proposal.state is not State.REJECTED:
        return rich.rich(rich.quote(proposal.note, _NOTE_MOST))
    who = actor(proposal.decided_by)
    by = [rich.text("Rejected by ", bold=True), *rich.worded(who, [who]), rich.text(": ")]
    return rich.rich(rich.paragraph(*by, rich.text(proposal.note, most=_NOTE_MOST)))


def _result_title(view: View) -> str:
    proposal, tally = view.proposal, view.tally
    where = f"in {view.where}"
    if view.alone is not None:
        what, where = doing.result_of_one(view.alone, tally), code(view.alone.about)
    else:
        what = doing.results(view.actions, tally, proposal.rule)
        if view.named is not None:
            where = f"of {names_of(view.named)}"
    before = {State.FAILED: "Broke off: ", State.STOPPED: _stopped_after(view)}.get(proposal.state, "")
    what = f"{before}{what}" if before else doing.capital(what)
    measured = _measured(view)
    freed = f", {size(tally.deleted_bytes)}" if tally.deleted_bytes else ""
    if measured is not None and not measured.unread:
        freed = f", {size(measured.freed)} freed"
    return f"*{what}* {where}{freed}"


def _stopped_after(view: View) -> str:
    by = f" by {actor(view.proposal.stop_by)}" if view.proposal.stop_by else ""
    return f"Stopped{by} after {number(view.tally.settled)} of {number(view.tally.total)}: "


def _stopping(view: View) -> str:
    """Say who wants it to stop, while it runs or where it was through before it could stop."""
    proposal = view.proposal
    if not proposal.stop_by or proposal.state is State.STOPPED:
        return ""
    if proposal.state is State.RUNNING:
        return (
            f"{actor(proposal.stop_by)} has stopped this. What is under way is being finished; the rest is left alone."
        )
    return f"{actor(proposal.stop_by)} wanted to stop this, and it had ended by itself before it could stop."


def _measured(view: View) -> Freed | None:
    """Give the measure of what was deleted: the surveyor measures again where that is not all of the plan."""
    looked = view.proposal.checked is not None and view.tally[Outcome.DELETED]
    return view.proposal.measured if looked else None


def _measure(view: View) -> str:
    if _measured(view) is not None:
        return view.freed.replace("Frees", "Freed", 1)
    return _SIZE if view.tally.deleted_bytes else ""


def _checked(view: View) -> list[Block]:
    """Say what a look at the remaining tags found: one line, and a list where images are incomplete."""
    found = view.proposal.checked
    if found is None or not view.tally[Outcome.DELETED]:
        return []  # where nothing was deleted, nothing was looked at either
    if found.fault:
        return [
            rich.rich(rich.paragraph(rich.text(f"The remaining tags could not be checked. {found.fault}", most=900)))
        ]
    left = _left_behind(view, found)
    if not found.tags:
        return left or [context("No tag is left here that could be checked.")]
    whole = found.tags - len(found.incomplete)
    if not found.incomplete:
        return [*left, context(f"{plural(found.tags, 'tag')} checked, all complete.")]
    theirs = {tag: missing for tag, missing in found.incomplete.items() if not set(missing) & set(found.ours)}
    blocks = [*left, context(f"{plural(found.tags, 'tag')} checked, {number(whole)} complete.")]
    if len(theirs) < len(found.incomplete):
        broken = [tag for tag in found.incomplete if tag not in theirs]
        blocks.append(
            _tags(":rotating_light: *This clean-up has broken images. Please tell the makers.*", broken, found)
        )
    if theirs:
        blocks.append(_tags("These were incomplete before this clean-up, which left them as they were:", theirs, found))
    return blocks


def _left_behind(view: View, found: Completeness) -> list[Block]:
    """Say which repositories are gone, and what is left of one that was to go as a whole."""
    blocks = []
    if found.gone:
        names = join([code(name, 150) for name in found.gone], _TAGS_MOST)
        them = "The repository is" if len(found.gone) == 1 else f"{number(len(found.gone))} repositories are"
        blocks.append(context(f"{them} gone with the last manifest in it: {names}."))
    if found.unasked:
        many = found.unasked > 1
        since = "not part of this" if view.proposal.staying else "pushed since it was proposed"
        tags = as_many_as_fit(found.unasked_tags, 1000)
        blocks.append(
            section(
                f":information_source: {view.where} *is still there:* {plural(found.unasked, 'manifest')} in it "
                f"{'were' if many else 'was'} {since}, and {'stay' if many else 'stays'}{f' ({tags})' if tags else ''}."
            )
        )
    return blocks


def _tags(title: str, tags: Iterable[str], found: Completeness) -> Block:
    lines = [f"{code(tag, 150)} lacks {join([code(short(d)) for d in found.incomplete[tag]])}" for tag in tags]
    rest = len(lines) - _TAGS_MOST
    more = [f"and {number(rest)} more"] if rest > 0 else []
    return section("\n".join([title, *lines[:_TAGS_MOST], *more]))


def _emoji(view: View) -> str:
    if view.proposal.state is State.FAILED:
        return "x"
    if view.proposal.state is State.STOPPED:
        return "octagonal_sign"
    return "warning" if view.tally[Outcome.FAILED] else "white_check_mark"


def _left(view: View) -> str:
    one = "manifest" if doing.only_deletes(view.actions) else "step"
    return f"{plural(view.tally[Outcome.TODO], f'{one} was', f'{one}s were')} not reached, and left alone."


def _people(view: View, more: tuple[str, str] | None = None) -> Block:
    pairs = [("Asked by", view.asked), ("Approved by", view.decided), ("Registry", code(view.proposal.registry, 100))]
    return fields(pairs + ([more] if more else []))


def _by(view: View, word: str) -> str:
    when = f" {date(view.proposal.decided)}" if view.proposal.decided else ""
    return f"{word} by {view.deciders}{when}." if view.proposal.decided_by else ""


def _took(view: View) -> str:
    proposal = view.proposal
    if not proposal.started or not proposal.finished:
        return ""
    span = proposal.finished - proposal.started
    took = duration(span) if span >= timedelta(seconds=1) else "under a second"
    return f"{took}\nuntil {date(proposal.finished)}"


def _again(view: View) -> str:
    times = view.proposal.fence - 1
    return f"Picked up again after {plural(times, 'interruption')}, where it had stopped." if times > 0 else ""
