"""The verdicts of a scan in the order and the words of every form of its result."""

from collections.abc import Iterator

from bot.domain.reason import Verdict, Why
from bot.janitor.scan import Scan


def word(verdict: Verdict) -> str:
    """``goes``, ``kept`` or ``gone`` (listed, but not there any more)."""
    if verdict.reason.why is Why.VANISHED:
        return "gone"
    return "goes" if verdict.goes else "kept"


def verdicts(scan: Scan, *, everything: bool) -> Iterator[tuple[str, Verdict]]:
    """Give each verdict with its repository: by repository what could go, in the order of deletion; then the others.

    The others come only with ``everything``, as the registry lists them.
    """
    for judgement in scan.judgements:
        for verdict in judgement.going:
            yield judgement.repository, verdict
        if everything:
            for verdict in judgement.verdicts.values():
                if not verdict.goes:
                    yield judgement.repository, verdict
