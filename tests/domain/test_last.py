"""The last tagged image of a repository: whatever a rule selects, one stays."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.graph import Graph
from bot.domain.last import tagged_images
from bot.domain.plan import make_plan
from bot.domain.purge import Purge, purge
from bot.domain.reason import Why
from bot.domain.recheck import recheck
from bot.domain.rule import Protection, Rule
from bot.domain.selection import judge
from bot.domain.share import Share, hardest
from tests.domain.build import NOW, Repo

GUARDED = Rule(tagged=True, protection=Protection(grace=timedelta(), keep_last=True))

ages = st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=6)


def filled(images: list[tuple[int, bool]]) -> tuple[Repo, set[str]]:
    """Push images of some ages in days, with a tag or without; give the repository and the tagged ones."""
    repo = Repo()
    tagged = set()
    for number, (days, with_tag) in enumerate(images):
        digest = repo.image(*([f"v{number}"] if with_tag else []), days=days)
        tagged |= {digest} if with_tag else set()
    return repo, tagged


@given(ages)
def test_one_tagged_image_always_stays(images: list[tuple[int, bool]]) -> None:
    """The latest of them, and nothing else is kept for it; without any, nothing is."""
    repo, tagged = filled(images)
    snapshot = repo.snapshot()
    judged = judge(snapshot, GUARDED, NOW)
    kept = {digest: v for digest, v in judged.verdicts.items() if not v.goes}
    assert len(kept) == (1 if tagged else 0)
    for digest, verdict in kept.items():
        assert verdict.reason.why is Why.LAST_TAGGED
        assert digest in tagged
        assert all(snapshot.manifests[other].changed <= snapshot.manifests[digest].changed for other in tagged)


@given(ages, st.sets(st.integers(0, 5)))
def test_it_is_judged_again_at_the_last_moment(images: list[tuple[int, bool]], gone: set[int]) -> None:
    """Whatever somebody else has deleted meanwhile, the run leaves one tagged image where there is one."""
    repo, _ = filled(images)
    approved = {
        item.digest: item for item in make_plan("r", "app", GUARDED, [judge(repo.snapshot(), GUARDED, NOW)], NOW).items
    }
    left = repo.snapshot()
    digests = list(left.manifests)
    left = replace(
        left,
        vanished=frozenset(),
        manifests={digest: left.manifests[digest] for number, digest in enumerate(digests) if number not in gone},
    )
    there = {manifest.digest for manifest in tagged_images(left, Graph(left))}
    goes = recheck(left, GUARDED, NOW, approved).ranks.keys()
    assert not there or there - goes


@given(ages, st.booleans(), st.integers(0, 2))
def test_a_purge_leaves_a_tag(images: list[tuple[int, bool]], untagged: bool, keep: int) -> None:
    """Neither the tags that it removes nor the manifests that it deletes take the last one."""
    repo, tagged = filled(images)
    request = Purge("app", ".*", keep=keep, untagged=untagged).fixed(NOW)
    rule = request.rule(NOW, Protection(grace=timedelta(), keep_last=True))
    items = purge(repo.snapshot(), request, rule, NOW).items
    assert not tagged or tagged - {item.digest for item in items}


def test_what_is_named_and_what_the_settings_allow_may_take_it() -> None:
    """A delete by name takes it, and so does a rule where the setting is off; an index keeps its parts."""
    repo = Repo()
    index = repo.index(repo.image(), repo.image(), tags=("v1",))
    named = Rule(named=frozenset({index}), protection=GUARDED.protection)
    assert len(judge(repo.snapshot(), named, NOW).going) == 3
    assert judge(repo.snapshot(), GUARDED, NOW).going == []
    off = replace(GUARDED, protection=Protection(grace=timedelta()))
    assert len(judge(repo.snapshot(), off, NOW).going) == 3


def test_the_repository_that_loses_most_is_told() -> None:
    """Half is no more than half; all is always above; with 100 nothing ever is."""
    tagged = {"a": {"1": {"v1"}, "2": {"v2"}}, "b": {"3": {"v1", "v2"}}, "c": {"4": {"x"}, "5": {"y"}, "6": {"z"}}}
    assert hardest(tagged, [("a", "1", "")], 50) is None
    assert hardest(tagged, [("b", "3", "v1")], 50) is None
    assert hardest(tagged, [("b", "3", "v1"), ("b", "3", "v2")], 99) == Share("b", 1, 1)
    assert hardest(tagged, [("c", "4", ""), ("c", "5", ""), ("b", "3", "")], 50) == Share("b", 1, 1, others=1)
    assert hardest(tagged, [("b", "3", "")], 100) is None
