"""api.test, auth.test and auth.revoke: is anybody there, who am I, and no longer."""

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.methods import method
from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json


@method("api.test", tier=4, caller="none")
def api_test(_core: Core, args: Arguments) -> Json:
    """Say the arguments back, or fail with the error asked for."""
    if error := args.text("error"):
        raise SlackError(error, args=dict(args))
    return {"ok": True, "args": dict(args)}


@method("auth.test", tier=5)
def auth_test(core: Core, _args: Arguments) -> Json:
    """Say whose token it is."""
    workspace = core.workspace
    answer: Json = {
        "ok": True,
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": workspace.app.bot_name,
        "team_id": workspace.team_id,
        "user_id": workspace.app.bot_user_id,
        "bot_id": workspace.app.bot_id,
        "is_enterprise_install": False,
    }
    if workspace.enterprise_id:
        answer["enterprise_id"] = workspace.enterprise_id
    return answer


@method("auth.revoke", tier=3)
def auth_revoke(core: Core, args: Arguments) -> Json:
    """Make the token void; with `test` only say that one could."""
    revoked = not args.flag("test")
    if revoked:
        core.bot_token = ""
    return {"ok": True, "revoked": revoked}
