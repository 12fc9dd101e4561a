"""While a run is going: what the card shows, how often it is redrawn, and in which order manifests go."""

import itertools
import json
import re

import pytest

from sandbox.slack import Message, check_message, text_of
from tests.scenarios.stage import Stage, days_ago, make_stage

SECONDS_BETWEEN = 3.0
# What the way of a request to Slack may take longer or shorter than that of the one before.
JITTER = 0.2
COUNT = 80


@pytest.mark.slow
async def test_the_card_shows_growing_numbers_at_most_every_three_seconds() -> None:
    """In the product's own setting no two drawings are closer than three seconds, and each shows more than the last."""
    async with make_stage("http") as stage:
        config = stage.folder / "config.yml"
        config.write_text(json.dumps({"limits": {"concurrency": 4}}), encoding="utf-8")
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        async with stage.running(cards_every=None):
            for _ in range(COUNT):
                stage.registry.push_image("myrepo", media="docker", updated=days_ago(9))
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.acr.options.latency = 0.3
            await stage.sam.click(card, "approve")
            assert f"Deleted all {COUNT} untagged manifests" in await stage.settled(card, timeout=60)
            times = [version.at for version in card.versions]

    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert min(gaps) > SECONDS_BETWEEN - JITTER, gaps
    numbers = [numbers for version in range(len(card.versions)) for numbers in shown(card, version)]
    assert len(numbers) >= 2, "it was too short to see"
    assert numbers == sorted(set(numbers))
    assert 0 < numbers[-1] < COUNT, "it was not in the middle"
    for version in card.versions:
        assert check_message({"text": version.text, "blocks": version.blocks}, "message") == []


def shown(card: Message, version: int) -> list[int]:
    """Give how many are done by one drawing of a card; nothing for one that is no progress."""
    text = text_of(card.versions[version].blocks)
    return [int(match[1]) for match in re.finditer(rf"· (\d+) of {COUNT}\b", text)]


async def test_progress_can_only_be_stopped_and_says_who_approved(stage: Stage) -> None:
    """From the approval on all that can be clicked is Stop, and everybody sees whose decision it was."""
    for _ in range(30):
        stage.registry.push_image("myrepo", media="docker", updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    stage.acr.options.latency = 0.1
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    asking = ["[Approve]" in text_of(version.blocks) for version in card.versions]
    decided = asking.index(False)
    drawn = [text_of(version.blocks) for version in card.versions[decided:]]
    assert not any(word in text for text in drawn for word in ("[Approve]", "[Reject]", "[Withdraw]"))
    assert "[Stop]" not in drawn[-1]
    assert any("Deleting 30 untagged manifests" in text for text in drawn)
    assert all("<@U0SAM>" in text for text in drawn)


async def test_no_child_goes_before_what_lists_it(stage: Stage) -> None:
    """Whatever the timing, the registry is asked to delete an index before its parts, at any depth."""
    registry, old = stage.registry, days_ago(9)
    children: dict[str, list[str]] = {}
    for _ in range(4):
        images = [registry.push_image("myrepo", updated=old) for _ in range(3)]
        inner = registry.push_index("myrepo", images, updated=old)
        other = registry.push_image("myrepo", updated=old)
        outer = registry.push_index("myrepo", [inner, other], updated=old)
        children |= {inner: images, outer: [inner, other]}
    keep = registry.push_multi_arch("myrepo", tags=["v1"], updated=old)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    # Each answer takes another time, so that they overtake each other wherever they may.
    stage.acr.options.latency = (0.0, 0.05)
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    asked = [entry.path.rpartition("/")[2] for entry in stage.acr.log.entries("delete_manifest")]
    assert len(asked) == len(set(asked)) == 24
    for index, parts in children.items():
        assert asked.index(index) < min(asked.index(part) for part in parts)
    assert keep in registry.digests("myrepo")
    assert len(registry.digests("myrepo")) == 3
