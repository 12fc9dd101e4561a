"""What each call goes through between the SDK and the wire: of azure-core's own policies only what a call needs.

Left out are those that do nothing here and yet cost a fifth of a call's time in this process: request ids, fixed
headers, proxies (aiohttp sees to those of the environment), redirects (the transport follows none, so that a token
never follows one to another host), both kinds of logging (off in production), tracing; the retry policy, for which
``pace`` stands; and the SDK's handshake, for which ``tokens`` stands, with its ban on plain http: see RegistryClient.
"""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    AsyncHTTPPolicy,
    ContentDecodePolicy,
    CustomHookPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)

from bot.registry.answers import RefusalPolicy
from bot.registry.counting import CountPolicy
from bot.registry.permit import PermitPolicy
from bot.registry.retrying import PacePolicy
from bot.registry.tokens import TokenPolicy

DOCUMENT = "acr_janitor_document"


class DocumentPolicy(ContentDecodePolicy):
    """Decodes JSON, keeps it under DOCUMENT in the response's context, and shows the SDK no list of it.

    The SDK makes models of all entries of a page before it asks whether anybody wants them: 150 ms for a thousand, in
    which the event loop answers nobody. They are read from the document instead.
    """

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        """Decode."""
        super().on_response(request, response)
        document = response.context.get(self.CONTEXT_NAME)
        response.context[DOCUMENT] = document
        if isinstance(document, dict):
            without = {key: value for key, value in document.items() if not isinstance(value, list)}
            response.context[self.CONTEXT_NAME] = without


def policies(
    pace: PacePolicy, tokens: TokenPolicy, count: CountPolicy
) -> list[AsyncHTTPPolicy[Any, Any] | SansIOHTTPPolicy[Any, Any]]:
    """Give the policies of a client, the outermost first: its whole pipeline, but for the transport."""
    return [
        UserAgentPolicy(
            user_agent=f"acr-janitor/{_version('acr-janitor')}",
            sdk_moniker=f"azure-containerregistry/{_version('azure-containerregistry')}",
            user_agent_use_env=False,
        ),
        DocumentPolicy(),
        RefusalPolicy(),
        pace,
        CustomHookPolicy(),  # serves raw_response_hook
        tokens,
        PermitPolicy(),
        count,
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "source"
