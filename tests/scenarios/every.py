"""A line for every command, to show what holds for all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.slack import Human, Message, check_message
from tests.scenarios.reading import fetch_csv
from tests.scenarios.stage import OPS, Stage

# ``{at}`` is empty, or a login server with a slash behind it. What ``{open}`` and ``{locked}`` name has a tag of each.
EVERY = {
    "untagged": "untagged {at}{repo}",
    "explain": "explain {at}{repo}@{digest}",
    "old": "old {at}{repo} --older-than 30d",
    "delete": "delete {at}{repo}@{digest}",
    "untag": "untag {at}{repo}:{open}",
    "lock": "lock {at}{repo}@{digest}",
    "unlock": "unlock {at}{repo}:{locked}",
    "purge": "purge '{at}{repo}:.*' --ago 30d --untagged",
    "rules": "rules",
    "apply": "apply everything",
    "repos": "repos '{at}*'",
    "manifests": "manifests {at}{repo}",
    "usage": "usage '{at}*'",
    "pending": "pending",
    "history": "history {at}{repo}",
    "whocan": "whocan {at}{repo}",
    "audit": "audit --repo {repo}",
    "report": "report --private",
    "trend": "trend {at}{repo}",
    "subscribe": "subscribe '{at}{repo}'",
    "subscriptions": "subscriptions",
    "unsubscribe": "unsubscribe '{at}{repo}'",
    "freeze": "freeze trying it out",
    "unfreeze": "unfreeze",
    "help": "help",
}

RULES = [{"name": "everything", "repositories": ["*"], "older_than": "30d", "untagged": True, "tags": ".*"}]


@dataclass(frozen=True)
class Names:
    """What the lines are about."""

    repo: str
    digest: str
    open: str
    locked: str
    at: str = ""

    def line(self, command: str, *, at: str = "") -> str:
        """Give the line of a command, without ``/acr``."""
        return EVERY[command].format(at=at, repo=self.repo, digest=self.digest, open=self.open, locked=self.locked)


async def play(stage: Stage, line: str) -> list[Message]:
    """Type a line as an approver and click whatever can be clicked; give the answer, and the card where there is one.

    What can be proposed is, somebody else approves it, and the run ends.
    """
    answer = await stage.ask(stage.sam, f"/acr {line}")
    if line.startswith("report"):
        answer = await _report(stage)
    buttons = set(action_ids(answer.blocks))
    if "propose" in buttons:
        card = await stage.card_after(stage.sam.click(answer, "propose"))
        await stage.kim.click(card, "approve")
        await stage.settled(card)
        return [answer, card]
    if "csv" in buttons:
        await fetch_csv(stage, answer, stage.sam)
    if "page.next" in buttons:
        await next_page(stage, answer, stage.sam)
    return [answer]


async def _report(stage: Stage) -> Message:
    """Wait for the private report that follows the note that it is being made, or for what is said in its place."""

    def said() -> list[Message]:
        private = [m for m in stage.sam.messages(OPS) if m.only_for == stage.sam.id]
        return [message for message in private[-1:] if "Making the report" not in message.text]

    await stage.slack.wait_for(said, timeout=15)
    return said()[-1]


async def next_page(stage: Stage, answer: Message, person: Human) -> None:
    """Turn one page."""
    before = len(answer.versions)
    outcome = await person.click(answer, "page.next")
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: len(answer.versions) > before, timeout=15)


def action_ids(value: Any) -> Iterator[str]:
    """Find the buttons."""
    if isinstance(value, dict):
        if "action_id" in value:
            yield str(value["action_id"])
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from action_ids(part)


def said(stage: Stage) -> list[tuple[str, list[dict[str, Any]]]]:
    """Give the text and the blocks of all that the app has ever said, anywhere."""
    return [
        (version.text, version.blocks)
        for messages in stage.slack.workspace.messages.values()
        for message in messages
        if message.by_app
        for version in message.versions
    ]


def check_all_fit(stage: Stage, logged: list[str]) -> None:
    """Fail where Slack has refused something, or would have."""
    assert not {"blocks_refused", "response_url_failed", "file_not_attached", "unexpected_error"} & set(logged)
    for text, blocks in said(stage):
        assert check_message({"text": text, **({"blocks": blocks} if blocks else {})}, "message") == []
