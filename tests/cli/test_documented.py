"""docs/cli.md: every command, option and exit code is documented, and its example is what the program writes."""

import json
import re
from typing import Any

import jsonschema
import pytest
import typer

from bot.__main__ import app
from bot.cli.options import Output
from bot.cli.scan import Exit
from bot.domain.reason import Why
from tests.project.conftest import ROOT

TEXT = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
COMMANDS: Any = typer.main.get_command(app)
SCAN: Any = COMMANDS.commands["scan"]
SCHEMA = json.loads((ROOT / "docs/scan.schema.json").read_text(encoding="utf-8"))


def first_cells(title: str) -> list[str]:
    """Give the first column of the first table below a title."""
    table = re.search(r"(?:^\|.*\n)+", TEXT.partition(f"{title}\n")[2], re.MULTILINE)
    assert table is not None
    return [line.split("|")[1].strip() for line in table[0].splitlines()[2:]]


def test_every_command_is_documented() -> None:
    """The table has each command once."""
    named = [re.findall(r"[a-z-]+", cell.strip("`"))[1:] for cell in first_cells("# The command line")]
    there = [
        [name, *below]
        for name, command in COMMANDS.commands.items()
        for below in [[n] for n in getattr(command, "commands", ())] or [[]]
    ]
    assert sorted(named) == sorted(there)


def test_every_option_is_documented() -> None:
    """The table has each option of the scan once."""
    options = [option for parameter in SCAN.params for option in parameter.opts if option.startswith("--")]
    table = TEXT.partition("| option | what it does |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `(--[a-z-]+)", table, re.MULTILINE)
    assert sorted(named) == sorted([*options, "--help"])


def test_every_form_is_documented() -> None:
    """Each form of the output has its paragraph."""
    for form in Output:
        assert f"\n- `{form.value}` " in TEXT


def test_every_exit_code_is_documented() -> None:
    """In the document and in the command's own help."""
    codes = {int(code) for code in first_cells("### Exit codes")}
    assert codes == {int(code) for code in Exit} | {1}
    for code in Exit:
        assert f"\n{code.value}: " in SCAN.help


def test_the_example_fits_the_schema() -> None:
    """What the document shows is what the schema describes."""
    example = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert example is not None
    jsonschema.validate(json.loads(example[1]), SCHEMA)


def test_the_schema_knows_every_reason() -> None:
    """A new reason is a new word in the schema."""
    assert SCHEMA["$defs"]["why"]["enum"] == [why.value for why in Why]
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("linked", re.findall(r"\]\(((?!http)[^)#]+)\)", TEXT))
def test_what_is_linked_is_there(linked: str) -> None:
    """Each document that this one names exists."""
    assert (ROOT / "docs" / linked).exists()
