"""One registry: the few things that this app asks of it, each with one kind of answer and one tree of errors."""

import ssl
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
import structlog
from azure.containerregistry import ArtifactManifestOrder
from azure.containerregistry.aio import ContainerRegistryClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline.transport import AioHttpTransport

from bot.domain.manifest import Locks, Manifest, Tag
from bot.errors import ConfigurationError
from bot.metrics import Metrics
from bot.registry import documents
from bot.registry.answers import Deletion, RefusalError
from bot.registry.bounded import BoundedResponse
from bot.registry.counting import CountPolicy
from bot.registry.documents import RepositoryInfo
from bot.registry.faults import Attempt, Need, in_plain_words
from bot.registry.pace import Pace, Patience
from bot.registry.permit import PermittedRequest
from bot.registry.pipeline import policies
from bot.registry.raw import Seen, nothing, read_pages
from bot.registry.retrying import PacePolicy
from bot.registry.tokens import TokenPolicy, audience_of, is_loopback

# The most that ACR gives; it caps a larger number.
_PAGE = 1000
# Most often nothing has changed since a moment ago.
_LATEST = 100


class RegistryClient:
    """One registry for the life of the app. To be made inside a running event loop, and closed.

    ``name``: how people call it. ``endpoint``: ``https://host``, or ``http://`` on loopback. ``credential``: shared by
    all registries and owned by the caller. ``ca_bundle``: a PEM file of the only authorities to trust; without it those
    of the system and of ``SSL_CERT_FILE``. ``concurrency``: at most so many calls at once, 1 to 32.

    Every method raises a class of ``bot.errors.RegistryError`` when the registry can't do it, after retries, and
    BadInputError for a name or digest that can be none. No call lasts longer than ``patience`` allows for each request.
    Names of repositories with slashes are given as they are.
    """

    def __init__(
        self,
        name: str,
        endpoint: str,
        credential: AsyncTokenCredential,
        *,
        ca_bundle: Path | None = None,
        concurrency: int = 32,
        patience: Patience | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.name = name
        self.endpoint = endpoint.rstrip("/")
        self.host = urlsplit(endpoint).netloc
        self.concurrency = concurrency
        patience = patience or Patience()
        metrics = metrics or Metrics()
        self.pace = pace = Pace(concurrency, patience=patience.total, waits=metrics.throttle_waits.labels(name))
        metrics.follow(name, limit=lambda: pace.limit, busy=lambda: pace.busy, waiting=lambda: pace.waiting)
        self._count = CountPolicy(name, metrics)
        self._tokens = TokenPolicy(self.endpoint, credential, patience=patience.attempt)
        loopback = is_loopback(self.endpoint)
        plain = urlsplit(self.endpoint).scheme != "https"
        if plain and not loopback:
            raise ConfigurationError([f"{name}: {self.endpoint} is not https://, which only loopback may do without."])
        self._session = aiohttp.ClientSession(
            # A token is got while calls are under way, so it needs room beside them.
            connector=aiohttp.TCPConnector(limit=concurrency + 2, ssl=True if plain else _trust(name, ca_bundle)),
            # What azure-core sets on a session of its own; a proxy is never asked for loopback.
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            response_class=BoundedResponse,
            request_class=PermittedRequest,
            trust_env=not loopback,
        )
        # There is no other switch. By itself aiohttp sends a DELETE twice where a connection breaks, and says nothing:
        # the second answer is that it is gone. What is sent again, and counted, is for the pace to say.
        self._session._retry_connection = False  # noqa: SLF001 - see above
        self._sdk = ContainerRegistryClient(
            self.endpoint,
            credential,
            audience=audience_of(self.endpoint),
            # One session for all: the SDK's own way to name a CA makes a TLS context for each request.
            transport=AioHttpTransport(
                session=self._session,
                session_owner=False,
                connection_timeout=min(10.0, patience.attempt),
                read_timeout=patience.attempt,
            ),
            policies=policies(PacePolicy(self.pace, patience), self._tokens, self._count),
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} at {self.endpoint}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; calls that are under way fail. May be called again."""
        await self._tokens.aclose()
        await self._sdk.close()
        await self._session.close()

    @property
    def clock_ahead(self) -> timedelta | None:
        """How far the registry's clock is ahead of ours, to a second, as its last answer said; None before one."""
        return self._count.clock_ahead

    async def sign_in(self) -> None:
        """Return when there is a token to ask for others with, or one can be had; else raise as a first look would.

        Costs nothing while there is one, which is most of three hours.
        """
        with self._trying("let this app sign in", Need.CATALOG):
            await self._tokens.sign_in()

    async def granted(self, repository: str) -> frozenset[str] | None:
        """Ask what this app may do in a repository, and do nothing of it; None where the registry does not tell.

        The actions are ``metadata_read``, ``metadata_write``, ``pull`` and ``delete``. A repository that does not exist
        is as good as any.
        """
        documents.check_repository(repository)
        with self._trying(f"say what it may do in {repository}", Need.READ, repository):
            return await self._tokens.granted(repository)

    async def check(self) -> str:
        """Return when the catalog answers, with a repository's name or, where there is none, nothing; else raise."""
        seen = Seen()
        with self._trying("list the repositories", Need.CATALOG):
            pages = self._sdk.list_repository_names(results_per_page=1, raw_response_hook=seen)
            async for _ in pages.by_page():
                break
        with self._trying("list the repositories", Need.CATALOG):
            names = documents.read_names(documents.read_entries(seen.document(), "repositories"))
        return next(iter(names), "")

    async def repositories(self) -> list[str]:
        """List the names of all repositories, in the registry's order."""
        names: list[str] = []
        seen = Seen()
        with self._trying("list the repositories", Need.CATALOG):
            paged = self._sdk.list_repository_names(results_per_page=_PAGE, raw_response_hook=seen)
            async for entries in read_pages(paged, seen, "repositories"):
                names += documents.read_names(entries)
            documents.check_unique(names, "a repository")
        return names

    async def repository(self, repository: str) -> RepositoryInfo:
        """Give a repository's locks, counts and times. Raises RepositoryNotFoundError."""
        documents.check_repository(repository)
        seen = Seen()
        with self._trying(f"show {repository}", Need.READ, repository):
            await self._sdk.get_repository_properties(repository, raw_response_hook=seen)
            return documents.read_repository(seen.document(), repository)

    async def manifests(self, repository: str) -> list[Manifest]:
        """List all manifests of a repository, by digest. Raises RepositoryNotFoundError."""
        documents.check_repository(repository)
        found: list[Manifest] = []
        seen = Seen()
        with self._trying(f"list the manifests of {repository}", Need.READ, repository):
            paged = self._sdk.list_manifest_properties(
                repository, results_per_page=_PAGE, cls=nothing, raw_response_hook=seen
            )
            async for entries in read_pages(paged, seen, "manifests", repository):
                found += map(documents.read_manifest, entries)
            documents.check_unique((manifest.digest for manifest in found), "a manifest")
        return found

    async def changes(self, repository: str, since: datetime) -> list[Manifest]:
        """List what was pushed, tagged, untagged or locked since then, the latest first, and perhaps some more.

        One that changes meanwhile can be met twice. Raises RepositoryNotFoundError.
        """
        documents.check_repository(repository)
        found: list[Manifest] = []
        seen = Seen()
        with self._trying(f"list the manifests of {repository}", Need.READ, repository):
            paged = self._sdk.list_manifest_properties(
                repository,
                order_by=ArtifactManifestOrder.LAST_UPDATED_ON_DESCENDING,
                results_per_page=_LATEST,
                cls=nothing,
                raw_response_hook=seen,
            )
            async with aclosing(read_pages(paged, seen, "manifests", repository)) as all_pages:
                async for entries in all_pages:
                    page = [documents.read_manifest(entry) for entry in entries]
                    found += page
                    if any(manifest.updated < since for manifest in page):
                        break
        return found

    async def manifest(self, repository: str, digest: str) -> Manifest | None:
        """Look up one manifest as a listing would show it, even one that listings hide; None where it is gone."""
        documents.check_repository(repository)
        documents.check_digest(digest)
        seen = Seen()
        with self._trying(f"show {repository}@{digest}", Need.READ, repository):
            try:
                await self._sdk.get_manifest_properties(repository, digest, raw_response_hook=seen)
            except RefusalError as error:
                if error.says_gone:
                    return None
                raise
            return documents.read_manifest_answer(seen.document(), repository)

    async def tags(self, repository: str) -> list[Tag]:
        """List all tags of a repository with their digests and locks. Raises RepositoryNotFoundError."""
        documents.check_repository(repository)
        found: list[Tag] = []
        seen = Seen()
        with self._trying(f"list the tags of {repository}", Need.READ, repository):
            paged = self._sdk.list_tag_properties(
                repository, results_per_page=_PAGE, cls=nothing, raw_response_hook=seen
            )
            async for entries in read_pages(paged, seen, "tags", repository):
                found += map(documents.read_tag, entries)
            documents.check_unique((tag.name for tag in found), "a tag")
        return found

    async def tag(self, repository: str, tag: str) -> Tag | None:
        """Look up one tag with its digest and locks; None where it, or its repository, is gone."""
        documents.check_repository(repository)
        documents.check_tag(tag)
        seen = Seen()
        with self._trying(f"show {repository}:{tag}", Need.READ, repository):
            try:
                await self._sdk.get_tag_properties(repository, tag, raw_response_hook=seen)
            except RefusalError as error:
                if error.says_tag_gone:
                    return None
                raise
            return documents.read_tag_answer(seen.document(), repository)

    async def body(self, repository: str, digest: str) -> bytes | None:
        """Give the bytes of a manifest, checked against its digest; None where the registry says that it is gone.

        Raises LockedError where reading it is switched off, RegistryGarbledError where the bytes are not the
        digest's or are more than the 4 MiB that a manifest may have.
        """
        documents.check_repository(repository)
        documents.check_digest(digest)
        seen = Seen()
        with self._trying(f"read {repository}@{digest}", Need.READ, repository):
            try:
                await self._sdk.get_manifest(repository, digest, raw_response_hook=seen)
                content: bytes = await seen.response().read()
            except RefusalError as error:
                if error.says_gone:
                    return None
                raise
            finally:
                await seen.close()
        return content

    async def delete_manifest(self, repository: str, digest: str) -> Deletion:
        """Delete a manifest and with it all of its tags and its referrers. Never by tag. Raises LockedError."""
        documents.check_repository(repository)
        documents.check_digest(digest)
        with self._trying(f"delete {repository}@{digest}", Need.DELETE, repository):
            try:
                await self._sdk.delete_manifest(repository, digest)
            except RefusalError as error:
                if error.says_gone:
                    return Deletion.LOST if error.unanswered else Deletion.GONE
                raise
        return Deletion.DONE

    async def delete_tag(self, repository: str, tag: str) -> bool:
        """Remove a tag; its manifest stays, with its other tags or with none.

        True: the registry has removed it. False: it was gone already, perhaps by an earlier try of this very call.
        Raises LockedError.
        """
        documents.check_repository(repository)
        documents.check_tag(tag)
        with self._trying(f"remove the tag {repository}:{tag}", Need.DELETE, repository):
            try:
                await self._sdk.delete_tag(repository, tag)
            except RefusalError as error:
                if error.says_tag_gone:
                    return False
                raise
        return True

    async def set_locks(self, repository: str, locks: Locks, *, tag: str = "", digest: str = "") -> bool:
        """Set the locks of a tag or, where none is given, of a manifest or, where neither is, of the repository itself.

        Each of the three is locked by itself: the lock of a tag is not that of its manifest. False: it is gone.
        """
        documents.check_repository(repository)
        flags = {"can_delete": locks.delete_enabled, "can_write": locks.write_enabled}
        about = f"{repository}:{tag}" if tag else f"{repository}@{digest}" if digest else repository
        with self._trying(f"change the locks of {about}", Need.LOCK, repository):
            try:
                if tag:
                    documents.check_tag(tag)
                    await self._sdk.update_tag_properties(repository, tag, **flags)
                elif digest:
                    documents.check_digest(digest)
                    await self._sdk.update_manifest_properties(repository, digest, **flags)
                else:
                    # An async function, whose overloads say that it is none.
                    await self._sdk.update_repository_properties(repository, **flags)  # type: ignore[attr-defined]
            except RefusalError as error:
                if error.says_tag_gone:
                    return False
                raise
        return True

    @contextmanager
    def _trying(self, doing: str, need: Need, repository: str = "") -> Iterator[None]:
        attempt = Attempt(self.name, self.host, doing, need, repository)
        with structlog.contextvars.bound_contextvars(registry=self.name), in_plain_words(attempt):
            yield


def _trust(name: str, ca_bundle: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError([f"{name}: ca_bundle {ca_bundle} is not a readable PEM file."]) from error
