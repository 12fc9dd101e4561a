"""Rejecting as people do: a click, a form, a reason."""

from sandbox.slack import Human, Message, View
from tests.scenarios.stage import Stage

WHY = "We still roll back to these."


async def reason_form(stage: Stage, person: Human, surface: Message | View) -> View:
    """Click Reject and give the form that comes up, once it can be filled in."""
    outcome = await person.click(surface, "reject")
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: person.view is not None and "submit" in person.view.definition, timeout=15)
    assert person.view is not None
    return person.view


async def reject(stage: Stage, person: Human, surface: Message | View, reason: str = WHY) -> None:
    """Click Reject, say why, and submit that."""
    view = await reason_form(stage, person, surface)
    outcome = await person.submit(view, {"reason": reason})
    assert outcome.ok, outcome
    assert outcome.errors == {}
