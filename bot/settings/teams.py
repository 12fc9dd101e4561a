"""Teams: whose repositories are whose, where and when they get their weekly report."""

from datetime import time
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from bot.clocks import parse_time, parse_weekday, parse_zone
from bot.settings import values
from bot.settings.section import Section


class ReportSettings(Section):
    """When a team's report is posted. ``day``: 0 is Monday; ``at`` is what a clock in ``zone`` shows."""

    day: Annotated[int, BeforeValidator(lambda value: parse_weekday(value) if isinstance(value, str) else value)] = (
        Field(default=0, description="a day of the week: mon, tue, wed, thu, fri, sat or sun", examples=["mon"])
    )
    at: Annotated[time, BeforeValidator(lambda value: parse_time(value) if isinstance(value, str) else value)] = Field(
        default=time(9), description="a time of 24 hours", examples=['"09:00"']
    )
    zone: Annotated[str, AfterValidator(parse_zone)] = Field(
        default="UTC", description="the name of a time zone, such as Europe/Amsterdam", examples=["Europe/Amsterdam"]
    )


class TeamSettings(Section):
    """A team. Without ``registries`` its globs hold in every registry."""

    name: Annotated[str, AfterValidator(values.team_name)] = Field(
        description="up to 80 characters on one line", examples=["payments"]
    )
    workspace: Annotated[str, AfterValidator(lambda value: value and values.workspace(value))] = Field(
        default="", description="the id of a Slack workspace (T…)", examples=["T0123ABCD"]
    )
    channel: Annotated[str, AfterValidator(values.channel)] = Field(
        description="the id of a Slack channel (C…, G…), which the app is a member of", examples=["C0123ABCD"]
    )
    repositories: Annotated[
        tuple[Annotated[str, AfterValidator(values.repositories)], ...],
        BeforeValidator(values.listed),
        AfterValidator(values.some),
    ] = Field(description="a list of repositories or globs over them", examples=["payments/*"])
    registries: Annotated[tuple[str, ...], BeforeValidator(values.listed)] = Field(
        default=(), description="a list of names of registries", examples=["myregistry"]
    )
    approvers: Annotated[
        tuple[Annotated[str, AfterValidator(values.approver)], ...], BeforeValidator(values.listed)
    ] = Field(default=(), description="ids of Slack users (U…, W…) and user groups (S…)", examples=["S0789JKLM"])
    report: ReportSettings = ReportSettings()


def check_teams(teams: tuple[TeamSettings, ...], info: ValidationInfo) -> tuple[TeamSettings, ...]:
    """Check that no two teams have one name, which names their schedule, and that their registries are there.

    Raises ValueError.
    """
    known = {registry.name.lower() for registry in info.data.get("registries", ())}
    names: set[str] = set()
    for team in teams:
        if team.name.lower() in names:
            raise ValueError(f"Two teams have the name {team.name}.")
        names.add(team.name.lower())
        # Without registries that is the fault that is told.
        unknown = [name for name in team.registries if known and name.lower() not in known]
        if unknown:
            raise ValueError(f"The team {team.name} names a registry that is not in registries: {unknown[0]}.")
    return teams
