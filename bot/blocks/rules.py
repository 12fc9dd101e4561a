"""The private answer to `/acr rules`: every standing rule in words, with what it would free now, the most first."""

from collections.abc import Sequence

from bot.blocks import rich
from bot.blocks.message import Block, Message, fallback
from bot.blocks.paging import first_of_page, pager
from bot.blocks.parts import context, section
from bot.blocks.sheet import Sheet, sheet
from bot.blocks.text import code, date, duration, join, name, number, plural, size
from bot.blocks.wording import SHARED_LAYERS, fault_list
from bot.domain.lists import Rules
from bot.domain.standing import Standing
from bot.durations import format_duration
from bot.janitor.rules import RuleFigures, RulesFound

RULES_PAGE = 10

_GLOBS_MOST = 5
_GLOB_MOST = 80
_PATTERN_MOST = 120
_CSV = (
    "rule",
    "registry",
    "repositories",
    "older_than",
    "tags",
    "untagged",
    "keep",
    "matching_repositories",
    "unread_repositories",
    "manifests",
    "upper_bytes",
    "fault",
)
_SAMPLE = 'rules:\n  - {name: ci-images, repositories: ["ci/*"], older_than: 14d, tags: "pr-.*", keep: 3}'
_LEGEND = f"Sizes are upper bounds. {SHARED_LAYERS} What several rules select counts in each."


def rules(found: RulesFound, request: Rules, *, start: int = 0) -> Message:
    """Draw the page with the row ``start`` for the one who asked."""
    if not found.rules:
        return _none(request)
    ordered = most_first(found)
    start = first_of_page(start, len(ordered), RULES_PAGE)
    several = len({figures.registry for figures in ordered}) > 1
    headline = _headline(ordered)
    page = ordered[start : start + RULES_PAGE]
    blocks: list[Block] = [
        section(headline),
        context(f"Seen {date(found.taken)}"),
        rich.rich(rich.bullets([_line(figures, registry=several) for figures in page])),
    ]
    if found.faults:
        blocks.append(fault_list("Not counted, since not everything in it could be read:", found.faults))
    blocks.append(context(f"{_LEGEND} Nothing was deleted."))
    if not start:
        blocks.append(context(f"To see what one selects, and to propose it: {code(_next(ordered[0], request))}"))
    blocks += pager(str(request), start, len(ordered), page=RULES_PAGE)
    told = [f"{code(figures.rule.name, 64)}: {_figures(figures)}" for figures in page[:5]]
    return Message(fallback(headline, f"{join(told, 5)}."), blocks)


def rules_csv(found: RulesFound) -> Sheet:
    """Write all of them, the most first; where nothing is known of one, the last column says why."""
    rows = []
    for figures in most_first(found):
        rule = figures.rule
        known = [figures.repositories, figures.unread, figures.going, figures.upper_bytes]
        rows.append(
            [
                rule.name,
                figures.registry,
                " ".join(rule.repositories),
                format_duration(rule.older_than) if rule.older_than else "",
                rule.tags,
                "true" if rule.untagged else "false",
                str(rule.keep),
                *([""] * len(known) if figures.fault else map(str, known)),
                figures.fault,
            ]
        )
    return sheet("rules", _CSV, rows, f"{plural(len(rows), 'standing rule')}.")


def most_first(found: RulesFound) -> list[RuleFigures]:
    """Order rules by what they would free, then by what they select; of equal ones the first in the settings first."""
    return sorted(found.rules, key=lambda figures: (bool(figures.fault), -figures.upper_bytes, -figures.going))


def selects(rule: Standing) -> list[rich.Element]:
    """Say which manifests of a repository a rule selects: ``what has only tags matching pr-.* and …``."""
    words: list[rich.Element] = [rich.text("what ")]
    if rule.untagged:
        words.append(rich.text("carries no tag or " if rule.tags else "carries no tag"))
    if rule.tags:
        words += [rich.text("has only tags matching "), rich.code(rule.tags, _PATTERN_MOST)]
    if rule.older_than is not None:
        unchanged = f"has not changed for {duration(rule.older_than)}"
        both = ", and " if rule.untagged and rule.tags else " and "
        alone = not (rule.untagged or rule.tags)
        words.append(rich.text(f"{unchanged}, tagged or not" if alone else f"{both}{unchanged}"))
    if rule.keep:
        newest = "the newest one" if rule.keep == 1 else f"the newest {number(rule.keep)}"
        words.append(rich.text(f"; {newest} of each repository {'stays' if rule.keep == 1 else 'stay'}"))
    return words


def _line(figures: RuleFigures, *, registry: bool) -> list[rich.Element]:
    rule = figures.rule
    line = [rich.text(name(rule.name, 64), bold=True), rich.text(f": {_figures(figures)}."), rich.BREAK]
    line += [rich.text("In "), *_where(rule.repositories)]
    if registry:
        line += [rich.text(" of "), rich.code(figures.registry, 64)]
    return [*line, rich.text(": "), *selects(rule), rich.text(".")]


def _where(globs: Sequence[str]) -> list[rich.Element]:
    words: list[rich.Element] = []
    shown = globs[:_GLOBS_MOST]
    for index, glob in enumerate(shown):
        words += [*([rich.text(", ")] if index else []), rich.code(glob, _GLOB_MOST)]
    rest = len(globs) - len(shown)
    return [*words, rich.text(f" and {number(rest)} more")] if rest else words


def _figures(figures: RuleFigures) -> str:
    """Say in a few words without names what a rule would do now."""
    if figures.fault:
        return "not known now, since its registry could not be asked"
    if not figures.repositories:
        return "no repository matches"
    of = f"in {plural(figures.repositories, 'repository', 'repositories')}"
    if figures.unread:
        of += f", of which {number(figures.unread)} could not be read"
    if not figures.going:
        return f"nothing could go now {of}"
    up_to = f", up to {size(figures.upper_bytes)}," if figures.upper_bytes else ""
    return f"{plural(figures.going, 'manifest')}{up_to} could go now {of}"


def _headline(ordered: Sequence[RuleFigures]) -> str:
    rules_ = plural(len(ordered), "standing rule")
    active = [figures for figures in ordered if figures.going]
    if not active:
        return f"*{rules_}:* nothing could go now."
    verb = "selects" if len(active) == 1 else "select"
    if len(ordered) == 1:
        return f"*{rules_}* selects something now."
    which = "all of them" if len(active) == len(ordered) else number(len(active))
    return f"*{rules_}:* {which} {verb} something now, the most first."


def _next(figures: RuleFigures, request: Rules) -> str:
    return f"/acr apply {figures.rule.name}" + (f" --registry {request.registry}" if request.registry else "")


def _none(request: Rules) -> Message:
    if request.registry:
        text = f"*No standing rule is about* {code(request.registry, 100)}. To see all of them: `/acr rules`"
        return Message(text, [section(text)])
    text = "*There are no standing rules.* Whoever runs this app writes them into its settings file, like this:"
    return Message(text, [section(text), rich.rich(rich.preformatted(_SAMPLE))])
