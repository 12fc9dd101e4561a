from collections.abc import Mapping

import pytest

from bot.domain.rights import Grant, Need, Rights, enough


def holds(rights: Rights, repository: str, registry: str = "reg") -> tuple[str, ...]:
    """Give the approvers of one repository."""
    return rights.of(registry, repository).approvers


def granted(*globs: str, registries: tuple[str, ...] = (), team: str = "", by: str = "") -> Grant:
    """Make an entry whose approver bears its name."""
    return Grant(globs, (by or team or globs[0],), registries=registries, team=team)


SPECIFIC = [
    ("a name outranks a glob", [granted("prod/web*"), granted("prod/web")], "prod/web", "prod/web"),
    (
        "a longer prefix outranks a shorter",
        [granted("prod/*-old-one"), granted("prod/w*")],
        "prod/web-old-one",
        "prod/w*",
    ),
    ("the longer pattern at the same prefix", [granted("prod/*"), granted("prod/*-old")], "prod/a-old", "prod/*-old"),
    (
        "with a registry before without",
        [granted("a", by="any"), granted("a", registries=("REG",), by="one")],
        "a",
        "one",
    ),
    ("by_repository before a team", [granted("a/*", team="team"), granted("a/*", by="own")], "a/b", "own"),
    (
        "a team's longer prefix before by_repository",
        [granted("*", by="own"), granted("a/*", team="team")],
        "a/b",
        "team",
    ),
    ("the first of equals", [granted("a/*", by="first"), granted("a/*", by="second")], "a/b", "first"),
    ("the best of several patterns", [granted("b", "a/b*", by="two"), granted("a/*")], "a/bc", "two"),
    ("another registry's entry is none", [granted("a", registries=("other",))], "a", "all"),
    ("what nothing matches", [granted("b")], "a", "all"),
]


@pytest.mark.parametrize(("why", "grants", "repository", "by"), SPECIFIC, ids=[case[0] for case in SPECIFIC])
def test_the_most_specific_entry_holds_alone(why: str, grants: list[Grant], repository: str, by: str) -> None:
    """Of the entries that match, one says who approves, whatever their order in the file but for equals."""
    assert holds(Rights(("all",), grants=tuple(grants)), repository) == (by,)
    if why != "the first of equals":
        assert holds(Rights(("all",), grants=tuple(reversed(grants))), repository) == (by,)


def test_a_whole_registry_is_for_the_approvers_of_all_and_of_patterns_for_all() -> None:
    """An entry for some names is not, whatever it outranks; nor is one for another registry."""
    grants = (
        granted("*", by="any"),
        granted("web", "**", by="two"),
        granted("*", registries=("REG",), by="one"),
        granted("*", registries=("other",), by="another"),
        granted("w*", by="some"),
        granted("web", by="name"),
    )
    needs = Rights(("all",), grants=grants).whole("reg")
    assert [need.approvers for need in needs] == [("all",), ("any",), ("two",), ("one",)]


def test_an_entry_without_a_number_takes_as_many_as_all() -> None:
    """Only what an entry says is another."""
    rights = Rights(("U1",), 2, (Grant(("a",), ("U2",)), Grant(("b",), ("U2",), 1)))
    assert [rights.of("reg", name).required for name in "abc"] == [2, 1, 2]


def test_what_needs_the_same_people_is_one_need() -> None:
    """Repositories are put together by who approves and how many of them."""
    rights = Rights(("U1",), 1, (Grant(("prod/*",), ("S1",), 2), Grant(("ops",), ("U1",), 1)))
    assert rights.needs("reg", ["dev", "ops", "prod/a", "prod/b"]) == (
        Need("", ("U1",), 1, ("dev", "ops")),
        Need("prod/*", ("S1",), 2, ("prod/a", "prod/b")),
    )


@pytest.mark.parametrize(
    ("covers", "are_enough"),
    [
        ({}, False),
        ({"U1": ("x", "y")}, False),
        ({"U1": ("x", "y"), "U2": ("y",)}, False),
        ({"U1": ("x", "y"), "U2": ("x",)}, True),
        ({"U1": ("x",), "U2": ("x",)}, False),
        ({"U1": ("x",), "U2": ("x",), "U3": ("y",)}, True),
        ({"U1": (), "U2": ("x",), "U3": ("y",)}, False),
    ],
)
def test_each_part_needs_its_own_people(covers: Mapping[str, tuple[str, ...]], are_enough: bool) -> None:
    """It is enough when every need has as many distinct people as it takes."""
    needs = [Need("x", ("S1",), 2, ("a",)), Need("y", ("S2",), 1, ("b",))]
    assert enough(needs, covers) is are_enough


def test_nothing_needed_is_never_enough() -> None:
    """Where nobody has been asked, nobody has agreed."""
    assert not enough([], {"U1": ("",)})
