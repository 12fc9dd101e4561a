"""users.*, usergroups.* and bots.*: who is there."""

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.methods import method
from sandbox.slack.api.pages import page_of
from sandbox.slack.api.shapes import group_json, person_json
from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json


@method("users.info", "users:read", tier=4)
def users_info(core: Core, args: Arguments) -> Json:
    """Describe a person, a deactivated one included."""
    (user,) = args.required("user")
    person = core.workspace.people.get(user)
    if person is None:
        raise SlackError("user_not_found")
    return {"ok": True, "user": person_json(core, person)}


@method("users.list", "users:read", tier=2)
def users_list(core: Core, args: Arguments) -> Json:
    """List everybody, page by page."""
    people, cursor = page_of(list(core.workspace.people.values()), args)
    members = [person_json(core, person) for person in people]
    return {"ok": True, "members": members, "response_metadata": {"next_cursor": cursor}}


@method("bots.info", "users:read", tier=3)
def bots_info(core: Core, args: Arguments) -> Json:
    """Describe the app's bot."""
    app = core.workspace.app
    if args.text("bot") not in {None, app.bot_id}:
        raise SlackError("bot_not_found")
    bot = {"id": app.bot_id, "deleted": False, "name": app.name, "app_id": app.id, "user_id": app.bot_user_id}
    return {"ok": True, "bot": bot}


@method("usergroups.list", "usergroups:read", tier=2)
def usergroups_list(core: Core, args: Arguments) -> Json:
    """List the user groups."""
    _need_paid_plan(core)
    groups = [
        group_json(core, group, with_users=args.flag("include_users"))
        for group in core.workspace.groups.values()
        if not group.disabled or args.flag("include_disabled")
    ]
    return {"ok": True, "usergroups": groups}


@method("usergroups.users.list", "usergroups:read", tier=2)
def usergroups_users_list(core: Core, args: Arguments) -> Json:
    """List the ids of a user group's members."""
    (group_id,) = args.required("usergroup")
    _need_paid_plan(core)
    group = core.workspace.groups.get(group_id)
    if group is None or (group.disabled and not args.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"ok": True, "users": list(group.users)}


def _need_paid_plan(core: Core) -> None:
    if not core.options.user_groups:
        raise SlackError("plan_upgrade_required")
