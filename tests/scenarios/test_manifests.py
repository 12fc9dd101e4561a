"""``/acr manifests REPO``: digests, tags, times, size and platform, in pages."""

from datetime import timedelta

import pytest

from sandbox.acr.model import Locks
from sandbox.slack import text_of
from tests.scenarios.reading import ask, cells, fetch_csv, read, turn
from tests.scenarios.stage import OPS, Stage, days_ago


def short(digest: str) -> str:
    """Give the 12 characters that people see."""
    return digest.removeprefix("sha256:")[:12]


def seed(stage: Stage) -> dict[str, str]:
    """Fill a repository; give the digests by their age, the oldest first."""
    registry = stage.registry
    amd = registry.push_image("team/app", layers=[2**20], platform="linux/amd64", updated=days_ago(41))
    arm = registry.push_image("team/app", layers=[2**21], platform="linux/arm64", updated=days_ago(40))
    index = registry.push_index("team/app", [amd, arm], tags=["v2", "v2.4", "v2.4.1", "stable"], updated=days_ago(39))
    signature = registry.push_artifact("team/app", subject=index, updated=days_ago(38))
    locked = registry.push_image("team/app", tags=["lts"], layers=[7], updated=days_ago(3))
    registry.lock_manifest("team/app", locked)
    return {"amd": amd, "arm": arm, "index": index, "signature": signature, "locked": locked}


async def test_the_newest_comes_first(stage: Stage) -> None:
    """Each manifest with what it is; an index leaves its size to its parts; more tags are counted."""
    digest = seed(stage)
    answer = await stage.ask(stage.riley, "/acr manifests team/app")
    text = read(answer)
    assert "*5 manifests* in `team/app`: 5 tags, 3 untagged, up to 3" in text
    rows = {row[0]: row for row in cells(answer)}
    assert list(rows) == [short(digest[name]) for name in ("locked", "signature", "index", "arm", "amd")]
    assert rows[short(digest["locked"])][1:3] == ["lts", "linux/amd64 (locked)"]
    tags, what, size = rows[short(digest["index"])][1:4]
    assert tags.endswith(" and 1 more")
    assert (what, size) == ("multi-arch", "(its parts)")
    assert rows[short(digest["arm"])][1:3] == ["-", "linux/arm64"]
    assert rows[short(digest["arm"])][4] == f"{days_ago(40):%Y-%m-%d}" + rows[short(digest["arm"])][4][10:]
    assert rows[short(digest["arm"])][5] == "40 days ago"
    assert rows[short(digest["signature"])][2] == "signature"
    assert answer not in stage.olu.messages(OPS)


async def test_the_oldest_first_where_asked(stage: Stage) -> None:
    """``--oldest`` turns the order round."""
    digest = seed(stage)
    answer = await stage.ask(stage.riley, "/acr manifests --oldest team/app")
    assert cells(answer)[0][0] == short(digest["amd"])
    assert "changed longest ago first" in read(answer)


async def test_the_command_below_works(stage: Stage) -> None:
    """What is suggested explains the first manifest."""
    seed(stage)
    text = await ask(stage, "manifests team/app")
    suggested = text.partition("`/acr explain ")[2].partition("`")[0]
    assert "Kept: " in await ask(stage, f"explain {suggested}")


async def test_the_csv_has_all_of_each(stage: Stage) -> None:
    """Whole digests, all tags, both times and the locks, in the order of the list."""
    digest = seed(stage)
    rows = await fetch_csv(stage, await stage.ask(stage.riley, "/acr manifests team/app --oldest"))
    assert [row["digest"] for row in rows] == list(digest.values())
    assert set(rows[2]["tags"].split()) == {"v2", "v2.4", "v2.4.1", "stable"}
    assert [row["write_enabled"] for row in rows] == ["true"] * 4 + ["false"]
    assert rows[1]["platform"] == "linux/arm64"


async def test_a_long_repository_turns_its_pages(stage: Stage) -> None:
    """Hundreds of manifests with the longest names: each page within the limits, nothing twice, nothing left out."""
    repository = f"{'a' * 120}/{'b' * 135}"
    pushed = {
        stage.registry.push_image(repository, tags=[f"{n:04}{'x' * 124}"], layers=[n + 1], updated=days_ago(n / 9))
        for n in range(300)
    }
    answer = await stage.ask(stage.riley, f"/acr manifests {repository}")
    assert "*300 manifests*" in read(answer)
    assert "1 to 25 of 300" in read(answer)
    seen = cells(answer)
    stage.acr.log.clear()
    for _ in range(3):
        await turn(stage, answer, "page.next")
        read(answer)
        seen += cells(answer)
    assert "76 to 100 of 300" in read(answer)
    assert len({row[0] for row in seen}) == 100
    assert [row[1][:4] for row in seen] == [f"{n:04}" for n in range(100)]
    assert len(stage.acr.log) == 0, "a page is not looked up again"
    assert {row["digest"] for row in await fetch_csv(stage, answer)} == pushed


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["http"])  # most of the time goes into reading fifty pages from the registry
# slack_sdk hands a file over in one piece; aiohttp warns of that from one MiB on.
@pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")
async def test_fifty_thousand_manifests_stay_readable(stage: Stage) -> None:
    """A summary, the first page, buttons to turn it, and all fifty thousand in the CSV, in the list's order."""
    repository = f"{'a' * 120}/{'b' * 135}"
    digests = fill(stage, repository, 50_000)
    answer = await stage.ask(stage.riley, f"/acr manifests {repository} --oldest", patience=90)
    assert f"*50,000 manifests* in `{repository}`: 50 tags, 49,950 untagged, up to " in read(answer)
    assert "1 to 25 of 50,000" in read(answer)
    assert [row[0] for row in cells(answer)] == [short(digest) for digest in digests[:25]]
    await turn(stage, answer, "page.next")
    assert "26 to 50 of 50,000" in read(answer)
    assert [row[0] for row in cells(answer)] == [short(digest) for digest in digests[25:50]]
    await turn(stage, answer, "page.back")
    assert "1 to 25 of 50,000" in read(answer)
    assert [row["digest"] for row in await fetch_csv(stage, answer)] == digests


def fill(stage: Stage, repository: str, count: int) -> list[str]:
    """Put so many Docker images into a repository, a minute between two; give their digests, the oldest first.

    Straight into the registry's state, since so many pushes take longer than the test.
    """
    registry, first = stage.registry, days_ago(90)
    model = registry.manifest(repository, registry.push_image(repository, media="docker", updated=first))
    registry.delete_manifest(repository, model.digest)
    return [
        registry.store(
            repository,
            model.body[:-1] + f',"annotations":{{"n":"{n}"}}}}'.encode(),
            model.media_type,
            tags=[f"{n:05}{'x' * 123}"] if n % 1000 == 0 else [],
            updated=first + timedelta(minutes=n),
        ).digest
        for n in range(count)
    ]


async def test_what_was_looked_up_long_ago_is_looked_up_again(stage: Stage) -> None:
    """A page that was turned to much later shows what is there then; in place of one that is gone, the last one."""
    pushed = [stage.registry.push_image("team/app", layers=[n + 1], updated=days_ago(n + 1)) for n in range(30)]
    answer = await stage.ask(stage.riley, "/acr manifests team/app")
    for digest in pushed[10:]:
        stage.registry.delete_manifest("team/app", digest)
    stage.clock_ahead = 2 * (days_ago(0) - days_ago(1))
    await turn(stage, answer, "page.next")
    assert "*10 manifests*" in read(answer)
    assert len(cells(answer)) == 10


async def test_a_used_up_reply_comes_as_a_fresh_message(stage: Stage) -> None:
    """Where the page can't be put in the place of the old one any more, it comes by itself."""
    for n in range(30):
        stage.registry.push_image("team/app", layers=[n + 1], updated=days_ago(n + 1))
    answer = await stage.ask(stage.riley, "/acr manifests team/app")
    stage.slack.fail("response_url", "used_url", status=404, times=5)
    assert await stage.private_after(stage.riley, stage.riley.click(answer, "page.next"), "26 to 30 of 30")
    assert "1 to 25 of 30" in text_of(answer)


async def test_what_the_listing_hides_is_said(stage: Stage) -> None:
    """A count that is higher than the listing is no clean bill: the answer says that something is missing."""
    seed(stage)
    hidden = stage.registry.push_image("team/app", layers=[99], updated=days_ago(9))
    stage.registry.lock_manifest("team/app", hidden, Locks(list=False))
    text = await ask(stage, "manifests team/app")
    assert "Not all of it is here: " in text
    assert "1 of its manifests are not listed" in text


@pytest.mark.parametrize(
    ("typed", "problem", "expected", "example"),
    [
        ("manifests", "The repository is missing", "the name of one repository", "/acr manifests team/app"),
        ("manifests team/*", "'team/*' stands for several repositories", "about one", "/acr manifests team/app"),
        ("manifests nosuch/app", "There is no repository nosuch/app in", "team/app", "/acr manifests team/app"),
        ("manifests team/app:v2", "'team/app:v2' names one manifest", "", "/acr manifests team/app"),
        ("manifests team/app web", "One repository is expected, and there are 2", "", "/acr manifests team/app"),
        ("manifests team/app --newest", "no option '--newest'", "--registry, --oldest", "/acr manifests"),
        ("manifests team/app --oldest=1", "--oldest takes no value", "by itself", "/acr manifests"),
        ("manifests team/app --registry x", "There is no registry 'x' here", "The registries are", "/acr manifests"),
    ],
)
async def test_wrong_uses_are_answered(stage: Stage, typed: str, problem: str, expected: str, example: str) -> None:
    """The problem, what was expected, and a command of this kind as an example."""
    seed(stage)
    text = await ask(stage, typed)
    assert problem in text
    assert expected in text
    assert f"For example: {example}" in text
