"""Paging by cursor."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.errors import SlackError

Item = TypeVar("Item")
LARGEST_PAGE = 1000


def page_of(items: Sequence[Item], args: Arguments, *, default: int = 100) -> tuple[Sequence[Item], str]:
    """Cut the page that `limit` and `cursor` ask for, and make the next cursor, empty at the end.

    Raises SlackError `invalid_cursor` or `invalid_limit`.
    """
    limit = args.number("limit", default) or default
    if not 1 <= limit <= LARGEST_PAGE:
        raise SlackError("invalid_limit")
    start = 0
    if cursor := args.text("cursor"):
        try:
            start = int(base64.b64decode(cursor, validate=True).removeprefix(b"offset:"))
        except (ValueError, binascii.Error):
            raise SlackError("invalid_cursor") from None
    end = start + limit
    following = base64.b64encode(b"offset:%d" % end).decode() if end < len(items) else ""
    return items[start:end], following
