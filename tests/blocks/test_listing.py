from dataclasses import replace

from bot.blocks import PROPOSE, listing
from bot.domain.manifest import OCI_INDEX
from bot.domain.reason import Why
from bot.domain.rule import Protection, Rule
from tests.blocks import samples as s


def test_the_first_line_says_the_point() -> None:
    """How many of how many, where, and how much at most: in the blocks and in the text alike."""
    message = listing(s.plan(), now=s.NOW, propose=None)
    assert message.text.startswith("*37 of 212 manifests* in `myrepo` could go: up to *10.8 GiB*.")
    assert message.blocks[0]["text"]["text"] == "*37 of 212 manifests* in `myrepo` could go: up to *10.8 GiB*."
    assert "Nothing was deleted: looking is always a dry run." in message.text


def test_the_table_shows_the_first_items_and_counts_the_rest() -> None:
    """Digest, age, size, platform and why of the first; how many more there are."""
    message = listing(s.plan(), now=s.NOW, propose=None, most=20)
    rows = s.table_rows(message.blocks)
    assert rows[0] == ["Digest", "Age", "Size", "Platform", "Why"]
    assert rows[1] == [s.digest(0)[7:19], "2 days", "300 MiB", "linux/amd64", "untagged"]
    assert len(rows) == 21
    assert "and 17 more" in s.shown(message.blocks)


def test_the_table_stays_within_slacks_rows() -> None:
    """However much is asked for, a table has 100 rows with its header, and the rest is counted."""
    message = listing(s.plan(500), now=s.NOW, propose=None, most=500)
    assert len(s.table_rows(message.blocks)) == 100
    assert "and 401 more" in s.shown(message.blocks)


def test_columns_appear_where_they_tell_something() -> None:
    """Repositories are named when there are several, tags when there are any; an index counts by its parts."""
    items = (
        s.item(0, repository="team/a", tags=("sha256-1.sig",)),
        s.item(1, repository="team/b", media_type=OCI_INDEX, platform="multi-arch"),
        s.item(2, repository="team/b", platform=""),
    )
    plan = s.plan(items=items, target="team/*", repositories=("team/a", "team/b"))
    rows = s.table_rows(listing(plan, now=s.NOW, propose=None).blocks)
    assert rows[0][:3] == ["Repository", "Digest", "Tags"]
    assert [row[0] for row in rows[1:]] == ["team/a", "team/b", "team/b"]
    assert [row[2] for row in rows[1:]] == ["sha256-1.sig", "-", "-"]
    assert rows[2][4:6] == ["(its parts)", "multi-arch"]
    assert rows[3][5] == "-"


def test_what_stays_is_said_by_reason_the_most_first() -> None:
    """Each reason has its count, with the setting behind it."""
    message = listing(s.plan(), now=s.NOW, propose=None)
    lines = s.shown(message.blocks)
    expected = [
        "120 ",
        "tagged",
        "40 ",
        "part of a kept multi-arch image",
        "10 ",
        "changed within the grace time (24 h)",
    ]
    assert "175 manifests stay:" in lines
    assert "\n".join([*expected, "5 ", "locked"]) in lines
    assert "175 stay: 120 tagged, 40 part of" in message.text


def test_a_keep_pattern_and_a_cutoff_are_named() -> None:
    """Who wonders why something stays sees the pattern or the time that keeps it."""
    rule = Rule(before=s.NOW, keep_newest=3, protection=Protection(keep_tags=("latest", "<!here>")))
    kept = {Why.PATTERN: 3, Why.TOO_NEW: 2, Why.NEWEST: 1}
    lines = s.shown(listing(s.plan(rule=rule, kept=kept), now=s.NOW, propose=None).blocks)
    assert "kept by a pattern (latest and <!here>)" in lines
    assert "newer than the cutoff (2026-11-23 15:00 UTC)" in lines
    assert "among the newest (3 to keep)" in lines


def test_proposing_is_offered_with_its_value() -> None:
    """The button carries what it was given, and is neither primary nor red: it deletes nothing."""
    button = s.buttons(listing(s.plan(), now=s.NOW, propose="the value").blocks)[PROPOSE]
    assert button["value"] == "the value"
    assert button["text"]["text"] == "Propose deletion"
    assert "style" not in button


def test_no_button_without_items_or_without_leave() -> None:
    """Nothing to propose has no button; where proposing is not possible, the reason stands in its place."""
    assert not s.buttons(listing(s.plan(0), now=s.NOW, propose="x").blocks)
    refused = listing(s.plan(), now=s.NOW, propose=None, why_not="No approvers are set.")
    assert not s.buttons(refused.blocks)
    assert "Can't be proposed: \nNo approvers are set." in s.shown(refused.blocks)


def test_nothing_to_clean_is_an_answer() -> None:
    """A clean repository says so, with what stays and why."""
    message = listing(s.plan(0), now=s.NOW, propose="x")
    assert message.text.startswith("*Nothing untagged to clean* in `myrepo`: all 175 manifests stay.")
    assert "120 \ntagged" in s.shown(message.blocks)
    assert not s.table_rows(message.blocks)


def test_an_empty_repository_and_a_glob_without_matches_say_so() -> None:
    """There being nothing to look at is not the same as nothing to clean."""
    empty = s.plan(0, manifests=0, kept={})
    assert "`myrepo` has no manifests." in listing(empty, now=s.NOW, propose=None).text
    assert "no repository matches" in listing(replace(empty, repositories=()), now=s.NOW, propose=None).text


def test_repositories_that_are_not_cleaned_are_named_with_their_reason() -> None:
    """A fault is told in full, and the rest of a long list is counted."""
    faults = {f"team/{number}": "the body of abc was not read <!channel>" for number in range(7)}
    plan = s.plan(target="team/*", repositories=tuple(faults), faults=faults)
    message = listing(plan, now=s.NOW, propose=None)
    lines = s.shown(message.blocks)
    assert "team/0\n: the body of abc was not read <!channel>" in lines
    assert "and 2 more" in lines
    assert "Not cleaned: `team/0`, `team/1`, `team/2` and 4 more." in message.text


def test_when_nothing_could_be_read_it_does_not_claim_to_be_clean() -> None:
    """A repository that could not be judged is not called clean."""
    plan = s.plan(0, kept={Why.UNREADABLE: 175}, faults={"myrepo": "abc: HTTP 500"})
    text = listing(plan, now=s.NOW, propose=None).text
    assert text.startswith("*Nothing in `myrepo` can be cleaned now:* not everything in it could be read.")


def test_indexes_that_were_broken_before_are_told() -> None:
    """Who finds a broken image later sees that it was so before."""
    lines = s.shown(listing(s.plan(broken={"myrepo": 2}), now=s.NOW, propose=None).blocks)
    assert "2 multi-arch images in `myrepo` lack some of their parts, and did so before this app came." in lines
