"""The modal in which somebody chooses what of a proposal goes: narrower fields, and its items page by page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.blocks import doing
from bot.blocks.card import CHOOSE, parse_button_value
from bot.blocks.form import fault
from bot.blocks.message import Block, Message
from bot.blocks.naming import tag_cell
from bot.blocks.parts import actions, button, context, plain, section
from bot.blocks.problem import problem
from bot.blocks.revising import what
from bot.blocks.text import age, clip_middle, code, number, plural, size, visible
from bot.domain.fields import KEEP_MOST
from bot.domain.form import FormError
from bot.domain.manifest import Kind, kind_of
from bot.domain.narrow import KEEP, OLDER, can_narrow, kept_by
from bot.domain.picks import pack, unpack
from bot.domain.plan import Action, Item
from bot.domain.proposal import Proposal
from bot.domain.reason import at, headline, short
from bot.domain.revision import Revision
from bot.errors import BadInputError, JanitorError

FIND = "choose.find"
NEXT, BACK = "choose.next", "choose.back"
ALL_OFF, ALL_ON = "choose.off", "choose.on"
TICKS = "choose.items"

PAGE = 50
_GROUP = 10  # Slack's limit for one row of checkboxes
_OPTION_MOST = 75
_FIND_MOST = 100
_METADATA_MOST = 3000
_TITLE = "Choose what goes"

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a modal carries: of which proposal in which form it is, and how far somebody has got with it.

    ``channel`` and ``message`` (a timestamp) are of the card that it was opened from. ``off``: the positions of what is
    unticked. ``find``: what the list is looked through for; ``start``: the first item of the page among those found;
    ``turn`` counts drawings, since Slack keeps what was ticked where a block's id stays.
    """

    proposal: str
    revision: int
    checksum: str
    channel: str
    message: str
    off: frozenset[int] = frozenset()
    find: str = ""
    start: int = 0
    turn: int = 0

    def to_json(self) -> str:
        """Give what the view carries. Raises BadInputError where that is more than Slack lets a view carry."""
        button = {"id": self.proposal, "rev": self.revision, "sum": self.checksum}
        data = {
            "value": json.dumps(button, separators=(",", ":")),
            "channel": self.channel,
            "message": self.message,
            "off": pack(self.off),
            "find": self.find,
            "start": self.start,
            "turn": self.turn,
        }
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        if len(text) > _METADATA_MOST:
            raise BadInputError(
                "Slack can't hold so many single choices in one form.",
                expected="Narrow what is selected by its age, or take off some of it now and the rest afterwards.",
            )
        return text


def parse_draft(metadata: str) -> Draft:
    """Read what a modal carries. Raises BadInputError for anything else."""
    try:
        data: Any = json.loads(metadata)
        off = unpack(str(data["off"]))
        button = parse_button_value(str(data["value"]))
        place = str(data["channel"]), str(data["message"])
        return Draft(*button, *place, off, str(data["find"]), max(0, int(data["start"])), int(data["turn"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadInputError(
            "This form is from another version of the app.", expected="Click Choose on the card again."
        ) from error


def choosing(
    proposal: Proposal,
    items: Sequence[Item],
    draft: Draft,
    now: datetime,
    *,
    values: Mapping[str, str] | None = None,
    error: JanitorError | None = None,
) -> View:
    """Draw the modal: the page of ``draft`` with its ticks; ``values`` are what stands in its fields.

    ``error``: why what was sent came to nothing, shown on top.
    """
    found = matching(items, draft.find)
    start = min(draft.start, max(0, len(found) - 1)) // PAGE * PAGE
    draft = replace(draft, start=start, turn=draft.turn + 1)
    page = found[start : start + PAGE]
    several = len({item.repository for item in items}) > 1
    blocks: list[Block] = [
        *(problem(error).blocks if error else []),
        section(f"{_what(proposal, items)}. Untick what should stay{_or_narrow(proposal)}."),
        *(_narrowing(proposal, values or {}, several=several) if can_narrow(proposal.rule) else []),
        {"type": "divider"},
        *(_finding(draft) if len(items) > PAGE else []),
        context(_where(draft, len(found), len(items), len(page))),
        *_boxes(page, draft, now, several=several),
        *_buttons(draft, len(found)),
        context(
            "What you change becomes a new revision: whoever has approved has to approve anew. What belongs to"
            " something that stays, such as the parts of a multi-arch image, stays with it."
        ),
    ]
    return {
        "type": "modal",
        "callback_id": CHOOSE,
        "private_metadata": draft.to_json(),
        "title": plain(_TITLE),
        "submit": plain("Change the proposal"),
        "close": plain("Cancel"),
        "blocks": blocks,
    }


def matching(items: Sequence[Item], find: str) -> list[Item]:
    """Give the items with a text in their repository, tags, digest, platform or reason, whatever its case."""
    wanted = find.strip().casefold()
    if not wanted:
        return list(items)
    return [
        item
        for item in items
        if any(
            wanted in text.casefold()
            for text in (item.repository, item.digest, item.tag, item.platform, item.reason, *item.tags)
        )
    ]


def looking() -> View:
    """Draw what stands there until it is known what there is to choose from."""
    return _closing(section(":mag: Looking up what there is to choose from …"))


def working() -> View:
    """Draw what stands there while the registry is looked at again."""
    return _closing(section(":mag: Looking at the registry again …"), close="Close")


def made(proposal: Proposal, revision: Revision) -> View:
    """Draw what has come of it."""
    there = f"*Revision {number(revision.number)} is on the card*, with {plural(proposal.item_count, 'item')}"
    void = " Whoever had approved has been told to look again." if revision.void else ""
    return _closing(
        section(f":white_check_mark: {there}. You {what(revision)}."),
        context(f"The thread of the card has the new list.{void}"),
        close="Close",
    )


def told(message: Message) -> View:
    """Draw an answer in the place of the modal."""
    return _closing(*message.blocks, close="Close")


def field_errors(error: FormError) -> dict[str, str]:
    """Give the words for each field that is wrong, by the block that shows it."""
    return {name: fault(one) + _example(one) for name, one in error.faults.items()}


def _example(error: BadInputError) -> str:
    return f" For example: {error.example}" if error.example else ""


def _closing(*blocks: Block, close: str = "Cancel") -> View:
    return {"type": "modal", "title": plain(_TITLE), "close": plain(close), "blocks": list(blocks)}


def _what(proposal: Proposal, items: Sequence[Item]) -> str:
    actions_ = doing.actions_of(proposal, items)
    return f"*{doing.capital(doing.deeds(actions_, proposal.rule))}* in {code(proposal.target)}"


def _or_narrow(proposal: Proposal) -> str:
    return ", or narrow what is selected" if can_narrow(proposal.rule) else ""


def _narrowing(proposal: Proposal, values: Mapping[str, str], *, several: bool) -> list[Block]:
    before, kept = proposal.rule.before, kept_by(proposal.rule)
    now = f"Now: what last changed before {at(before)}." if before else "Now: of any age."
    older: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": OLDER,
        "max_length": 40,
        "placeholder": plain("90d"),
    }
    keep: dict[str, Any] = {
        "type": "number_input",
        "action_id": KEEP,
        "is_decimal_allowed": False,
        "min_value": "0",
        "max_value": str(KEEP_MOST),
        "placeholder": plain(str(max(3, kept + 1))),
    }
    for element in (older, keep):
        if value := values.get(element["action_id"]):
            element["initial_value"] = value
    newest = f"Now: {number(kept)}." if kept else "Now: none."
    each = " They are counted in each repository." if several else ""
    return [
        _input(OLDER, "Only what last changed longer ago than", older, f"{now} An age such as 90d or 12w."),
        _input(KEEP, "Keep the newest", keep, f"{newest}{each}"),
    ]


def _input(name: str, label: str, element: dict[str, Any], hint: str) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "hint": plain(hint),
        "element": element,
        "optional": True,
    }


def _finding(draft: Draft) -> list[Block]:
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": FIND,
        "max_length": _FIND_MOST,
        "placeholder": plain("A tag, a digest or a repository, or a part of it"),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    }
    if draft.find:
        element["initial_value"] = draft.find
    return [{**_input(FIND, "Find in the list", element, "Press Enter to look."), "dispatch_action": True}]


def _where(draft: Draft, found: int, total: int, shown: int) -> str:
    off = f"{number(len(draft.off))} unticked so far" if draft.off else "all ticked"
    if not found:
        return f"Nothing of the {plural(total, 'item')} has {code(draft.find, 60)} in it · {off}"
    page = f"{number(draft.start + 1)} to {number(draft.start + shown)} of {number(found)}"
    with_it = f" with {code(draft.find, 60)}, of {number(total)} in all" if draft.find else ""
    return f"{page}{with_it} · {off}"


def _boxes(page: Sequence[Item], draft: Draft, now: datetime, *, several: bool) -> list[Block]:
    blocks = []
    for first in range(0, len(page), _GROUP):
        group = page[first : first + _GROUP]
        options = {item.position: _option(item, now, several=several) for item in group}
        element: dict[str, Any] = {"type": "checkboxes", "action_id": TICKS, "options": list(options.values())}
        if ticked := [option for position, option in options.items() if position not in draft.off]:
            element["initial_options"] = ticked
        start = draft.start + first + 1
        last = draft.start + first + len(group)
        blocks.append(
            {
                "type": "input",
                "block_id": f"{TICKS}.{draft.turn}.{start}",
                "label": plain(f"{number(start)} to {number(last)}" if last > start else number(start)),
                "element": element,
                "optional": True,
            }
        )
    return blocks


def _option(item: Item, now: datetime, *, several: bool) -> dict[str, Any]:
    return {
        "text": plain(clip_middle(visible(_name(item, several=several)), _OPTION_MOST)),
        "description": plain(clip_middle(visible(_about(item, now)), _OPTION_MOST)),
        "value": str(item.position),
    }


def _name(item: Item, *, several: bool) -> str:
    """``v1, latest (3f2a0c11aa22)``, ``3f2a0c11aa22`` where it has no tags, ``remove the tag v1``."""
    where = f"{item.repository}: " if several else ""
    if item.action is not Action.DELETE:
        what_of = item.tag or short(item.digest) or item.repository
        return f"{where}{doing.verb_of(item)} {what_of}"
    digest = short(item.digest)
    if not item.tags:
        return f"{where}{digest}"
    tags = ", ".join(tag_cell(tag, 40) for tag in item.tags[:4])
    more = f" and {len(item.tags) - 4} more" if len(item.tags) > 4 else ""  # noqa: PLR2004 - as many as fit
    return f"{where}{tags}{more} ({digest})"


def _about(item: Item, now: datetime) -> str:
    """``12.4 MiB · 3 months old · untagged``."""
    parts = []
    if item.action is Action.DELETE:
        parts.append("multi-arch image" if kind_of(item.media_type) is Kind.INDEX else size(item.size))
    parts.append(f"{age(item.changed, now)} old")
    parts.append(headline(item.why))
    return " · ".join(parts)


def _buttons(draft: Draft, found: int) -> list[Block]:
    value = "page"
    row = []
    if draft.start > 0:
        row.append(button("Previous", BACK, value))
    if draft.start + PAGE < found:
        row.append(button("Next", NEXT, value))
    if found > 1:
        row.append(button(f"Untick all {number(found)}", ALL_OFF, value))
        row.append(button(f"Tick all {number(found)}", ALL_ON, value))
    return [actions(*row)] if row else []
