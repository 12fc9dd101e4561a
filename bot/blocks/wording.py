"""How a rule, its reasons and the people concerned read in a sentence."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bot.blocks import rich
from bot.blocks.message import Block
from bot.blocks.text import code, date, duration, join, name, number, plural, utc
from bot.domain.reason import Why, headline
from bot.domain.rule import Rule

FAULTS_MOST = 5
SHARED_LAYERS = "Layers that surviving images share stay, so less may be freed."


def what(rule: Rule) -> str:
    """Say in one adjective what a rule is about: ``untagged``; empty where it is about all manifests, or named ones."""
    if rule.by_name:
        return ""
    if rule.untagged and not rule.tagged:
        return "untagged"
    if rule.tags:
        return "matching"
    if rule.before:
        return "old"
    return "" if rule.untagged else "tagged"


def things(count: int, rule: Rule) -> str:
    """``37 untagged manifests``."""
    adjective = what(rule)
    return plural(count, f"{adjective} manifest".strip())


def criteria(rule: Rule, shown: Callable[[str, int], str] = code) -> list[str]:
    """Say what the rule selects and what protects from it, a phrase for each part.

    In mrkdwn, unless ``shown`` (a text and its longest form) shows a pattern otherwise.
    """
    phrases = [f"by the standing rule {shown(rule.standing, 64)}"] if rule.standing else []
    if rule.whole:
        phrases.append("the whole repository")
    elif rule.named:
        phrases.append("named by digest")
    elif rule.untagged and not rule.tagged:
        phrases.append("untagged")
    elif rule.tagged and not rule.untagged:
        phrases.append("tagged")
    if rule.tags:
        phrases.append(f"tags {'containing' if rule.search else 'matching'} {shown(rule.tags, 80)}")
    if rule.before:
        phrases.append(f"last changed before {utc(rule.before)}")
    if rule.keep_newest:
        newest = "the newest one stays" if rule.keep_newest == 1 else f"the newest {number(rule.keep_newest)} stay"
        phrases.append(newest)
    if rule.spared:
        newest = "the newest one was" if rule.spared == 1 else f"the newest {number(rule.spared)} were"
        phrases.append(f"of what would go from each repository, {newest} left out")
    if rule.protection.grace:
        phrases.append(f"what changed in the last {duration(rule.protection.grace)} stays")
    return phrases


def cutoff(before: datetime, *, zone: str = "", guessed: bool = False) -> str:
    """Say in mrkdwn which instant a rule's time is, in which zone it was read, and where that had to be ``guessed``."""
    instant = (
        f"That is what last changed before {date(before)}, which is {before.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    )
    if zone:
        return f"{instant}: your date was read in your own time zone, {code(zone, 60)}."
    if guessed:
        return (
            f":warning: {instant}: Slack did not say in which time zone you are, so your date was read as UTC. "
            "To be sure, write the zone, as in `2019-04-05T00:00+02:00`."
        )
    return f"{instant}."


def kept(why: Why, rule: Rule) -> str:
    """Say in plain text why a manifest stays, with the setting or option behind it."""
    phrase = headline(why)
    protection = rule.protection
    if why is Why.UNREADABLE:
        return "in a repository that could not be read"
    if why is Why.GRACE and protection.grace:
        return f"{phrase} ({duration(protection.grace)})"
    if why is Why.TOO_NEW and rule.before:
        return f"{phrase} ({utc(rule.before)})"
    if why is Why.NEWEST and rule.keep_newest:
        return f"{phrase} ({number(rule.keep_newest)} to keep)"
    if why is Why.PATTERN and (patterns := protection.keep_tags + protection.keep_repositories):
        return f"{phrase} ({join([name(pattern, 40) for pattern in patterns], 4)})"
    return phrase


def fault_list(title: str, faults: Mapping[str, str]) -> Block:
    """List repositories that are not cleaned, each with its reason. The reasons can hold anything."""
    lines = [
        [rich.code(repository, 120), rich.text(f": {fault}")]
        for repository, fault in list(faults.items())[:FAULTS_MOST]
    ]
    if len(faults) > FAULTS_MOST:
        lines.append([rich.text(f"and {number(len(faults) - FAULTS_MOST)} more")])
    return rich.rich(rich.paragraph(rich.text(title, bold=True)), rich.bullets(lines))
