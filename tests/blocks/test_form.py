"""The form, its suggestions and what it says of fields that are wrong keep to Slack's limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks import form as drawn
from bot.blocks.form import Origin, fault, form, option_value, stands_for_name, suggestions
from bot.domain.grammar import rules
from bot.errors import BadInputError
from sandbox.slack import check_message
from sandbox.slack.limits import check_options
from tests.blocks import samples as s

URL = f"https://hooks.slack.example/commands/T0/{'1' * 40}/{'a' * 80}"
repositories = st.text("abcdefghijklmnopqrstuvwxyz0123456789-._/", min_size=1, max_size=256)


@pytest.mark.parametrize("command", ["", "nonsense", *rules()])
def test_the_form_keeps_to_the_limits(command: str) -> None:
    """Each rule's form is one that Slack opens, with one registry, several, or more than a select can offer."""
    for count in (1, 2, 150):
        registries = [f"{number}{'r' * 60}" for number in range(count)]
        view = form(Origin("C0OPS", URL, registries[0]), registries, command)
        assert check_message(view, "modal") == []
        assert any(block.get("block_id") == drawn.REGISTRY for block in view["blocks"]) is (count > 1)


@given(names=st.lists(repositories, min_size=1, max_size=100, unique=True))
def test_any_names_can_be_suggested(names: list[str]) -> None:
    """Each name makes an option that Slack takes, and no two names the same."""
    options = suggestions(names)
    assert check_options({"options": options}) == []
    assert len({option["value"] for option in options}) == len(names)
    for name, option in zip(names, options, strict=True):
        assert option["value"] == option_value(name)
        assert stands_for_name(option["value"]) is (len(name) > 150)


@given(problem=s.names, expected=s.names)
def test_any_fault_fits_below_its_field(problem: str, expected: str) -> None:
    """Whatever was filled in, what is said of it is short."""
    for field in rules()["old"].fields:
        assert 0 < len(fault(BadInputError(problem or "?", expected=expected), field)) <= 500


def test_what_a_form_carries_is_read_back() -> None:
    """Channel, address and registry come back as they were; anything else is told to be from another version."""
    origin = Origin("C0OPS", URL, "main")
    assert Origin.from_json(origin.to_json()) == origin
    for other in ("", "null", "[]", "{}", '{"channel": "C"}', "[" * 100_000):
        with pytest.raises(BadInputError, match="another version"):
            Origin.from_json(other)
