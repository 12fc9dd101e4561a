"""Choosing: of what a proposal lists, what goes on being proposed once somebody has taken some of it off.

A choice only narrows. It is judged on a fresh snapshot by the same functions as a run (``recheck``), so that what stays
keeps what it needs: without its index nothing of the index goes.
"""

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.graph import Graph
from bot.domain.last import LAST, is_guarded, tagged_images, tags_to_spare
from bot.domain.manifest import Snapshot
from bot.domain.plan import Action, Item
from bot.domain.purge import Purge, purge
from bot.domain.reason import Reason, Verdict, Why
from bot.domain.recheck import recheck
from bot.domain.rule import Rule
from bot.domain.selection import judge
from bot.domain.untag import check_again, tags_by_name


class Cause(enum.StrEnum):
    """Why an item is taken off the list. The words are stored."""

    HAND = "hand"
    """Somebody has unticked it."""
    RULE = "rule"
    """The narrower rule does not select it."""
    NEEDED = "needed"
    """It stays since something else does now."""
    SINCE = "since"
    """It may not go any more, whatever was chosen: it has changed since, or it is gone."""


@dataclass(frozen=True, slots=True)
class Off:
    """An item that is taken off the list, and why."""

    item: Item
    cause: Cause
    reason: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is left of a list, in the order of the steps, and all that is taken off it.

    ``tagged`` is as in ``Plan``.
    """

    items: tuple[Item, ...] = ()
    off: tuple[Off, ...] = ()
    tagged: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[Cause, int]:
        """Count what is taken off by cause."""
        return dict(Counter(one.cause for one in self.off))

    @property
    def by_choice(self) -> bool:
        """Whether anything is taken off that would still have gone."""
        return any(one.cause is not Cause.SINCE for one in self.off)


def choose_in(
    snapshot: Snapshot,
    items: Sequence[Item],
    unticked: AbstractSet[int],
    *,
    rule: Rule,
    narrowed: Rule,
    now: datetime,
) -> Chosen:
    """Choose among the items of one repository, by a fresh snapshot of it.

    ``unticked``: the positions of what somebody has taken off. ``rule`` is the proposal's, ``narrowed`` the one that
    it gets. Nothing comes back that was not among the items, and each of them comes back in ``items`` or in ``off``.
    """
    would, why_not = _still_goes(snapshot, items, rule, now)
    ticked = [item for item in items if item.position not in unticked]
    goes, why_off = _still_goes(snapshot, ticked, narrowed, now)
    off = []
    for item in items:
        if item.key in goes:
            continue
        if item.position in unticked:
            off.append(Off(item, Cause.HAND, "taken off"))
        elif item.key not in would:
            off.append(Off(item, Cause.SINCE, str(why_not[item.key])))
        else:
            reason = why_off[item.key]
            cause = Cause.RULE if reason.why in {Why.TOO_NEW, Why.NEWEST} else Cause.NEEDED
            off.append(Off(item, cause, str(reason)))
    left = [replace(item, rank=goes[item.key]) for item in items if item.key in goes]
    left.sort(key=lambda item: (item.rank, item.position))
    images = tagged_images(snapshot, Graph(snapshot))
    tagged = {snapshot.repository: {image.digest: frozenset(image.tags) for image in images}}
    return Chosen(tuple(left), tuple(off), tagged)


def gone_with_repository(items: Iterable[Item]) -> Chosen:
    """Take off all of a repository that is not there any more."""
    return Chosen(off=tuple(Off(item, Cause.SINCE, "the whole repository is gone") for item in items))


def put_together(parts: Iterable[Chosen]) -> Chosen:
    """Make one list of those of several repositories, its positions counted anew."""
    found = list(parts)
    items = [item for part in found for item in part.items]
    return Chosen(
        tuple(replace(item, position=position) for position, item in enumerate(items)),
        tuple(one for part in found for one in part.off),
        {repository: images for part in found for repository, images in part.tagged.items()},
    )


def _still_goes(
    snapshot: Snapshot, items: Sequence[Item], rule: Rule, now: datetime
) -> tuple[dict[str, int], dict[str, Reason]]:
    """Give the ranks of what may go by a rule, of these items and without any others; and why the rest stays."""
    stays = _not_selected(snapshot, items, rule, now)
    deletes = {item.digest: item for item in items if item.action is Action.DELETE and item.key not in stays}
    # What the rule selects and this list does not have stays, and keeps what it needs.
    checked = recheck(snapshot, rule, now, deletes)
    stays.update(checked.spared)
    stays.update(dict.fromkeys(checked.gone, Reason(Why.VANISHED)))
    tags = tags_by_name(snapshot)
    removals = {item.tag: item for item in items if item.action is Action.UNTAG and item.key not in stays}
    for item in list(removals.values()):
        if found := check_again(snapshot, tags, item):
            stays[item.key] = Reason(Why.CHANGED, detail=found[1]) if found[1] else Reason(Why.VANISHED)
            del removals[item.tag]
    if removals and is_guarded(rule):
        going = {name: tags[name] for name in removals}
        for name in tags_to_spare(snapshot, checked.graph, checked.ranks, going):
            stays[removals[name].key] = LAST
    return {item.key: checked.ranks.get(item.key, item.rank) for item in items if item.key not in stays}, stays


def _not_selected(snapshot: Snapshot, items: Iterable[Item], rule: Rule, now: datetime) -> dict[str, Reason]:
    """Say of what a rule does not select why; it has nothing to say of tags that are removed by hand."""
    if rule.search:
        return _not_purged(snapshot, items, rule, now)
    verdicts = judge(snapshot, rule, now).verdicts
    return {
        item.digest: _reason(verdicts.get(item.digest))
        for item in items
        if item.action is Action.DELETE and not (item.digest in verdicts and verdicts[item.digest].goes)
    }


def _not_purged(snapshot: Snapshot, items: Iterable[Item], rule: Rule, now: datetime) -> dict[str, Reason]:
    """Say the same where a purge has selected manifests and tags."""
    request = Purge(snapshot.repository, rule.tags, before=rule.before, keep=rule.spared, untagged=rule.untagged)
    purged = purge(snapshot, request, rule, now)
    selected = {item.key for item in purged.items}
    fault = Reason(Why.UNREADABLE, detail=purged.fault)
    by_tag = {stay.tag: stay.verdict.reason for stay in purged.stays if stay.tag}
    by_digest = {stay.verdict.manifest.digest: stay.verdict for stay in purged.stays if not stay.tag}
    return {
        item.key: fault if purged.fault else by_tag.get(item.tag) or _reason(by_digest.get(item.digest))
        for item in items
        if item.key not in selected
    }


def _reason(verdict: Verdict | None) -> Reason:
    return verdict.reason if verdict is not None else Reason(Why.VANISHED)
