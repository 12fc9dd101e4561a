import csv
import io
from dataclasses import replace

from bot.blocks import PROPOSE, listing
from bot.blocks.listing import since_seen
from bot.blocks.listing_csv import listing_csv
from bot.blocks.paging import PLAN_BACK, PLAN_CSV, PLAN_NEXT
from bot.domain.manifest import OCI_INDEX, OCI_MANIFEST, Manifest
from bot.domain.reason import Reason, Verdict, Why
from bot.domain.rule import Protection, Rule
from bot.domain.stay import Stay
from tests.blocks import samples as s


def test_the_first_line_says_the_point() -> None:
    """How many of how many, where, and how much at most: in the blocks and in the text alike."""
    message = listing(s.plan(), now=s.NOW, propose=None)
    assert message.text.startswith("*37 of 212 manifests* in `myrepo` could go: up to *10.8 GiB*.")
    assert message.blocks[0]["text"]["text"] == "*37 of 212 manifests* in `myrepo` could go: up to *10.8 GiB*."
    assert "Nothing was deleted: looking is always a dry run." in message.text


def test_the_table_shows_the_first_items_and_counts_the_rest() -> None:
    """Digest, age, size, platform and why of the first; how many more there are."""
    message = listing(s.plan(), now=s.NOW, propose=None)
    rows = s.table_rows(message.blocks)
    assert rows[0] == ["Digest", "Age", "Size", "Platform", "Why"]
    assert rows[1] == [s.digest(0)[7:19], "2 days", "300 MiB", "linux/amd64", "untagged"]
    assert len(rows) == 26
    assert "and 12 more" in s.shown(message.blocks)


def test_a_page_shows_its_part_and_leads_to_the_others() -> None:
    """Twenty-five items from the first one on, where they stand, and a button for each way there is."""
    for start, first, last, ways in ((0, 1, 25, "NC"), (25, 26, 50, "BNC"), (40, 26, 50, "BNC"), (499, 51, 60, "BC")):
        message = listing(s.plan(60), now=s.NOW, propose="p", start=start, page=lambda at: f"at {at}")
        rows = s.table_rows(message.blocks)[1:]
        assert [row[0] for row in rows] == [s.digest(n)[7:19] for n in range(first - 1, last)]
        assert f"{first} to {last} of 60" in s.shown(message.blocks)
        values = {name: button["value"] for name, button in s.buttons(message.blocks).items()}
        there = {
            "B": (PLAN_BACK, f"at {first - 26}"),
            "N": (PLAN_NEXT, f"at {last}"),
            "C": (PLAN_CSV, f"at {first - 1}"),
        }
        assert values == {PROPOSE: "p", **dict(there[way] for way in ways)}
        assert message.text.startswith("*60 of 235 manifests*"), "the summary is on each page"
        assert "120 " in s.shown(message.blocks)


def test_every_page_has_the_same_columns() -> None:
    """A column that only items of another page need is there on each."""
    items = (*s.items(30), s.item(30, tags=("sha256-1.sig",)))
    for start in (0, 25):
        rows = s.table_rows(listing(s.plan(items=items), now=s.NOW, propose=None, start=start).blocks)
        assert rows[0][:2] == ["Digest", "Tags"]


def test_a_short_list_has_no_pages() -> None:
    """What fits is shown as it is, with the file for what stays; where nothing could go there is no button."""
    few = s.buttons(listing(s.plan(3), now=s.NOW, propose=None, page=str).blocks)
    assert list(few) == [PLAN_CSV]
    assert not s.buttons(listing(s.plan(0), now=s.NOW, propose=None, page=str).blocks)


def test_what_differs_from_what_was_seen_is_said() -> None:
    """Fewer, more or others: near the top, and in the text for screen readers."""
    for count, words in ((40, "3 fewer could go"), (30, "7 more could go"), (37, "as much could go, but not the same")):
        changed = since_seen(s.plan(), count)
        assert words in changed
        message = listing(s.plan(), now=s.NOW, propose=None, changed=changed)
        assert message.blocks[2]["text"]["text"] == changed
        assert changed in message.text


def test_the_file_has_what_goes_and_what_stays() -> None:
    """Each with its digest, tags, size, age, platform, what would be done and why; the comment counts them."""
    stays = [
        Stay("myrepo", Verdict(manifest, reason))
        for manifest, reason in (
            (Manifest(s.digest(8), OCI_MANIFEST, 7, s.NOW, s.NOW, ("v1",)), Reason(Why.TAGGED, detail="v1")),
            (Manifest(s.digest(9), OCI_MANIFEST, 7, s.NOW, s.NOW), Reason(Why.VANISHED)),
        )
    ]
    file = listing_csv(s.plan(2, rule=replace(s.RULE, before=s.NOW)), stays)
    rows = list(csv.DictReader(io.StringIO(file.content.decode(), newline="")))
    assert [row["digest"] for row in rows] == [s.digest(n) for n in (1, 0, 8, 9)]
    assert [row["action"] for row in rows] == ["delete", "delete", "keep", "gone"]
    assert [row["age_days"] for row in rows] == ["3", "2", "0", "0"]
    assert rows[2]["reason"] == "tagged (v1)"
    assert rows[2]["tags"] == "v1"
    assert rows[0]["size_bytes"] == str(300 * 1024**2)
    assert "2 untagged manifests that could go, and 1 manifest kept, each with its reason." in file.comment
    unread = listing_csv(s.plan(2, faults={"myrepo": "a", "other": "b"}), stays).comment
    assert unread.endswith("Not in it, since not everything in it could be read: `other`.")


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


def test_cells_say_what_helps_and_no_more() -> None:
    """An attestation by its name, the tag of a signature short, and no date beside the age."""
    items = (
        s.item(
            0, platform="unknown/unknown", why=Why.OLD, reason="older than the cutoff (changed 2026-08-19 19:34 UTC)"
        ),
        s.item(1, tags=(f"sha256-{'1' * 64}.sig",)),
    )
    rows = s.table_rows(listing(s.plan(items=items), now=s.NOW, propose=None).blocks)
    assert rows[1][4:] == ["attestation", "older than the cutoff"]
    assert rows[2][1].startswith("sha256-")
    assert rows[2][1].endswith(".sig")
    assert len(rows[2][1]) == 24
