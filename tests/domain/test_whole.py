"""Deleting a whole repository: the request, its rule, its plan, and what has to be typed."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.manifest import UNLOCKED, Locks
from bot.domain.parse import parse_command
from bot.domain.plan import Plan, Staying, make_plan
from bot.domain.reason import Why
from bot.domain.recheck import recheck
from bot.domain.reference import Reference
from bot.domain.request import request_from_json
from bot.domain.rule import Protection, Rule
from bot.domain.selection import judge
from bot.domain.whole import DeleteRepository
from bot.errors import BadInputError
from tests.domain.build import NO_DELETE, NO_WRITE, NOW, Repo, cosign_tag
from tests.store.make import proposal

WHOLE = Rule(tagged=True, whole=True, protection=Protection(keep_tags=("v*",), keep_repositories=("team/*",)))


def plan_of(repo: Repo) -> Plan:
    """Plan to delete all of it."""
    return make_plan("contoso", repo.name, WHOLE, (judge(repo.snapshot(), WHOLE, NOW),), NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("delete app", DeleteRepository(Reference("app"))),
        ("DELETE r.azurecr.io/team/app", DeleteRepository(Reference("team/app"), "r.azurecr.io")),
        ("delete team/app/ --registry R", DeleteRepository(Reference("team/app"), "r")),
    ],
)
def test_a_bare_repository_is_all_of_it(text: str, expected: DeleteRepository) -> None:
    """Also as a pasted reference; a button carries it, and it reads as it was typed."""
    assert parse_command(text) == expected
    assert request_from_json(expected.to_json()) == expected
    assert parse_command(str(expected).removeprefix("/acr ")) == expected
    assert expected.rule(NOW, WHOLE.protection) == WHOLE


@pytest.mark.parametrize("changed", [{"repo": "app*"}, {"repo": "app:v1"}, {"repo": ""}, {"repo": None}])
def test_a_button_for_anything_else_is_refused(changed: dict[str, Any]) -> None:
    """A click can be made up: it never stands for several repositories."""
    with pytest.raises(BadInputError, match="another version of the app"):
        request_from_json({**DeleteRepository(Reference("app")).to_json(), **changed})


def test_everything_goes_whatever_the_settings_keep_from_rules() -> None:
    """Tagged, untagged, platforms and signatures, each with one reason; the whole of it has to be typed."""
    repo = Repo()
    index = repo.index(repo.image(), repo.image(), tags=("v1",))
    repo.image(cosign_tag(index))
    plan = plan_of(repo)
    assert {item.digest for item in plan.items} == repo.manifests.keys()
    assert {item.why for item in plan.items} == {Why.WHOLE}
    assert plan.items[0].digest == index
    assert plan.needs_typed() == "team/app"
    assert plan.staying is None


def test_what_stays_is_counted_by_reason() -> None:
    """A lock holds what the locked needs, too."""
    repo = Repo()
    repo.index(repo.image(), repo.image(), tags=("v1",), locks=NO_DELETE)
    repo.image("v2", days=0.1)
    loose = repo.image()
    plan = plan_of(repo)
    assert [item.digest for item in plan.items] == [loose]
    assert plan.staying == Staying({Why.LOCKED: 1, Why.PART_OF_INDEX: 2, Why.GRACE: 1})
    assert plan.staying.count == 4
    assert Staying.from_json(plan.staying.to_json()) == plan.staying


@pytest.mark.parametrize(("locks", "goes"), [(UNLOCKED, True), (NO_DELETE, False), (NO_WRITE, False)])
def test_a_lock_on_the_repository_keeps_all_of_it(locks: Locks, goes: bool) -> None:
    """Either of the two; another rule minds only the one that locks its images."""
    repo = Repo(locks=locks)
    repo.image()
    assert bool(plan_of(repo).items) is goes
    untagged = judge(repo.snapshot(), Rule(), NOW)
    assert bool(untagged.ranks) is (locks != NO_WRITE)


def test_only_a_whole_repository_has_to_be_typed() -> None:
    """Nothing else needs more than a click, and nothing else counts what stays."""
    repo = Repo()
    repo.image()
    repo.image("v1")
    plan = replace(plan_of(repo), rule=Rule(), kept={Why.TAGGED: 1})
    assert (plan.needs_typed(), plan.staying) == ("", None)


def test_what_was_pushed_since_stays_with_what_it_needs() -> None:
    """Only what was approved goes, though the rule would take all that there is."""
    repo = Repo()
    part, other = repo.image(), repo.image("v1")
    approved = {item.digest: item for item in plan_of(repo).items}
    new = repo.index(part, days=5)
    found = recheck(repo.snapshot(), WHOLE, NOW, approved)
    assert found.ranks.keys() == {other}
    assert found.spared.keys() == {part}
    assert found.spared[part].because == new


@pytest.mark.parametrize(
    ("needs", "typed", "confirmed"),
    [
        ("", "", True),
        ("", "anything", True),
        ("team/app", "team/app", True),
        ("team/app", " team/app\n", True),
        ("team/app", "", False),
        ("team/app", "team/ap", False),
        ("team/app", "Team/App", False),
        ("team/app", "team/app team/app", False),
    ],
)
def test_what_is_typed_confirms_only_if_it_is_exact(needs: str, typed: str, confirmed: bool) -> None:
    """Spaces around it don't count, and a proposal that needs nothing is content with anything."""
    assert proposal(needs_typed=needs).confirmed_by(typed) is confirmed


def test_rules_from_before_are_not_of_whole_repositories() -> None:
    """What was stored without the word means a part, and the word is stored."""
    stored = WHOLE.to_json()
    assert Rule.from_json(stored) == WHOLE
    del stored["whole"]
    assert not Rule.from_json(stored).whole
