"""Regular expressions as people write them, by RE2: linear time on every text, so no look-around or back-references.

https://github.com/google/re2/wiki/Syntax
"""

import re
from typing import Any

import re2

_SHOWN = 80
_LOOKS_AROUND = re.compile(r"\(\?(?:[=!]|<[=!])")


def compile_pattern(pattern: str) -> Any:
    """Compile a pattern for tags. Raises ValueError with what is wrong, in words for people."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        shown = pattern if len(pattern) <= _SHOWN else f"{pattern[: _SHOWN - 1]}…"
        raise ValueError(f"The tag pattern {shown!r} can't be used: {_cause(error)}.") from error


def looks_around(pattern: str) -> bool:
    """Whether a pattern has what RE2 most often misses."""
    return _LOOKS_AROUND.search(pattern) is not None


def instead(pattern: str) -> str:
    """Say how to write what RE2 does not take."""
    if looks_around(pattern):
        return (
            "Patterns follow RE2, which has no look-around: (?=…), (?!…). Write what the tags that may go look like, "
            "several forms with | between them, or how they begin: [^v].* is any that does not begin with v."
        )
    return "Patterns follow RE2: no look-around (?=…) (?!…) and no back-references."


def _cause(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "it is not proper text"
    cause = error.args[0] if error.args else error
    return cause.decode("utf-8", "replace") if isinstance(cause, bytes) else str(cause)
