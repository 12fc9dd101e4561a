"""Scenarios: a registry's history written as YAML. The format is described in README.md beside this file."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sandbox.acr import units
from sandbox.acr.documents import Media
from sandbox.acr.model import Locks
from sandbox.acr.registry import SBOM_TYPE, SIGNATURE_TYPE, SMALL_LAYER, Registry

Flag = Literal["delete", "write", "read", "list"]
Signature = Literal["referrer", "cosign"]
Age = Annotated[timedelta, BeforeValidator(units.duration)]
Size = Annotated[int, BeforeValidator(units.size), Field(gt=0)]

Platform = Annotated[str, Field(pattern=r"^[a-z0-9]+/[a-z0-9]+(/[a-z0-9]+)?$")]
Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9_{][A-Za-z0-9_.{}-]{0,127}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")]
RepositoryName = Annotated[str, Field(pattern=r"^[a-z0-9]+([._/-]+[a-z0-9]+)*$")]

#: The company registry of the demo.
DEMO: Final = Path(__file__).parents[1] / "scenarios" / "demo.yml"
#: Subject of a referrer whose subject is gone: a digest that nothing has.
MISSING: Final = "missing"
_GONE_DIGEST: Final = "sha256:" + "0" * 64
_ARTIFACTS: Final = {"signature": SIGNATURE_TYPE, "sbom": SBOM_TYPE}
_MOST: Final = 1_000_000


class ScenarioError(ValueError):
    """The scenario can't be read; the text lists every fault with its place."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Strict):
    """One push, or ``repeat`` of them."""

    name: Name | None = None
    tags: tuple[Tag, ...] = ()
    age: Age = timedelta()
    repeat: int = Field(1, ge=1, le=_MOST)
    every: Age = timedelta()
    platforms: tuple[Platform, ...] = Field(("linux/amd64",), min_length=1)
    attested: bool = False
    media: Media = "oci"
    layers: tuple[Size, ...] = Field((SMALL_LAYER,), min_length=1)
    growth: Annotated[int, BeforeValidator(units.size)] = 0
    signatures: tuple[Signature, ...] = ()
    sbom: bool = False
    lock: tuple[Flag, ...] = ()
    lock_tags: tuple[Flag, ...] = ()
    index_of: tuple[str, ...] = ()
    artifact: str | None = None
    subject: str | None = None
    media_type: str | None = None
    body: str | dict[str, Any] | None = None
    lost: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.repeat > 1 and any("{n}" not in tag for tag in self.tags):
            raise ValueError("with repeat, each tag needs {n}, the running number: a tag points to one manifest")
        if (self.body is None) != (self.media_type is None):
            raise ValueError("body and media_type go together")
        kinds = [self.index_of, self.artifact, self.body, self.attested or len(self.platforms) > 1]
        if sum(bool(kind) for kind in kinds) > 1:
            raise ValueError("an entry is one of: image, platforms, index_of, artifact, body")
        if self.lock_tags and not self.tags:
            raise ValueError("lock_tags without tags")
        if self.subject is not None and self.body is not None:
            raise ValueError("write the subject into the body")
        if self.subject is not None and (self.attested or len(self.platforms) > 1):
            raise ValueError("subject goes with an image of one platform, index_of or artifact")
        return self


class RepositoryPart(_Strict):
    """One repository."""

    lock: tuple[Flag, ...] = ()
    images: tuple[Entry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_what_came_before(self) -> Self:
        known = {MISSING}
        for at, entry in enumerate(self.images):
            wanted = {*entry.index_of, *((entry.subject,) if entry.subject else ())}
            if wanted - known:
                missing = ", ".join(sorted(wanted - known))
                raise ValueError(f"images.{at} refers to {missing}, and no entry before it has that name")
            if entry.name in known:
                raise ValueError(f"images.{at} takes the name {entry.name} a second time")
            known |= {entry.name} if entry.name else set()
        return self


class Scenario(_Strict):
    """A whole scenario."""

    description: str = ""
    repositories: dict[RepositoryName, RepositoryPart] = Field(min_length=1)


def load_scenario(source: Path | str, now: datetime | None = None, into: Registry | None = None) -> Registry:
    """Seed a registry from YAML: a path, or the text itself (a string of several lines).

    Ages count back from ``now``, an aware datetime, by default the present. ``into`` adds to a registry that is there.
    Raises ScenarioError with every fault, OSError for a file that can't be read.
    """
    scenario = parse_scenario(source)
    writer = _Writer(into if into is not None else Registry(), now or datetime.now(UTC))
    for name, part in scenario.repositories.items():
        writer.write(name, part)
    return writer.registry


def parse_scenario(source: Path | str) -> Scenario:
    """Read and check a scenario without seeding it."""
    text = source if isinstance(source, str) and "\n" in source else Path(source).read_text(encoding="utf-8")
    try:
        return Scenario.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as fault:
        raise ScenarioError(f"the scenario is no YAML: {fault}") from None
    except ValidationError as fault:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'scenario'}: {e['msg']}" for e in fault.errors()]
        raise ScenarioError("the scenario has faults:\n  " + "\n  ".join(lines)) from None


class _Writer:
    """Pushes the entries of a scenario in their order."""

    def __init__(self, registry: Registry, now: datetime) -> None:
        self.registry = registry
        self._now = now

    def write(self, repo: str, part: RepositoryPart) -> None:
        """Push a repository's entries, then lock it."""
        named = {MISSING: _GONE_DIGEST}
        for entry in part.images:
            for number in range(entry.repeat):
                digest = self._push(repo, entry, number, named)
                if entry.name is not None:
                    named[entry.name] = digest
        if part.lock:
            self.registry.lock_repository(repo, _locks(part.lock))

    def _push(self, repo: str, entry: Entry, number: int, named: dict[str, str]) -> str:
        registry, updated = self.registry, self._now - entry.age - number * entry.every
        digest = self._manifest(repo, entry, number, updated, named)
        for signature in entry.signatures:
            if signature == "cosign":
                registry.push_cosign_signature(repo, digest, updated=updated)
            else:
                registry.push_artifact(repo, digest, artifact_type=SIGNATURE_TYPE, updated=updated)
        if entry.sbom:
            registry.push_artifact(repo, digest, artifact_type=SBOM_TYPE, updated=updated)
        if entry.lock:
            registry.lock_manifest(repo, digest, _locks(entry.lock))
        for tag in _tags(entry, number) if entry.lock_tags else ():
            registry.lock_tag(repo, tag, _locks(entry.lock_tags))
        if entry.lost:
            registry.drop_body(repo, digest)
        return digest

    def _manifest(
        self,
        repo: str,
        entry: Entry,
        number: int,
        updated: datetime,
        named: dict[str, str],
    ) -> str:
        registry, tags = self.registry, _tags(entry, number)
        subject = named[entry.subject] if entry.subject is not None else None
        if entry.body is not None and entry.media_type is not None:
            body = entry.body.encode() if isinstance(entry.body, str) else entry.body
            return registry.push_raw(repo, entry.media_type, body, tags, updated)
        if entry.artifact is not None:
            kind = _ARTIFACTS.get(entry.artifact, entry.artifact)
            return registry.push_artifact(repo, subject, artifact_type=kind, tags=tags, updated=updated)
        if entry.index_of:
            children = [named[child] for child in entry.index_of]
            return registry.push_index(repo, children, tags=tags, media=entry.media, subject=subject, updated=updated)
        layers = [*entry.layers[:-1], entry.layers[-1] + number * entry.growth]
        if entry.attested or len(entry.platforms) > 1:
            return registry.push_multi_arch(
                repo,
                platforms=entry.platforms,
                tags=tags,
                layers=layers,
                media=entry.media,
                attested=entry.attested,
                updated=updated,
            )
        return registry.push_image(
            repo,
            tags=tags,
            layers=layers,
            platform=entry.platforms[0],
            media=entry.media,
            subject=subject,
            updated=updated,
        )


def _tags(entry: Entry, number: int) -> list[str]:
    return [tag.replace("{n}", str(number + 1)) for tag in entry.tags]


def _locks(flags: Sequence[Flag]) -> Locks:
    return Locks(**dict.fromkeys(flags, False))
