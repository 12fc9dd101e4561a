"""The grammar of ``/acr``: every command, once. The parser, the help, the errors and the README take it from here."""

from collections.abc import Iterator, Mapping

from bot.domain.asked import Example, Group, Usage
from bot.domain.fields import Form
from bot.domain.parse_audit import AUDIT_USAGES
from bot.domain.parse_hold import HOLD_USAGES
from bot.domain.parse_lists import LIST_USAGES
from bot.domain.parse_looks import LOOK_USAGES
from bot.domain.parse_purge import PURGE_USAGES
from bot.domain.parse_removals import REMOVAL_USAGES
from bot.domain.parse_rules import RULE_USAGES
from bot.domain.parse_tags import TAG_USAGES
from bot.domain.parse_teams import TEAM_USAGES
from bot.domain.parse_whocan import WHOCAN_USAGES

GRAMMAR: Mapping[str, Usage] = {
    **LOOK_USAGES,
    **REMOVAL_USAGES,
    **PURGE_USAGES,
    **RULE_USAGES,
    **TAG_USAGES,
    **HOLD_USAGES,
    **LIST_USAGES,
    **WHOCAN_USAGES,
    **AUDIT_USAGES,
    **TEAM_USAGES,
}
COMMANDS = (*GRAMMAR, "help")
ALONE = Example("", "a form to fill in: registry, repository, rule, age, how many to keep")
HELP = Example("help", "this text, with examples that work here")


def examples(group: Group) -> Iterator[Example]:
    """Give every way to type the commands of a group, in the order in which people are told of them."""
    for usage in GRAMMAR.values():
        if usage.group is group:
            yield from usage.examples


def rules() -> Mapping[str, Form]:
    """Give the commands that the form offers as rules, by their names."""
    return {command: usage.form for command, usage in GRAMMAR.items() if usage.form}


def table() -> str:
    """Give the README's table of commands, in Markdown."""
    told = [example for group in Group for example in examples(group)]
    rows = [(example.typed(host="myregistry.azurecr.io"), example.does) for example in [ALONE, *told, HELP]]
    lines = [f"| `{_cell(line)}` | {_cell(does)} |" for line, does in rows]
    return "\n".join(["| In Slack | What it does |", "|---|---|", *lines])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
