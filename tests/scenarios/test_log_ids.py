"""The log: whoever looks for a proposal, a person or a registry finds every line about it."""

from collections.abc import Iterator

import pytest
import structlog
from structlog.typing import EventDict

from sandbox.acr import Fault
from tests.scenarios.stage import OLU, RILEY, SAM, Stage, days_ago

Lines = list[EventDict]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Give every line that is logged, with all that it carries."""
    seen: Lines = []

    def note(_logger: object, _method: str, event: EventDict) -> EventDict:
        seen.append(dict(event))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, note])
    yield seen
    structlog.configure(**before)


def named(lines: Lines, event: str) -> EventDict:
    """Give the one line of that name."""
    (found,) = (line for line in lines if line["event"] == event)
    return found


async def test_a_proposal_is_found_from_its_beginning_to_its_end(lines: Lines, stage: Stage) -> None:
    """Proposing, deciding, a refused click and the run carry the ids of proposal and person, and the registry."""
    stage.registry.push_image("myrepo", layers=[1], updated=days_ago(40))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    proposed = named(lines, "proposed")
    about = {"proposal": proposed["proposal"], "registry": stage.acr.login_server}
    assert about.items() <= proposed.items()
    assert (proposed["user"], proposed["items"]) == (RILEY, 1)

    await stage.private_after(stage.olu, stage.olu.click(card, "approve"), "approve")
    refused = named(lines, "answered_with_problem")
    assert (refused["user"], refused["proposal"]) == (OLU, about["proposal"])

    await stage.sam.click(card, "approve")
    await stage.settled(card)
    decided = named(lines, "decided")
    assert (about | {"user": SAM, "state": "approved"}).items() <= decided.items()
    for event in ("run_started", "run_finished"):
        assert about.items() <= named(lines, event).items()
        assert "user" not in named(lines, event), "the run is nobody's click"


async def test_what_the_registry_does_to_a_request_names_it_and_who_asked(lines: Lines, stage: Stage) -> None:
    """A line about a pause or another try says which registry, and for whom."""
    stage.registry.push_image("myrepo", layers=[1], updated=days_ago(40))
    stage.acr.faults.add(Fault(status=429, path="_manifests$", headers={"Retry-After": "1"}, count=1))
    await stage.ask(stage.riley, "/acr untagged myrepo")
    throttled = named(lines, "registry_throttled")
    assert (throttled["registry"], throttled["user"]) == (stage.acr.login_server, RILEY)
