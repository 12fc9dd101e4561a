"""Choose: taking something off an open proposal, from the button on its card to the run of what is left."""

import asyncio
import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from sandbox.slack import Human, Message, View, check_message, text_of
from tests.scenarios.reading import read
from tests.scenarios.stage import KIM, OLU, RILEY, SAM, Stage, days_ago, make_stage
from tests.scenarios.test_approvals import staged


def seed(stage: Stage, count: int = 4, repository: str = "myrepo") -> list[str]:
    """Put so many untagged images into a repository, the oldest first."""
    return [
        stage.registry.push_image(repository, layers=[1_000_000 + n], updated=days_ago(60 - n)) for n in range(count)
    ]


async def opened(stage: Stage, person: Human, card: Message, *, stale: bool = False) -> View:
    """Click Choose and give the form once it shows what there is to choose from, or why there is nothing."""
    outcome = await person.click(card, "choose", stale=stale)
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: person.view is not None and "Looking up" not in shown(person.view), timeout=15)
    view = person.view
    assert view is not None
    assert check_message(view.definition, "modal") == []
    return view


def shown(view: View) -> str:
    """Give all that stands in a form."""
    return json.dumps(view.blocks, ensure_ascii=False)


def boxes(view: View) -> dict[str, tuple[str, str]]:
    """Give by the digest in its name the block and the value of each item on the page."""
    return {
        option["text"]["text"]: (block["block_id"], option["value"])
        for block in view.blocks
        if (block.get("element") or {}).get("type") == "checkboxes"
        for option in block["element"]["options"]
    }


def without(view: View, *digests: str) -> dict[str, Any]:
    """Give what to submit so that these items are unticked and all others of the page are ticked."""
    short = [digest.removeprefix("sha256:")[:12] for digest in digests]
    ticks: dict[str, Any] = {}
    for text, (block, value) in boxes(view).items():
        chosen = ticks.setdefault(block, {"choose.items": []})["choose.items"]
        if not any(one in text for one in short):
            chosen.append(value)
    return ticks


async def submitted(stage: Stage, person: Human, view: View, values: dict[str, Any]) -> str:
    """Submit the form and give what it shows once the choice is made or has come to nothing."""
    outcome = await person.submit(view, values)
    assert outcome.ok, outcome
    assert outcome.errors == {}
    await stage.slack.wait_for(lambda: "Looking at the registry" not in shown(view), timeout=15)
    return shown(view)


async def revision(stage: Stage, card: Message, number: int = 2) -> str:
    """Wait for the card of a revision and for the list in its thread, and give the card's text."""
    await stage.until(card, f"Revision {number}:")
    await stage.slack.wait_for(lambda: f"revision-{number}-plan.csv" in str(list(stage.files(card))), timeout=15)
    return read(card)


def listed(stage: Stage, card: Message, number: int) -> set[str]:
    """Give the digests in the list of a revision."""
    (content,) = [c for name, c in stage.files(card).items() if name.endswith(f"revision-{number}-plan.csv")]
    return {row["digest"] for row in csv.DictReader(io.StringIO(content.decode()))}


async def test_what_is_unticked_stays(stage: Stage) -> None:
    """An approver takes one off: the card is of a new revision, its thread has the list, and only the rest goes."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    expires = next(line for line in read(card).splitlines() if "Open until" in line)
    view = await opened(stage, stage.sam, card)
    assert "*Delete 4 untagged manifests in `myrepo`*. Untick what should stay, or narrow" in shown(view)
    assert len(boxes(view)) == 4
    said = await submitted(stage, stage.sam, view, without(view, digests[0]))
    assert "*Revision 2 is on the card*, with 3 items. You took 1 item off." in said
    text = await revision(stage, card)
    assert text.startswith("*Delete 3 untagged manifests* in `myrepo`")
    assert f":pencil2: *Revision 2:* <@{SAM}> took 1 item off; nobody had approved it yet." in text
    assert expires in text
    assert listed(stage, card, 2) == set(digests[1:])
    await stage.kim.click(card, "approve")
    assert "*Deleted all 3 untagged manifests*" in await stage.settled(card)
    assert stage.registry.digests("myrepo") == {digests[0]}
