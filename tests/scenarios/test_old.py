"""`/acr old`: what last changed before a moment, tagged or not, from the question to the registry's state."""

import html
from datetime import UTC, datetime

import pytest

from sandbox.slack import Message, check_message, text_of
from tests.scenarios.stage import KIM, OPS, RILEY, Stage, days_ago, make_stage
from tests.scenarios.test_last_moment import outcomes


def short(digest: str) -> str:
    """Give what people see of a digest."""
    return digest.removeprefix("sha256:")[:12]


def read(answer: Message) -> str:
    """Give an answer's text as people read it; Slack must have taken it as it is."""
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []
    return html.unescape(text_of(answer))


async def ask(stage: Stage, line: str) -> str:
    """Ask, and give the answer as people read it."""
    return read(await stage.ask(stage.riley, f"/acr old {line}"))


def seed(stage: Stage) -> dict[str, str]:
    """Fill a repository with images of several ages, tagged and not; give their digests by name."""
    push = stage.registry.push_image
    return {
        "loose": push("app", layers=[1], updated=days_ago(90)),
        "v1": push("app", tags=["v1", "stable"], layers=[2], updated=days_ago(80)),
        "pr": push("app", tags=["pr-7", "pr-8"], layers=[3], updated=days_ago(70)),
        "mixed": push("app", tags=["pr-9", "demo"], layers=[4], updated=days_ago(60)),
        "latest": push("app", tags=["latest"], layers=[5], updated=days_ago(50)),
        "young": push("app", tags=["v2"], layers=[6], updated=days_ago(10)),
        "fresh": push("app", layers=[7], updated=days_ago(0.1)),
    }


async def test_what_is_old_goes_with_its_tags(stage: Stage) -> None:
    """Tagged and untagged, the oldest first, every tag named; approved, exactly that is deleted."""
    digest = seed(stage)
    old = ["loose", "v1", "pr", "mixed"]
    answer = await stage.ask(stage.riley, "/acr old app --older-than 30d")
    text = read(answer)
    assert "*4 of 7 manifests* in `app` could go" in text
    assert "*6 tags go with them:* `stable`, `v1`, `pr-7`, `pr-8`, `demo`, `pr-9`." in text
    places = [text.index(short(digest[name])) for name in old]
    assert places == sorted(places), "the oldest first"
    assert "1 kept by a pattern (latest)" in text
    assert stage.registry.digests("app") == set(digest.values())

    card = await stage.card_after(stage.riley.click(answer, "propose"))
    assert read(card).splitlines()[0].startswith("*Delete 4 old manifests* in `app`, up to ")
    assert "*6 tags go with them:* `stable`, `v1`, `pr-7`, `pr-8`, `demo`, `pr-9`." in read(card)
    assert "whoever pulls one of these by tag or digest loses it" in read(card)
    await stage.sam.click(card, "approve")
    done = await stage.settled(card)
    assert "Deleted all 4 old manifests* in `app`" in done
    assert stage.registry.digests("app") == {digest[name] for name in ("latest", "young", "fresh")}
    assert stage.registry.tags("app") == {"latest": digest["latest"], "v2": digest["young"]}


@pytest.mark.parametrize(
    ("options", "going"),
    [
        ("--older-than 30d", ["loose", "v1", "pr", "mixed"]),
        ("--older-than 65d", ["loose", "v1", "pr"]),
        ("--older-than 30d --untagged", ["loose"]),
        ("--older-than 30d --tags pr-.*", ["pr"]),
        ("--older-than 30d --tags 'pr-.*|demo'", ["pr", "mixed"]),
        ("--older-than 30d --tags pr", []),
        (r"--older-than 30d --tags ^pr-\d$", ["pr"]),
        ("--older-than 30d --tags pr-.* --untagged", ["loose", "pr"]),
        ("--older-than 30d --keep 3", ["loose", "v1", "pr"]),
        ("--older-than 30d --tags 'pr-.*|demo|v1|stable' --keep 2", ["v1"]),
        ("--older-than 400d", []),
        ("--older-than 0", ["loose", "v1", "pr", "mixed", "young"]),
    ],
)
async def test_options_narrow_it(stage: Stage, options: str, going: list[str]) -> None:
    """By age, by tags all of which must match, to the untagged, and all but the newest N."""
    digest = seed(stage)
    text = await ask(stage, f"app {options}")
    assert f"*{len(going)} of 7 manifests* in `app`" in text or (not going and "*Nothing" in text)
    listed = {name for name in digest if short(digest[name]) in text}
    assert listed == set(going)


async def test_a_multi_arch_image_goes_whole_unless_it_is_shared(stage: Stage) -> None:
    """The parts go with their index, but for one that a younger image lists as well."""
    registry = stage.registry
    parts = [registry.push_image("app", layers=[n + 1], updated=days_ago(60)) for n in range(3)]
    old = registry.push_index("app", parts[:2], tags=["v1"], updated=days_ago(60))
    young = registry.push_index("app", parts[1:], tags=["v2"], updated=days_ago(5))
    card = await stage.propose(stage.riley, "/acr old app --older-than 30d")
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert registry.digests("app") == {parts[1], parts[2], young}
    assert old not in registry.digests("app")


@pytest.mark.parametrize(
    ("typed", "instant", "told", "going"),
    [
        # The clocks of Amsterdam went from +1 to +2 on that day.
        ("2019-03-31", "2019-03-30 23:00:00 UTC", "`Europe/Amsterdam`", 1),
        ("2019-04-01", "2019-03-31 22:00:00 UTC", "`Europe/Amsterdam`", 3),
        ("2019-03-31T04:00:00", "2019-03-31 02:00:00 UTC", "`Europe/Amsterdam`", 2),
        ("2019-03-31T02:30:00", "2019-03-31 01:30:00 UTC", "`Europe/Amsterdam`", 2),  # never shown by a clock
        ("2019-10-27T02:30:00", "2019-10-27 00:30:00 UTC", "`Europe/Amsterdam`", 3),  # shown twice: the first
        ("2019-03-15T17:55:00", "2019-03-15 16:55:00 UTC", "`Europe/Amsterdam`", 0),
        ("2019-03-31T00:00Z", "2019-03-31 00:00:00 UTC", "", 2),
        ("2019-03-31T04:00:00+00:00", "2019-03-31 04:00:00 UTC", "", 3),
    ],
)
async def test_a_date_is_a_day_of_the_one_who_asks(
    stage: Stage, typed: str, instant: str, told: str, going: int
) -> None:
    """In the zone of their profile, by the clock of that day; the answer says which instant that is."""
    for n, moment in enumerate(("2019-03-30T22:59:00", "2019-03-30T23:30:00", "2019-03-31T03:00:00")):
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        stage.registry.push_image("app", tags=[f"v{n}"], layers=[n + 1], updated=at)
    text = await ask(stage, f"app --before {typed}")
    assert (f"*{going} of 3 manifests*" if going else "*Nothing old to clean*") in text
    assert f"which is {instant}" in text
    assert "<!date^" in text
    assert told in text
    assert ("your own time zone" in text) == bool(told)


async def test_each_has_their_own_zone_and_it_is_asked_for_once(stage: Stage) -> None:
    """Another person's date is another instant; Slack is asked once for each, and not where no zone is needed."""
    stage.slack.workspace.people[KIM].tz = "America/Los_Angeles"
    seed(stage)
    await ask(stage, "app --older-than 30d")
    assert not stage.slack.calls_of("users.info")
    for _ in range(2):
        assert "2019-07-31 22:00:00 UTC" in await ask(stage, "app --before 2019-08-01")
        kims = read(await stage.ask(stage.kim, "/acr old app --before 2019-08-01"))
        assert "2019-08-01 07:00:00 UTC" in kims
    assert [call.arguments["user"] for call in stage.slack.calls_of("users.info")] == [RILEY, KIM]


@pytest.mark.parametrize("trouble", ["missing_scope", "user_not_found", "unknown zone", "no zone"])
async def test_where_the_zone_is_not_known_it_is_utc_and_said(stage: Stage, trouble: str) -> None:
    """The answer comes all the same, warns, and says how to be sure; the next question asks Slack again."""
    seed(stage)
    if "zone" in trouble:
        stage.slack.workspace.people[RILEY].tz = "Mars/Olympus" if trouble == "unknown zone" else ""
    else:
        stage.slack.fail("users.info", trouble)
    text = await ask(stage, "app --before 2019-08-01")
    assert "which is 2019-08-01 00:00:00 UTC" in text
    assert "Slack did not say in which time zone you are" in text
    assert "`2019-04-05T00:00+02:00`" in text
    stage.slack.workspace.people[RILEY].tz = "Europe/Amsterdam"
    assert "2019-07-31 22:00:00 UTC" in await ask(stage, "app --before 2019-08-01")


async def test_the_button_means_the_moment_that_was_looked_at(transport: str) -> None:
    """A proposal a week later has the same cutoff, and takes nothing that has become old since."""
    async with make_stage(transport) as stage, stage.running():
        digest = seed(stage)
        answer = await stage.ask(stage.riley, "/acr old app --older-than 65d")
        stage.clock_ahead = days_ago(0) - days_ago(7)
        card = await stage.card_after(stage.riley.click(answer, "propose"))
        assert "Delete 3 old manifests" in text_of(card)
        assert short(digest["mixed"]) not in text_of(card)


async def test_what_was_tagged_anew_since_is_skipped_and_said(stage: Stage) -> None:
    """One more tag, or one fewer, than on the approved list: nobody approved that."""
    registry = stage.registry
    digest = seed(stage)
    card = await stage.propose(stage.riley, "/acr old app --older-than 30d")
    registry.tag("app", digest["v1"], "v1.0.1", updated=days_ago(80))
    registry.untag("app", "demo")
    registry.set_updated("app", digest["mixed"], days_ago(60))
    registry.tag("app", digest["loose"], "rescued", updated=days_ago(80))
    await stage.sam.click(card, "approve")
    text = await stage.settled(card)
    result = outcomes(stage, card)
    assert result[digest["v1"]] == ("skipped", "its tags have changed since (now stable, v1, v1.0.1)")
    assert result[digest["mixed"]] == ("skipped", "its tags have changed since (now pr-9)")
    assert result[digest["loose"]] == ("skipped", "its tags have changed since (now rescued)")
    assert result[digest["pr"]][0] == "deleted"
    assert "Deleted 1 of 4 old manifests" in text
    assert "its tags have changed since" in text


async def test_a_tag_that_moves_keeps_both_manifests(stage: Stage) -> None:
    """The one that had the tag when it was proposed is skipped, and the one that has it now was never asked for."""
    old = stage.registry.push_image("app", tags=["v1"], layers=[1], updated=days_ago(60))
    card = await stage.propose(stage.riley, "/acr old app --older-than 30d")
    new = stage.registry.push_image("app", tags=["v1"], layers=[2])
    await stage.sam.click(card, "approve")
    assert "its tags have changed since" in await stage.settled(card)
    assert outcomes(stage, card) == {old: ("skipped", "its tags have changed since (now untagged)")}
    assert stage.registry.digests("app") == {old, new}
    assert stage.registry.tags("app") == {"v1": new}


async def test_a_pattern_covers_several_repositories(stage: Stage) -> None:
    """Each tag is named with its repository, in whatever registry was asked."""
    for n, name in enumerate(("team/a", "team/b", "other")):
        stage.registry.push_image(name, tags=["v1"], layers=[n + 1], updated=days_ago(60))
    text = await ask(stage, f"'{stage.acr.login_server}/team/*' --older-than 30d")
    assert "*2 tags go with them:* `team/a:v1`, `team/b:v1`." in text
    assert "*2 of 2 manifests* in `team/*` (2 repositories)" in text
    card = await stage.propose(stage.riley, f"/acr old team/* --older-than 30d --registry {stage.acr.login_server}")
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert stage.registry.repositories() == ["other"]


@pytest.mark.parametrize(
    ("typed", "problem", "expected"),
    [
        ("old app", "How old is missing", "--older-than 30d"),
        ("old app --older-than 30d --before 2019-04-05", "each say how old", "Give one of"),
        ("old app --older-than 1h30d", "'1h30d' is not a length of time", "the largest unit first"),
        ("old app --before tomorrow", "'tomorrow' is not a date", "Without a zone it is your own time in Slack"),
        ("old app --before 2999-01-01", "is still to come", "Give a moment that has passed"),
        ("old app --before 1066-10-14", "is not within the years", "Nothing in a registry is from before 1970"),
        ("old app --older-than 30d --tags '(?!v).*'", "can't be used", "no look-around"),
        ("old app:v1 --older-than 30d", "names one manifest", "whole repositories"),
        ("old ap --older-than 30d", "There is no repository ap in", "Nearest names: app"),
        ("old 'x*' --older-than 30d", "No repository of", "* stands for any characters"),
        ("old app --older-than 30d --registry nosuch", "There is no registry 'nosuch' here", "The registries are"),
        ("old", "The repository is missing", "how old"),
    ],
)
async def test_each_wrong_use_has_its_answer(stage: Stage, typed: str, problem: str, expected: str) -> None:
    """The answer names the problem and what was expected, and its example works as it stands."""
    seed(stage)
    for repository in ("team/app", "myrepo"):
        stage.registry.push_image(repository, tags=["v1"], updated=days_ago(60))
    text = read(await stage.ask(stage.riley, f"/acr {typed}"))
    assert problem in text
    assert expected in text
    example = text.partition("For example: ")[2].splitlines()[0].strip("`")
    assert example.startswith("/acr old ")
    answer = text_of(await stage.ask(stage.riley, example))
    assert "could go" in answer or "Nothing old to clean" in answer or "Nothing matching to clean" in answer


async def test_control_characters_come_out_as_text(stage: Stage) -> None:
    """A pattern with Slack's control characters pings nobody and becomes no link."""
    seed(stage)
    answer = await stage.ask(stage.riley, "/acr old app --older-than 30d --tags '<!channel>|<@U0SAM>|pr-.*&`*'")
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []
    assert "<!channel>" not in str(answer.blocks)
    assert "<@U0SAM>" not in str(answer.blocks)
    assert "<!channel>" not in answer.text
    assert "&lt;!channel&gt;" in str(answer.blocks)
    assert answer.channel == OPS


async def test_hundreds_of_long_tags_can_be_sent(transport: str) -> None:
    """The longest names come out within Slack's limits, and what does not fit is counted."""
    async with make_stage(transport) as stage, stage.running():
        repository = "/".join(["a" * 63] * 4)
        for n in range(200):
            tags = [f"{'t' * 120}{n:03}{letter}" for letter in "abc"]
            stage.registry.push_image(repository, tags=tags, layers=[n + 1], updated=days_ago(60 + n))
        answer = await stage.ask(stage.riley, f"/acr old {repository} --older-than 30d")
        assert "*600 tags go with them:*" in read(answer)
        assert " more." in read(answer)
        card = await stage.card_after(stage.riley.click(answer, "propose"))
        assert check_message({"text": card.text, "blocks": card.blocks}, "message") == []
