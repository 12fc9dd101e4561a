"""The layers: every module of the bot has its place in the contract, and the contract is checked."""

from typing import Any

from tests.project.conftest import ROOT


def test_every_module_has_its_layer(pyproject: dict[str, Any]) -> None:
    """A module that stands outside of the list could import what it likes."""
    contract = pyproject["tool"]["importlinter"]["contracts"][0]
    listed = {name.strip() for layer in contract["layers"] for name in layer.split("|")}
    there = {
        f"bot.{path.stem}"
        for path in (ROOT / "bot").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.name != "__init__.py"
    }

    assert there <= listed
    assert "handlers" in listed


def test_the_decision_says_the_same(pyproject: dict[str, Any]) -> None:
    """docs/decisions/0003-layers.md names the layers in the contract's order."""
    text = (ROOT / "docs/decisions/0003-layers.md").read_text(encoding="utf-8")
    layers = pyproject["tool"]["importlinter"]["contracts"][0]["layers"]
    names = [f"`{name.strip()}`" for layer in layers for name in layer.split("|")]
    paragraph = next(part for part in text.split("\n\n") if part.startswith("`bot.__main__`"))

    assert [word.strip(",") for word in paragraph.split() if word != ">"] == names
