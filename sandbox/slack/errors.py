"""The errors that Slack answers with, and the one that a person's impossible move raises."""

from typing import Any


class SlackError(Exception):
    """An answer of the form `{"ok": false, "error": code}`; `extra` goes into it as further keys."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    @classmethod
    def with_messages(cls, code: str, messages: list[str]) -> "SlackError":
        """Make an error that explains itself in `response_metadata.messages`, as Slack does for blocks."""
        return cls(code, response_metadata={"messages": messages})

    def body(self) -> dict[str, Any]:
        """Return the JSON that goes over the wire."""
        return {"ok": False, "error": self.code, **self.extra}


class NotPossibleError(AssertionError):
    """A person can't do this: what they would click isn't on their screen. The text says what is."""
