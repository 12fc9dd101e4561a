"""A call's arguments, whether they came as query, form or JSON."""

from typing import Any

from aiohttp import web

from sandbox.slack.content import parsed
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json


class Arguments(dict[str, Any]):
    """The arguments of one call, the token taken out. Forms carry all as text: the getters read both."""

    def required(self, *names: str) -> tuple[str, ...]:
        """Return arguments that must be there, as text.

        Raises SlackError `invalid_arguments` naming the first that is missing.
        """
        for name in names:
            if self.get(name) in {None, ""}:
                message = f"[ERROR] missing required field: {name}"
                raise SlackError.with_messages("invalid_arguments", [message])
        return tuple(str(self[name]) for name in names)

    def text(self, name: str) -> str | None:
        """Return an argument as text, None when it is missing or empty."""
        value = self.get(name)
        return None if value is None or value == "" else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a yes or no: JSON booleans, and the words and digits of forms."""
        value = self.get(name)
        if value is None or value == "":
            return default
        return value is True or str(value).lower() in {"true", "1"}

    def number(self, name: str, default: int) -> int:
        """Return a whole number. Raises SlackError `invalid_arguments`."""
        value = self.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except ValueError:
            raise SlackError.with_messages("invalid_arguments", [f"[ERROR] must be an integer: {name}"]) from None

    def structure(self, name: str) -> Json:
        """Return a JSON object. Raises SlackError `invalid_arguments`."""
        self.required(name) if not isinstance(self.get(name), dict) else None
        try:
            value = parsed(self[name])
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise SlackError.with_messages("invalid_arguments", [f"[ERROR] must be an object: {name}"])
        return value


async def read_arguments(request: web.Request) -> tuple[Arguments, str | None]:
    """Read a call's arguments and its token, wherever they are.

    Raises SlackError `invalid_json`, `json_not_object` or `invalid_form_data`.
    """
    arguments = Arguments(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json() if request.can_read_body else {}
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        body.pop("token", None)  # with JSON, Slack takes the token from the header only
        arguments.update(body)
    elif request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        try:
            arguments.update({key: str(value) for key, value in (await request.post()).items()})
        except ValueError:
            raise SlackError("invalid_form_data") from None
    token = arguments.pop("token", None)
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        token = header.removeprefix("Bearer ").strip()
    return arguments, token
