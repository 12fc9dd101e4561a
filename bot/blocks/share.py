"""How much of what is tagged in a repository a proposal takes, in words."""

from bot.blocks.text import code, number, plural
from bot.domain.share import Share


def share_words(share: Share | None) -> str:
    """Warn in mrkdwn: ``:warning: *This takes 9 of the 10 tagged images* in `app`.``; empty where nothing is to say."""
    if share is None:
        return ""
    if share.all:
        what = "the only tagged image" if share.tagged == 1 else f"all {number(share.tagged)} tagged images"
    else:
        what = f"{number(share.going)} of the {number(share.tagged)} tagged images"
    words = f":warning: *This takes {what}* in {code(share.repository)}"
    if share.others:
        words += f", and a large share of those in {plural(share.others, 'more repository', 'more repositories')}"
    return f"{words}."
