"""What Azure's guide to deleting images does with the az command line, done in Slack.

"Delete container images in Azure Container Registry using the Azure CLI".
"""

from datetime import UTC, datetime

from sandbox.slack import text_of
from tests.scenarios.reading import cells, fetch_csv
from tests.scenarios.stage import Stage, days_ago


def short(digest: str) -> str:
    """Give what people see of a digest."""
    return digest.removeprefix("sha256:")[:12]


async def usage(stage: Stage) -> int:
    """Give the bytes that the guide's repository stores, as the app tells them."""
    (row,) = await fetch_csv(stage, await stage.ask(stage.riley, "/acr usage acr-helloworld"))
    return int(row["stored_bytes"])


async def clean(stage: Stage, line: str) -> str:
    """Ask, propose, approve, and give what the card says in the end."""
    card = await stage.propose(stage.riley, line)
    await stage.sam.click(card, "approve")
    return await stage.settled(card)


async def test_the_guide_can_be_followed(stage: Stage) -> None:
    """Each step deletes what the guide's command deletes."""
    registry = stage.registry

    # Push, push again with the same tag: one manifest is left without a tag, and takes space.
    first = registry.push_image("acr-helloworld", tags=["v1"], layers=[1_000_000], updated=days_ago(9))
    second = registry.push_image("acr-helloworld", tags=["v1"], layers=[1_000_001], updated=days_ago(8))
    registry.set_updated("acr-helloworld", first, days_ago(8))
    listed = await stage.ask(stage.riley, "/acr manifests acr-helloworld")
    assert "*2 manifests* in `acr-helloworld`: 1 tag, 1 untagged" in text_of(listed)
    assert {row[0]: row[1] for row in cells(listed)} == {short(first): "-", short(second): "v1"}
    answer = text_of(await stage.ask(stage.riley, "/acr untagged acr-helloworld"))
    assert "1 of 2 manifests" in answer
    assert short(first) in answer

    # "Delete all untagged images"
    await clean(stage, "/acr untagged acr-helloworld")
    assert registry.digests("acr-helloworld") == {second}

    # "Delete by tag": the manifest goes, and with it the other tag.
    registry.tag("acr-helloworld", second, "latest", updated=days_ago(7))
    registry.push_image("acr-helloworld", tags=["v2"], layers=[1_000_002], updated=days_ago(7))
    text = text_of(await stage.ask(stage.riley, "/acr delete acr-helloworld:v1"))
    assert "`acr-helloworld:latest`, `acr-helloworld:v1`" in text
    await clean(stage, "/acr delete acr-helloworld:v1")
    assert registry.tags("acr-helloworld").keys() == {"v2"}

    # "Untag": the tag goes, the manifest stays and takes the same space, until it is deleted as untagged.
    stored = await usage(stage)
    third = registry.push_image("acr-helloworld", tags=["v3"], layers=[5_000_000], updated=days_ago(7))
    with_third = await usage(stage)
    assert with_third > stored
    text = await clean(stage, "/acr untag acr-helloworld:v3")
    assert "*Removed the tag* `acr-helloworld:v3`" in text
    assert third in registry.digests("acr-helloworld")
    assert await usage(stage) == with_third
    registry.set_updated("acr-helloworld", third, days_ago(7))
    await clean(stage, "/acr untagged acr-helloworld")
    assert third not in registry.digests("acr-helloworld")
    assert await usage(stage) == stored

    # "Delete by manifest digest"
    loose = registry.push_image("acr-helloworld", layers=[1_000_003], updated=days_ago(7))
    await clean(stage, f"/acr delete acr-helloworld@{loose}")
    assert registry.tags("acr-helloworld").keys() == {"v2"}
    assert loose not in registry.digests("acr-helloworld")

    # "Delete digests by timestamp": all that was last updated before 2019-04-05, tagged or not.
    for n, day in enumerate((3, 4, 5, 6)):
        at = datetime(2019, 4, day, 12, tzinfo=UTC)
        registry.push_image("acr-helloworld", tags=[f"build-{day}"] * (n % 2), layers=[n + 1], updated=at)
    await clean(stage, "/acr old acr-helloworld --before 2019-04-05")
    assert registry.tags("acr-helloworld").keys() == {"v2", "build-6"}
    assert len(registry.digests("acr-helloworld")) == 3

    # The same to the second, as the guide's "2019-03-15T17:55:00", in the zone of whoever asks (+1 on that day).
    for n, at_second in enumerate((59, 0)):
        at = datetime(2019, 3, 15, 16, 54 + n, at_second, tzinfo=UTC)
        registry.push_image("acr-helloworld", tags=[f"at-{at_second}"], layers=[n + 10], updated=at)
    await clean(stage, "/acr old acr-helloworld --before 2019-03-15T17:55:00")
    assert registry.tags("acr-helloworld").keys() == {"v2", "build-6", "at-0"}


async def test_the_guide_s_last_step_deletes_the_repository(stage: Stage) -> None:
    """All in it goes once the approver has typed its name, and nothing else does."""
    registry = stage.registry
    registry.push_image("acr-helloworld", tags=["v1", "latest"], layers=[1_000_000], updated=days_ago(9))
    registry.push_image("acr-helloworld", layers=[1_000_001], updated=days_ago(9))
    other = registry.push_image("acr-helloworld2", tags=["v1"], layers=[1], updated=days_ago(7))
    card = await stage.propose(stage.riley, "/acr delete acr-helloworld")
    await stage.sam.click(card, "approve")
    await stage.slack.wait_for(lambda: stage.sam.view is not None, timeout=15)
    assert stage.sam.view is not None
    assert (await stage.sam.submit(stage.sam.view, {"typed": "acr-helloworld"})).ok
    await stage.settled(card)
    assert registry.digests("acr-helloworld") == set()
    assert registry.digests("acr-helloworld2") == {other}
