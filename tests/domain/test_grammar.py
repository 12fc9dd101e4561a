"""One grammar feeds the parser, the help, the errors and the README."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bot.blocks import help_message
from bot.domain.asked import REPOSITORY, Example
from bot.domain.fields import TAGS, Kind
from bot.domain.form import Filled, read_form
from bot.domain.grammar import ALONE, COMMANDS, GRAMMAR, HELP, rules, table
from bot.domain.parse import parse_command
from bot.domain.request import Help
from bot.errors import BadInputError
from tests.blocks import samples as s

ROOT = Path(__file__).parents[2]
EXAMPLES = [(command, example) for command, usage in GRAMMAR.items() for example in usage.examples]
NAMES = {"repository": "myrepo", "team": "team", "host": "main.azurecr.io", "registry": "other", "rule": "ci-images"}


@pytest.mark.parametrize(("command", "example"), EXAMPLES, ids=lambda value: getattr(value, "line", None))
def test_every_example_is_one_of_its_command_and_works(command: str, example: Example) -> None:
    """What people are told to type begins with the command that it stands under, and is understood."""
    line = example.typed(**NAMES)
    assert line.split()[:2] == ["/acr", command]
    request = parse_command(line.removeprefix("/acr"))
    assert not isinstance(request, Help)
    assert str(request).startswith(f"/acr {command}")


@pytest.mark.parametrize("command", GRAMMAR)
def test_every_command_is_told_of(command: str) -> None:
    """No command is without an example and a group, and each line says in one sentence what it does."""
    examples = GRAMMAR[command].examples
    assert examples
    for example in examples:
        assert example.does
        assert "\n" not in example.does
        assert not example.does.endswith(".")


def test_help_tells_of_every_command() -> None:
    """Help has each example with what it does; those with another registry only where there is one."""
    told = s.shown(help_message(registries=["main", "other"], login_server="main.azurecr.io").blocks)
    alone = s.shown(help_message(registries=["main"], login_server="main.azurecr.io").blocks)
    for example in [*(example for _, example in EXAMPLES), ALONE, HELP]:
        line = f"\n{example.typed(**NAMES)}\n: {example.does}"
        assert line in told
        assert (line in alone) is not example.several


def test_an_unknown_command_is_told_all_of_them() -> None:
    """The answer to a command that there is not lists those that there are."""
    with pytest.raises(BadInputError) as caught:
        parse_command("remove app")
    assert caught.value.expected == f"The commands are: {', '.join(COMMANDS)}."
    assert set(COMMANDS) == {*GRAMMAR, "help"}


WRONG_USES = ["", "a b c", "team/app --nothing", "team/app --registry", "team/app --registry a --registry b", "UPPER"]


@pytest.mark.parametrize("command", GRAMMAR)
@pytest.mark.parametrize("wrong", WRONG_USES)
def test_every_error_has_an_example_of_its_command(command: str, wrong: str) -> None:
    """Whatever is wrong, the answer says what is expected and gives a line of the same command that works."""
    line = f"{command} {wrong}".rstrip()
    if line == command and not GRAMMAR[command].needs_word and not GRAMMAR[command].needs:
        assert parse_command(line)
        return
    if wrong == "UPPER" and GRAMMAR[command].noun != REPOSITORY:
        assert parse_command(line), "only the names of repositories have no capitals"
        return
    if GRAMMAR[command].free and wrong in {"a b c", "team/app --nothing"}:
        assert parse_command(line), "a reason is in somebody's own words"
        return
    with pytest.raises(BadInputError) as caught:
        parse_command(line)
    error = caught.value
    assert error.problem
    assert error.expected
    assert error.example.split()[:2] == ["/acr", command]
    assert parse_command(error.example.removeprefix("/acr"))


AGES = {"--min-age", "--older-than", "--ago"}


def test_the_form_has_every_command_that_goes_by_age() -> None:
    """What finds by age what could go is a rule in the form, with its age, and nothing else is."""
    assert {command for command, usage in GRAMMAR.items() if AGES & set(usage.options)} == set(rules())
    for form in rules().values():
        assert len(form.label) <= 75
        assert [field.name for field in form.fields if field.option in AGES] == ["age"]


@pytest.mark.parametrize("command", rules())
def test_the_fields_of_the_form_are_options_of_the_command(command: str) -> None:
    """Each field goes to an option that the command has, says what belongs there, and has an example that works."""
    usage, form = GRAMMAR[command], rules()[command]
    known = {*usage.options, *usage.flags, TAGS}
    for field in form.fields:
        assert {field.option, field.dated or field.option} <= known
        assert field.label
        assert field.example
        assert field.hint or field.kind is Kind.TICK
    values = {field.name: field.example for field in form.fields}
    request = read_form(Filled(command, "team/app", "", values), datetime.now(UTC))
    assert str(request).startswith(f"/acr {command} ")


def test_the_readme_has_the_table_of_the_grammar() -> None:
    """The README's table of commands is the one that ``bot.domain.grammar.table`` gives."""
    assert f"\n\n{table()}\n\n" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_option_is_documented() -> None:
    """Each option that a command takes stands in the README or in the documents about commands."""
    pages = ["README.md", "docs/commands.md", "docs/purge.md", "docs/tags-and-locks.md"]
    text = "".join((ROOT / page).read_text(encoding="utf-8") for page in pages)
    options = {option for usage in GRAMMAR.values() for option in (*usage.options, *usage.flags)}
    assert {option for option in options if not re.search(rf"-{option.removeprefix('--')}\b", text)} == set()


def test_slack_s_hint_names_commands_that_there_are() -> None:
    """What Slack shows while somebody types ``/acr`` begins each alternative with a command."""
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    (command,) = manifest["features"]["slash_commands"]
    alternatives = [alternative.split()[0] for alternative in command["usage_hint"].split("|")]
    assert set(alternatives) <= set(COMMANDS)
