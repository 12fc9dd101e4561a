"""Logging: one stream and one form for our lines and those of the libraries, with no secret in any of them."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

from bot.redaction import HIDDEN, Redactor

# Libraries that say more than anybody asked for, with the least that they must say to be heard.
_QUIET = {
    "aiohttp.access": logging.WARNING,  # each health check
    "aiosqlite": logging.WARNING,  # each statement
    "alembic": logging.WARNING,  # each look at the schema
    "apscheduler": logging.WARNING,  # each run of each job
    "azure": logging.WARNING,  # each request with its headers, each credential that was tried
    "msal": logging.WARNING,
    "procrastinate": logging.WARNING,  # each job, which we log ourselves
    "urllib3": logging.WARNING,
}

_SECRET_KEY_ENDS = ("token", "secret", "password", "authorization", "response_url", "credential", "cookie")


def configure_logging(
    level: str = "INFO",
    form: Literal["json", "console"] = "json",
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send all logs to ``stream`` (standard error unless given), one line each, from ``level`` up.

    ``secrets`` are values that no line may hold, as ``Settings.secrets`` gives them; what looks like a token is hidden
    in any case. Calling it again replaces what it did before.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        hide_secret_keys,
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(form, stream or sys.stderr),
                # after the renderer, so that nothing slips by in the repr of an object or in a traceback
                _LineRedactor(secrets),
            ],
        )
    )
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old.formatter, structlog.stdlib.ProcessorFormatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))

    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def hide_secret_keys(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Hide the value of a key that names a secret, at any depth, whatever the value looks like."""
    return {key: HIDDEN if _names_a_secret(key) and value else _hidden(value) for key, value in event.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: HIDDEN if _names_a_secret(key) and inner else _hidden(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hidden(inner) for inner in value]
    return value


def _names_a_secret(key: Any) -> bool:
    return isinstance(key, str) and key.lower().replace("-", "_").endswith(_SECRET_KEY_ENDS)


class _LineRedactor:
    """The last processor: takes secrets out of the finished line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._redact = Redactor(secrets)

    def __call__(self, _logger: Any, _method: str, line: MutableMapping[str, Any] | str) -> str:
        return self._redact(str(line))


def _renderer(form: Literal["json", "console"], stream: TextIO) -> Processor:
    if form == "console":
        return structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(sort_keys=True, default=str)
