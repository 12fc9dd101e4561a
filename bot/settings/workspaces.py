"""Several workspaces: installed by OAuth, each with approvers of its own."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo

from bot.settings import values
from bot.settings.approvals import Ids, RepositoryApprovals, check_enough
from bot.settings.section import Section

REQUIRED_MOST = 10
_ID = Annotated[str, AfterValidator(values.workspace)]


class WorkspaceSettings(Section):
    """A workspace that may install the app. Ids of people and groups are those of this workspace."""

    id: _ID = Field(description="the id of a Slack workspace (T…)", examples=["T0123ABCD"])
    approvers: Ids = Field(
        default=(),
        description="ids of Slack users (U…, W…) and user groups (S…)",
        examples=["U0123ABCD", "S0456EFGH"],
    )
    required: int | None = Field(
        default=None, ge=1, le=REQUIRED_MOST, description="a whole number from 1 to 10", examples=["2"]
    )
    by_repository: tuple[RepositoryApprovals, ...] = Field(
        default=(),
        description="a list of entries with repositories, approvers and required",
        examples=['{repositories: ["prod/*"], approvers: [S0456EFGH], required: 2}'],
    )


def check_workspaces(workspaces: tuple[WorkspaceSettings, ...], info: ValidationInfo) -> tuple[WorkspaceSettings, ...]:
    """Check that each stands there once, can approve what is proposed there, and names registries that are there.

    Raises ValueError.
    """
    # Where ``approvals`` has a fault of its own, what it says is not known.
    inherited = info.data["approvals"].required if "approvals" in info.data else 1
    known = {registry.name.lower() for registry in info.data.get("registries", ())}
    ids: set[str] = set()
    for workspace in workspaces:
        if workspace.id in ids:
            raise ValueError(f"The workspace {workspace.id} stands there twice.")
        ids.add(workspace.id)
        _check_can_be_met(workspace, inherited)
        for entry in workspace.by_repository:
            unknown = [name for name in entry.registries if known and name.lower() not in known]
            if unknown:
                raise ValueError(f"by_repository names a registry that is not in registries: {unknown[0]}.")
    return workspaces


def _check_can_be_met(workspace: WorkspaceSettings, inherited: int) -> None:
    """Check that there are as many approvers as it takes, by the number that holds in this workspace."""
    required = workspace.required or inherited
    try:
        if workspace.approvers:
            check_enough(workspace.approvers, required)
        for entry in workspace.by_repository:
            check_enough(entry.approvers, entry.required or required)
    except ValueError as fault:
        raise ValueError(f"{fault} That is in the workspace {workspace.id}.") from fault


def contradictions(tree: Mapping[str, Any]) -> list[str]:
    """Name what can't stand beside each other: one workspace with its token, or several that install the app.

    ``tree`` holds the settings as they were written.
    """
    slack = _section(tree, "slack")
    if slack.get("client_id") or slack.get("client_secret"):
        return _of_several(tree, slack)
    faults = []
    if tree.get("workspaces"):
        faults.append(
            "workspaces: They are named, and the app has the token of one. Expected SLACK_CLIENT_ID and"
            " SLACK_CLIENT_SECRET for several workspaces, or approvals.approvers for one."
        )
    if slack.get("redirect_url"):
        faults.append(
            "SLACK_REDIRECT_URL: Nothing is installed by OAuth. Expected SLACK_CLIENT_ID and SLACK_CLIENT_SECRET as"
            " well, or leave it out."
        )
    faults += [
        f"teams[{number}].workspace: The app has the token of one workspace. Expected no such key, or"
        " SLACK_CLIENT_ID and SLACK_CLIENT_SECRET for several workspaces."
        for number, team in _teams(tree)
        if team.get("workspace")
    ]
    return faults


def _of_several(tree: Mapping[str, Any], slack: Mapping[str, Any]) -> list[str]:
    faults = []
    for variable, key, other in (
        ("SLACK_CLIENT_ID", "client_id", "SLACK_CLIENT_SECRET"),
        ("SLACK_CLIENT_SECRET", "client_secret", "SLACK_CLIENT_ID"),
    ):
        if not slack.get(key):
            faults.append(f"{variable}: It is not set, and {other} is. Expected both, or none of the two.")
    if slack.get("bot_token"):
        faults.append(
            "SLACK_BOT_TOKEN: With SLACK_CLIENT_ID each workspace gets a token of its own by installing the app."
            " Expected one of the two: SLACK_BOT_TOKEN for one workspace, SLACK_CLIENT_ID for several."
        )
    if slack.get("app_token"):
        faults.append(
            "SLACK_APP_TOKEN: Several workspaces need HTTP mode. Expected SLACK_SIGNING_SECRET in its place beside"
            " SLACK_CLIENT_ID."
        )
    workspaces = tree.get("workspaces")
    if not workspaces:
        faults.append(
            "workspaces: None is named, so none may install the app. Expected the id of each with its approvers, in"
            " the file. For example: workspaces: [{id: T0123ABCD, approvers: [U0123ABCD]}]"
        )
    approvals = _section(tree, "approvals")
    faults += [
        f"approvals.{named}: Ids of people are of one workspace, and with SLACK_CLIENT_ID there are several. Expected"
        f" them at each workspace. For example: workspaces: [{{id: T0123ABCD, approvers: [U0123ABCD]}}]"
        for key, named in (("approvers", "approvers (ACR_APPROVERS)"), ("by_repository", "by_repository"))
        if approvals.get(key)
    ]
    known = {entry.get("id") for entry in workspaces if isinstance(entry, dict)} if isinstance(workspaces, list) else ()
    for number, team in _teams(tree):
        if not team.get("workspace"):
            faults.append(
                f"teams[{number}].workspace: It is not set, and with SLACK_CLIENT_ID there are several. Expected the"
                " id of the workspace that the channel is in. For example: workspace: T0123ABCD"
            )
        elif team["workspace"] not in known:
            faults.append(f"teams[{number}].workspace: {team['workspace']} is not in workspaces. Expected one of them.")
    return faults


def _section(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    # One of the wrong shape has its fault already.
    found = tree.get(name)
    return found if isinstance(found, dict) else {}


def _teams(tree: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    teams = tree.get("teams")
    return [(n, team) for n, team in enumerate(teams if isinstance(teams, list) else ()) if isinstance(team, dict)]
