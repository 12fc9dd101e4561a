"""A fault of our own: people are told, nothing more is deleted, and what comes behind it is not held up."""

import re

import pytest

from bot.janitor import cleaning
from sandbox.slack import text_of
from tests.scenarios.stage import Stage, days_ago


async def test_a_run_that_breaks_by_our_fault_ends_as_failed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The card says so with a reference that the log has, the next proposal is carried out, and so is the same anew."""
    digests = {name: stage.registry.push_image(name, layers=[1], updated=days_ago(9)) for name in ("one", "two")}
    cards = {name: await stage.propose(stage.riley, f"/acr untagged {name}") for name in digests}
    with monkeypatch.context() as broken:
        broken.delattr(cleaning, "recheck")
        await stage.sam.click(cards["one"], "approve")
        text = await stage.settled(cards["one"])
    assert "Broke off: deleted none of 1 untagged manifest" in text
    found = re.search(r"went wrong on our side.* finds it by ([0-9a-f]{8})", text)
    assert found
    assert found[1] in capsys.readouterr().out
    assert stage.registry.digests("one") == {digests["one"]}

    await stage.sam.click(cards["two"], "approve")
    assert "Deleted 1 untagged manifest" in await stage.settled(cards["two"])
    again = await stage.propose(stage.riley, "/acr untagged one")
    await stage.sam.click(again, "approve")
    await stage.settled(again)
    assert "Deleted 1 untagged manifest" in text_of(again)
