"""The private answer to `/acr explain`: the verdict in a sentence, and the tree of what led to it."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.blocks import rich
from bot.blocks.message import Message, fallback
from bot.blocks.naming import in_sentence, label, short_digest, tags_of, what_it_is
from bot.blocks.parts import context
from bot.blocks.sentences import pieces
from bot.blocks.text import age, code, date, join, name, number, plural, said, size
from bot.blocks.trees import Line, drawn
from bot.domain.explain import Branch, Explanation, Node, Role
from bot.domain.manifest import Kind, Manifest
from bot.domain.reason import KEEPING, Reason, Verdict, Why, headline

LOOKING_IS_DRY = "Nothing was deleted: looking is always a dry run."

_STEPS_MOST = 7
_TAGS_MOST = 8
_NOT_THERE = "not in this repository"
# What a manifest is to the one that the tree is about.
_BELOW = {Role.PART: "part", Role.ATTACHED: "attached"}
# Reasons that are short where they name what they point to.
_POINTING = {
    Why.PART_OF_INDEX: "part of",
    Why.ATTACHED: "attached to",
    Why.HOLDS_ATTACHMENT: "needed by its attachment",
    Why.FOLLOWS: "belongs to",
}
_ABOVE = {Role.PART: "lists it", Role.ATTACHED: "has it attached"}


def explanation(about: Explanation, *, registry: str, now: datetime) -> Message:
    """Draw for the one who asked why a manifest is kept or could go, in the registry of that name."""
    manifest = about.verdict.manifest
    named = f"{name(about.judgement.repository, 120)}@{short_digest(manifest.digest)}"
    tree = trees(about)
    blocks = [
        rich.rich(
            rich.paragraph(rich.emoji(_emoji(about.verdict)), rich.text(" "), rich.code(named)),
            *verdict_parts(about),
        ),
        context(facts(manifest, now)),
        *([rich.rich(*tree)] if tree else []),
        context(judged_by(registry, about.judgement.taken)),
    ]
    return Message(fallback(f"{code(named)}: {verdict_sentence(about)}", steps_sentence(about), LOOKING_IS_DRY), blocks)


def verdict_parts(about: Explanation) -> list[rich.Element]:
    """Say the verdict in a sentence, and in another what the manifest lacks, as paragraphs of rich text."""
    lacks = [rich.paragraph(rich.emoji("warning"), rich.text(f" {_lacks(about)}"))] if about.lacks else []
    return [rich.paragraph(*_sentence(_pieces(about))), *lacks]


def verdict_sentence(about: Explanation) -> str:
    """Say the same in mrkdwn."""
    told = said("".join(words for _, words in _pieces(about)), 900)
    return f"{told} {_lacks(about)}" if about.lacks else told


def trees(about: Explanation) -> list[rich.Element]:
    """Draw the steps that led to a verdict, and what belongs together, as parts of rich text; none for a lone image."""
    digest = about.verdict.manifest.digest
    drawings = []
    if len(about.steps) > 1 or about.leads_out:
        drawings.append(("Step by step", _steps(about)))
    if about.below.nodes:
        drawings.append(("What belongs to it", Line(short_digest(digest), below=_lines(about.below, _BELOW))))
    if about.above.nodes:
        drawings.append(("What else it belongs to", Line(short_digest(digest), below=_lines(about.above, _ABOVE))))
    return [
        part
        for title, root in drawings
        for part in (rich.paragraph(rich.text(title, bold=True)), rich.preformatted(drawn(root)))
    ]


def judged_by(registry: str, taken: datetime) -> str:
    """Say in mrkdwn by which rule, where and when it was judged."""
    rule = "Judged by the rule of `/acr untagged`, whatever the age"
    return f"{rule} · registry {code(registry, 100)} · seen {date(taken)}. {LOOKING_IS_DRY}"


def reason_in_short(reason: Reason) -> str:
    """Say a reason in plain text where the manifest that it points to, and its tags, are named right beside."""
    if reason.why is Why.TAGGED or not reason.detail:
        return headline(reason.why)
    if reason.why is Why.LOCKED:
        return f"{name(reason.detail, 80)} locked"
    return f"{headline(reason.why)} ({name(reason.told, 80)})"


def verdict_word(verdict: Verdict) -> str:
    """``kept``, ``could go`` or ``gone``."""
    if verdict.reason.why is Why.VANISHED:
        return "gone"
    return "could go" if verdict.goes else "kept"


def _emoji(verdict: Verdict) -> str:
    return {"kept": "white_check_mark", "could go": "wastebasket", "gone": "information_source"}[verdict_word(verdict)]


def _pieces(about: Explanation) -> list[tuple[str, str]]:
    reason = about.verdict.reason
    return pieces(reason.why, image=_image(about), detail=name(reason.detail, 200))


def _sentence(sentence: list[tuple[str, str]]) -> Iterator[rich.Element]:
    for kind, words in sentence:
        if kind == "image":
            yield rich.code(words)
        else:
            yield rich.text(words, bold=kind == "verdict")


def _image(about: Explanation) -> str:
    """Name what the reason points to, with its tags where the repository has it."""
    because = about.verdict.reason.because
    pointed = about.judgement.verdicts.get(because)
    if pointed is None:
        return short_digest(because) if because else ""
    return "this manifest" if because == about.verdict.manifest.digest else in_sentence(pointed.manifest)


def _lacks(about: Explanation) -> str:
    it_is = "It was broken before this app came" if about.verdict.reason.why in KEEPING else "It is broken already"
    return f"{it_is}: {plural(about.lacks, 'part')} of it can't be pulled, since this repository lacks them."


def facts(manifest: Manifest, now: datetime) -> str:
    """Say in mrkdwn what the registry says of a manifest."""
    tags = tags_of(manifest)
    words = [
        code(manifest.digest, 80),
        code(what_it_is(manifest), 60),
        f"tagged {join([code(tag, 60) for tag in tags], _TAGS_MOST)}" if tags else "no tags",
        f"parts of {size(manifest.size)}" if manifest.kind is Kind.INDEX else size(manifest.size),
        f"last changed {age(manifest.changed, now)} ago",
        code(manifest.media_type or "no media type", 80),
    ]
    return " · ".join(words)


def _steps(about: Explanation) -> Line:
    """Hang each step from the one that it explains."""
    lines = [(label(step.manifest), f"{verdict_word(step)}: {reason_in_short(step.reason)}") for step in about.steps]
    if about.leads_out:
        lines.append((short_digest(about.leads_out), _NOT_THERE))
    if (hidden := len(lines) - _STEPS_MOST) > 0:
        half = _STEPS_MOST // 2
        lines[half:-half] = [(f"… {number(hidden + 1)} steps more …", "")]
    below: tuple[Line, ...] = ()
    for left, right in reversed(lines):
        below = (Line(left, right, below),)
    return below[0]


def _lines(branch: Branch, roles: Mapping[Role, str]) -> tuple[Line, ...]:
    lines = [_line(node, roles) for node in branch.nodes]
    if branch.hidden:
        counts = ((branch.kept, "kept"), (branch.going, "could go"), (branch.missing, "missing"))
        rest = ", ".join(f"{number(count)} {word}" for count, word in counts if count)
        lines.append(Line(f"and {number(branch.hidden)} more", rest))
    return tuple(lines)


def _line(node: Node, roles: Mapping[Role, str]) -> Line:
    role = roles[node.role]
    below = _lines(node.below, _BELOW)
    verdict = node.verdict
    if verdict is None:
        return Line(short_digest(node.digest), f"{role}, missing: {_NOT_THERE}", below)
    if node.with_it:
        return Line(label(verdict.manifest), f"{role}, {'goes' if verdict.goes else 'kept'} with it", below)
    reason = verdict.reason
    if reason.because and reason.why in _POINTING:
        why = f"{_POINTING[reason.why]} {short_digest(reason.because)}"
    else:
        why = headline(reason.why)
    return Line(label(verdict.manifest), f"{role}, {verdict_word(verdict)}: {why}", below)


def steps_sentence(about: Explanation) -> str:
    """Say the steps after the first in one sentence, for who sees no blocks."""
    steps = [
        f"{code(short_digest(step.manifest.digest))} is {verdict_word(step)}: {said(reason_in_short(step.reason), 100)}"
        for step in about.steps[1:_STEPS_MOST]
    ]
    return f"Step by step: {'; '.join(steps)}." if steps else ""
