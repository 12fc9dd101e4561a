"""Who may do what: the role assignments and scope maps of the registry."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final, Self

REPOSITORY_ACTIONS: Final = frozenset({"metadata_read", "metadata_write", "pull", "push", "delete"})
CATALOG: Final = "catalog"
#: Everything that a principal can be allowed; ``catalog`` is the listing of repositories.
ALL_ACTIONS: Final = REPOSITORY_ACTIONS | {CATALOG}


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope of the token protocol: ``repository:team/app:pull,push`` or ``registry:catalog:*``."""

    type: str
    name: str
    actions: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a scope; None when it is not one. A name may hold colons."""
        kind, _, rest = text.partition(":")
        name, _, actions = rest.rpartition(":")
        if kind not in {"repository", "registry"} or not name or not actions:
            return None
        return cls(kind, name, tuple(actions.split(",")))

    def __str__(self) -> str:
        return f"{self.type}:{self.name}:{','.join(self.actions)}"

    def wire(self) -> dict[str, object]:
        """Write it as an entry of the ``access`` claim."""
        return {"type": self.type, "name": self.name, "actions": list(self.actions)}


CATALOG_SCOPE: Final = Scope("registry", CATALOG, ("*",))


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who calls the registry.

    ``client_id`` makes it a managed identity, ``password`` a user for Basic auth (admin or a repository-scoped
    token). ``actions`` is a subset of ALL_ACTIONS, ``repositories`` are globs. With ``abac`` the registry is read as
    one whose roles name repositories: a wildcard scope is then silently ignored.
    """

    name: str
    client_id: str | None = None
    password: str | None = None
    actions: frozenset[str] = ALL_ACTIONS
    repositories: tuple[str, ...] = ("*",)
    abac: bool = False

    def without(self, *actions: str) -> Self:
        """Give the same principal with fewer rights."""
        return replace(self, actions=self.actions - set(actions))

    def grant(self, asked: Iterable[Scope]) -> list[Scope]:
        """Grant what is both asked for and allowed; a scope of which nothing is left goes."""
        granted = []
        for scope in asked:
            actions = self._allowed(scope)
            if actions:
                granted.append(replace(scope, actions=actions))
        return granted

    def may(self, need: Scope) -> bool:
        """Say whether every action of ``need`` is allowed."""
        return self._allowed(need) == need.actions

    def _allowed(self, scope: Scope) -> tuple[str, ...]:
        if scope.type == "registry":
            return scope.actions if scope.name == CATALOG and CATALOG in self.actions else ()
        if scope.name == "*":
            if self.abac or self.repositories != ("*",):
                return ()
        elif not any(fnmatchcase(scope.name, pattern) for pattern in self.repositories):
            return ()
        mine = self.actions & REPOSITORY_ACTIONS
        if "*" in scope.actions:
            return ("*",) if mine == REPOSITORY_ACTIONS else tuple(sorted(mine))
        return tuple(action for action in scope.actions if action in mine)


#: The system-assigned managed identity of the app, allowed everything.
APP_IDENTITY: Final = Principal("acr-janitor", client_id="9b0f3a52-6d7e-4d0c-8f2e-5a1c7d3b9e10")
#: The registry's admin user.
ADMIN: Final = Principal("admin", password="sandbox-admin-password")
