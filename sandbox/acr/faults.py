"""Injected faults: rules that spoil matching requests, a counted number of times or by chance."""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Action = Literal["status", "reset", "hang", "garbage", "truncate"]
When = Literal["before", "after"]

_CODES = {
    401: ("UNAUTHORIZED", "authentication required"),
    403: ("DENIED", "client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall"),
    404: ("NOT_FOUND", "not found"),
    408: ("TIMEOUT", "the request timed out"),
    429: ("TOOMANYREQUESTS", "too many requests"),
}


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule.

    It matches by ``method``, ``kind`` (as in the log) and ``path``, a regular expression that is searched in the
    decoded path; None matches everything.

    ``action``: ``status`` answers ``status`` with ``body`` (by default the service's error JSON) and ``headers``;
    ``reset`` resets the connection; ``hang`` never answers, or only after ``seconds`` goes on; ``garbage`` answers 200
    with a page that is no JSON; ``truncate`` breaks the true answer off half-way.

    ``count`` (None: for ever) hits after the first ``skip`` matches, each with ``probability``. ``when="after"`` lets
    the operation happen first: the client does not learn that it worked.
    """

    action: Action = "status"
    method: str | None = None
    path: str | None = None
    kind: str | None = None
    status: int = 500
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    count: int | None = None
    skip: int = 0
    probability: float = 1.0
    when: When = "before"
    #: How often it has struck.
    hits: int = 0

    def __post_init__(self) -> None:
        if self.action not in get_args(Action) or self.when not in get_args(When):
            raise ValueError(f"no fault is called {self.action!r} {self.when!r}")
        try:
            re.compile(self.path or "")
        except re.error as flaw:
            raise ValueError(f"{self.path!r} is no regular expression: {flaw}") from None

    def matches(self, method: str, path: str, kind: str) -> bool:
        """Say whether this request is one of those it is for."""
        return (
            self.method in {None, method}
            and self.kind in {None, kind}
            and (self.path is None or re.search(self.path, path) is not None)
        )

    def payload(self) -> Any:
        """Give the body of a ``status`` fault: JSON values, or text or bytes as they are."""
        if self.body is not None:
            return self.body
        code, message = _CODES.get(self.status, ("UNKNOWN", "unknown error"))
        return {"errors": [{"code": code, "message": message, "detail": {}}]}


class Faults:
    """The rules in force; the first that matches strikes. Chance comes from a seeded generator."""

    def __init__(self, seed: int = 0) -> None:
        self._rules: list[Fault] = []
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._rules)

    def add(self, fault: Fault) -> Fault:
        """Put a rule in force, after those that are; gives it back so that its hits can be read."""
        self._rules.append(fault)
        return fault

    def clear(self) -> None:
        """Lift all rules."""
        self._rules.clear()

    def pick(self, method: str, path: str, kind: str) -> Fault | None:
        """Give the rule that strikes this request, counting it."""
        for fault in self._rules:
            if not fault.matches(method, path, kind) or fault.count == 0:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            if fault.count is not None:
                fault.count -= 1
            fault.hits += 1
            return fault
        return None
