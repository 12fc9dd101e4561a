"""Several workspaces or one: what goes together, and what is told at start of what does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.workspace import Workspace
from bot.errors import ConfigurationError
from bot.settings import Settings, load_settings
from bot.wiring import policy_of, teams_of

ONE = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "0123456789abcdef"}
SEVERAL = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "very-secret", "SLACK_SIGNING_SECRET": "0123456789abcdef"}
NAMED = {"workspaces": [{"id": "T01", "approvers": ["U01"]}, {"id": "T02", "approvers": ["U02", "S02"], "required": 2}]}
TEAM = {"name": "web", "channel": "C01", "repositories": ["web/*"], "approvers": ["U09"]}


def load(folder: Path, environ: dict[str, str], file: dict[str, Any]) -> Settings:
    """Read both."""
    path = folder / "janitor.yml"
    path.write_text(json.dumps(file), encoding="utf-8")
    return load_settings({"ACR_REGISTRIES": "a.azurecr.io", "ACR_JANITOR_CONFIG": str(path), **environ})


def test_each_workspace_has_its_own_approvers(tmp_path: Path) -> None:
    """An id counts in the workspace that names it, a team in its own, and none in one that is not named."""
    settings = load(tmp_path, SEVERAL, {**NAMED, "teams": [{**TEAM, "workspace": "T02"}]})
    policy = policy_of(settings)
    first, second, third = (policy.rights_of(Workspace(team)) for team in ("T01", "T02", "T03"))

    assert first.of("a", "web/app").approvers == ("U01",)
    assert second.of("a", "web/app").approvers == ("U09",)
    assert second.of("a", "other").approvers == ("U02", "S02")
    assert (first.required, second.required) == (1, 2)
    assert second.of("a", "other").workspace == Workspace("T02")
    assert not third.anybody
    assert [policy.knows(Workspace(team)) for team in ("T01", "T03", "")] == [True, False, False]
    assert [team.team_id for team in teams_of(settings)] == ["T02"]
    assert "very-secret" in settings.secrets


def test_one_workspace_needs_no_name(tmp_path: Path) -> None:
    """With the token of one, its approvers stand where they always did."""
    policy = policy_of(load(tmp_path, {**ONE, "ACR_APPROVERS": "U01"}, {}))
    assert policy.rights_of(Workspace("T77")).approvers == ("U01",)
    assert policy.knows(Workspace("T77"))


@pytest.mark.parametrize(
    ("environ", "file", "words"),
    [
        ({**SEVERAL, "SLACK_BOT_TOKEN": "xoxb-1"}, NAMED, "SLACK_BOT_TOKEN: With SLACK_CLIENT_ID each workspace gets"),
        ({**SEVERAL, "SLACK_APP_TOKEN": "xapp-1"}, NAMED, "SLACK_APP_TOKEN: Several workspaces need HTTP mode."),
        ({**SEVERAL, "SLACK_CLIENT_SECRET": ""}, NAMED, "SLACK_CLIENT_SECRET: It is not set, and SLACK_CLIENT_ID is."),
        ({**SEVERAL, "SLACK_CLIENT_ID": ""}, NAMED, "SLACK_CLIENT_ID: It is not set, and SLACK_CLIENT_SECRET is."),
        ({**SEVERAL, "SLACK_SIGNING_SECRET": ""}, NAMED, "SLACK_SIGNING_SECRET: It is not set"),
        (SEVERAL, {}, "workspaces: None is named, so none may install the app."),
        (
            {**SEVERAL, "ACR_APPROVERS": "U01"},
            NAMED,
            "approvals.approvers (ACR_APPROVERS): Ids of people are of one workspace",
        ),
        (SEVERAL, {**NAMED, "teams": [TEAM]}, "teams[0].workspace: It is not set"),
        (SEVERAL, {**NAMED, "teams": [{**TEAM, "workspace": "T09"}]}, "teams[0].workspace: T09 is not in workspaces."),
        (SEVERAL, {"workspaces": [{"id": "E01"}]}, "'E01' is not the id of a workspace."),
        (SEVERAL, {"workspaces": [{"id": "T01"}, {"id": "T01"}]}, "The workspace T01 stands there twice."),
        (SEVERAL, {"workspaces": [{"id": "T01", "approvers": ["U01"], "required": 2}]}, "It takes 2 people to approve"),
        (
            SEVERAL,
            {"workspaces": [{"id": "T01", "approvers": ["U01"]}], "approvals": {"required": 2}},
            "It takes 2 people to approve, and only 1 may. That is in the workspace T01.",
        ),
        (
            SEVERAL,
            {
                "workspaces": [{"id": "T01", "by_repository": [{"repositories": ["a"], "approvers": ["U01"]}]}],
                "approvals": {"required": 2},
            },
            "It takes 2 people to approve, and only 1 may. That is in the workspace T01.",
        ),
        (ONE, NAMED, "workspaces: They are named, and the app has the token of one."),
        (ONE, {"teams": [{**TEAM, "workspace": "T01"}]}, "teams[0].workspace: The app has the token of one workspace."),
        ({**ONE, "SLACK_REDIRECT_URL": "https://a.example.com/"}, {}, "SLACK_REDIRECT_URL: Nothing is installed"),
    ],
)
def test_what_contradicts_is_told(tmp_path: Path, environ: dict[str, str], file: dict[str, Any], words: str) -> None:
    """Each says what to set instead, and nothing else is told."""
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, environ, file)
    assert [fault for fault in caught.value.faults if words in fault]
    assert len(caught.value.faults) == 1
    assert "very-secret" not in str(caught.value)


def test_what_a_workspace_says_itself_outranks_what_it_inherits(tmp_path: Path) -> None:
    """One approver is enough where the workspace asks for one, whatever it takes elsewhere."""
    file = {"workspaces": [{"id": "T01", "approvers": ["U01"], "required": 1}], "approvals": {"required": 2}}
    assert policy_of(load(tmp_path, SEVERAL, file)).rights_of(Workspace("T01")).required == 1
