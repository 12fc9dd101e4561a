"""Whether Slack takes the tokens, and whether they allow what the app does."""

import re
from collections.abc import AsyncIterator, Iterator

from bot.operations.doctor.asking import Answer, Slack
from bot.operations.doctor.finding import Check, Finding, fault, ok, warning
from bot.scopes import SCOPES
from bot.settings import SlackSettings

_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")

_REMEDIES = {
    "invalid_auth": "Copy the Bot User OAuth Token (xoxb-…) anew from the app's page OAuth & Permissions into"
    " SLACK_BOT_TOKEN.",
    "not_allowed_token_type": "SLACK_BOT_TOKEN takes the Bot User OAuth Token (xoxb-…), of OAuth & Permissions.",
    "account_inactive": "The app was removed from the workspace: install it again and copy the new token.",
    "token_revoked": "The token was revoked: install the app again and copy the new token.",
    "token_expired": "Switch token rotation off for the app, as manifest.yml has it, and copy the new token.",
}
_CONNECTIONS_REMEDY = (
    "Under Basic Information, App-Level Tokens, generate one with connections:write (xapp-…) for SLACK_APP_TOKEN, and"
    " switch Socket Mode on."
)
_LATER = "Try again in a while; if it stays so, see status.slack.com."
_NETWORK = "Check SLACK_API_URL, the network, its proxy and its firewall: the app opens connections to Slack."


def look_at_mode(settings: SlackSettings) -> Iterator[Finding]:
    """Say how Slack reaches the app, and whether what that needs is there."""
    if settings.mode == "socket":
        unused = "; SLACK_SIGNING_SECRET is set and not used" if settings.signing_secret else ""
        yield ok(Check.MODE, f"Socket Mode, since SLACK_APP_TOKEN is set{unused}.")
        return
    if settings.by_oauth:
        yield ok(Check.MODE, "HTTP mode, for several workspaces: each installs the app at /slack/install.")
    else:
        yield ok(Check.MODE, "HTTP mode: Slack posts to /slack/events. Set SLACK_APP_TOKEN for Socket Mode.")
    if _SIGNING_SECRET.fullmatch(settings.signing_secret.get_secret_value()):
        yield ok(Check.SIGNING_SECRET, "32 hexadecimal digits, as Slack's are.")
    else:
        yield fault(
            Check.SIGNING_SECRET,
            "It is not of the form that Slack's have, 32 hexadecimal digits: every request would be refused.",
            "Copy the Signing Secret from the app's page Basic Information into SLACK_SIGNING_SECRET.",
        )


async def look_at_tokens(slack: Slack, settings: SlackSettings) -> AsyncIterator[Finding]:
    """Ask Slack about the tokens and the scopes."""
    answer = await slack.ask(slack.client.auth_test())
    if answer.good:
        team, user = answer.body.get("team", ""), answer.body.get("user", "")
        yield ok(Check.SLACK_TOKEN, f"Slack knows the app as @{user} in {team}.")
        for finding in _look_at_scopes(answer):
            yield finding
    else:
        yield _refused(Check.SLACK_TOKEN, answer, _REMEDIES.get(answer.error, _LATER))
    app_token = settings.app_token.get_secret_value()
    if app_token:
        # Gives out an address that nobody uses: no connection is made.
        opened = await slack.ask(slack.client.apps_connections_open(app_token=app_token))
        if opened.good:
            yield ok(Check.APP_TOKEN, "Slack lets it open connections.")
        else:
            yield _refused(Check.APP_TOKEN, opened, _CONNECTIONS_REMEDY)


def _look_at_scopes(answer: Answer) -> Iterator[Finding]:
    if answer.scopes is None:
        yield warning(
            Check.SLACK_SCOPES,
            "Slack's answer does not tell which scopes the token has.",
            f"Compare the page OAuth & Permissions with: {', '.join(SCOPES)}.",
        )
        return
    missing = [scope for scope in SCOPES if scope not in answer.scopes]
    for scope in missing:
        purpose, needed = SCOPES[scope]
        found = f"The token has no {scope}, which is for {purpose}."
        remedy = f"Add {scope} under OAuth & Permissions, Bot Token Scopes, and reinstall the app; the token stays."
        yield (fault if needed else warning)(Check.SLACK_SCOPES, found, remedy)
    if not missing:
        yield ok(Check.SLACK_SCOPES, f"All {len(SCOPES)} are there.")


def _refused(check: Check, answer: Answer, remedy: str) -> Finding:
    if answer.unreachable:
        return fault(check, f"Slack can't be reached: {answer.unreachable}.", _NETWORK)
    passing = answer.error in {"ratelimited", "internal_error", "fatal_error", "service_unavailable"}
    return fault(check, f"Slack refuses it and says {answer.error}.", _LATER if passing else remedy)
