"""The form that `/acr` alone opens, the repositories that it suggests, and what it says of a field that is wrong."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.message import Block
from bot.blocks.parts import context, plain
from bot.blocks.text import clip, clip_middle, name
from bot.domain.fields import KEEP_MOST, Field, Kind
from bot.domain.form import REPOSITORY, RULE
from bot.domain.grammar import rules
from bot.errors import BadInputError

View = dict[str, Any]

CALLBACK = "form"
REGISTRY = "registry"
TYPED = "typed"
_OPTION_MOST = 75
_VALUE_MOST = 150
_ERROR_MOST = 500
_DIGEST = "sha256:"  # no name of a repository has a colon
_OPTION_BEFORE = re.compile(r"^--[a-z-]+: ")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the form was asked for, and how to answer there; ``registry`` is the one that it shows, by its name."""

    channel: str
    response_url: str
    registry: str

    def to_json(self) -> str:
        """Give what a view carries along."""
        return json.dumps({"channel": self.channel, "url": self.response_url, "registry": self.registry})

    @classmethod
    def from_json(cls, text: str) -> "Origin":
        """Read what ``to_json`` gave. Raises BadInputError on anything else."""
        try:
            data = json.loads(text)
            return cls(str(data["channel"]), str(data["url"]), str(data["registry"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadInputError("This form is from another version of the app.", expected="Type /acr again.") from error


def form(origin: Origin, registries: Sequence[str], command: str = "") -> View:
    """Draw the form with the fields of one rule; ``registries`` by name, the default first."""
    offered = rules()
    command = command if command in offered else next(iter(offered))
    blocks: list[Block] = []
    if len(registries) > 1:
        blocks.append(
            _choice(
                REGISTRY, "Registry", {each: name(each, _OPTION_MOST) for each in registries[:100]}, origin.registry
            )
        )
    blocks += [
        _repository(registries.index(origin.registry) if origin.registry in registries else 0),
        _input(
            TYPED,
            "Or type its name, or a pattern for several",
            {"type": "plain_text_input", "placeholder": plain("team/app, or team/* for all that begin so")},
            optional=True,
        ),
        _choice(RULE, "What could go", {each: rule.label for each, rule in offered.items()}, command),
        *(_field(field) for field in offered[command].fields),
        context("This only looks. What is found comes as a message that only you see, with a button to propose it."),
    ]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": origin.to_json(),
        "title": plain("Clean up images"),
        "submit": plain("Look"),
        "close": plain("Cancel"),
        "blocks": blocks,
    }


def suggestions(names: Iterable[str]) -> list[Block]:
    """Draw repositories as options: 75 characters of each name are shown, and of a longer one its end below."""
    return [_suggestion(each) for each in names]


def option_value(repository: str) -> str:
    """Give what stands for a repository in an option: its name, or its digest where 150 characters can't hold it."""
    if len(repository) <= _VALUE_MOST:
        return repository
    return f"{_DIGEST}{hashlib.sha256(repository.encode()).hexdigest()}"


def stands_for_name(value: str) -> bool:
    """Whether the value of an option must be looked up among the names that there are."""
    return value.startswith(_DIGEST)


def repository_block(view: Mapping[str, Any]) -> str:
    """Give the id of the block with the repository, which is another one in each registry."""
    ids = (str(block.get("block_id", "")) for block in view.get("blocks", ()))
    return next((each for each in ids if each.startswith(f"{REPOSITORY}.")), REPOSITORY)


def fault(error: BadInputError, field: Field | None = None) -> str:
    """Say below a field what is wrong with it, what was expected, and what would work."""
    problem = _OPTION_BEFORE.sub("", error.problem)
    example = field.example if field and field.kind is not Kind.TICK else ""
    parts = [problem, error.expected, f"For example: {example}" if example else ""]
    return clip(" ".join(filter(None, parts)), _ERROR_MOST)


def _suggestion(repository: str) -> dict[str, Any]:
    option = {"text": plain(clip_middle(repository, _OPTION_MOST)), "value": option_value(repository)}
    if len(repository) > _OPTION_MOST:
        option["text"] = plain(f"{repository[: _OPTION_MOST - 1]}…")
        option["description"] = plain(f"…{repository[-(_OPTION_MOST - 1) :]}")
    return option


def _repository(registry: int) -> Block:
    # With another id in each registry, what was chosen in one does not stay when another is chosen.
    element = {
        "type": "external_select",
        "action_id": REPOSITORY,
        "placeholder": plain("Type a part of its name"),
        "min_query_length": 0,
    }
    return {**_input(REPOSITORY, "Repository", element, optional=True), "block_id": f"{REPOSITORY}.{registry}"}


def _choice(name_: str, label: str, options: Mapping[str, str], chosen: str) -> Block:
    drawn = {value: {"text": plain(text), "value": value} for value, text in options.items()}
    element: dict[str, Any] = {"type": "static_select", "options": list(drawn.values())}
    if chosen in drawn:
        element["initial_option"] = drawn[chosen]
    return {**_input(name_, label, element), "dispatch_action": True}


def _field(field: Field) -> Block:
    if field.kind is Kind.TICK:
        tick = {"text": plain(field.example), "value": field.name}
        return _input(field.name, field.label, {"type": "checkboxes", "options": [tick]}, optional=True)
    element: dict[str, Any] = {"type": "plain_text_input"}
    if field.kind is Kind.NUMBER:
        limits = {"min_value": "0", "max_value": str(KEEP_MOST)}
        element = {"type": "number_input", "is_decimal_allowed": False, **limits}
    element["placeholder"] = plain(field.example)
    return _input(field.name, field.label, element, optional=not field.needed, hint=field.hint)


def _input(name_: str, label: str, element: dict[str, Any], *, optional: bool = False, hint: str = "") -> Block:
    block: Block = {
        "type": "input",
        "block_id": name_,
        "label": plain(label),
        "element": {"action_id": name_, **element},
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint)
    return block
