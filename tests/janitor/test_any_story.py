"""Any story of people, clicks, revisions, time and crashes, on the real store and the real use case."""

import asyncio
import dataclasses
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.plan import Item, checksum_of
from bot.domain.proposal import MOVES, Deed, Proposal, State
from bot.domain.rights import Grant
from bot.domain.workspace import Workspace
from bot.errors import ConflictError, JanitorError, RefusedError
from bot.janitor.decide import Click, Decider
from bot.janitor.desk import Desk, Policy
from bot.store import Store
from bot.store.tables import PROPOSALS
from bot.work.engine import Job
from tests.conftest import memory
from tests.store.make import NOW, event, items, proposal

PEOPLE = ("U1", "U2", "U3", "U4", "U5")
GROUPS = ("SALL", "SPROD")
REPOSITORIES = ("dev/app", "prod/app", "prod/play")
# Who approves what, said twice: here as the settings have it, below as the sentences of docs/approvals.md.
POLICIES = (
    Policy(approvers=("SALL", "U1"), required=1),
    Policy(approvers=("SALL",), required=2),
    Policy(
        approvers=("SALL", "U1"),
        required=1,
        grants=(Grant(("prod/*",), ("SPROD",), 2), Grant(("prod/play",), ("U2", "SALL"), 1)),
    ),
    Policy(approvers=("SALL", "SPROD"), required=2, allow_self_approval=True),
)
SAYS = (
    dict.fromkeys(REPOSITORIES, (("SALL", "U1"), 1)),
    dict.fromkeys(REPOSITORIES, (("SALL",), 2)),
    {"dev/app": (("SALL", "U1"), 1), "prod/app": (("SPROD",), 2), "prod/play": (("U2", "SALL"), 1)},
    dict.fromkeys(REPOSITORIES, (("SALL", "SPROD"), 2)),
)
SETTLING = {Deed.APPROVED, Deed.REJECTED, Deed.WITHDRAWN, Deed.EXPIRED}

T = TypeVar("T")


class Office:
    """Who is in which group and whose account is switched off; ``away``: it does not answer."""

    def __init__(self) -> None:
        self.groups: dict[str, set[str]] = {group: set() for group in GROUPS}
        self.off: set[str] = set()
        self.away = False

    async def members(self, group: str, workspace: Workspace) -> frozenset[str]:
        self._answer()
        return frozenset(self.groups[group])

    async def barred(self, user: str, workspace: Workspace) -> str:
        self._answer()
        return "This account is deactivated." if user in self.off else ""

    def _answer(self) -> None:
        if self.away:
            raise RefusedError("Slack did not say.")


class CrashError(Exception):
    """The process ends here."""


class Line:
    """An engine that only takes work on; with ``crash`` the process ends within the transaction that approves."""

    def __init__(self) -> None:
        self.crash = False

    async def enqueue(self, connection: AsyncConnection, proposal: Proposal) -> None:
        if self.crash:
            raise CrashError

    def wake(self, proposal: Proposal) -> None:
        pass

    async def start(self, job: Job) -> None:
        pass

    def halt(self) -> None:
        pass

    async def stop(self) -> None:
        pass


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """Make a database file that has all its tables, to be copied."""
    with tempfile.TemporaryDirectory(prefix="acr-janitor-", dir=memory()) as folder:
        file = Path(folder) / "state.db"

        async def make() -> None:
            await (await Store.open(f"sqlite:///{file}")).close()

        asyncio.run(make())
        yield file


def _items(count: int, repositories: list[str]) -> list[Item]:
    return [dataclasses.replace(one, repository=repositories[one.position % len(repositories)]) for one in items(count)]


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
        self.seen: dict[str, Proposal] = {}
        self.fences: dict[str, int] = {}
        # Each approve that was clicked on what was on the card then: proposal, revision, checksum -> people.
        self.clicked: dict[tuple[str, int, str], set[str]] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something that waits."""
        return self.runner.run(work)

    # the people, the time and the process

    @initialize(
        which=st.integers(0, len(POLICIES) - 1),
        everybody=st.sets(st.sampled_from(PEOPLE), min_size=2),
        prod=st.sets(st.sampled_from(PEOPLE)),
    )
    def begin(self, which: int, everybody: set[str], prod: set[str]) -> None:
        """Choose the settings and who is in which group."""
        self.policy, self.says = POLICIES[which], SAYS[which]
        self.office.groups = {"SALL": everybody, "SPROD": prod}
        self.open()

    def open(self) -> None:
        """Start the process."""
        self.store = self.run(Store.open(f"sqlite:///{self.file}"))
        desk = Desk({}, self.store.bodies, self.policy, lambda: self.now, self.store)
        self.decider = Decider(desk, self.office, self.line)

    @rule(group=st.sampled_from(GROUPS), user=st.sampled_from(PEOPLE))
    def join_or_leave(self, group: str, user: str) -> None:
        """Somebody joins a group, or leaves it."""
        self.office.groups[group] ^= {user}

    @rule(user=st.sampled_from(PEOPLE))
    def deactivate_or_back(self, user: str) -> None:
        """Somebody's account is switched off, or on again."""
        self.office.off ^= {user}

    @rule(hours=st.sampled_from([1, 1, 1, 30, 73]))
    def wait(self, hours: int) -> None:
        """Time goes by, and the sweep comes round."""
        self.now += timedelta(hours=hours)
        self.run(self.decider.expire())

    @rule(hours=st.sampled_from([1, 73]))
    def wait_unseen(self, hours: int) -> None:
        """Time goes by, and no sweep has come round yet."""
        self.now += timedelta(hours=hours)

    @rule()
    def die(self) -> None:
        """End the process, and start another one."""
        self.run(self.store.close())
        self.open()

    # the proposals

    @rule(
        requester=st.sampled_from(PEOPLE),
        repositories=st.lists(st.sampled_from(REPOSITORIES), min_size=1, max_size=3, unique=True),
    )
    def propose(self, requester: str, repositories: list[str]) -> None:
        """Somebody proposes something."""
        listed = _items(3, repositories)
        made = proposal(
            3,
            id=f"p{len(self.ids)}",
            requester=requester,
            checksum=checksum_of("reg", (one.fingerprint for one in listed)),
            created=self.now,
            expires=self.now + timedelta(hours=72),
        )
        self.run(self.store.proposals.create(made, listed, event(about=made.id, at=self.now, actor=requester)))
        self.ids.append(made.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def revise(self, data: st.DataObject) -> None:
        """Make another one of an open proposal: a new revision with a checksum of its own."""
        about = self.get(data.draw(st.sampled_from(self.ids)))
        if about.state is State.OPEN:
            self.run(self._revise(about))

    async def _revise(self, about: Proposal) -> None:
        async with self.store._database.write() as connection:
            await connection.execute(
                update(PROPOSALS)
                .where(PROPOSALS.c.id == about.id, PROPOSALS.c.state == State.OPEN)
                .values(revision=about.revision + 1, checksum=f"{about.revision + 1:032x}")
            )

    def get(self, id_: str) -> Proposal:
        """Look a proposal up."""
        found = self.run(self.store.proposals.get(id_))
        assert found is not None
        return found

    # the clicks

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), users=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4))
    def approve(self, data: st.DataObject, users: list[str]) -> None:
        """Let some people click on Approve at once."""
        about = self.get(data.draw(st.sampled_from(self.ids)))
        self.click(about, users)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), user=st.sampled_from(PEOPLE), kind=st.sampled_from(["slack", "crash", "old", "forged"]))
    def approve_in_trouble(self, data: st.DataObject, user: str, kind: str) -> None:
        """Somebody clicks while Slack is away, while the process ends, on an old card, or on one that was made up."""
        about = self.get(data.draw(st.sampled_from(self.ids)))
        if kind in {"old", "forged"}:
            changed = {"revision": about.revision - 1} if kind == "old" else {"checksum": "0" * 31 + "x"}
            votes = self.run(self.store.votes.of(about.id, about.revision))
            self.click(dataclasses.replace(about, **changed), [user])
            assert self.get(about.id) == about
            assert self.run(self.store.votes.of(about.id, about.revision)) == votes
            return
        self.office.away, self.line.crash = kind == "slack", kind == "crash"
        try:
            self.click(about, [user])
        finally:
            self.office.away = self.line.crash = False
        if kind == "crash":
            assert self.get(about.id).state is about.state
            self.die()

    def click(self, about: Proposal, users: list[str]) -> None:
        """Click on Approve on this card, and check what came of it."""
        before = self.get(about.id)
        clicks = [
            Click(user, about.team_id, about.enterprise_id, "C1", about.id, about.revision, about.checksum)
            for user in users
        ]
        outcomes = self.run(self.all_of(clicks))
        for outcome in outcomes:
            assert isinstance(outcome, Proposal | RefusedError | ConflictError | CrashError), outcome
        after = self.get(about.id)
        if before.state is not State.OPEN or after.state is State.OPEN:
            return
        assert (about.revision, about.checksum) == (before.revision, before.checksum)
        assert after.state is State.APPROVED
        assert self.now < before.expires
        approvals = [one for one in self.deeds(about.id) if one[0] is Deed.APPROVED]
        assert len(approvals) == 1
        self.check_votes(after)

    async def all_of(self, clicks: list[Click]) -> list[Any]:
        """Click at once."""
        return await asyncio.gather(*(self.decider.approve(click) for click in clicks), return_exceptions=True)

    def check_votes(self, about: Proposal) -> None:
        """Hold the approval to the sentences: enough people for each repository, who may, on this very revision."""
        voters = {
            detail_user
            for deed, detail_user, revision, checksum in self.deeds(about.id)
            if deed in {Deed.VOTED, Deed.APPROVED} and (revision, checksum) == (about.revision, about.checksum)
        }
        if not self.policy.allow_self_approval:
            voters -= {about.requester}
        voters -= self.office.off
        for repository in self.run(self.store.proposals.repositories(about.id)):
            approvers, required = self.says[repository]
            may = {who for one in approvers for who in (self.office.groups.get(one) or {one})}
            may -= {one for one in approvers if one in self.office.groups and not self.office.groups[one]}
            assert len(voters & may) >= required, (repository, voters, may, required)

    def deeds(self, id_: str) -> list[tuple[Deed, str, int, str]]:
        """Give what is on record of a proposal: the deed, who, and of which revision and list."""
        found = []
        for one in self.run(self.store.events.list(id_)):
            detail = one.detail or {}
            found.append((one.deed, one.actor, int(str(detail.get("revision", 0))), str(detail.get("checksum", ""))))
        return found

    @rule(
        leaver=st.sampled_from(PEOPLE),
        others=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3),
        off=st.booleans(),
    )
    def approve_and_leave(self, leaver: str, others: list[str], off: bool) -> None:
        """Let somebody approve something new and then lose the right to, before others approve it."""
        self.propose("U5" if leaver != "U5" else "U4", ["dev/app"])
        self.click(self.get(self.ids[-1]), [leaver])
        if off:
            self.office.off |= {leaver}
        else:
            for members in self.office.groups.values():
                members.discard(leaver)
        self.click(self.get(self.ids[-1]), others)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), user=st.sampled_from(PEOPLE), withdraw=st.booleans())
    def reject_or_withdraw(self, data: st.DataObject, user: str, withdraw: bool) -> None:
        """Somebody says no."""
        about = self.get(data.draw(st.sampled_from(self.ids)))
        click = Click(
            user, about.team_id, about.enterprise_id, "C1", about.id, about.revision, about.checksum, reason="not now"
        )
        decide = self.decider.withdraw if withdraw else self.decider.reject
        try:
            after = self.run(decide(click))
        except JanitorError:
            assert self.get(about.id) == about
        else:
            assert about.state is State.OPEN
            assert after.state is (State.WITHDRAWN if withdraw else State.REJECTED)
            assert not withdraw or user == about.requester

    # the run

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), end=st.sampled_from([None, State.DONE, State.FAILED]))
    def work(self, data: st.DataObject, end: State | None) -> None:
        """Let a worker take a run on, and end it or leave it lying."""
        about = self.get(data.draw(st.sampled_from(self.ids)))
        self.go_on(about, end)

    def go_on(self, about: Proposal, end: State | None) -> None:
        """Take a run on as the executor does."""
        started, resumed = (event(deed, about.id, at=self.now) for deed in (Deed.STARTED, Deed.RESUMED))
        fence = self.run(self.store.proposals.take(about.id, self.now, started, resumed))
        assert (fence is not None) is (about.state in {State.APPROVED, State.RUNNING})
        if fence is not None and end is not None:
            finished = event(Deed.FINISHED, about.id, at=self.now)
            self.run(self.store.proposals.finish(about.id, fence, end, self.now, "", finished))

    # what holds at any moment

    @invariant()
    def every_move_is_one_that_there_is(self) -> None:
        """Check that the final stays as it is, that each step is one that there is, and that what runs was approved."""
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
            settling = [one for one in self.deeds(id_) if one[0] in SETTLING]
            assert len(settling) == (0 if now.state is State.OPEN else 1)
            if now.started is not None:
                ((deed, _, revision, checksum),) = settling
                assert (deed, revision, checksum) == (Deed.APPROVED, now.revision, now.checksum)
            self.seen[id_] = now

    def teardown(self) -> None:
        """Let everything come to its end: each proposal in one final state, and the record whole."""
        try:
            if hasattr(self, "store"):
                self.now += timedelta(hours=100)
                self.run(self.decider.expire())
                for id_ in self.ids:
                    self.go_on(self.get(id_), State.DONE)
                self.every_move_is_one_that_there_is()
                assert all(self.get(id_).state.final for id_ in self.ids)
                assert self.run(self.store.audit.verify()).findings == ()
                self.run(self.store.close())
        finally:
            self.runner.close()
            self.folder.cleanup()


def test_any_story(template: Path) -> None:
    """No run without enough people who may, on exactly what ran; every proposal ends once; the record is whole."""
    Story.template = template
    machine = Story.TestCase
    machine.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
    machine("runTest").runTest()
