"""How manifests and their tags are named where tags are deleted with them."""

from dataclasses import replace

import pytest
from hypothesis import given

from bot.blocks import card, deletion, listing
from bot.blocks.named import all_of, named_and_more, named_item, protected, tag_words
from bot.blocks.wording import cutoff
from bot.domain.explain import explain_manifest
from bot.domain.graph import Graph
from bot.domain.plan import Item, make_plan
from bot.domain.proposal import Proposal, Record, State, tally
from bot.domain.rule import Protection, Rule
from bot.domain.selection import judge
from sandbox.slack import check_message
from tests.blocks import samples as s
from tests.domain.build import NOW, Repo


@pytest.mark.parametrize(
    ("tags", "count", "named"),
    [
        ((), 1, "`myrepo@000000000000`"),
        ((), 2, "`myrepo@000000000000` and 1 manifest that belongs to it"),
        (("v1",), 1, "`myrepo:v1` (`000000000000`)"),
        (("v1", "latest"), 3, "`myrepo:v1` and `myrepo:latest` (`000000000000`) and 2 manifests that belong to it"),
        (("a", "b", "c", "d", "e"), 1, "`myrepo:a`, `myrepo:b`, `myrepo:c` and 2 more (`000000000000`)"),
    ],
)
def test_a_manifest_is_named_by_its_tags(tags: tuple[str, ...], count: int, named: str) -> None:
    """By its digest where it has none; what goes with it is counted."""
    assert named_and_more(s.item(0, tags=tags), count) == named


def test_all_tags_are_said() -> None:
    """With the whole digest; without tags that is said."""
    assert all_of(s.item(0, tags=("v1", "v2"))) == (
        f"This deletes the manifest `{s.digest(0)}` and all of: `myrepo:v1`, `myrepo:v2`."
    )
    assert all_of(s.item(0)) == f"This deletes the manifest `{s.digest(0)}`, which carries no tag."


def test_what_somebody_gave_comes_before_what_tools_gave() -> None:
    """Tags named after digests come last, and other repositories' tags are named with theirs."""
    signature = f"sha256-{'a' * 64}.sig"
    items = [s.item(0, tags=(signature,)), s.item(1, tags=("v1",)), s.item(2, repository="other", tags=("v2",))]
    assert tag_words(items, "myrepo") == f"`v1`, `other:v2`, `{signature}`"
    assert tag_words(s.items(3), "myrepo") == ""


def test_only_a_rule_that_names_one_manifest_has_it() -> None:
    """A rule about others has none."""
    items = s.items(3)
    assert named_item(items, Rule(named=frozenset({s.digest(1)}))) == items[1]
    assert named_item(items, Rule()) is None
    assert named_item(items, Rule(named=frozenset({s.digest(1), s.digest(2)}))) is None


def test_protection_is_a_warning() -> None:
    """Only where a pattern of the settings matches."""
    rule = Rule(protection=Protection(keep_tags=("l*",), keep_repositories=("my*",)))
    assert "(`keep_tags`: `l*`)" in protected(s.item(0, tags=("latest",)), rule)
    assert "(`keep_repositories`: `my*`)" in protected(s.item(0), rule)
    assert protected(s.item(0), Rule()) == ""


def test_a_cutoff_is_an_instant() -> None:
    """In Slack's own form and in UTC, with the zone in which it was read, or that it was a guess."""
    told = cutoff(s.NOW, zone="Europe/Amsterdam")
    assert "<!date^" in told
    assert "2026-11-23 15:00:00 UTC" in told
    assert "`Europe/Amsterdam`" in told
    assert cutoff(s.NOW, guessed=True).startswith(":warning: ")
    assert cutoff(s.NOW).endswith("UTC.")


@given(s.wild_items, s.rules, s.proposals)
def test_any_names_fit_a_card_and_a_list(item: Item, rule: Rule, proposal: Proposal) -> None:
    """Whatever a manifest, its tags and its repository are called, Slack takes the messages, and nobody is pinged."""
    hostile = replace(item, tags=item.tags * 30)
    named = replace(rule, named=frozenset({hostile.digest}))
    records = [Record(hostile)]
    for state in State:
        message = card(
            replace(proposal, rule=named, state=state),
            preview=records,
            tally=tally(records),
            now=s.NOW,
        )
        assert check_message({"text": message.text, "blocks": message.blocks}, "message") == []
        assert all("<!channel>" not in text for text in s.mrkdwn(message.blocks))
    plan = s.plan(0, items=(hostile,), rule=replace(rule, named=frozenset()))
    message = listing(plan, now=s.NOW, propose="{}", note=cutoff(s.NOW))
    assert check_message({"text": message.text, "blocks": message.blocks}, "message") == []


def test_without_approvers_a_deletion_says_why_it_cannot_be_proposed() -> None:
    """In the place of the button."""
    repo = Repo()
    image = repo.image("v1")
    snapshot, rule = repo.snapshot(), Rule(named=frozenset({image}))
    judgement = judge(snapshot, rule, NOW)
    plan = make_plan("contoso", repo.name, rule, (judgement,), NOW)
    about = explain_manifest(judgement, Graph(snapshot), image)
    message = deletion(plan, about, now=NOW, propose=None, why_not="Nobody can approve.")
    assert "Can't be proposed: \nNobody can approve." in s.shown(message.blocks)
    assert not s.buttons(message.blocks)
    assert s.buttons(deletion(plan, about, now=NOW, propose="{}").blocks).keys() == {"propose"}
