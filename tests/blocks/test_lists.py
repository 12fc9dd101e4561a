"""The lists keep to Slack's limits, whatever the names and however many there are."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.blocks.history import history, history_csv
from bot.blocks.manifests import manifests, manifests_csv
from bot.blocks.paging import PAGE, ROW_MOST, Turn, first_of_page, parse_turn
from bot.blocks.pending import PAGE as PENDING_PAGE
from bot.blocks.pending import first_shown, pending, pending_csv
from bot.blocks.repos import repositories, repositories_csv
from bot.blocks.usage import usage, usage_csv
from bot.domain.holding import Holding
from bot.domain.lists import History, Manifests, Pending, Repos, Usage
from bot.domain.manifest import DOCKER_MANIFEST, OCI_ARTIFACT, OCI_INDEX, OCI_MANIFEST, Locks, Manifest
from bot.domain.proposal import Outcome, Record, tally
from bot.domain.reference import Reference
from bot.errors import BadInputError
from bot.janitor.history import Past, Waiting
from bot.janitor.manifests import Listed
from bot.janitor.repos import Holdings
from bot.store import Run, Totals
from tests.blocks import samples as s
from tests.blocks.test_limits import check

slow_to_draw = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
LONG = "a" * 120 + "/" + "b" * 135
MONTH = timedelta(days=30)

holdings = st.builds(
    Holding,
    repository=s.names,
    manifests=s.counts,
    tags=s.counts,
    untagged=s.counts,
    size=s.sizes,
    stale=s.counts,
    stale_size=s.sizes,
    stored=s.sizes,
    stored_stale=s.sizes,
    unread=s.counts,
    pushed=st.none() | s.moments,
    fault=st.just("") | s.names,
)
waiting = st.builds(
    lambda proposal, records: Waiting(proposal, records, tally(records)),
    s.proposals,
    st.lists(s.records, max_size=4),
)
looks = st.builds(
    Holdings,
    registry=s.names,
    target=st.just("*") | s.names,
    rule=s.rules,
    taken=s.moments,
    found=st.lists(holdings, max_size=30).map(tuple),
    faults=st.dictionaries(s.names, st.text(max_size=900), max_size=8),
)
wild_manifests = st.builds(
    Manifest,
    digest=s.names,
    media_type=st.sampled_from([DOCKER_MANIFEST, OCI_ARTIFACT, OCI_INDEX, OCI_MANIFEST]) | s.names,
    size=s.sizes,
    created=s.moments,
    updated=s.moments,
    tags=st.lists(s.names, max_size=9).map(tuple),
    locks=st.builds(Locks, st.booleans(), st.booleans()),
    architecture=s.names,
    os=s.names,
    artifact_type=s.names,
)
listings = st.builds(
    Listed,
    registry=s.names,
    repository=s.names,
    taken=s.moments,
    manifests=st.lists(wild_manifests, max_size=30).map(tuple),
    locks=st.builds(Locks, st.booleans(), st.booleans()),
    fault=st.just("") | s.names,
)
runs = st.builds(Run, s.proposals, s.counts, s.sizes, s.counts, s.counts)
references = st.sampled_from([Reference("*"), Reference("a" * 256), Reference("team/*")])
registries = st.sampled_from(["", "other", "r" * 64])
starts = st.integers(0, 100)


@slow_to_draw
@given(found=looks, reference=references, registry=registries, after=st.timedeltas(timedelta(0), MONTH), start=starts)
def test_any_repositories_keep_to_the_limits(
    found: Holdings, reference: Reference, registry: str, after: timedelta, start: int
) -> None:
    """Whatever repositories are called and hold, both lists of them are ones that Slack takes."""
    check(repositories(found, Repos(reference, registry), stale_after=after, now=s.NOW, start=start))
    check(usage(found, Usage(reference, registry), stale_after=after, start=start))
    assert repositories_csv(found).content
    assert usage_csv(found).content


@slow_to_draw
@given(found=listings, registry=registries, oldest=st.booleans(), now=s.moments, start=starts)
def test_any_manifests_keep_to_the_limits(
    found: Listed, registry: str, oldest: bool, now: datetime, start: int
) -> None:
    """Whatever tags, platforms and types are called, the list of manifests is one that Slack takes."""
    check(manifests(found, Manifests(Reference("team/app"), registry, oldest=oldest), now=now, start=start))
    assert manifests_csv(found, oldest=oldest).content


@slow_to_draw
@given(found=st.lists(waiting, max_size=PENDING_PAGE), linked=st.booleans(), now=s.moments, total=s.counts)
def test_any_pending_keep_to_the_limits(found: Sequence[Waiting], linked: bool, now: datetime, total: int) -> None:
    """Whatever waits, the list of it is one that Slack takes."""
    links = {one.proposal.id: "https://slack.example/archives" for one in found if linked}
    check(pending(found, Pending(), links=links, now=now, total=total, start=first_shown(total - 1, total)))
    assert pending_csv(found, links=links).content


@slow_to_draw
@given(found=st.lists(runs, max_size=PAGE), start=starts, repository=st.sampled_from(["*", "a" * 256]))
def test_any_history_keeps_to_the_limits(found: Sequence[Run], start: int, repository: str) -> None:
    """Whatever was deleted, the record of it is one that Slack takes."""
    past = Past(Totals(len(found) + start, 10**6, 2**60), tuple(found), start)
    check(history(past, History(Reference(repository))))


def test_the_longest_of_everything_keeps_to_the_limits() -> None:
    """A thousand repositories and fifty thousand manifests, with the longest names and tags and the largest figures."""
    figures = Holding(
        LONG,
        manifests=10**9,
        tags=10**9,
        untagged=10**9,
        size=2**59,
        stale=10**9,
        stale_size=2**59,
        stored=2**59,
        stored_stale=2**59,
        unread=10**9,
        pushed=s.NOW - timedelta(seconds=1),
        fault="x" * 900,
    )
    found = tuple(replace(figures, repository=f"{LONG[:-4]}{number:04}") for number in range(1000))
    look = Holdings("r" * 64, "*", s.RULE, s.NOW, found, {holding.repository: holding.fault for holding in found})
    one = Manifest(
        s.digest(1), OCI_MANIFEST, 2**59, s.NOW, s.NOW, tuple(f"{n}{'t' * 127}" for n in range(9)), Locks(False)
    )
    listed = Listed("r" * 64, LONG, s.NOW, tuple(replace(one, digest=s.digest(n)) for n in range(50_000)), Locks(False))
    for start in (0, 25, 975, 10**6):
        check(repositories(look, Repos(), stale_after=MONTH, now=s.NOW, start=start))
        check(usage(look, Usage(), stale_after=MONTH, start=start))
        message = manifests(listed, Manifests(Reference(LONG)), now=s.NOW, start=start)
        check(message)
        for row in s.table_rows(message.blocks):
            assert sum(map(len, row)) <= ROW_MOST
    assert manifests_csv(listed, oldest=False).content.count(b"\r\n") == 50_001


def test_hostile_names_in_a_csv_are_no_formulas() -> None:
    """A spreadsheet runs nothing of it."""
    one = Manifest(s.digest(1), OCI_MANIFEST, 1, s.NOW, s.NOW, ("=cmd|' /C calc'!A0",), Locks())
    content = manifests_csv(Listed("r", "+1", s.NOW, (one,), Locks()), oldest=False).content.decode()
    assert ",'+1," in content
    assert "'=cmd" in content
    record = Record(s.item(1, tags=("@x",)), Outcome.DELETED, at=s.NOW)
    assert ",'@x," in history_csv([(s.proposal(), record)]).content.decode()


@given(line=st.text(max_size=300), start=st.integers(0, 10**9))
def test_a_turn_reads_back(line: str, start: int) -> None:
    """What a button carries means the same when it is clicked."""
    assert parse_turn(Turn(line, start).value()) == Turn(line, start)


@pytest.mark.parametrize(
    "value", ["", "x", "[]", "{}", '{"line": 1, "at": 0}', '{"line": "x", "at": -1}', "[" * 100_000]
)
def test_a_value_of_another_kind_is_refused(value: str) -> None:
    """It gets an answer and does nothing."""
    with pytest.raises(BadInputError, match="another version"):
        parse_turn(value)


@given(start=st.integers(0, 1000), total=st.integers(0, 1000))
def test_a_page_that_is_gone_becomes_the_last_one(start: int, total: int) -> None:
    """The first row of a page is one that there is, and begins a page."""
    first = first_of_page(start, total)
    assert first % PAGE == 0
    assert first < max(1, total)
    assert json.loads(Turn("/acr repos", first).value())["at"] == first
