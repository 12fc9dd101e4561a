"""What every use case needs, put together once by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.hold import Quiet
from bot.domain.reference import nearest
from bot.domain.rights import Grant, Rights
from bot.domain.rule import Protection
from bot.domain.standing import Standing
from bot.domain.workspace import Workspace
from bot.errors import BadInputError
from bot.metrics import Metrics
from bot.registry import BodyCache, RegistryClient
from bot.store import Store


@dataclass(frozen=True, slots=True)
class Policy:
    """What the settings say of approvals and limits.

    ``approvers`` holds Slack ids of users (U…, W…) and user groups (S…), ``required`` says how many of them it takes,
    and ``grants`` outrank both for some repositories. ``stale_after``: what lists call stale has not changed for so
    long. ``tagged_share``: what takes more than so many percent of the tagged images of a repository is approved by
    typing its name.
    """

    approvers: tuple[str, ...] = ()
    required: int = 1
    grants: tuple[Grant, ...] = ()
    allow_self_approval: bool = False
    expires_after: timedelta = timedelta(hours=72)
    items_per_proposal: int = 10_000
    tagged_share: int = 50
    stale_after: timedelta = timedelta(days=30)
    protection: Protection = field(default_factory=Protection)
    rules: tuple[Standing, ...] = ()
    quiet: Quiet | None = None

    def rights_of(self, workspace: Workspace) -> Rights:
        """Who may approve what in a workspace: what is proposed there, and by ids of its own."""
        return Rights(self.approvers, self.required, self.grants, workspace)


@dataclass(frozen=True, slots=True)
class ReadingDesk:
    """What looking needs: neither Slack nor a database. ``registries`` is ordered: the first is the default."""

    registries: Mapping[str, RegistryClient]
    bodies: BodyCache
    policy: Policy
    clock: Callable[[], datetime]

    def registry(self, name: str) -> RegistryClient:
        """Find a registry by its name or its login server; an empty name stands for the default.

        Raises BadInputError with the names that there are.
        """
        if not name:
            return next(iter(self.registries.values()))
        for client in self.registries.values():
            if name.lower() in {client.name.lower(), client.host.lower()}:
                return client
        names = list(self.registries)
        near = nearest(name.removesuffix(".azurecr.io"), names) or names
        raise BadInputError(
            f"There is no registry {name!r} here.",
            expected=f"The registries are: {', '.join(names)}.",
            example=f"/acr untagged myrepo --registry {near[0]}",
        )


@dataclass(frozen=True, slots=True)
class Desk(ReadingDesk):
    """What the use cases that decide and delete work with as well."""

    store: Store
    metrics: Metrics = field(default_factory=Metrics)
