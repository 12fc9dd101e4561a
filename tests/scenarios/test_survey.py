"""Real bytes, and the look at what is left after a run."""

from sandbox.acr import Fault
from sandbox.slack import text_of
from tests.scenarios.stage import Stage, days_ago

MIB = 1024 * 1024


async def test_the_upper_bound_is_replaced_by_what_is_freed(stage: Stage) -> None:
    """The card comes at once with an upper bound; then it says what is freed, and what images that stay share."""
    registry = stage.registry
    base = b"b" * (3 * MIB)
    registry.push_image("myrepo", layers=[base, MIB], updated=days_ago(9))
    registry.push_image("myrepo", tags=["v1"], layers=[base], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    text = await stage.until(card, "are shared with images that stay")
    assert "Frees 1 MiB; 3 MiB are shared with images that stay." in text
    assert "up to" not in text.splitlines()[0]


async def test_a_layer_mounted_in_another_repository_is_not_freed(stage: Stage) -> None:
    """Layers are stored once in a registry: an image of another repository keeps them."""
    registry = stage.registry
    base = b"b" * (3 * MIB)
    registry.push_image("myrepo", media="docker", layers=[base, MIB], updated=days_ago(9))
    registry.push_image("myrepo", media="docker", tags=["v1"], layers=[2 * MIB], updated=days_ago(9))
    registry.push_image("other", media="docker", tags=["v1"], layers=[base], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    assert "Frees 1 MiB; 3 MiB are shared" in await stage.until(card, "are shared with images that stay")


async def test_the_record_says_what_was_freed_and_that_all_tags_are_complete(stage: Stage) -> None:
    """After the run every tag that remains is looked at, with its platforms and attachments."""
    registry = stage.registry
    registry.push_image("myrepo", layers=[2 * MIB], updated=days_ago(9))
    spared = registry.push_image("myrepo", layers=[5 * MIB], updated=days_ago(9))
    registry.push_multi_arch("myrepo", tags=["v2"], layers=[600], updated=days_ago(9))
    signed = registry.push_image("myrepo", tags=["v1"], layers=[77], updated=days_ago(9))
    registry.push_artifact("myrepo", subject=signed, updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.until(card, "Frees 7 MiB")
    registry.tag("myrepo", spared, "rescued")
    await stage.sam.click(card, "approve")
    text = await stage.until(card, "checked, ")
    assert "3 tags checked, all complete." in text
    assert "Deleted 1 of 2 untagged manifests* in `myrepo`, 2 MiB freed" in text
    await stage.settled(card)
    await stage.slack.settle(0.5)
    thread = stage.olu.thread(card.channel, card.ts)
    assert sum(len(message.files) for message in thread) == 2, "the news brings no second file"


async def test_what_was_broken_before_is_said_and_listed(stage: Stage) -> None:
    """An index that lacked a platform before the clean-up is named, and not blamed on it."""
    registry = stage.registry
    child = registry.push_image("myrepo", layers=[1], updated=days_ago(9))
    other = registry.push_image("myrepo", layers=[2], updated=days_ago(9))
    registry.push_index("myrepo", children=[child, other], tags=["v1"], updated=days_ago(9))
    registry.delete_manifest("myrepo", other)
    registry.push_image("myrepo", layers=[3], updated=days_ago(9))
    registry.push_image("myrepo", tags=["v2"], layers=[4], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.sam.click(card, "approve")
    text = await stage.until(card, "checked, ")
    assert "2 tags checked, 1 complete." in text
    assert "incomplete before this clean-up" in text
    assert f"`myrepo:v1` lacks `{other.removeprefix('sha256:')[:12]}`" in text
    assert "has broken images" not in text


async def test_a_listing_is_not_believed_where_a_pull_fails(stage: Stage) -> None:
    """A platform that is still listed and can no longer be pulled is found."""
    registry = stage.registry
    index = registry.push_multi_arch("myrepo", tags=["v1"], layers=[600], updated=days_ago(9))
    child = next(d for d in registry.digests("myrepo") if d != index)
    registry.push_image("myrepo", layers=[3], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    registry.drop_body("myrepo", child)
    await stage.sam.click(card, "approve")
    text = await stage.until(card, "checked, ")
    assert f"lacks `{child.removeprefix('sha256:')[:12]}`" in text


async def test_what_could_not_be_read_makes_the_figure_an_upper_bound(stage: Stage) -> None:
    """Where a surviving manifest can't be read, the card says "at most" and of how many."""
    registry = stage.registry
    registry.push_image("myrepo", media="docker", layers=[2 * MIB], updated=days_ago(9))
    hidden = registry.push_image("myrepo", media="docker", tags=["v1"], layers=[7], updated=days_ago(9))
    stage.acr.faults.add(Fault(action="garbage", path=f".*{hidden.removeprefix('sha256:')}", kind="get_manifest"))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    text = await stage.until(card, "Frees at most 2 MiB")
    assert "1 manifest could not be read" in text
    assert "up to" in text_of(card).splitlines()[0]


async def test_what_goes_unread_counts_in_full(stage: Stage) -> None:
    """Where bodies of what goes can't be had, deleted already perhaps, the figure is an upper bound and not too low."""
    registry = stage.registry
    registry.push_image("myrepo", media="docker", layers=[2 * MIB], updated=days_ago(9))
    registry.push_image("myrepo", media="docker", layers=[3 * MIB], updated=days_ago(9))
    registry.push_image("myrepo", media="docker", tags=["v1"], layers=[7], updated=days_ago(9))
    stage.acr.faults.add(Fault(action="garbage", kind="get_manifest"))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.sam.click(card, "approve")
    text = await stage.until(card, "checked, ")
    assert "Freed at most 5 MiB. 2 manifests could not be read, and may share more." in text
