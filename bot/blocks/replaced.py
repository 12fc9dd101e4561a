"""What two cards say where one proposal has taken the place of the other."""

from bot.blocks.text import date, link, mention, plural
from bot.domain.proposal import Proposal


def replaces_words(older: Proposal | None) -> str:
    """Say on the newer card what it stands in the place of; empty where it does not."""
    if older is None:
        return ""
    return (
        f":recycle: This replaces the proposal of {mention(older.requester)} of {date(older.created)}, "
        f"which had {plural(older.item_count, 'item')}. Approvals of that one do not count here."
    )


def replaced_words(proposal: Proposal, url: str) -> str:
    """Say on the older card where the newer one is; empty where there is none."""
    return f"{link(url, 'The newer proposal')} has taken its place." if proposal.replaced_by else ""
