"""The answers to what can be proposed, with the buttons to do it, to turn the pages, and to have all as CSV."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from bot.blocks import Message, deletion, listing, whole_repository
from bot.blocks.doing import alone
from bot.blocks.listing import since_seen
from bot.blocks.purging import purge_headline, purge_note
from bot.blocks.share import share_words
from bot.blocks.step import step
from bot.blocks.wording import cutoff
from bot.domain.purge import Purge
from bot.domain.removals import Old
from bot.domain.request import Proposable, request_from_json
from bot.domain.stay import newest_kept
from bot.domain.whole import DeleteRepository
from bot.domain.workspace import Workspace
from bot.errors import BadInputError
from bot.janitor.look import Looked
from bot.janitor.propose import cannot_propose
from handlers.caller import Caller
from handlers.parts import Parts

BUTTON_MOST = 2000  # Slack's limit for a button's value


@dataclass(frozen=True, slots=True)
class View:
    """How an answer is shown.

    ``start``: the first item of the page. ``offer``: with the button to propose it. ``zone``: that in which a date
    without one was read; ``guessed``: it had to be.
    """

    start: int = 0
    offer: bool = True
    zone: str = ""
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Clicked:
    """What a button stands for: a fixed request, how many items with which checksum were seen, and the view."""

    request: Proposable
    count: int
    checksum: str
    view: View

    def changed_in(self, looked: Looked) -> bool:
        """Whether what was found now is something else."""
        return looked.plan.checksum != self.checksum


async def answer_proposable(parts: Parts, request: Proposable, caller: Caller) -> Message:
    """Look, and draw what was found. A date without a zone is one in the caller's own."""
    if not isinstance(request, Old):
        return show(parts, caller.workspace, await parts.looks.afresh(request), View())
    zone = await parts.zones.zone_of(caller.user, caller.workspace) if request.needs_zone else None
    fixed = request.fixed(parts.desk.clock(), zone or UTC)
    view = View(zone=zone.key if zone else "", guessed=request.needs_zone and zone is None)
    return show(parts, caller.workspace, await parts.looks.afresh(fixed), view)


def show(parts: Parts, workspace: Workspace, looked: Looked, view: View, *, changed: str = "") -> Message:
    """Draw what was found for the one who asked, with the button to propose it where it can be proposed there.

    ``changed`` says how it differs from what was seen. Raises BadInputError where the request is too long for a button.
    """
    refused = cannot_propose(parts.desk, workspace) if view.offer else None
    propose = button_value(looked, view) if view.offer and refused is None else None
    why_not = str(refused) if refused is not None else ""
    now = parts.desk.clock()
    if looked.about is not None:
        return deletion(looked.plan, looked.about, now=now, propose=propose, why_not=why_not)
    if isinstance(looked.request, DeleteRepository):
        kept = newest_kept(looked.stays)
        return whole_repository(
            looked.plan,
            kept,
            now=now,
            propose=propose,
            why_not=why_not,
            changed=changed,
            start=view.start,
            page=lambda start: button_value(looked, view, start),
        )
    share = share_words(looked.plan.share(parts.desk.policy.tagged_share))
    purging = isinstance(looked.request, Purge)
    if not purging and alone(looked.plan.items, len(looked.plan.items)) is not None:
        return step(looked.plan, propose=propose, why_not=why_not)
    return listing(
        looked.plan,
        now=now,
        propose=propose,
        why_not=why_not,
        note="\n".join(filter(None, (_note(looked.request, view), "" if purging else share))),
        headline=purge_headline(looked.plan) if purging else "",
        told="\n".join(filter(None, (share, purge_note(looked.request, looked.plan, looked.tags_kept or {}))))
        if isinstance(looked.request, Purge)
        else "",
        changed=changed,
        start=view.start,
        page=lambda start: button_value(looked, view, start),
    )


def difference(clicked: Clicked, looked: Looked) -> str:
    """Say how what was found now differs from what somebody saw; empty where it does not."""
    return since_seen(looked.plan, clicked.count) if clicked.changed_in(looked) else ""


def _note(request: Proposable, view: View) -> str:
    if not isinstance(request, Old) or request.before is None:
        return ""
    return cutoff(request.before, zone=view.zone, guessed=view.guessed)


def button_value(looked: Looked, view: View, start: int | None = None) -> str:
    """Say what a button stands for: the request, how the list looked that it stands under, and the page to show.

    Raises BadInputError where that is too long for Slack.
    """
    seen = [len(looked.plan.items), looked.plan.checksum]
    carried: dict[str, Any] = {**looked.request.to_json(), "seen": seen}
    if view.zone or view.guessed:
        carried["zone"] = view.zone
    if first := view.start if start is None else start:
        carried["at"] = first
    if not view.offer:
        carried["offer"] = False
    value = json.dumps(carried, separators=(",", ":"))
    if len(value) > BUTTON_MOST:
        raise BadInputError("That request is too long for a button.", expected="Name the repository itself.")
    return value


def clicked_on(text: str) -> Clicked:
    """Read what ``button_value`` gave. Raises BadInputError on anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    request = request_from_json(value)
    match value:
        case {"seen": [int(count), str(checksum)]}:
            return Clicked(request, count, checksum, _view(value))
    raise BadInputError("This button is from another version of the app.", expected="Run the command again.")


def _view(value: Mapping[str, Any]) -> View:
    start, zone = value.get("at"), value.get("zone")
    return View(
        start=start if isinstance(start, int) and start >= 0 else 0,
        offer=value.get("offer") is not False,
        zone=zone if isinstance(zone, str) else "",
        guessed=zone == "",
    )
