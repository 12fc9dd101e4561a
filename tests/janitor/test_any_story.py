"""Any story of people, clicks, revisions, time and crashes, on the real store, the real use case, the real engine."""

import asyncio
import dataclasses
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select, update

from bot.domain.plan import Action, Item, checksum_of
from bot.domain.proposal import MOVES, Deed, Event, Outcome, Proposal, Settled, State
from bot.errors import ConflictError, JanitorError, RefusedError
from bot.janitor.decide import Click, Decider
from bot.janitor.desk import Desk
from bot.store import Store
from bot.store.tables import EVENTS, PROPOSALS
from bot.work.embedded import EmbeddedEngine
from tests.conftest import memory
from tests.janitor.office import GROUPS, PEOPLE, REPOSITORIES, SETTINGS, CrashError, Line, Office
from tests.janitor.telling import SETTLING, check_same_story, list_of
from tests.store.make import NOW, event, items, proposal

LASTS = timedelta(hours=72)
COUNT = 3
ENDS = (Outcome.DELETED, Outcome.GONE, Outcome.SKIPPED, Outcome.FAILED)

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """Make a database file that has all its tables, to be copied."""
    with tempfile.TemporaryDirectory(prefix="acr-janitor-", dir=memory()) as folder:
        file = Path(folder) / "state.db"

        async def make() -> None:
            await (await Store.open(f"sqlite:///{file}")).close()

        asyncio.run(make())
        yield file


def _items(repositories: list[str], *, unlocks: bool) -> list[Item]:
    action = Action.UNLOCK if unlocks else Action.DELETE
    return [
        dataclasses.replace(one, repository=repositories[one.position % len(repositories)], action=action)
        for one in items(COUNT)
    ]


def _checksum(revision: int) -> str:
    """Two lists take turns: whoever chooses again may come back to a list that there was before."""
    return checksum_of("reg", [("list", str(revision % 2))])


class Story(RuleBasedStateMachine):
    """The machine; ``template`` is set by the test."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="acr-janitor-", dir=memory())
        self.file = Path(self.folder.name) / "state.db"
        shutil.copy(self.template, self.file)
        self.now = NOW
        self.office = Office()
        self.line = Line()
        self.ids: list[str] = []
        self.unlocking: set[str] = set()
        self.seen: dict[str, Proposal] = {}
        # The lists that each proposal had: from which deed on, the revision, the checksum.
        self.lists: dict[str, list[tuple[int, int, str]]] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something that waits."""
        return self.runner.run(work)

    # the people, the time and the process

    @initialize(
        which=st.sampled_from(SETTINGS),
        everybody=st.sets(st.sampled_from(PEOPLE), min_size=3),
        prod=st.sets(st.sampled_from(PEOPLE), min_size=3),
    )
    def begin(self, which: tuple[Any, Any], everybody: set[str], prod: set[str]) -> None:
        """Choose the settings and who is in which group."""
        self.policy, self.says = which
        self.office.groups = {"SALL": everybody, "SPROD": prod}
        self.open()

    def open(self) -> None:
        """Start the process."""
        self.store = self.run(Store.open(f"sqlite:///{self.file}"))
        desk = Desk({}, self.store.bodies, self.policy, lambda: self.now, self.store)
        self.decider = Decider(desk, self.office, self.line)

    @rule(who=st.sampled_from(PEOPLE), what=st.sampled_from([*GROUPS, "account"]))
    def come_or_go(self, who: str, what: str) -> None:
        """Somebody joins a group or leaves it, or their account is switched off or on again."""
        changed = self.office.off if what == "account" else self.office.groups[what]
        changed ^= {who}

    @rule(hours=st.sampled_from([1, 30, 73]), seen=st.booleans())
    def wait(self, hours: int, seen: bool) -> None:
        """Time goes by, and the sweep comes round, or has not yet."""
        self.now += timedelta(hours=hours)
        if seen:
            self.run(self.decider.expire())

    @rule()
    def die(self) -> None:
        """End the process, and start another one."""
        self.run(self.store.close())
        self.open()

    # the proposals

    def propose(self, requester: str, repositories: list[str], *, unlocks: bool) -> Proposal:
        """Let somebody propose something."""
        made = proposal(
            COUNT,
            id=f"p{len(self.ids)}",
            requester=requester,
            checksum=_checksum(1),
            created=self.now,
            expires=self.now + LASTS,
        )
        listed = _items(repositories, unlocks=unlocks)
        self.run(self.store.proposals.create(made, listed, event(about=made.id, at=self.now, actor=requester)))
        self.ids.append(made.id)
        self.lists[made.id] = [(0, made.revision, made.checksum)]
        if unlocks:
            self.unlocking.add(made.id)
        return made

    async def _revise(self, about: str, times: int) -> None:
        """Make another list of an open proposal, which is a new revision, and note which deeds came before it."""
        for _ in range(times):
            found = await self.store.proposals.get(about)
            assert found is not None
            new = found.revision + 1, _checksum(found.revision + 1)
            change = update(PROPOSALS).where(PROPOSALS.c.id == about, PROPOSALS.c.state == State.OPEN)
            count = select(func.count()).select_from(EVENTS).where(EVENTS.c.proposal == about)
            async with self.store._database.write() as connection:
                done = await connection.execute(change.values(revision=new[0], checksum=new[1]))
                if done.rowcount:
                    self.lists[about].append(((await connection.execute(count)).scalar_one(), *new))

    def pick(self, draw: Draw) -> Proposal:
        """Choose one of the latest proposals, or a new one."""
        wanted = draw(st.integers(0, 3))
        if 0 < wanted <= len(self.ids):
            return self.get(self.ids[-wanted])
        some = st.lists(st.sampled_from(REPOSITORIES), min_size=1, max_size=2, unique=True)
        return self.propose(draw(st.sampled_from(PEOPLE)), draw(some), unlocks=draw(st.booleans()))

    def get(self, id_: str) -> Proposal:
        """Look a proposal up."""
        found = self.run(self.store.proposals.get(id_))
        assert found is not None
        return found

    def events(self, id_: str) -> list[Event]:
        """Give what is on record of a proposal."""
        return self.run(self.store.events.list(id_))

    # the clicks

    @rule(data=st.data(), users=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4))
    def approve_at_once(self, data: st.DataObject, users: list[str]) -> None:
        """Let some people click on Approve at the same moment."""
        self.click(self.pick(data.draw), users)

    @rule(
        data=st.data(),
        users=st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=4),
        between=st.sampled_from(["leaves", "switched off", "revised", "nothing"]),
    )
    def approve_one_after_another(self, data: st.DataObject, users: list[str], between: str) -> None:
        """Let some click in turn; behind the first it happens that they lose their right, or that the list changes."""
        first, *others = users
        about = self.pick(data.draw)
        self.click(about, [first])
        if between == "leaves":
            for members in self.office.groups.values():
                members.discard(first)
        elif between == "switched off":
            self.office.off.add(first)
        elif between == "revised":
            self.run(self._revise(about.id, 1))
        for user in others:
            self.click(self.get(about.id), [user])

    @rule(
        data=st.data(),
        what=st.sampled_from(["late", "rejected", "revised", "revised twice", "voted"]),
        after=st.integers(1, 3),
    )
    def approve_while_something_happens(self, data: st.DataObject, what: str, after: int) -> None:
        """Let something else happen to the proposal while Slack is asked about whoever clicks."""
        about = self.pick(data.draw)
        user, other = (data.draw(st.sampled_from(self.approvers(about))) for _ in range(2))
        self.office.meanwhile, self.office.after = partial(self._happens, about, other, what), after
        self.click(about, [user], quiet=False)
        self.office.meanwhile = None

    def approvers(self, about: Proposal) -> list[str]:
        """Give those who may approve some of it, or everybody where nobody may."""
        repositories = self.run(self.store.proposals.repositories(about.id))
        may = {user for one in repositories for user in self.office.among(self.says[one][0])} - {about.requester}
        return sorted(may) or list(PEOPLE)

    async def _happens(self, about: Proposal, other: str, what: str) -> None:
        if what == "late":
            self.now = max(self.now, about.expires)
        elif what.startswith("revised"):
            await self._revise(about.id, 2 if what.endswith("twice") else 1)
        else:
            decide: Callable[[Click], Awaitable[Any]]
            decide = self.decider.approve if what == "voted" else self.decider.reject
            try:
                await decide(_click(other, about))
            except (ConflictError, RefusedError):
                return

    @rule(
        data=st.data(),
        user=st.sampled_from(PEOPLE),
        kind=st.sampled_from(["old", "older", "forged", "elsewhere", "away"]),
    )
    def approve_what_can_not_be(self, data: st.DataObject, user: str, kind: str) -> None:
        """Somebody clicks on an old card, on one that was made up, in another workspace, or while Slack is away."""
        about = self.pick(data.draw)
        changes: dict[str, dict[str, Any]] = {
            "old": {"revision": about.revision - 1, "checksum": _checksum(about.revision - 1)},
            "older": {"revision": about.revision - 2},
            "forged": {"checksum": _checksum(about.revision + 1)},
            "elsewhere": {"team_id": "T2"},
            "away": {},
        }
        votes = self.run(self.store.votes.of(about.id, about.revision))
        self.office.away = kind == "away"
        self.click(dataclasses.replace(about, **changes[kind]), [user], quiet=False)
        self.office.away = False
        assert self.get(about.id) == about
        assert self.run(self.store.votes.of(about.id, about.revision)) == votes

    @rule(data=st.data(), user=st.sampled_from(PEOPLE), within=st.booleans())
    def approve_and_die(self, data: st.DataObject, user: str, within: bool) -> None:
        """End the process within the transaction that approves, which undoes it; or right after it, and it stands."""
        about = self.pick(data.draw)
        self.line.dies_within, self.line.dies_after = within, not within
        [outcome] = self.click(about, [user], quiet=False)
        self.line.dies_within = self.line.dies_after = False
        self.die()
        after = self.get(about.id)
        if isinstance(outcome, CrashError):
            assert after.state is (State.OPEN if within else State.APPROVED)
            found = [one.id for one in self.run(self.store.proposals.unfinished())]
            assert (about.id in found) is not within

    def click(self, about: Proposal, users: list[str], *, quiet: bool = True) -> list[Any]:
        """Click on Approve on this card, and check what came of it; ``quiet``: nothing else happens."""
        before, known = self.get(about.id), len(self.events(about.id))
        outcomes = self.run(self.all_of([_click(user, about) for user in users]))
        for outcome in outcomes:
            assert isinstance(outcome, Proposal | RefusedError | ConflictError | CrashError), outcome
        after, new = self.get(about.id), self.events(about.id)[known:]
        for place, one in enumerate(new, known):
            assert one.deed in {Deed.VOTED, Deed.APPROVED, Deed.REJECTED}
            assert one.at < before.expires
            if one.deed is not Deed.REJECTED:
                self.check_vote(after, place, one)
        if before.state is State.OPEN and after.state is State.APPROVED:
            assert self.missing(after) == {}
        elif quiet and before.state is after.state is State.OPEN and any(isinstance(one, Proposal) for one in outcomes):
            assert self.missing(after), "enough have approved, and it is still open"
        return outcomes

    async def all_of(self, clicks: list[Click]) -> list[Any]:
        """Click at once."""
        return await asyncio.gather(*(self.decider.approve(click) for click in clicks), return_exceptions=True)

    def check_vote(self, about: Proposal, place: int, vote: Event) -> None:
        """Whoever's vote counts may approve some of it, did not propose it, and saw the list as it was."""
        lists = [tuple(which) for since, *which in self.lists[about.id] if since <= place]
        assert list_of(vote) == lists[-1]
        assert vote.actor in {user for one in self.says.values() for user in self.office.among(one[0])}
        assert vote.actor != about.requester or self.may_approve_own(about)

    def may_approve_own(self, about: Proposal) -> bool:
        """Whether the settings let people approve what they proposed; what lifts a lock takes two even then."""
        return self.policy.allow_self_approval and about.id not in self.unlocking

    def missing(self, about: Proposal) -> dict[str, int]:
        """Hold the votes to the sentences: give the repositories for which too few have approved who may now."""
        votes = [one for one in self.events(about.id) if one.deed in {Deed.VOTED, Deed.APPROVED}]
        voters = {one.actor for one in votes if list_of(one) == (about.revision, about.checksum)}
        if not self.may_approve_own(about):
            voters -= {about.requester}
        found = {}
        for repository in self.run(self.store.proposals.repositories(about.id)):
            approvers, required = self.says[repository]
            there = len(voters & self.office.among(approvers))
            if there < required:
                found[repository] = required - there
        return found

    @rule(data=st.data(), user=st.sampled_from(PEOPLE), withdraw=st.booleans())
    def reject_or_withdraw(self, data: st.DataObject, user: str, withdraw: bool) -> None:
        """Somebody says no."""
        about = self.pick(data.draw)
        decide = self.decider.withdraw if withdraw else self.decider.reject
        try:
            after = self.run(decide(_click(user, about)))
        except JanitorError:
            assert self.get(about.id) == about
        else:
            assert about.state is State.OPEN
            assert after.state is (State.WITHDRAWN if withdraw else State.REJECTED)
            assert not withdraw or user == about.requester

    # the run

    @rule(
        data=st.data(),
        outcomes=st.lists(st.tuples(st.integers(0, COUNT - 1), st.sampled_from(ENDS)), max_size=COUNT),
        end=st.sampled_from([None, State.DONE, State.FAILED]),
    )
    def work(self, data: st.DataObject, outcomes: list[tuple[int, Outcome]], end: State | None) -> None:
        """Let a worker take a run on, settle some items, and end it or die over it."""
        about = self.pick(data.draw)
        took = self.run(self.go_on(about.id, outcomes, end))
        assert took is (about.state in {State.APPROVED, State.RUNNING})

    async def go_on(self, id_: str, outcomes: list[tuple[int, Outcome]], end: State | None) -> bool:
        """Do what the executor does with a run, without a registry. Gives False where it is not to be run."""
        started, resumed = (event(deed, id_, at=self.now) for deed in (Deed.STARTED, Deed.RESUMED))
        fence = await self.store.proposals.take(id_, self.now, started, resumed)
        if fence is None:
            return False
        settled = [Settled(position, outcome, self.now) for position, outcome in outcomes]
        await self.store.proposals.settle(id_, fence, settled)
        if end is not None:
            finished = event(Deed.FINISHED, id_, at=self.now, detail={"state": str(end)})
            assert await self.store.proposals.finish(id_, fence, end, self.now, "", finished)
        return True

    # what holds at any moment

    @invariant()
    def what_is_final_stays_and_what_runs_was_approved(self) -> None:
        """Check that each step is one that there is, and that what runs is the very list that was approved."""
        for id_ in self.ids:
            now, was = self.get(id_), self.seen.get(id_)
            if was is not None and was.state is not now.state:
                reached = {was.state}
                for _ in State:
                    reached |= {to for state in reached for to in MOVES[state]}
                assert now.state in reached
                assert not was.state.final
            if was is not None and was.state is not State.OPEN:
                assert (now.revision, now.checksum) == (was.revision, was.checksum)
            settling = [one for one in self.events(id_) if one.deed in SETTLING]
            assert len(settling) == (0 if now.state is State.OPEN else 1)
            if now.started is not None or now.state is State.APPROVED:
                assert settling[0].deed is Deed.APPROVED
                assert list_of(settling[0]) == (now.revision, now.checksum)
            self.seen[id_] = now

    def teardown(self) -> None:
        """Let the engine bring everything to its end: each proposal in one final state, and the record whole."""
        try:
            if hasattr(self, "store"):
                self.now += LASTS
                self.run(self.decider.expire())
                self.run(self.finish())
                self.what_is_final_stays_and_what_runs_was_approved()
                for id_ in self.ids:
                    about = self.get(id_)
                    assert about.state.final
                    votes = self.run(self.store.votes.of(id_, about.revision))
                    check_same_story(about, self.events(id_), votes, self.run(self.store.proposals.records(id_)))
                assert self.run(self.store.audit.verify()).findings == ()
                self.run(self.store.close())
        finally:
            self.runner.close()
            self.folder.cleanup()

    async def finish(self) -> None:
        """Start the engine as the next process would, and wait until it finds nothing more to do."""
        engine, ended = EmbeddedEngine(self.store), asyncio.Event()

        async def job(id_: str, _stop: asyncio.Event) -> None:
            await self.go_on(id_, [(position, Outcome.DELETED) for position in range(COUNT)], State.DONE)
            if not await self.store.proposals.unfinished():
                ended.set()

        if await self.store.proposals.unfinished():
            await engine.start(job)
            await asyncio.wait_for(ended.wait(), 60)
            await engine.stop()


def _click(user: str, about: Proposal) -> Click:
    return Click(
        user, about.team_id, about.enterprise_id, "C1", about.id, about.revision, about.checksum, reason="not now"
    )


def test_any_story(template: Path) -> None:
    """No run without enough people who may, on exactly what ran; every proposal ends once; the record is whole."""
    Story.template = template
    machine = Story.TestCase
    machine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
    machine("runTest").runTest()
