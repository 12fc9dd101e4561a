"""Reading an answer as people do."""

import csv
import html
import io

from sandbox.slack import Human, Message, check_message, text_of
from tests.scenarios.stage import OPS, Stage


def read(answer: Message) -> str:
    """Give an answer's text as people read it; Slack must have taken it as it is."""
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []
    return html.unescape(text_of(answer))


async def ask(stage: Stage, line: str) -> str:
    """Ask as Riley and give what Riley reads."""
    return read(await stage.ask(stage.riley, f"/acr {line}"))


def cells(answer: Message) -> list[list[str]]:
    """Give the rows of the answer's table without its head; a cell that is not plain text as an empty one."""
    (table,) = [block for block in answer.blocks if block["type"] == "table"]
    return [[cell.get("text", "") for cell in row] for row in table["rows"][1:]]


async def propose(stage: Stage, person: Human, repository: str) -> Message:
    """Propose what is untagged, wait for the note to whoever did, and give the card."""
    card = await stage.propose(person, f"/acr untagged {repository}")
    mark = card.ts.replace(".", "")  # a permalink holds it
    await stage.slack.wait_for(lambda: any(mark in (m.text or "") for m in person.messages(OPS)), timeout=15)
    return card


async def turn(stage: Stage, answer: Message, button: str) -> None:
    """Click a button that puts another page in the place of the answer, and wait for that."""
    before = len(answer.versions)
    outcome = await stage.riley.click(answer, button)
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: len(answer.versions) > before, timeout=15)


async def fetch_csv(
    stage: Stage, answer: Message, person: Human | None = None, *, button: str = "csv"
) -> list[dict[str, str]]:
    """Click "All as CSV", wait for the file in the direct messages, and give its rows; nobody else gets it."""
    person = person or stage.riley
    known = len(person.messages(person.dm))
    note = await stage.private_after(person, person.click(answer, button), "in a direct message")
    assert ".csv" in note
    files = [file for message in person.messages(person.dm)[known:] for file in message.files]
    (file,) = files
    assert not [message for message in stage.olu.messages(OPS) if message.files]
    return list(csv.DictReader(io.StringIO(file.content.decode(), newline="")))
