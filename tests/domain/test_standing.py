"""Standing rules, and the request that applies one."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.apply import Apply
from bot.domain.request import request_from_json
from bot.domain.rule import Protection, Rule
from bot.domain.selection import judge
from bot.domain.standing import Standing, find_standing
from bot.errors import BadInputError, ConflictError
from tests.domain.build import NOW, UNPROTECTED, Repo, days_ago

CI = Standing("ci-images", ("ci/*",), older_than=timedelta(days=14), tags="pr-.*", keep=1)
LOOSE = Standing("loose", ("web", "web/*", "w*"), untagged=True)
OLD = Standing("old-things", ("*",), older_than=timedelta(days=90))
RULES = (CI, LOOSE, OLD)


def going(standing: Standing) -> set[str]:
    """Give the names of what a rule selects: its tags, or ``loose`` or ``fresh``."""
    repo = Repo("ci/app")
    names = {
        repo.image("pr-1", days=100): "pr-1",
        repo.image("pr-2", days=20): "pr-2",
        repo.image("pr-3", days=16): "pr-3",
        repo.image("pr-4", days=3): "pr-4",
        repo.image("pr-5", "v5", days=100): "v5",
        repo.image("my-pr-6", days=20): "my-pr-6",
        repo.image(days=100): "loose",
        repo.image(days=3): "fresh",
    }
    verdicts = judge(repo.snapshot(), standing.rule(standing.before(NOW), UNPROTECTED), NOW).going
    return {names[verdict.manifest.digest] for verdict in verdicts}


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (CI, {"pr-1", "pr-2", "pr-3"}),  # the newest that matches, pr-4, stays
        (replace(CI, keep=3), {"pr-1"}),
        (replace(CI, older_than=None, keep=0), {"pr-1", "pr-2", "pr-3", "pr-4"}),
        (replace(CI, keep=0, tags="pr-1|v5"), {"pr-1"}),
        (replace(CI, keep=0, untagged=True), {"pr-1", "pr-2", "pr-3", "loose"}),
        (LOOSE, {"loose", "fresh"}),
        (replace(LOOSE, older_than=timedelta(days=30)), {"loose"}),
        (replace(LOOSE, keep=1), {"loose"}),
        (OLD, {"pr-1", "v5", "loose"}),
        (replace(OLD, keep=8), {"loose"}),
    ],
)
def test_what_a_rule_selects(standing: Standing, expected: set[str]) -> None:
    """The whole tag is matched, every tag of a manifest must match, and the newest of what it is about stay."""
    assert going(standing) == expected


def test_a_rule_picks_each_repository_once() -> None:
    """Its globs may overlap; ``*`` crosses slashes, and a plain name stands for itself."""
    names = ["web", "web/app/admin", "ci/a", "ci", "worker", "my-web"]
    assert LOOSE.select(names) == ["web", "web/app/admin", "worker"]
    assert CI.select(names) == ["ci/a"]
    assert Standing("none", ("nothing/*",), untagged=True).select(names) == []


def test_a_rule_keeps_what_the_settings_protect() -> None:
    """It has the protection of the settings like every other rule, and its name for those who decide."""
    protection = Protection(keep_tags=("latest",))
    rule = CI.rule(CI.before(NOW), protection)
    assert rule == Rule(
        untagged=False,
        tagged=True,
        before=days_ago(14),
        tags="pr-.*",
        keep_newest=1,
        protection=protection,
        standing="ci-images",
    )
    assert Rule.from_json(json.loads(json.dumps(rule.to_json()))) == rule


def test_an_older_proposal_is_read_without_the_name_of_a_rule() -> None:
    """What was stored by a version that knew no standing rules still reads."""
    data = Rule().to_json()
    del data["standing"], data["spared"]
    assert Rule.from_json(data) == Rule()


@pytest.mark.parametrize("name", ["ci-images", "CI-Images"])
def test_a_rule_is_found_by_its_name(name: str) -> None:
    """In capitals or not."""
    assert find_standing(RULES, name) is CI


@pytest.mark.parametrize(
    ("rules", "name", "problem", "expected", "example"),
    [
        (
            RULES,
            "ci-image",
            "There is no standing rule 'ci-image'.",
            "Nearest names: ci-images.",
            "/acr apply ci-images",
        ),
        (RULES, "x" * 99, f"There is no standing rule '{'x' * 59}…'.", "/acr rules lists all", "/acr rules"),
        ((), "ci", "There are no standing rules.", "into the settings file", "/acr old team/app --older-than 30d"),
    ],
)
def test_an_unknown_rule_is_told_the_nearest(
    rules: tuple[Standing, ...], name: str, problem: str, expected: str, example: str
) -> None:
    """Whoever mistyped sees the nearest names, and how to list all of them."""
    with pytest.raises(BadInputError) as caught:
        find_standing(rules, name)
    assert caught.value.problem == problem
    assert expected in caught.value.expected
    assert caught.value.example == example


def test_a_button_carries_what_the_rule_said() -> None:
    """The instant is fixed when it is looked at, and later looks have the same."""
    fixed = Apply("CI-IMAGES", "attic").fixed(CI, NOW)
    assert (fixed.name, fixed.registry, fixed.before) == ("ci-images", "attic", days_ago(14))
    assert fixed.fixed(CI, NOW + timedelta(days=3)) == fixed
    assert request_from_json(json.loads(json.dumps(fixed.to_json()))) == fixed
    assert str(fixed) == "/acr apply ci-images --registry attic"
    assert fixed.narrower == "/acr old 'ci/*' --older-than 365d --registry attic"


@pytest.mark.parametrize(
    "changed",
    [
        replace(CI, older_than=timedelta(days=13)),
        replace(CI, older_than=None),
        replace(CI, repositories=("ci/*", "web")),
        replace(CI, registry="attic"),
        replace(CI, tags="pr.*"),
        replace(CI, untagged=True),
        replace(CI, keep=0),
    ],
)
def test_a_rule_that_was_changed_is_not_what_was_looked_at(changed: Standing) -> None:
    """Whatever of it was changed, a button of before stands for nothing any more."""
    fixed = Apply("ci-images").fixed(CI, NOW)
    assert fixed.find(RULES) is CI
    with pytest.raises(ConflictError, match="has been changed in the settings since you looked") as caught:
        fixed.find((LOOSE, changed))
    assert caught.value.example == "/acr apply ci-images"
    with pytest.raises(BadInputError, match="There is no standing rule"):
        fixed.find((LOOSE,))


@pytest.mark.parametrize("broken", [{"mark": ""}, {"rule": ""}, {"before": "2026-01-01T00:00:00"}, {"before": "soon"}])
def test_a_foreign_button_is_refused(broken: dict[str, str]) -> None:
    """A value that no version of ours wrote names no rule."""
    with pytest.raises(BadInputError, match="another version"):
        request_from_json({**Apply("ci-images").fixed(CI, NOW).to_json(), **broken})
