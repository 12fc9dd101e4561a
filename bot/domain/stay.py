"""What does not go, one by one: the other half of a plan, for whoever wants to see the whole."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.reason import Verdict, Why
from bot.domain.selection import Judgement


@dataclass(frozen=True, slots=True)
class Stay:
    """A manifest, or one tag of it where ``tag`` is given, with why it stays."""

    repository: str
    verdict: Verdict
    tag: str = ""

    @property
    def word(self) -> str:
        """Give ``keep``, or ``gone`` for what was listed and is not there any more."""
        return "gone" if self.verdict.reason.why is Why.VANISHED else "keep"


def stays_of(judgements: Iterable[Judgement]) -> tuple[Stay, ...]:
    """Give each manifest that does not go, repository by repository, in the order of the registry."""
    return tuple(
        Stay(judgement.repository, verdict)
        for judgement in judgements
        for verdict in judgement.verdicts.values()
        if not verdict.goes
    )


def newest_kept(stays: Iterable[Stay]) -> tuple[Verdict, ...]:
    """Give the verdicts on the manifests that are there and stay, the one that changed last first."""
    kept = [stay.verdict for stay in stays if stay.word == "keep" and not stay.tag]
    return tuple(sorted(kept, key=lambda verdict: (verdict.manifest.changed, verdict.manifest.digest), reverse=True))
