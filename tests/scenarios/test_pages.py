"""Long lists of what could go: a summary, pages, and all of it as CSV; what is proposed is always the whole."""

import json
from datetime import timedelta

import pytest

from sandbox.slack import Message
from tests.scenarios.reading import cells, fetch_csv, read, turn
from tests.scenarios.stage import Stage, days_ago, make_stage
from tests.scenarios.test_manifests import fill

COUNT = 60
LATER = timedelta(minutes=11)  # what was looked at is kept for ten


def short(digest: str) -> str:
    """Give what people see of a digest."""
    return digest.removeprefix("sha256:")[:12]


def seed(stage: Stage, repository: str = "team/app", count: int = COUNT) -> list[str]:
    """Push untagged images, and a tagged one that stays; give the digests of the former, the oldest first."""
    stage.registry.push_image(repository, tags=["v1"], layers=[7], updated=days_ago(200))
    return [
        stage.registry.push_image(repository, layers=[n + 1], updated=days_ago(20 + (count - n) / 9))
        for n in range(count)
    ]


async def fetch(stage: Stage, answer: Message) -> list[dict[str, str]]:
    """Have all as CSV."""
    return await fetch_csv(stage, answer, button="plan.csv")


async def test_pages_turn_without_another_look(stage: Stage) -> None:
    """Each item once, the summary and the reasons on each page, and nothing asked of the registry again."""
    digests = seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged team/app")
    seen: list[str] = []
    stage.acr.log.clear()
    for position in ("1 to 25 of 60", "26 to 50 of 60", "51 to 60 of 60"):
        text = read(answer)
        assert position in text
        assert "*60 of 61 manifests* in `team/app` could go" in text
        assert "1 tagged" in text
        seen += [row[0] for row in cells(answer)]
        if not position.startswith("51"):
            await turn(stage, answer, "plan.next")
    assert sorted(seen) == sorted(map(short, digests))
    await turn(stage, answer, "plan.back")
    assert "26 to 50 of 60" in read(answer)
    assert len(stage.acr.log) == 0
    assert "has changed" not in read(answer)


async def test_a_page_proposes_the_whole(stage: Stage) -> None:
    """The card is about all sixty, whichever page the button stands on; after that the pages still turn."""
    digests = seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged team/app")
    await turn(stage, answer, "plan.next")
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    assert read(card).startswith("*Delete 60 untagged manifests* in `team/app`")
    await stage.slack.wait_for(lambda: "Propose deletion" not in read(answer), timeout=15)
    assert "26 to 50 of 60" in read(answer)
    await turn(stage, answer, "plan.next")
    assert "51 to 60 of 60" in read(answer)
    assert "Propose deletion" not in read(answer), "it is proposed already"
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert not stage.registry.digests("team/app") & set(digests)


async def test_the_csv_has_the_verdict_on_each(stage: Stage) -> None:
    """What goes, as it goes, then what stays: digests, tags, size, age, platform, what would be done, and why."""
    digests = seed(stage)
    parts = stage.registry.push_multi_arch("team/app", tags=["multi"], layers=[5], updated=days_ago(30))
    answer = await stage.ask(stage.riley, "/acr untagged team/app --min-age 21d")
    stage.acr.log.clear()
    rows = await fetch(stage, answer)
    assert len(stage.acr.log) == 0
    assert {row["digest"] for row in rows} == stage.registry.digests("team/app")
    going = [row for row in rows if row["action"] == "delete"]
    assert [row["digest"] for row in going] == digests[: len(going)], "the oldest first, as in the list"
    assert [row["age_days"] for row in going] == sorted((row["age_days"] for row in going), reverse=True)
    kept = {row["digest"]: row for row in rows if row["action"] == "keep"}
    assert len(going) + len(kept) == len(rows)
    assert kept[parts]["reason"] == "tagged (multi)"
    assert kept[parts]["tags"] == "multi"
    assert kept[digests[-1]]["why"] == "newer-than-cutoff"
    assert any(row["reason"].startswith("part of a kept multi-arch image") for row in kept.values())


async def test_what_was_looked_at_long_ago_is_looked_at_again(stage: Stage) -> None:
    """A page that is turned to later shows what is there then, and says by how much the list has changed."""
    digests = seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged team/app")
    for digest in digests[:20]:
        stage.registry.delete_manifest("team/app", digest)
    stage.clock_ahead = LATER
    await turn(stage, answer, "plan.next")
    assert "*The registry has changed since you looked:* 20 fewer could go." in read(answer)
    assert "*40 of 41 manifests*" in read(answer)
    assert "26 to 40 of 40" in read(answer)
    await turn(stage, answer, "plan.back")
    assert "has changed" not in read(answer), "it was said"
    stage.registry.push_image("team/app", layers=[999], updated=days_ago(50))
    stage.clock_ahead = 2 * LATER
    assert len(await fetch(stage, answer)) == 42
    said = [message.text for message in stage.riley.messages(stage.riley.dm) if message.files][-1]
    assert "1 more could go" in (said or "")


async def test_what_somebody_else_saw_meanwhile_counts(stage: Stage) -> None:
    """Where another look has found something else, a page is of that, and says so."""
    digests = seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged team/app")
    stage.registry.tag("team/app", digests[0], "rescued")
    await stage.ask(stage.sam, "/acr untagged team/app")
    await turn(stage, answer, "plan.next")
    assert "1 fewer could go" in read(answer)
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    assert read(card).startswith("*Delete 59 untagged manifests* in `team/app`")


async def test_a_page_that_is_empty_by_now_says_so(stage: Stage) -> None:
    """Where nothing could go any more, the answer is that, with no button to propose it."""
    digests = seed(stage, count=30)
    answer = await stage.ask(stage.riley, "/acr untagged team/app")
    for digest in digests:
        stage.registry.delete_manifest("team/app", digest)
    stage.clock_ahead = LATER
    await turn(stage, answer, "plan.next")
    assert "*Nothing untagged to clean* in `team/app`: its only manifest stays." in read(answer)
    assert "30 fewer could go" in read(answer)
    assert "[" not in read(answer)


async def test_a_date_keeps_its_zone_on_each_page(stage: Stage) -> None:
    """The instant that a date was read as is said on each page, and after it was proposed."""
    seed(stage)
    answer = await stage.ask(stage.riley, f"/acr old team/app --before {days_ago(10):%Y-%m-%d}")
    words = "your date was read in your own time zone, "
    zone = read(answer).partition(words)[2].partition(".")[0]
    assert zone.startswith("`")
    await turn(stage, answer, "plan.next")
    assert f"{words}{zone}." in read(answer)
    await stage.card_after(stage.riley.click(answer, "propose"))
    await stage.slack.wait_for(lambda: "Propose deletion" not in read(answer), timeout=15)
    assert f"{words}{zone}." in read(answer)


async def test_a_purge_turns_its_pages(stage: Stage) -> None:
    """Tags that are hit in pages; the file has those that match and stay as well, and the manifests where asked for."""
    for n in range(40):
        stage.registry.push_image("team/app", tags=[f"pr-{n}"], layers=[n + 1], updated=days_ago(40 + n))
    stage.registry.push_image("team/app", tags=["pr-new"], layers=[99], updated=days_ago(5))
    stage.registry.push_image("team/app", tags=["v1"], layers=[98], updated=days_ago(90))
    answer = await stage.ask(stage.riley, "/acr purge 'team/app:^pr-' --ago 30d --keep 2")
    assert "1 to 25 of 38" in read(answer)
    await turn(stage, answer, "plan.next")
    assert "26 to 38 of 38" in read(answer)
    assert "*38 tags are hit:*" in read(answer)
    assert "Unlike acr purge" in read(answer)
    rows = await fetch(stage, answer)
    assert [row["action"] for row in rows] == ["untag"] * 38 + ["keep"] * 3
    assert {(row["tag"], row["reason"]) for row in rows[38:]} == {
        ("pr-0", "among the newest"),
        ("pr-1", "among the newest"),
        ("pr-new", "newer than the cutoff"),
    }
    answer = await stage.ask(stage.riley, "/acr purge 'team/app:^pr-' --ago 30d --untagged")
    rows = await fetch(stage, answer)
    assert sum(row["action"] == "delete" for row in rows) == 40
    assert {(row["tags"], row["tag"]) for row in rows if row["action"] == "keep"} == {
        ("pr-new", "pr-new"),
        ("pr-new", ""),
        ("v1", ""),
    }


async def test_a_standing_rule_turns_its_pages(transport: str) -> None:
    """Over several repositories, with the repository of each item on each page."""
    async with make_stage(transport) as stage:
        rule = {"name": "loose", "repositories": ["team/*"], "older_than": "10d", "untagged": True}
        (stage.folder / "janitor.yml").write_text(json.dumps({"rules": [rule]}))
        stage.environ["ACR_JANITOR_CONFIG"] = str(stage.folder / "janitor.yml")
        async with stage.running():
            seed(stage, "team/app", 20)
            seed(stage, "team/web", 20)
            answer = await stage.ask(stage.riley, "/acr apply loose")
            repositories = [row[0] for row in cells(answer)]
            await turn(stage, answer, "plan.next")
            assert "26 to 40 of 40" in read(answer)
            repositories += [row[0] for row in cells(answer)]
            assert sorted(repositories) == ["team/app"] * 20 + ["team/web"] * 20
            assert len(await fetch(stage, answer)) == 42


async def test_a_whole_repository_turns_its_pages(stage: Stage) -> None:
    """What is in it, the newest first; what stays of it is in the file with its reason."""
    digests = seed(stage)
    stage.registry.lock_manifest("team/app", digests[0])
    answer = await stage.ask(stage.riley, "/acr delete team/app")
    assert "1 to 25 of 60" in read(answer)
    seen = [row[0] for row in cells(answer)]
    await turn(stage, answer, "plan.next")
    seen += [row[0] for row in cells(answer)]
    assert seen == [short(digest) for digest in reversed(digests[10:])][:50]
    assert "Not all of* `team/app` *can go" in read(answer)
    rows = await fetch(stage, answer)
    assert {row["digest"]: row["reason"] for row in rows if row["action"] == "keep"} == {
        digests[0]: "locked (the manifest is)"
    }


@pytest.mark.parametrize(
    "spoilt",
    ["", "x", "[]", '{"cmd":"untagged"}', '{"cmd":"untagged","repo":"a","registry":"","min_age":null,"before":null}'],
)
async def test_a_button_of_another_kind_is_refused(stage: Stage, spoilt: str) -> None:
    """One that says something else than this version's gets an answer."""
    seed(stage, count=30)
    answer = await stage.ask(stage.riley, "/acr untagged team/app")
    for block in answer.blocks:
        for element in block.get("elements", ()):
            if element.get("action_id") == "plan.next":
                element["value"] = spoilt or " "
    said = await stage.private_after(stage.riley, stage.riley.click(answer, "plan.next"), "another version")
    assert "Run the command again." in said


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["http"])  # most of the time goes into reading fifty pages from the registry
# slack_sdk hands a file over in one piece; aiohttp warns of that from one MiB on.
@pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")
async def test_fifty_thousand_stay_readable(stage: Stage) -> None:
    """A summary, the first page, buttons to turn it, and all fifty thousand in the CSV."""
    repository = f"{'a' * 120}/{'b' * 135}"
    digests = fill(stage, repository, 50_000)
    answer = await stage.ask(stage.riley, f"/acr untagged {repository} --min-age 1d", patience=120)
    assert f"*49,950 of 50,000 manifests* in `{repository}` could go" in read(answer)
    assert "1 to 25 of 49,950" in read(answer)
    assert "All as CSV" in read(answer)
    await turn(stage, answer, "plan.next")
    assert "26 to 50 of 49,950" in read(answer)
    assert [row[0] for row in cells(answer)] == [short(digest) for digest in digests[26:51]]
    rows = await fetch(stage, answer)
    assert {row["digest"] for row in rows} == set(digests)
    assert sum(row["action"] == "keep" for row in rows) == 50
