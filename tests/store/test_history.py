"""What was deleted: run by run and manifest by manifest, of one workspace, registry or repository."""

from dataclasses import replace

import pytest

from bot.domain.manifest import OCI_INDEX
from bot.domain.plan import Action, Item
from bot.domain.proposal import Deed, Outcome, Settled, State
from bot.domain.workspace import Workspace
from bot.store import Store, Totals
from tests.store.make import HOUR, NOW, deleted, event, items, proposal, put, take


def mixed() -> list[Item]:
    """Make an image that stays, one that goes, an index, and an image of another repository."""
    stays, image, index, other = items(4)
    return [stays, image, replace(index, media_type=OCI_INDEX, size=7000), replace(other, repository="team/api")]


async def seed(store: Store) -> None:
    """Two runs of one workspace, each of which skips something, one of another, and one that only waits."""
    for about, team, registry in (("p1", "T1", "main"), ("p2", "T1", "attic"), ("p3", "T2", "main")):
        made = proposal(4, id=about, team_id=team, registry=registry, target="team/*")
        await store.proposals.create(made, mixed(), event(about=about))
        approved = event(Deed.APPROVED, about)
        assert await store.proposals.move(about, State.APPROVED, by="U2", at=NOW + HOUR, event=approved)
        assert await store.proposals.take(about, NOW + int(about[1]) * HOUR, event(), event()) == 1
        await store.proposals.settle(about, 1, [*deleted(1, 2, 3), Settled(0, Outcome.SKIPPED, NOW, "tagged")])
    await put(store, State.OPEN, 2, id="p4", team_id="T1", registry="main")


async def test_runs_are_those_of_the_workspace_the_latest_first(store: Store) -> None:
    """With what each has deleted; what waits or was skipped is not among it, and an index adds no bytes."""
    await seed(store)
    found = await store.history.runs(Workspace("T1"))
    assert [(run.proposal.id, run.manifests) for run in found] == [("p2", 3), ("p1", 3)]
    assert {run.deleted_bytes for run in found} == {2000}
    assert await store.history.totals(Workspace("T1")) == Totals(2, 6, 4000)
    assert [run.proposal.id for run in await store.history.runs(Workspace("T1"), "attic")] == ["p2"]
    assert await store.history.totals(Workspace("T1"), "attic") == Totals(1, 3, 2000)


async def test_a_page_is_a_part_of_the_list(store: Store) -> None:
    """From a position on, and no more than were asked for."""
    await seed(store)
    assert [run.proposal.id for run in await store.history.runs(Workspace("T1"), start=1, most=5)] == ["p1"]
    assert [run.proposal.id for run in await store.history.runs(Workspace("T1"), most=1)] == ["p2"]
    assert await store.history.runs(Workspace("T1"), start=2) == []


async def test_of_one_repository_only_its_own_counts(store: Store) -> None:
    """A run over several shows what went from this one; one that took nothing from it is not shown."""
    await seed(store)
    for repository, manifests in (("team/app", 2), ("team/api", 1)):
        found = await store.history.runs(Workspace("T1"), "main", repository)
        assert [(run.proposal.id, run.manifests, run.deleted_bytes) for run in found] == [("p1", manifests, 1000)]
        assert await store.history.totals(Workspace("T1"), "main", repository) == Totals(1, manifests, 1000)
        assert len(await store.history.done(["p1"], repository)) == manifests
    assert await store.history.runs(Workspace("T1"), None, "no/such") == []
    assert await store.history.totals(Workspace("T1"), None, "no/such") == Totals(0, 0, 0)


async def test_each_deleted_manifest_is_given_once(store: Store) -> None:
    """In the order of deletion, with when it went."""
    await seed(store)
    found = await store.history.done(["p1", "p2"])
    assert [(about, record.item.position) for about, record in found] == [
        (about, position) for about in ("p1", "p2") for position in (1, 2, 3)
    ]
    assert all(record.outcome is Outcome.DELETED and record.at is not None for _, record in found)
    assert await store.history.done([]) == []


async def test_more_runs_than_one_question_holds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long record is asked for in parts, and none is left out."""
    monkeypatch.setattr("bot.store.history._BATCH", 2)
    for number in range(5):
        await put(store, State.APPROVED, 3, id=f"r{number}")
        await take(store, f"r{number}")
        await store.proposals.settle(f"r{number}", 1, deleted(0, 1, 2))
    found = await store.history.runs(Workspace("T1"))
    assert [run.manifests for run in found] == [3] * 5
    assert len(await store.history.done([run.proposal.id for run in found])) == 15


async def test_tags_and_locks_count_by_themselves(store: Store) -> None:
    """A removed tag and a lifted lock are done, add no bytes, and are no manifests; what was skipped is not there."""
    made = [
        replace(item, action=action, tag=tag)
        for item, action, tag in zip(
            items(4),
            (Action.UNTAG, Action.UNTAG, Action.UNLOCK, Action.DELETE),
            ("pr-1", "pr-2", "", ""),
            strict=True,
        )
    ]
    await store.proposals.create(proposal(4), made, event())
    assert await store.proposals.move("p1", State.APPROVED, by="U2", at=NOW + HOUR, event=event(Deed.APPROVED))
    assert await take(store) == 1
    outcomes = (Outcome.REMOVED, Outcome.SKIPPED, Outcome.UNLOCKED)
    await store.proposals.settle("p1", 1, [Settled(n, outcome, NOW) for n, outcome in enumerate(outcomes)])
    assert await store.history.totals(Workspace("T1")) == Totals(1, 0, 0, tags=1, locks=1)
    (run,) = await store.history.runs(Workspace("T1"))
    assert (run.manifests, run.deleted_bytes, run.tags, run.locks) == (0, 0, 1, 1)
    assert [record.outcome for _, record in await store.history.done(["p1"])] == [Outcome.REMOVED, Outcome.UNLOCKED]
    await store.proposals.settle("p1", 1, deleted(3))
    assert await store.history.totals(Workspace("T1")) == Totals(1, 1, 1000, tags=1, locks=1)


async def test_since_a_moment_only_later_runs_count(store: Store) -> None:
    """A run that ended before then is left out; one that is still under way counts with what it has done."""
    await seed(store)
    assert await store.proposals.finish("p1", 1, State.DONE, NOW + 3 * HOUR, "", event(Deed.FINISHED, "p1"))
    assert [run.proposal.id for run in await store.history.runs(Workspace("T1"), since=NOW + 3 * HOUR)] == ["p2", "p1"]
    assert [run.proposal.id for run in await store.history.runs(Workspace("T1"), since=NOW + 4 * HOUR)] == ["p2"]


async def test_runs_that_did_nothing_are_given_to_who_asks_for_them(store: Store) -> None:
    """They have begun all the same; what only waits has not."""
    await seed(store)
    await put(store, State.FAILED, 2, id="p5", team_id="T1", registry="main")
    found = await store.history.runs(Workspace("T1"), most=5, empty=True)
    assert sorted((run.proposal.id, run.manifests) for run in found) == [("p1", 3), ("p2", 3), ("p5", 0)]
