"""``/_sandbox/``: what tests and benchmarks in other processes ask and tell a running sandbox.

Unprotected, outside the service's protocol, and only there with ``AcrOptions.control``. Its requests meet no fault, no
latency and no log.
"""

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Final

from sandbox.acr import errors
from sandbox.acr.faults import Fault
from sandbox.acr.options import AcrOptions
from sandbox.acr.reply import Call, Reply, json_reply
from sandbox.acr.scenario import ScenarioError, load_scenario

if TYPE_CHECKING:
    from sandbox.acr.server import AcrSandbox

PREFIX: Final = "/_sandbox/"
_LIMIT: Final = 16 * 1024 * 1024
_FAULT_KEYS: Final = {field.name for field in fields(Fault)} - {"hits"}
#: Options that a running sandbox can be told.
_TUNABLE: Final = {
    "latency",
    "reads_per_minute",
    "writes_per_minute",
    "tokens_per_minute",
    "access_token_seconds",
    "refresh_token_seconds",
    "identity_token_seconds",
    "redirect_blobs",
}


class Control:
    """Answers under ``/_sandbox/`` for one sandbox."""

    def __init__(self, sandbox: "AcrSandbox") -> None:
        self._sandbox = sandbox

    async def answer(self, call: Call) -> Reply:
        """Answer a control call; every refusal is a reply, too."""
        name = call.path.removeprefix(PREFIX)
        handler = getattr(self, f"_{call.method.lower()}_{name}", None) if name.isalpha() else None
        if handler is None:
            return json_reply({"error": f"no {call.method} {call.path}"}, 404)
        try:
            reply: Reply = handler(await _document(call) if call.method == "POST" else call.query)
        except (errors.AcrError, ScenarioError, TypeError, ValueError) as fault:
            return json_reply({"error": str(fault)}, 400)
        return reply

    def _get_log(self, query: dict[str, str]) -> Reply:
        log = self._sandbox.log
        counts: dict[str, Any] = {"total": len(log), "kinds": log.kinds(), "statuses": log.statuses()}
        if query.get("entries"):
            entries = log.entries(query.get("kind"))
            counts["entries"] = [{**asdict(entry), "at": entry.at.isoformat()} for entry in entries]
        return json_reply(counts)

    def _delete_log(self, _: dict[str, str]) -> Reply:
        self._sandbox.log.clear()
        return Reply(204)

    def _get_state(self, query: dict[str, str]) -> Reply:
        registry = self._sandbox.registry
        wanted = query.get("repository")
        if wanted is None:
            return json_reply({name: len(registry.digests(name)) for name in registry.repositories()})
        digests = sorted(registry.digests(wanted))
        return json_reply({"manifests": digests, "tags": registry.tags(wanted)})

    def _post_scenario(self, document: Any) -> Reply:
        load_scenario(str(document.get("text")) + "\n", into=self._sandbox.registry)
        return Reply(204)

    def _post_faults(self, document: Any) -> Reply:
        unknown = sorted(set(document) - _FAULT_KEYS)
        if unknown:
            raise ValueError(f"a fault has no {', '.join(unknown)}")
        self._sandbox.faults.add(Fault(**document))
        return Reply(204)

    def _get_faults(self, _: dict[str, str]) -> Reply:
        return json_reply([{"action": rule.action, "hits": rule.hits} for rule in self._sandbox.faults])

    def _delete_faults(self, _: dict[str, str]) -> Reply:
        self._sandbox.faults.clear()
        return Reply(204)

    def _post_options(self, document: Any) -> Reply:
        options: AcrOptions = self._sandbox.options
        unknown = sorted(set(document) - _TUNABLE)
        if unknown:
            raise ValueError(f"not to be changed while it runs: {', '.join(unknown)}")
        for key, value in document.items():
            setattr(options, key, tuple(value) if isinstance(value, list) else value)
        return Reply(204)


async def _document(call: Call) -> Any:
    document = json.loads(await call.read(_LIMIT))
    if not isinstance(document, dict):
        raise TypeError("the body is no JSON object")
    return document
