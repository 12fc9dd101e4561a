"""Installing the app into workspaces by OAuth, and what is done when one takes it out again.

Bolt's own flow does the work: a state that is good once and is held against a cookie, then Slack's code for a token.
What is added: only workspaces that the settings name may install it, each with every scope that it needs.
"""

import base64
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urljoin

import structlog
from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.blocks import problem
from bot.blocks.install_page import begin_page, installed_page, not_installed_page
from bot.domain.workspace import Workspace
from bot.errors import RefusedError, StoreError
from bot.janitor.desk import Policy
from bot.scopes import SCOPES
from bot.settings import SlackSettings
from bot.store.installations import STATE_LIFE, Installations, States
from handlers.clients import create_copy
from handlers.payload import workspace_of_event
from handlers.tokens import REFUSALS
from handlers.trouble import TROUBLE

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
# The answer stays with whoever asked, and nobody may frame the page with the button.
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
# The events that come when a workspace's tokens are no longer good.
GONE = ("app_uninstalled", "tokens_revoked")

Body = dict[str, Any]

log = structlog.get_logger(__name__)


class _RefusedInstallationError(BoltError):
    """This installation is not taken; the text says why, to whoever made it."""


class _Exchange(AsyncWebClient):
    """A client whose exchange of a code for a token does without what aiohttp is about to drop."""

    async def oauth_v2_access(
        self,
        *,
        client_id: str,
        client_secret: str,
        code: str | None = None,
        redirect_uri: str | None = None,
        **more: Any,
    ) -> AsyncSlackResponse:
        """Exchange it. The app's id and secret go as HTTP's own user and password, as slack_sdk has it."""
        both = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        data = {"code": code, "redirect_uri": redirect_uri, **more}
        return await self.api_call(
            "oauth.v2.access",
            data={name: value for name, value in data.items() if value is not None},
            headers={"Authorization": f"Basic {both}"},
        )


class InstallFlow(AsyncOAuthFlow):
    """Bolt's flow, with our pages and our conditions. ``client`` has no token."""

    def __init__(
        self,
        client: AsyncWebClient,
        slack: SlackSettings,
        policy: Policy,
        installations: Installations,
        states: States,
    ) -> None:
        settings = AsyncOAuthSettings(
            client_id=slack.client_id,
            client_secret=slack.client_secret.get_secret_value(),
            scopes=list(SCOPES),
            user_scopes=[],
            redirect_uri=slack.redirect_url or None,
            # GovSlack has its own, at the same place beside its Web API.
            authorization_url=urljoin(slack.api_url, "/oauth/v2/authorize"),
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            callback_options=AsyncCallbackOptions(success=_installed, failure=_not_installed),
            installation_store=installations,
            installation_store_bot_only=True,
            state_store=states,
            state_expiration_seconds=int(STATE_LIFE.total_seconds()),
        )
        # A token is asked about once, and not with each request: which one counts the database says each time.
        settings.authorize.cache_enabled = True  # type: ignore[attr-defined]  # of the class that Bolt makes here
        super().__init__(client=create_copy(client, "", _Exchange), settings=settings)
        self._policy = policy

    async def handle_installation(self, request: AsyncBoltRequest) -> BoltResponse:
        """Show the page that leads to Slack."""
        try:
            response = await super().handle_installation(request)
        except StoreError as error:
            return _page(503, not_installed_page("", INSTALL_PATH, explained=_database_away(error)))
        response.headers |= {name: [value] for name, value in _HEADERS.items() if name != "Content-Type"}
        return response

    async def handle_callback(self, request: AsyncBoltRequest) -> BoltResponse:
        """Take Slack's answer."""
        try:
            return await super().handle_callback(request)
        except StoreError as error:
            return _page(503, not_installed_page("", INSTALL_PATH, explained=_database_away(error)))
        except TROUBLE as error:
            log.warning("not_installed", error=str(error) or type(error).__name__)
            why = "Slack did not answer. Nothing was changed; try again in a minute."
            return _page(502, not_installed_page("", INSTALL_PATH, explained=why))

    async def build_install_page_html(self, url: str, request: AsyncBoltRequest) -> str:  # noqa: ARG002 - Bolt gives it
        """Give the page that leads to Slack."""
        return begin_page(url)

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        """Keep it, if it may be. What may not is taken back, so that no token is left over."""
        why = self._refusal(installation)
        if why:
            log.warning("installation_refused", team=installation.team_id, why=why)
            await self._give_back(installation)
            raise _RefusedInstallationError(why)
        await super().store_installation(request, installation)
        log.info("installed", team=installation.team_id, user=installation.user_id)

    def _refusal(self, installation: Installation) -> str:
        if installation.is_enterprise_install or not installation.team_id:
            return "It can't be installed for a whole organisation. Choose one workspace."
        if not self._policy.knows(Workspace(installation.team_id)):
            return (
                f"The workspace {installation.team_name or ''} ({installation.team_id}) is not named in the settings of"
                " this app. Whoever runs it adds its id under workspaces, with those who may approve there."
            )
        given = installation.bot_scopes or []
        missing = [scope for scope in SCOPES if scope not in given]
        if missing or not installation.bot_token:
            return f"Slack gave it less than it needs: {', '.join(missing) or 'a bot'} is missing."
        return ""

    async def _give_back(self, installation: Installation) -> None:
        if installation.bot_token:
            try:
                await create_copy(self.client, installation.bot_token).auth_revoke()
            except TROUBLE as error:
                log.warning("token_not_given_back", team=installation.team_id, error=str(error))


async def _installed(args: AsyncSuccessArgs) -> BoltResponse:
    installation = args.installation
    return _page(200, installed_page(installation.team_name or installation.team_id or ""))


async def _not_installed(args: AsyncFailureArgs) -> BoltResponse:
    log.warning("not_installed", reason=args.reason)
    explained = str(args.error) if isinstance(args.error, _RefusedInstallationError) else ""
    status = 403 if explained else args.suggested_status_code
    return _page(status, not_installed_page(args.reason, INSTALL_PATH, explained=explained))


def _page(status: int, html: str) -> BoltResponse:
    return BoltResponse(status=status, body=html, headers={**_HEADERS})


def _database_away(error: StoreError) -> str:
    log.warning("not_installed", problem=error.problem)
    return "The app can't reach its database. Nothing was changed; try again in a minute."


def register_workspaces(app: AsyncApp, policy: Policy) -> None:
    """Let only workspaces that the settings name ask for anything. To be registered before the listeners."""

    @app.middleware
    async def known(body: Body, respond: AsyncRespond, next_: Callable[[], Awaitable[None]]) -> BoltResponse | None:
        workspace = Workspace(_team_of(body))
        gone = (body.get("event") or {}).get("type") in GONE
        if gone or policy.knows(workspace):
            await next_()
            return None
        log.warning("workspace_refused", team=workspace.team_id)
        if body.get("response_url"):
            message = problem(
                RefusedError(
                    f"This workspace ({workspace.team_id}) is not named in the settings of this app.",
                    expected="Whoever runs it adds the id under workspaces, with those who may approve here.",
                    example=f"workspaces: [{{id: {workspace.team_id}, approvers: [U0123ABCD]}}]",
                )
            )
            await respond(text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=False)
        return BoltResponse(status=200)


def register_departures(app: AsyncApp, installations: Installations | None, template: AsyncWebClient) -> None:
    """Listen to workspaces that take the app out. ``installations`` None: there is one token, which is in the settings.

    An event may come late, after the app was installed again: Slack is asked whether the token is still good.
    """

    async def gone(body: Body) -> None:
        workspace = workspace_of_event(body)
        kind = body["event"]["type"]
        if kind == "tokens_revoked" and not (body["event"].get("tokens") or {}).get("bot"):
            return  # those of people, of which the app has none
        if installations is None:
            log.error("token_no_longer_good", team=workspace.team_id, said=kind)
            return
        token = await installations.token_of(workspace)
        if not token or await _still_good(create_copy(template, token)):
            return
        if await installations.drop(workspace, token):
            log.warning("uninstalled", team=workspace.team_id, said=kind)

    for kind in GONE:
        app.event(kind)(gone)


async def _still_good(client: AsyncWebClient) -> bool:
    try:
        await client.auth_test()
    except SlackApiError as error:
        if error.response.get("error") not in REFUSALS:
            raise  # Slack sends the event again
        return False
    return True


def _team_of(body: Body) -> str:
    """Give the id of the workspace that a payload of any kind is of."""
    if body.get("type") == "event_callback":
        return workspace_of_event(body).team_id
    team = body.get("team")
    found = team.get("id") if isinstance(team, dict) else body.get("team_id")
    return str(found or (body.get("user") or {}).get("team_id") or "")
