"""Who is told of a proposal is written down once, with what each message shows."""

from dataclasses import replace

from bot.domain.copy import Copy
from bot.domain.proposal import Deed, State
from bot.store import Store
from tests.store.make import event, items, proposal


async def test_people_are_listed_once(store: Store) -> None:
    """Of two who list them one does. An open proposal with a card is owed that, also where nobody is to be told."""
    for number in (1, 2):
        made = proposal(1, id=f"p{number}")
        await store.proposals.create(made, items(1), event(Deed.PROPOSED, made.id))
    await store.proposals.attach_card("p1", "C1", "1.1")
    assert await store.copies.untold() == ["p1"]
    assert not await store.copies.listed("p1")
    assert await store.copies.list_people("p1", ["U2", "U1"])
    assert not await store.copies.list_people("p1", ["U3"])
    assert await store.copies.of("p1") == [Copy("p1", "U1"), Copy("p1", "U2")]
    await store.proposals.attach_card("p2", "C1", "1.2")
    assert await store.copies.list_people("p2", [])
    assert await store.copies.untold() == []
    assert await store.copies.of("p2") == []


async def test_what_shows_an_end_or_is_gone_is_settled(store: Store) -> None:
    """Until then a copy is looked at again at every start."""
    await store.copies.list_people("p1", ["U1", "U2"])
    one, two = await store.copies.of("p1")
    assert await store.copies.unsettled() == ["p1"]
    await store.copies.write(replace(one, channel="D1", ts="1.1", shown=State.APPROVED))
    await store.copies.write(replace(two, gone="user_not_found"))
    assert await store.copies.unsettled() == ["p1"]
    await store.copies.write(replace(one, channel="D1", ts="1.1", shown=State.DONE))
    assert await store.copies.unsettled() == []
