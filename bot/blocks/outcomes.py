"""What became of a proposal's items: progress, counts, and the reasons grouped."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks import rich
from bot.blocks.message import Block
from bot.blocks.text import join, name, number, said, said_plain
from bot.domain.plan import Action
from bot.domain.proposal import DONE, Outcome, Record, Tally
from bot.domain.reason import Why, headline, short

_CELLS = 20
_GROUPS_MOST = 6
_EXAMPLES_MOST = 3

# What ``str(Reason)`` adds to the headline: the digest that led to it, and a detail.
_REASON_TAIL = re.compile(r"(?: [^\s()]{1,12})?(?: \(.*\))?", re.DOTALL)
_DIGEST = re.compile(r"\bsha(?:256|512):[0-9a-f]{8,128}\b|\b[0-9a-f]{12}\b|\b[0-9a-f]{64}\b")


def bar(tally: Tally) -> str:
    """Draw how far it has come: ``████████░░░░░░░░░░░░  40 %``. Full only when every item is settled."""
    share = tally.settled / tally.total if tally.total else 1.0
    full = int(share * _CELLS)
    return f"{'█' * full}{'░' * (_CELLS - full)}  {int(share * 100)} %"


def counts(tally: Tally) -> str:
    """``35 deleted · 1 already gone · 1 skipped``, in mrkdwn; only what is not 0, but always what was done."""
    named = (
        (Outcome.GONE, "already gone"),
        (Outcome.SKIPPED, "skipped"),
        (Outcome.FAILED, "failed"),
    )
    done = (
        (Action.UNTAG, "tag removed", "tags removed"),
        (Action.UNLOCK, "unlocked", "unlocked"),
        (Action.DELETE, "deleted", "deleted"),
    )
    parts = [
        f"*{number(tally[DONE[action]])}* {one if tally[DONE[action]] == 1 else many}"
        for action, one, many in done
        if action in (tally.actions or {Action.DELETE})
    ]
    parts += [f"*{number(tally[outcome])}* {word}" for outcome, word in named if tally[outcome]]
    return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class Group:
    """Records that share a reason. ``examples`` are short digests."""

    reason: str
    count: int
    examples: tuple[str, ...]


def grouped(records: Sequence[Record]) -> list[Group]:
    """Group records by reason, the most frequent first; what only differs in a digest or a tag counts as one reason."""
    tallied: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    for record in records:
        key = reason_of(record.detail)
        tallied[key] += 1
        shown = examples.setdefault(key, [])
        if len(shown) < _EXAMPLES_MOST:
            item = record.item
            shown.append(item.about if item.action is not Action.DELETE else short(item.digest))
    return [
        Group(key, count, tuple(examples[key]))
        for key, count in sorted(tallied.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def reason_of(detail: str) -> str:
    """Reduce a reason or a cause to what many items can share."""
    for known in _HEADLINES:
        if detail.startswith(known) and _REASON_TAIL.fullmatch(detail, len(known)):
            return known
    return _DIGEST.sub("…", detail).strip() or "no reason given"


def outcome_lists(tally: Tally, records: Sequence[Record]) -> list[Block]:
    """List what was skipped and what failed, each with its reasons, counts and examples."""
    blocks = []
    for outcome, title in ((Outcome.SKIPPED, "skipped, and kept after all"), (Outcome.FAILED, "failed")):
        if tally[outcome]:
            of_these = [record for record in records if record.outcome is outcome]
            blocks.append(_list(f"{number(tally[outcome])} {title}:", tally[outcome], grouped(of_these)))
    return blocks


def reasons_sentence(tally: Tally, records: Sequence[Record]) -> str:
    """Say the same in one sentence of mrkdwn."""
    parts = []
    for outcome, word in ((Outcome.SKIPPED, "skipped"), (Outcome.FAILED, "failed")):
        groups = grouped([record for record in records if record.outcome is outcome])
        if tally[outcome] and groups:
            reasons = [f"{number(group.count)} {said(group.reason, 150)}" for group in groups]
            parts.append(f"{word}: {join(reasons, _EXAMPLES_MOST)}")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _list(title: str, count: int, groups: Sequence[Group]) -> Block:
    lines = []
    for group in groups[:_GROUPS_MOST]:
        line = [rich.text(f"{number(group.count)} ", bold=True), rich.text(said_plain(group.reason, 250))]
        for index, digest in enumerate(group.examples):
            line += [rich.text(": " if index == 0 else ", "), rich.code(name(digest, 48))]
        if (rest := group.count - len(group.examples)) > 0:
            line.append(rich.text(f" and {number(rest)} more"))
        lines.append(line)
    told = sum(group.count for group in groups[:_GROUPS_MOST])
    if told < count:
        lines.append([rich.text(f"{number(count - told)} " + ("more" if told else "in all") + ": see the CSV file")])
    return rich.rich(rich.paragraph(rich.text(title, bold=True)), rich.bullets(lines))


# The longest first, so that no headline hides behind one that it begins with.
_HEADLINES = sorted((headline(why) for why in Why), key=len, reverse=True)
