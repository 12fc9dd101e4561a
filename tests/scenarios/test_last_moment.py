"""Checked again at the last moment: what has changed since the proposal is skipped, and said."""

import contextlib
import csv
import io
import json
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from sandbox.acr import AcrSandbox, Registry
from tests.scenarios.stage import QUICK, Stage, days_ago, make_stage


def outcomes(stage: Stage, card: object) -> dict[str, tuple[str, str]]:
    """Give outcome and detail by digest, from the file in the card's thread."""
    files = stage.files(card)  # type: ignore[arg-type]
    content = next(content for name, content in files.items() if name.endswith("outcome.csv"))
    rows = csv.DictReader(io.StringIO(content.decode()))
    return {row["digest"]: (row["outcome"], row["detail"]) for row in rows}


async def test_what_changed_since_is_skipped_and_said(stage: Stage) -> None:
    """Tagged, locked, referenced, attached to or gone since the proposal: each is spared, with its reason."""
    registry = stage.registry
    names = ["tagged", "locked", "child", "subject", "gone", "plain"]
    digest = {
        name: registry.push_image("myrepo", layers=[number + 1], updated=days_ago(9))
        for number, name in enumerate(names)
    }
    card = await stage.propose(stage.riley, "/acr untagged myrepo")

    registry.tag("myrepo", digest["tagged"], "rescued")
    registry.lock_manifest("myrepo", digest["locked"])
    index = registry.push_index("myrepo", children=[digest["child"]], tags=["multi"])
    signature = registry.push_artifact("myrepo", subject=digest["subject"])
    registry.delete_manifest("myrepo", digest["gone"])

    await stage.sam.click(card, "approve")
    text = await stage.settled(card)
    result = outcomes(stage, card)
    assert result[digest["plain"]][0] == "deleted"
    assert result[digest["gone"]][0] == "gone"
    for name, reason in {
        "tagged": "tagged (rescued)",
        "locked": "locked",
        "child": "part of a kept multi-arch image",
        "subject": "holds a kept attachment",
    }.items():
        outcome, detail = result[digest[name]]
        assert outcome == "skipped"
        assert reason in detail
    assert registry.digests("myrepo") == {digest[n] for n in names[:4]} | {index, signature}
    assert "Deleted 1 of 6" in text


async def test_what_nobody_approved_stays_and_keeps_what_it_needs(stage: Stage) -> None:
    """An untagged index that has come since was not approved: it stays, and so does the approved child it lists."""
    registry = stage.registry
    child = registry.push_image("myrepo", layers=[1], updated=days_ago(9))
    other = registry.push_image("myrepo", layers=[2], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    index = registry.push_index("myrepo", children=[child], updated=days_ago(8))
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert registry.digests("myrepo") == {child, index}
    assert outcomes(stage, card)[child][0] == "skipped"
    assert outcomes(stage, card)[other][0] == "deleted"


async def test_what_was_touched_since_is_skipped_even_if_that_is_long_ago(stage: Stage) -> None:
    """Tagged and untagged again while the proposal waited: by then no grace time protects it, and still it stays."""
    registry = stage.registry
    touched = registry.push_image("myrepo", layers=[1], updated=days_ago(9))
    plain = registry.push_image("myrepo", layers=[2], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    registry.tag("myrepo", touched, "rescued")
    registry.delete_tag("myrepo", "rescued")
    stage.clock_ahead = timedelta(hours=48)
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    outcome, detail = outcomes(stage, card)[touched]
    assert outcome == "skipped"
    assert "changed since it was proposed" in detail
    assert outcomes(stage, card)[plain][0] == "deleted"
    assert registry.digests("myrepo") == {touched}


@pytest.mark.parametrize("change", ["tagged", "locked", "referenced", "attached"])
async def test_what_changes_in_the_middle_of_a_run_is_spared(transport: str, change: str) -> None:
    """A clean-up of hundreds takes its time: whatever is put to use meanwhile stays, and the rest goes."""
    async with make_stage(transport) as stage, stage.running(replace(QUICK, chunk=20)):
        registry = stage.registry
        for number in range(200):
            registry.push_image("myrepo", media="docker", layers=[number + 1], updated=days_ago(9 - number / 100))
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        (content,) = stage.files(card).values()
        *_, last = csv.DictReader(io.StringIO(content.decode()))  # the list is in the order of deletion
        victim = last["digest"]
        stage.acr.options.latency = 0.05
        await stage.sam.click(card, "approve")
        await stage.slack.wait_for(lambda: stage.acr.log.count("delete_manifest") > 10, timeout=15)
        assert victim in registry.digests("myrepo")
        stays = {victim}
        if change == "tagged":
            registry.tag("myrepo", victim, "production")
        elif change == "locked":
            registry.lock_manifest("myrepo", victim)
        elif change == "referenced":
            stays.add(registry.push_index("myrepo", children=[victim], tags=["multi"]))
        else:
            stays.add(registry.push_artifact("myrepo", subject=victim))
        text = await stage.settled(card)
        assert registry.digests("myrepo") == stays
        assert outcomes(stage, card)[victim][0] == "skipped"
        assert "Deleted 199 of 200" in text


async def test_a_tag_that_moves_in_the_middle_of_a_run_stays(transport: str) -> None:
    """What a tag points to by then was not approved; the tags that the run itself removes are no news to it."""
    async with make_stage(transport) as stage, stage.running(replace(QUICK, chunk=20)):
        registry = stage.registry
        for number in range(100):
            registry.push_image(
                "app", tags=[f"pr-{number:03}"], media="docker", layers=[number + 1], updated=days_ago(9)
            )
        other = registry.push_image("app", tags=["v1"], media="docker", layers=[900], updated=days_ago(9))
        card = await stage.propose(stage.riley, "/acr purge 'app:^pr-' --ago 3d")
        (content,) = stage.files(card).values()
        *_, last = csv.DictReader(io.StringIO(content.decode()))
        stage.acr.log.clear()
        stage.acr.options.latency = 0.05
        await stage.sam.click(card, "approve")
        await stage.slack.wait_for(lambda: stage.acr.log.count("delete_tag") > 10, timeout=15)
        registry.tag("app", other, last["tag"])
        await stage.settled(card)
        assert registry.tags("app") == {"v1": other, last["tag"]: other}
        listed = [entry for entry in stage.acr.log if entry.kind == "list_tags"]
        assert len(listed) <= 3, "once at first, once for the change, once in the look at the remaining tags"


async def test_where_nothing_changes_a_chunk_costs_one_request_more(stage: Stage) -> None:
    """Looking out for changes is one listing a chunk, and judging again only where there is one."""
    for number in range(350):
        stage.registry.push_image("myrepo", media="docker", layers=[number + 1], updated=days_ago(9))
    keep = stage.registry.push_image("myrepo", media="docker", tags=["v1"], layers=[900], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.until(card, "Frees ")  # no survey asks for anything meanwhile
    stage.acr.log.clear()
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    asked = list(stage.acr.log)
    while asked[-1].kind != "delete_manifest":  # what comes behind the last one is the look at the remaining tags
        asked.pop()
    kinds = Counter((entry.kind, "timedesc" in entry.query) for entry in asked)
    assert kinds == {
        ("get_repository", False): 1,
        ("list_manifests", False): 1,
        ("list_tags", False): 1,
        ("list_manifests", True): 3,
        ("token", False): 1,
        ("delete_manifest", False): 350,
    }
    assert stage.registry.digests("myrepo") == {keep}


async def test_a_name_that_stands_for_another_registry_by_then_deletes_nothing(transport: str) -> None:
    """What was approved was approved of one registry: under the same name in the settings another one is not asked."""
    async with make_stage(transport) as stage, AcrSandbox(Registry()) as other:
        digest = stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        config = stage.folder / "config.yml"
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        del stage.environ["ACR_REGISTRIES"]
        config.write_text(json.dumps({"registries": [{"name": "prod", "endpoint": stage.acr.url}]}))
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
        config.write_text(json.dumps({"registries": [{"name": "prod", "endpoint": other.url}]}))
        async with stage.running():
            await stage.sam.click(card, "approve")
            text = await stage.settled(card)
        assert "Broke off" in text
        assert f"prod is another registry by now ({other.login_server})" in text
        assert not other.log.count("delete_manifest") + other.log.count("get_repository")
        assert stage.registry.digests("myrepo") == {digest}


async def test_a_stored_list_that_was_changed_deletes_nothing(transport: str) -> None:
    """Whoever puts another digest into the database after the approval of the card gets nothing deleted by it."""
    async with make_stage(transport) as stage:
        registry = stage.registry
        loose = registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        other = registry.push_image("myrepo", layers=[2], updated=days_ago(0.1))
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
        with contextlib.closing(sqlite3.connect(stage.folder / "state.db")) as database, database:
            database.execute("UPDATE proposal_items SET digest = ?", (other,))
        async with stage.running():
            await stage.sam.click(card, "approve")
            assert "the stored list has changed" in await stage.settled(card)
        assert registry.digests("myrepo") == {loose, other}


async def test_a_repository_that_is_gone_is_said(stage: Stage) -> None:
    """When the whole repository went meanwhile, all of the plan is already gone."""
    digest = stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    stage.registry.delete_manifest("myrepo", digest)
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert outcomes(stage, card)[digest] == ("gone", "the whole repository is gone")


async def test_a_repository_that_can_no_longer_be_understood_is_left_alone(stage: Stage) -> None:
    """An unknown media type that came since keeps the whole repository, and the record says why."""
    digest = stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    stage.registry.push_raw("myrepo", "application/vnd.example.new+json", b"{}", tags=["x"])
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    outcome, detail = outcomes(stage, card)[digest]
    assert outcome == "skipped"
    assert "application/vnd.example.new+json" in detail
    assert digest in stage.registry.digests("myrepo")
