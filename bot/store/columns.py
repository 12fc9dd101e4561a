"""Column types that give the same Python values back on both databases."""

import enum
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import JSON, DateTime, Dialect, Enum, String, TypeDecorator

# PostgreSQL's text holds no NUL, and no encoding holds half a surrogate pair. What a registry or a person sent must
# never keep its outcome from being recorded.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Give a text as every database can hold it: U+FFFD stands for what none can."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


class Words(TypeDecorator[str]):
    """Text of any length; what no database can hold is replaced by U+FFFD."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Replace what can't be stored."""
        return None if value is None else storable(value)


class Utc(TypeDecorator[datetime]):
    """An aware time, to the microsecond; given back in UTC. A naive one is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC; SQLite keeps it as text without a zone, of one width, so that its order is that of time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moved = value.astimezone(UTC)
        return moved.replace(tzinfo=None) if dialect.name == "sqlite" else moved

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give UTC, whatever the session's zone is."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Jsonable(Protocol):
    """A value that has a JSON form."""

    def to_json(self) -> Mapping[str, Any]: ...

    @classmethod
    def from_json(cls, data: Any) -> Any: ...


class AsJson(TypeDecorator[Any]):
    """A value in its own JSON form, such as a rule."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type[_Jsonable]) -> None:
        super().__init__(none_as_null=True)
        self.kind = kind

    def process_bind_param(self, value: _Jsonable | None, _dialect: Dialect) -> Any:
        """Give the JSON form."""
        return None if value is None else value.to_json()

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Read the JSON form."""
        return None if value is None else self.kind.from_json(value)


class Names(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings as a JSON array."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, _dialect: Dialect) -> Any:
        """Give a list."""
        return None if value is None else list(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> tuple[str, ...] | None:
        """Give a tuple."""
        return None if value is None else tuple(value)


def word_of(kind: type[enum.Enum]) -> Enum:
    """Make a column that stores an enum's value, not its name: the values are the stable words."""
    return Enum(
        kind, native_enum=False, length=32, values_callable=lambda members: [str(member.value) for member in members]
    )
