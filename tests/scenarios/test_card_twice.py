"""Cards whose posting was slow, cut short or not confirmed: one that counts, with its list, and no stale buttons."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.proposal import State
from bot.janitor.desk import Policy
from bot.store import Store
from handlers import Cards, OneClient
from sandbox.slack import Message, text_of
from tests.scenarios.stage import OPS, SAM, Stage, days_ago, make_stage
from tests.store.make import put


@dataclass
class Board:
    """Cards without the rest of the app, on a stage's workspace; their clock is ahead of every new proposal."""

    stage: Stage
    client: AsyncWebClient
    store: Store
    cards: Cards

    async def create(self) -> str:
        """Store an open proposal and give its id."""
        team, now = self.stage.slack.workspace.team_id, self.stage.now()
        made = await put(
            self.store, State.OPEN, 3, channel=OPS, team_id=team, created=now, expires=now + timedelta(hours=72)
        )
        return made.id

    def lists(self) -> list[str]:
        """Give the names of the files in all threads."""
        return [name for card in self.stage.cards() for name in self.stage.files(card)]


@pytest.fixture
async def board() -> AsyncIterator[Board]:
    """Give a board."""
    async with make_stage("http") as stage, contextlib.AsyncExitStack() as exits:
        client = AsyncWebClient(
            "xoxb-sandbox", base_url=stage.slack.api_url, retry_handlers=[AsyncRateLimitErrorRetryHandler(3)]
        )
        store = await Store.open(stage.environ["DATABASE_URL"])
        exits.push_async_callback(store.close)
        cards = Cards(OneClient(client), store, Policy(approvers=(SAM,)), lambda: stage.now() + timedelta(minutes=5))
        exits.push_async_callback(cards.close)
        yield Board(stage, client, store, cards)


async def test_a_card_that_slack_lets_wait_is_not_posted_a_second_time(board: Board) -> None:
    """While a card is being posted the sweep leaves it alone, however long that takes."""
    found = await board.store.proposals.get(await board.create())
    assert found is not None
    board.stage.slack.fail("chat.postMessage", status=429, retry_after=1)
    async with asyncio.TaskGroup() as group:
        group.create_task(board.cards.post(found))
        await board.stage.slack.wait_for(lambda: board.stage.slack.calls_of("chat.postMessage"))
        await board.cards.catch_up()
    assert len(board.stage.cards()) == 1
    await board.cards.catch_up()
    await board.stage.slack.settle(0.3)
    assert len(board.lists()) == 1


async def test_a_card_without_its_list_gets_it(board: Board) -> None:
    """A crash between the card and its file leaves no card whose whole list nobody can read."""
    id_ = await board.create()
    posted = await board.client.chat_postMessage(channel=OPS, text="the card, as it was when the app was killed")
    await board.store.proposals.attach_card(id_, OPS, str(posted["ts"]))
    for _ in range(2):
        await board.cards.catch_up()
        await board.stage.slack.settle(0.3)
        assert board.lists() == [f"acr-janitor-{id_}-plan.csv"]
    (card,) = board.stage.cards()
    assert "[Approve]" in text_of(card)


async def test_a_copy_of_a_card_loses_its_buttons_when_it_is_clicked(stage: Stage) -> None:
    """Whoever decides on a copy has decided; it then leads to the card that shows what becomes of it."""
    loose = {stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))}
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    copies = [await copied(stage, card) for _ in range(2)]
    await stage.private_after(stage.olu, stage.olu.click(copies[0], "approve"), "not one of those who may")
    assert "[Approve]" in text_of(copies[0]), "a refusal changes nothing"
    await stage.sam.click(copies[0], "approve")
    await stage.settled(card)
    assert "posted twice" in await stage.until(copies[0], "The other one")
    await stage.private_after(stage.kim, stage.kim.click(copies[1], "approve"), "has been carried out")
    await stage.until(copies[1], "The other one")
    assert all("[Approve]" not in text_of(message) for message in (card, *copies))
    assert "Deleted 1 untagged manifest" in text_of(card)
    assert not loose & stage.registry.digests("myrepo")


async def copied(stage: Stage, card: Message) -> Message:
    """Post a card a second time, in the app's name."""
    client = AsyncWebClient("xoxb-sandbox", base_url=stage.slack.api_url)
    known = set(map(id, stage.cards()))
    await client.chat_postMessage(channel=OPS, text=card.text, blocks=card.blocks)
    return next(message for message in stage.cards() if id(message) not in known)
