"""The chain over the record of deeds: each row's hash is over the row and the hash of the one before.

The form that is hashed never changes, for hashes that are kept elsewhere are compared with it. What a later version
wants to say more of a deed goes into its ``detail``.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from bot.store.columns import storable

GENESIS = "0" * 64
"""What stands before the first row."""

_TO_JSON = json.JSONEncoder(separators=(",", ":"))

WORDS = ("deed", "actor", "proposal", "team_id", "enterprise_id", "channel", "checksum")
"""The columns of text that are hashed, besides ``at``, ``revision`` and ``detail``."""


def content_of(row: Mapping[Any, Any]) -> list[Any]:
    """Give what is hashed of a deed, as plain JSON values: the same before it is stored and after it is read."""
    words = [storable(str(row[name])) for name in WORDS]
    # Keys stay in their order: both databases keep JSON as the text that it came as.
    return [row["at"].astimezone(UTC).isoformat(timespec="microseconds"), *words, int(row["revision"]), row["detail"]]


def link(previous: str, position: int, row: Mapping[Any, Any]) -> str:
    """Give the hash of the row at ``position``, counted from 1: SHA-256 as 64 hexadecimal digits.

    ``previous`` is the hash of the row before, GENESIS for the first.
    """
    return _hash([previous, position, *content_of(row)])


def seal(row: Mapping[Any, Any]) -> str:
    """Give the hash of a row by itself: of one that was written without a place in the chain."""
    return _hash(content_of(row))


def _hash(values: list[Any]) -> str:
    return hashlib.sha256(_TO_JSON.encode(values).encode("ascii")).hexdigest()
