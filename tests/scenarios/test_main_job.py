"""The main job, end to end: ask, propose, approve, delete."""

import csv
import io

from sandbox.slack import text_of
from tests.scenarios.stage import OPS, Stage, days_ago


def seed(stage: Stage) -> tuple[set[str], set[str]]:
    """Fill ``myrepo``; give what may go and what must stay."""
    registry = stage.registry
    old = days_ago(40)
    loose = {registry.push_image("myrepo", layers=[1_000_000 + n], updated=old) for n in range(5)}
    multi = registry.push_multi_arch("myrepo", tags=["v2"], updated=old)
    signed = registry.push_image("myrepo", tags=["v1"], layers=[77], updated=old)
    signature = registry.push_artifact("myrepo", subject=signed, updated=old)
    locked = registry.push_image("myrepo", layers=[78], updated=old)
    registry.lock_manifest("myrepo", locked)
    fresh = registry.push_image("myrepo", layers=[79], updated=days_ago(0.1))
    stay = registry.digests("myrepo") - loose
    assert {multi, signed, signature, locked, fresh} <= stay
    return loose, stay


async def test_what_was_approved_is_deleted_and_nothing_else(stage: Stage) -> None:
    """One person asks and proposes, another approves, and exactly what the card said is gone."""
    loose, stay = seed(stage)

    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    print(text_of(answer))
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    print(text_of(card))
    assert stage.registry.digests("myrepo") == loose | stay

    refusal = await stage.private_after(stage.riley, stage.riley.click(card, "approve"))
    print(refusal)
    assert stage.registry.digests("myrepo") == loose | stay

    await stage.sam.click(card, "approve")
    print(await stage.settled(card))

    assert stage.registry.digests("myrepo") == stay
    outcome = next(content for name, content in stage.files(card).items() if name.endswith("outcome.csv"))
    rows = list(csv.DictReader(io.StringIO(outcome.decode())))
    assert {row["digest"] for row in rows} == loose
    assert {row["outcome"] for row in rows} == {"deleted"}
    assert stage.olu.messages(OPS)
