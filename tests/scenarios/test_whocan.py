"""Asking who may approve, before anything is proposed."""

import pytest

from sandbox.slack import text_of
from tests.scenarios.reading import read
from tests.scenarios.stage import KIM, OLU, OPS, PLATFORM, SAM, Stage, make_stage
from tests.scenarios.test_approvals import seed, staged

PROD = {"repositories": ["prod/*"], "approvers": [OLU, PLATFORM], "required": 2}
TEAM = {"name": "shop", "channel": OPS, "repositories": ["shop/*"], "approvers": [KIM]}
over_http = pytest.mark.parametrize("transport", ["http"])


async def asked(stage: Stage, who: str, line: str) -> str:
    """Give the answer to somebody."""
    return read(await stage.ask(stage.slack.human(who), f"/acr whocan {line}"))


async def test_it_says_who_how_many_and_why(transport: str) -> None:
    """The entry that holds is named with its people, its number and its pattern, and the asker learns what they may."""
    async with staged(transport, {"by_repository": [PROD]}, teams=[TEAM]) as stage:
        seed(stage, "prod/app", "shop/cart", "myrepo")
        said = await asked(stage, SAM, "prod/app")
        assert "*Who may approve for* `prod/app` · registry `" in said
        assert f"*Approvers:* 2 people, each <@{OLU}> or anybody in <!subteam^{PLATFORM}>, but not the one who" in said
        assert "*It takes:* 2 approvals" in said
        assert "*Set by:* an entry of `approvals.by_repository`, for `prod/*`" in said
        assert "*You:* may propose, and may not approve" in said
        assert "*You:* may propose, and may approve what others have proposed" in await asked(stage, KIM, "prod/app")
        said = await asked(stage, SAM, "shop/cart")
        assert "*Set by:* the team `shop`, for `shop/*`; how many, by `approvals.required`" in said
        said = await asked(stage, SAM, "myrepo")
        assert "*Set by:* `approvals.approvers`, since no entry is about it" in said
        assert "*It takes:* 1 approval" in said
        assert "may approve what others have proposed" in said


@over_http
async def test_a_tag_makes_no_difference(stage: Stage) -> None:
    """A pasted reference with a tag is answered for its repository, and says that any tag has the same answer."""
    seed(stage)
    said = await asked(stage, SAM, f"{stage.acr.login_server}/myrepo:v1")
    assert "`myrepo`, as for every tag and digest of it" in said


@over_http
async def test_a_pattern_lists_its_repositories_by_entry(transport: str) -> None:
    """What one entry decides about is one part of the answer, which says what that means for a proposal over all."""
    async with staged(transport, {"by_repository": [PROD]}, teams=[TEAM]) as stage:
        seed(stage, "prod/app", "prod/web", "shop/cart")
        said = await asked(stage, KIM, "'*'")
        assert "`*`: 3 repositories" in said
        assert "*`prod/app` and `prod/web`*" in said
        assert "*`shop/cart`*" in said
        assert "A proposal over several of these needs the people of each" in said


@over_http
async def test_self_approval_and_nobody(transport: str) -> None:
    """Where the settings allow it the asker may approve their own; where nobody may, nothing can be proposed."""
    async with staged(transport, {"allow_self_approval": True}) as stage:
        seed(stage)
        said = await asked(stage, SAM, "myrepo")
        assert "may approve, also what you have proposed" in said
        assert "Lifting a lock always takes somebody else." in said
    async with make_stage(transport, approvers=()) as stage, stage.running():
        seed(stage)
        assert "*Nobody*, so nothing can be proposed there" in await asked(stage, SAM, "myrepo")


@over_http
async def test_what_slack_says_of_the_asker_counts(stage: Stage) -> None:
    """A deactivated account is told so; where Slack does not answer, the rest of the answer comes all the same."""
    seed(stage)
    stage.slack.fail("users.info", error="fatal_error")
    assert "Slack does not say at the moment whether you may approve" in await asked(stage, SAM, "myrepo")
    sam = stage.sam
    stage.slack.workspace.people[SAM].deleted = True
    said = read(await stage.ask(sam, "/acr whocan myrepo"))
    assert "may not approve. Slack says that this account is deactivated" in said


async def test_an_unknown_repository_is_answered_with_the_nearest(stage: Stage) -> None:
    """The answer names what is like it, and its example is the same question."""
    seed(stage, "team/app")
    said = text_of(await stage.ask(stage.riley, "/acr whocan team/ap"))
    assert "There is no repository team/ap in" in said
    assert "/acr whocan team/app" in said
    said = text_of(await stage.ask(stage.riley, "/acr whocan 'nosuch/*'"))
    assert "No repository of" in said
    assert "/acr whocan 'team/*'" in said
