"""Turning what pydantic found into sentences: which setting, what was wrong, what it expected, an example."""

import difflib
from collections.abc import Callable, Mapping

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.settings.model import Settings
from bot.settings.sources import ENVIRONMENT, Place, dotted
from bot.settings.values import shown

_MAPPING_EXPECTED = {"model_type", "model_attributes_type", "dict_type"}
_LIST_EXPECTED = {"tuple_type", "list_type"}
_OUT_OF_RANGE = {"greater_than_equal", "less_than_equal", "int_parsing_size"}


def describe(error: ErrorDetails, origins: Mapping[Place, str], hide: Callable[[str], str]) -> str:
    """Write one of pydantic's errors for the person who set the value; ``hide`` takes secrets out of what it quotes."""
    place: Place = error["loc"]
    origin = _origin(place, origins)
    if error["type"] == "extra_forbidden":
        return f"{origin}: {hide(_unknown_key(place))}"
    if origin in ENVIRONMENT:
        place = ENVIRONMENT[origin]
    return f"{origin}: {hide(_problem(error, field_at(place)))} {advice(place, origin)}"


def missing(place: Place, why: str) -> str:
    """Write that a setting is needed and not there."""
    variable = next(name for name, known in ENVIRONMENT.items() if known == place)
    return f"{variable}: It is not set, {why}. {advice(place, variable)}"


def advice(place: Place, origin: str) -> str:
    """Say what the setting at ``place`` expects, with an example for where it was set."""
    field = field_at(place)
    if field is None or not field.description:
        return "Expected a mapping of keys to values."
    key = next(part for part in reversed(place) if isinstance(part, str))
    examples = [str(example) for example in field.examples or ()]
    if origin in ENVIRONMENT:
        example = f"{origin}={','.join(examples)}"
    elif _is_list(field):
        example = f"{key}: [{', '.join(map(_yaml, examples))}]"
    else:
        example = f"{key}: {_yaml(examples[0])}"
    return f"Expected {field.description}. For example: {example}"


def field_at(place: Place) -> FieldInfo | None:
    """Find the field of a place, where there is one; an entry of a list counts as the list."""
    model: type[BaseModel] | None = Settings
    field = None
    for key in (part for part in place if isinstance(part, str)):
        if model is None or key not in model.model_fields:
            return None
        field = model.model_fields[key]
        model = _model_of(field)
    return field


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    """Give the section that a field holds, alone or in a tuple."""
    for candidate in (field.annotation, *getattr(field.annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _is_list(field: FieldInfo) -> bool:
    return getattr(field.annotation, "__origin__", None) is tuple


def _yaml(text: str) -> str:
    # A mapping stands as it is: what is in it has its own quotes where it needs them.
    return f'"{text}"' if ("*" in text and not text.startswith("{")) or text[:1] in "*&!" else text


def _origin(place: Place, origins: Mapping[Place, str]) -> str:
    """Name what was set: the value itself, or the nearest thing around it."""
    for length in range(len(place), 0, -1):
        if place[:length] in origins:
            return origins[place[:length]]
    return dotted(place)


def _problem(error: ErrorDetails, field: FieldInfo | None) -> str:
    kind, value = error["type"], error["input"]
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind == "missing":
        return f"It has no {error['loc'][-1]}."
    if kind in _MAPPING_EXPECTED:
        return "It is not a mapping of keys to values."
    if kind in _LIST_EXPECTED:
        return "It is not a list."
    text = "The value" if field is not None and field.annotation is SecretStr else _sentence_start(shown(value))
    if kind in _OUT_OF_RANGE:
        return f"{text} is out of range."
    if kind.startswith("int"):
        return f"{text} is not a whole number."
    if kind.startswith("bool"):
        return f"{text} is neither true nor false."
    return f"{text} can't be used here."


def _sentence_start(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unknown_key(place: Place) -> str:
    *around, key = place
    section: type[BaseModel] | None = Settings
    if around:
        field = field_at(tuple(around))
        section = _model_of(field) if field is not None else None
    known = list(section.model_fields) if section is not None else []
    near = difflib.get_close_matches(str(key), known, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    return f"This version does not know the key {dotted(place)}. {hint}Expected one of {', '.join(known)}."
