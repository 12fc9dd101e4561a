"""Words and figures for people: escaping, names, sizes, ages, dates, numbers, lists."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

NAME_MOST = 256  # the longest name of a repository

_KIB = 1024
_LONGEST_ESCAPE = len("&amp;")
_BACKTICK = "\u02cb"  # its look-alike: mrkdwn has no way to write a backtick that is only that
_ID = re.compile(r"([UWSC])[A-Z0-9]+")
_MENTION = re.compile(r"<(?:@[UW]|!subteam\^S|#C)[A-Z0-9]+>")


def escape(text: str) -> str:
    """Take the power from Slack's three control characters: nobody is pinged, nothing becomes a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def visible(text: str) -> str:
    r"""Show what can't be seen (line breaks, control characters, changes of direction) as ``\n`` or ``\u202e``.

    Half surrogate pairs, which JSON can carry and UTF-8 can't, come out the same way.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def clip(text: str, most: int) -> str:
    """Cut at the end to at most so many characters, an ellipsis included."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def clip_middle(text: str, most: int) -> str:
    """Cut in the middle: of long names it is the start and the end that tell them apart."""
    if len(text) <= most:
        return text
    head = (most - 1) // 2
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def name(text: str, most: int = NAME_MOST) -> str:
    """Make a name fit for plain text and table cells, which Slack takes as they are: visible, clipped, not empty."""
    return clip_middle(visible(text), most) or "(none)"


def code(text: str, most: int = NAME_MOST) -> str:
    """Show a name as code in mrkdwn, whatever it holds.

    A backtick comes out as its look-alike U+02CB. The escapes count: at most ``most`` characters and the backticks
    around them are sent.
    """
    shown = name(text, most).replace("`", _BACKTICK)
    if len(escape(shown)) > most:  # never so for names that a registry takes, which have nothing to escape
        shown = clip_middle(shown, most // _LONGEST_ESCAPE)
    if shown != shown.strip():  # a span that starts or ends with a space is not drawn as code
        shown = shown.replace(" ", "␣")
    return f"`{escape(shown)}`"


def said(text: str, most: int) -> str:
    """Make free text fit for mrkdwn: as ``said_plain``, escaped, and with no backtick that could open a code span.

    The escapes count: at most ``most`` characters are sent.
    """
    plain = said_plain(text, most).replace("`", _BACKTICK)
    room = most - 1
    for position, character in enumerate(plain):
        room -= len(escape(character))
        if room < 0 and len(escape(plain)) > most:
            return escape(plain[:position].rstrip()) + "…"
    return escape(plain)


def said_plain(text: str, most: int) -> str:
    """Make what a person or a machine wrote at length fit for plain text: clipped, line breaks kept, not empty.

    Other control characters are shown.
    """
    joined = "\u200d"  # joins the parts of one emoji
    lines = [joined.join(map(visible, line.split(joined))) for line in text.strip().splitlines()]
    return clip("\n".join(lines), most) or "(none)"


def number(count: int) -> str:
    """``10,000``."""
    return f"{count:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """``1 manifest``, ``37 manifests``."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def size(n_bytes: int) -> str:
    """``12.4 GiB``, in units of 1024; bytes as they are."""
    if n_bytes < _KIB:
        return f"{n_bytes} B"
    value = float(n_bytes)
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        value /= _KIB
        if round(value, 1) < _KIB:
            return f"{value:.1f} {unit}".replace(".0 ", " ")
    return f"{value / _KIB:,.1f} PiB".replace(".0 ", " ")


def age(then: datetime, now: datetime) -> str:
    """Tell how old something is, rounded down: ``3 days``. The future counts as now: clocks differ a little."""
    seconds = max(0, int((now - then).total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if not minutes:
        return "under a minute"
    if hours < 1:
        return plural(minutes, "minute")
    if hours < 48:  # noqa: PLR2004 - up to two days, hours say more
        return plural(hours, "hour")
    if days < 61:  # noqa: PLR2004 - up to two months, days say more
        return plural(days, "day")
    if days < 730:  # noqa: PLR2004 - up to two years, months say more
        return plural(days * 12 // 365, "month")
    return plural(days // 365, "year")


def duration(span: timedelta) -> str:
    """``24 h``, ``7 days``, ``3 min 20 s``: the two largest units, as settings write them."""
    seconds = max(0, round(span.total_seconds()))
    if seconds >= 48 * 3600 and seconds % 86400 == 0:
        return plural(seconds // 86400, "day")
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)) if seconds >= 48 * 3600 else _CLOCK
    parts: list[str] = []
    for unit, length in units:
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{number(count)} {unit}")
    return " ".join(parts[:2]) or "0 s"


_CLOCK = (("h", 3600), ("min", 60), ("s", 1))


def utc(moment: datetime) -> str:
    """``2026-11-23 15:00 UTC``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def date(moment: datetime) -> str:
    """Write a moment that Slack shows in each reader's own zone, and in UTC where it can't."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} at {{time}}|{utc(moment)}>"


def mention(user_or_group: str) -> str:
    """Mention a user (U…, W…), a user group (S…) or a channel (C…). Anything else is shown as code and pings nobody."""
    match = _ID.fullmatch(user_or_group)
    if not match:
        return code(user_or_group, 40)
    return {"S": f"<!subteam^{user_or_group}>", "C": f"<#{user_or_group}>"}.get(match[1], f"<@{user_or_group}>")


def actor(who: str) -> str:
    """Name who did something, as the record of deeds has it: a person's id, or ``app``."""
    return {"": "nobody", "app": "this app"}.get(who) or mention(who)


def is_mention(text: str) -> bool:
    """Whether a text is a mention as ``mention`` writes it, and nothing else."""
    return _MENTION.fullmatch(text) is not None


def join(words: Sequence[str], most: int = 3, last: str = "and") -> str:
    """Join words to ``a, b and c``; with more than ``most`` to ``a, b, c and 4 more``."""
    shown = list(words[:most])
    rest = len(words) - len(shown)
    if rest:
        shown.append(f"{number(rest)} more")
    if len(shown) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def link(url: str, label: str) -> str:
    """Link some words of ours; without an address just the words."""
    return f"<{escape(url).replace('|', '%7C')}|{escape(label)}>" if url else escape(label)
