"""The registry as a function from calls to replies: authorisation, rate limits, then the operation."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qsl

from sandbox.acr import errors, routes
from sandbox.acr.access import Gate
from sandbox.acr.content import ContentApi
from sandbox.acr.metadata import MetadataApi
from sandbox.acr.oauth import TokenApi
from sandbox.acr.options import AcrOptions
from sandbox.acr.registry import Registry
from sandbox.acr.reply import Call, Reply, error_reply, json_reply
from sandbox.acr.throttle import Throttle
from sandbox.acr.tokens import TokenMint
from sandbox.acr.uploads import BlobApi

_FORM_LIMIT: Final = 1024 * 1024
_LEFT: Final = "X-Ms-Ratelimit-Remaining-Calls-Per-Second"

Operation = Callable[[Call], Awaitable[Reply]]


class Service:
    """Every operation of the data plane on one registry."""

    def __init__(self, registry: Registry, options: AcrOptions) -> None:
        self._options = options
        self._mint = TokenMint(options.tenant_key)
        self._gate = Gate(options, self._mint)
        self.tokens = TokenApi(options, self._mint, self._gate)
        self._throttle = Throttle()
        metadata, content, blobs = MetadataApi(registry), ContentApi(registry), BlobApi(registry, options)
        self._operations: dict[str, Operation] = {
            "exchange": self._exchange,
            "token": self._token,
            "list_repositories": metadata.list_repositories,
            "get_repository": metadata.get_repository,
            "update_repository": metadata.update_repository,
            "delete_repository": metadata.delete_repository,
            "list_manifests": metadata.list_manifests,
            "get_manifest_properties": metadata.get_manifest_properties,
            "update_manifest_properties": metadata.update_manifest_properties,
            "list_tags": metadata.list_tags,
            "get_tag_properties": metadata.get_tag_properties,
            "update_tag_properties": metadata.update_tag_properties,
            "delete_tag": metadata.delete_tag,
            "ping": content.ping,
            "get_manifest": content.get_manifest,
            "head_manifest": content.get_manifest,
            "put_manifest": content.put_manifest,
            "delete_manifest": content.delete_manifest,
            "list_tag_names": content.list_tag_names,
            "list_referrers": content.list_referrers,
            "get_blob": blobs.get_blob,
            "head_blob": blobs.head_blob,
            "delete_blob": blobs.delete_blob,
            "blob_data": blobs.blob_data,
            "start_upload": blobs.start_upload,
            "upload_chunk": blobs.upload_chunk,
            "finish_upload": blobs.finish_upload,
            "upload_status": blobs.upload_status,
            "cancel_upload": blobs.cancel_upload,
        }

    async def answer(self, call: Call) -> Reply:
        """Answer a call; every refusal is a reply, too."""
        name = ""
        left: float | None = None
        try:
            if call.refusal is not None:
                raise call.refusal
            if call.route.guarded:
                realm = f"{call.scheme}://{call.host}/oauth2/token"
                caller = self._gate.check(call.headers.get("Authorization"), call.route.need, realm, call.host)
                name, call.covers = caller.name, caller.covers
                left = self._count(call.method, name)
            reply = await self._operations[call.route.kind](call)
        except errors.AcrError as error:
            reply = error_reply(error)
        reply.caller = reply.caller or name
        reply.scope = reply.scope or str(call.route.need or "")
        if left is not None and call.method not in routes.READ_METHODS:
            reply.headers[_LEFT] = f"{left:.6f}"
        reply.headers["X-Ms-Correlation-Request-Id"] = secrets.token_hex(16)
        reply.headers["Docker-Distribution-Api-Version"] = "registry/2.0"
        return reply

    def _count(self, method: str, caller: str) -> float | None:
        if method in routes.READ_METHODS:
            return self._throttle.take(caller, "read", self._options.reads_per_minute)
        return self._throttle.take(caller, "write", self._options.writes_per_minute)

    async def _exchange(self, call: Call) -> Reply:
        form = dict(await _form(call))
        principal, payload = self.tokens.exchange(form, call.host)
        return self._issue(principal.name, payload)

    async def _token(self, call: Call) -> Reply:
        pairs = call.pairs if call.method == "GET" else await _form(call)
        scopes = [value for key, value in pairs if key == "scope"]
        authorization = call.headers.get("Authorization")
        principal, payload, granted = self.tokens.token(dict(pairs), scopes, authorization, call.host)
        reply = self._issue(principal.name, payload)
        reply.scope = " ".join(str(scope) for scope in granted)
        return reply

    def _issue(self, caller: str, payload: dict[str, Any]) -> Reply:
        left = self._throttle.take(caller, "token", self._options.tokens_per_minute)
        reply = json_reply(payload)
        reply.caller = caller
        if left is not None:
            reply.headers[_LEFT] = f"{left:.2f}"
        return reply


async def _form(call: Call) -> list[tuple[str, str]]:
    try:
        text = (await call.read(_FORM_LIMIT)).decode()
    except UnicodeDecodeError:
        raise errors.bad_request("the body is no form") from None
    return parse_qsl(text, keep_blank_values=True)
