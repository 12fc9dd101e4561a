"""Who may approve, and how many of them it takes."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from bot.settings import values
from bot.settings.section import Section

_REQUIRED_MOST = 10

Ids = Annotated[tuple[Annotated[str, AfterValidator(values.approver)], ...], BeforeValidator(values.listed)]


class RepositoryApprovals(Section):
    """Who approves for some repositories, instead of those who approve elsewhere. Without ``registries``: in each."""

    repositories: Annotated[
        tuple[Annotated[str, AfterValidator(values.repositories)], ...],
        BeforeValidator(values.listed),
        AfterValidator(values.some),
    ] = Field(description="a list of repositories or globs over them", examples=["prod/*"])
    registries: Annotated[tuple[str, ...], BeforeValidator(values.listed)] = Field(
        default=(), description="a list of names of registries", examples=["myregistry"]
    )
    approvers: Annotated[Ids, AfterValidator(values.some)] = Field(
        description="ids of Slack users (U…, W…) and user groups (S…)", examples=["S0456EFGH"]
    )
    required: int | None = Field(
        default=None, ge=1, le=_REQUIRED_MOST, description="a whole number from 1 to 10", examples=["2"]
    )

    @model_validator(mode="after")
    def _can_be_met(self) -> "RepositoryApprovals":
        _check_enough(self.approvers, self.required or 1)
        return self


class ApprovalSettings(Section):
    """Who may approve. Without approvers every proposal is refused."""

    approvers: Ids = Field(
        default=(),
        description="ids of Slack users (U…, W…) and user groups (S…)",
        examples=["U0123ABCD", "S0456EFGH"],
    )
    required: int = Field(default=1, ge=1, le=_REQUIRED_MOST, description="a whole number from 1 to 10", examples=["2"])
    by_repository: tuple[RepositoryApprovals, ...] = Field(
        default=(),
        description="a list of entries with repositories, approvers and required",
        examples=['{repositories: ["prod/*"], approvers: [S0456EFGH], required: 2}'],
    )
    allow_self_approval: bool = Field(default=False, description="true or false", examples=["false"])
    tell_approvers: bool = Field(default=False, description="true or false", examples=["true"])
    expires_after: Annotated[timedelta, BeforeValidator(values.positive_duration)] = Field(
        default=timedelta(hours=72),
        description="a length of time such as 36h or 3d, more than 0",
        examples=["72h"],
    )

    @model_validator(mode="after")
    def _can_be_met(self) -> "ApprovalSettings":
        if self.approvers:
            _check_enough(self.approvers, self.required)
        for entry in self.by_repository:
            _check_enough(entry.approvers, entry.required or self.required)
        return self


def check_approvals(approvals: ApprovalSettings, info: ValidationInfo) -> ApprovalSettings:
    """Check that the registries that entries name are there. Raises ValueError."""
    known = {registry.name.lower() for registry in info.data.get("registries", ())}
    for entry in approvals.by_repository:
        # Without registries that is the fault that is told.
        unknown = [name for name in entry.registries if known and name.lower() not in known]
        if unknown:
            raise ValueError(f"by_repository names a registry that is not in registries: {unknown[0]}.")
    return approvals


def _check_enough(approvers: tuple[str, ...], required: int) -> None:
    # A group may have any number of members.
    if len(approvers) < required and not any(id_.startswith("S") for id_ in approvers):
        raise ValueError(f"It takes {required} people to approve, and only {len(approvers)} may.")
