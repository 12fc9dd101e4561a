"""The private answer to `/acr explain REPO`: how each reason works out over the repository."""

from collections.abc import Iterator, Sequence

from bot.blocks import rich
from bot.blocks.explain import LOOKING_IS_DRY, judged_by, reason_in_short
from bot.blocks.message import Block, Message, fallback
from bot.blocks.naming import in_sentence, label
from bot.blocks.parts import context, section
from bot.blocks.text import clip, code, join, name, number, plural, said
from bot.blocks.wording import kept
from bot.domain.explain import Overview, Share
from bot.domain.reason import Why, headline, short
from bot.domain.rule import Rule

_EXAMPLE_MOST = 160
_STEPS_MOST = 3
# Reasons that say more by what completes them: what is locked, when it changed, which pattern.
_DETAILED = frozenset({Why.LOCKED, Why.GRACE, Why.PATTERN, Why.UNREADABLE})
_COLUMNS = (("Manifests", "right"), ("Verdict", "left"), ("Why", "left"), ("For example", "left"))


def overview(about: Overview, *, registry: str, rule: Rule, option: str = "") -> Message:
    """Draw for the one who asked how a repository's manifests fare by ``rule``, in the registry of that name.

    ``option`` is the registry as it was asked for, if it was: what is to be typed next must name it too.
    """
    headline_ = _headline(about)
    blocks: list[Block] = [section(headline_)]
    if about.judgement.fault:
        blocks.append(rich.rich(rich.quote(about.judgement.fault, 600)))
    rows = [*_rows(about, rule)]
    if rows:
        blocks.append(_table(rows))
    if about.gone:
        blocks.append(context(f"{plural(about.gone, 'manifest')} more: still listed, but gone already."))
    if about.broken_count:
        blocks.append(_broken(about))
    if example := _example(about):
        command = f"/acr explain {example}" + (f" --registry {option}" if option else "")
        blocks.append(context(f"To see one of them with all that led to it: {code(command, 400)}"))
    blocks.append(context(judged_by(registry, about.judgement.taken)))
    return Message(fallback(headline_, _sentence(about, rule), LOOKING_IS_DRY), blocks)


def _headline(about: Overview) -> str:
    where = code(about.judgement.repository)
    going, stay = _sum(about.going), _sum(about.kept)
    if about.judgement.fault:
        return f"*Nothing in {where} could go now:* not everything in it could be read, so all of it is kept."
    if not going + stay:
        return f"*{where} has no manifests.*"
    if not going:
        whole = "its only manifest is" if stay == 1 else f"all {number(stay)} manifests are"
        return f"*Nothing in {where} could go:* {whole} kept."
    return f"*{number(going)} of {plural(going + stay, 'manifest')}* in {where} could go, {number(stay)} are kept."


def _sum(shares: Sequence[Share]) -> int:
    return sum(share.count for share in shares)


def _rows(about: Overview, rule: Rule) -> Iterator[list[str]]:
    for verdict, shares in (("could go", about.going), ("kept", about.kept)):
        for share in shares:
            yield [number(share.count), verdict, _why(share, rule), _steps(share)]


def _why(share: Share, rule: Rule) -> str:
    return headline(share.why) if share.example[0].goes else kept(share.why, rule)


def _steps(share: Share) -> str:
    """Give one manifest and the steps that lead to its verdict."""
    first, *others = share.example
    detail = f": {reason_in_short(first.reason)}" if share.why in _DETAILED else ""
    steps = [label(first.manifest) + detail, *(in_sentence(step.manifest) for step in others[:_STEPS_MOST])]
    if len(others) > _STEPS_MOST:
        steps.append("…")
    return clip(" ← ".join(steps), _EXAMPLE_MOST)


def _table(rows: Sequence[Sequence[str]]) -> Block:
    cells = [[{"type": "raw_text", "text": text} for text in row] for row in ([title for title, _ in _COLUMNS], *rows)]
    settings = [{"align": align, "is_wrapped": align == "left"} for _, align in _COLUMNS]
    return {"type": "table", "column_settings": settings, "rows": cells}


def _broken(about: Overview) -> Block:
    lines = [
        [rich.code(in_sentence(verdict.manifest)), rich.text(f" lacks {plural(lacks, 'part')}")]
        for verdict, lacks in about.broken
    ]
    if (rest := about.broken_count - len(about.broken)) > 0:
        lines.append([rich.text(f"and {number(rest)} more")])
    title = "Incomplete before this app came, and kept as they are:"
    return rich.rich(rich.paragraph(rich.text(title, bold=True)), rich.bullets(lines))


def _example(about: Overview) -> str:
    """Name the manifest that there is most to say about."""
    shares = [*about.going, *about.kept]
    if not shares:
        return ""
    longest = max(shares, key=lambda share: len(share.example))
    return f"{name(about.judgement.repository)}@{short(longest.example[0].manifest.digest)}"


def _sentence(about: Overview, rule: Rule) -> str:
    shares = [*about.going, *about.kept]
    parts = [f"{number(share.count)} {said(_why(share, rule), 200)}" for share in shares]
    return f"{join(parts, len(parts))}." if parts else ""
