"""``/acr audit``: the record as a file, in a direct message to whoever may approve."""

from bot.blocks import Message, notes
from bot.blocks.audit import audit_csv
from bot.domain.audit import Audit
from bot.janitor.audit import look_at_record
from handlers.caller import Caller
from handlers.parts import Parts
from handlers.sheets import upload


async def answer_audit(parts: Parts, request: Audit, caller: Caller) -> Message:
    """Look it up, send it, and say so."""
    sheet = audit_csv(await look_at_record(parts.desk, parts.decider, request, caller.asker))
    await upload(caller, sheet)
    return notes.sent(sheet.name)
