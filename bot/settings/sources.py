"""Where settings come from: the environment and the YAML file, each as nested texts with the place of every value.

Scalars stay the text that somebody wrote: YAML would turn a tag ``1.10`` into the number 1.1, and a pattern that was
meant to keep ``1.10`` would keep nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]

CONFIG_FILE = "ACR_JANITOR_CONFIG"

# Environment variable to the place of its setting in the file.
ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "SLACK_BOT_TOKEN": ("slack", "bot_token"),
    "SLACK_SIGNING_SECRET": ("slack", "signing_secret"),
    "SLACK_APP_TOKEN": ("slack", "app_token"),
    "SLACK_API_URL": ("slack", "api_url"),
    "HOST": ("listen", "host"),
    "PORT": ("listen", "port"),
    "DATABASE_URL": ("database", "url"),
    "ACR_REGISTRIES": ("registries",),
    "ACR_APPROVERS": ("approvals", "approvers"),
    "ACR_TELL_APPROVERS": ("approvals", "tell_approvers"),
    "ACR_GRACE": ("selection", "grace"),
    "ACR_KEEP_LAST_TAGGED": ("selection", "keep_last_tagged"),
    "ACR_TAGGED_SHARE": ("limits", "tagged_share"),
    "LOG_LEVEL": ("log", "level"),
    "LOG_FORMAT": ("log", "format"),
}

_LARGEST_FILE = 1_000_000  # bytes; a settings file has a few thousand


@dataclass
class Layer:
    """The settings of one source: nested texts, the origin of each by its place, and what could not be read."""

    tree: dict[str, Any] = field(default_factory=dict)
    origins: dict[Place, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def from_environment(environ: Mapping[str, str]) -> Layer:
    """Read the variables that are set; an empty one counts as not set, as in a compose file."""
    layer = Layer()
    for name, place in ENVIRONMENT.items():
        if value := environ.get(name, "").strip():
            target = layer.tree
            for key in place[:-1]:
                target = target.setdefault(key, {})
            target[place[-1]] = value
            layer.origins[place] = name
    return layer


def from_file(name: str) -> Layer:
    """Read the YAML file. One that can't be read is a fault of the layer, not an error."""
    layer = Layer()
    try:
        root = yaml.compose(_text(name), Loader=yaml.SafeLoader)
        if root is not None:
            _Reader(layer, Path(name).name).read(root)
    except OSError as error:
        layer.faults.append(_unreadable(f"The file {name!r} can't be read: {error.strerror or error}."))
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        layer.faults.append(_unreadable(f"The file {name!r} is not YAML{line}: {error.problem}."))
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        # not UTF-8; and PyYAML lets Python's own errors through: for \U00110000, for a thousand brackets
        layer.faults.append(_unreadable(f"The file {name!r} is not YAML."))
    return layer


def _text(name: str) -> str:
    path = Path(name)
    if path.stat().st_size > _LARGEST_FILE:
        raise OSError(f"it is larger than {_LARGEST_FILE} bytes")
    return path.read_text(encoding="utf-8-sig")


def _unreadable(problem: str) -> str:
    return f"{CONFIG_FILE}: {problem} Expected the path of a YAML file. For example: {CONFIG_FILE}=/etc/acr-janitor.yml"


class _Reader:
    """Turns YAML's nodes into nested texts."""

    def __init__(self, layer: Layer, file: str) -> None:
        self._layer = layer
        self._file = file
        self._seen: set[int] = set()

    def read(self, root: yaml.Node) -> None:
        value = self._value(root, ())
        if isinstance(value, dict):
            self._layer.tree = value
        elif value is not None:
            self._fault(root, (), "The file is not a mapping.", "its first line to be a key such as registries:")

    def _value(self, node: yaml.Node, place: Place) -> Any:
        self._layer.origins[place] = self._origin(node, place)
        if id(node) in self._seen:
            self._fault(node, place, "An alias (*) stands here.", "the value itself")
            return None
        self._seen.add(id(node))
        if not node.tag.startswith("tag:yaml.org,2002:"):
            self._fault(node, place, f"The tag {node.tag!r} stands here.", "a plain value")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(entry, (*place, index)) or "" for index, entry in enumerate(node.value)]
        # a key without a value, as when all below it is commented out, counts as not set
        return None if node.tag == "tag:yaml.org,2002:null" else node.value

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fault(key, place, "A key is not a single word.", "a key such as registries")
            elif key.value in found:
                self._fault(key, (*place, key.value), "The key stands there twice.", "each key once")
            elif (value := self._value(child, (*place, key.value))) is not None:
                found[key.value] = value
                self._layer.origins[*place, key.value] = self._origin(key, (*place, key.value))
        return found

    def _origin(self, node: yaml.Node, place: Place) -> str:
        where = f"line {node.start_mark.line + 1} of {self._file}"
        return f"{dotted(place)} ({where})" if place else where

    def _fault(self, node: yaml.Node, place: Place, problem: str, expected: str) -> None:
        self._layer.faults.append(f"{self._origin(node, place)}: {problem} Expected {expected}.")


def dotted(place: Place) -> str:
    """Write a place as people do: ``registries[0].endpoint``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
