import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from azure.containerregistry import DigestValidationError
from azure.core.exceptions import AzureError, DecodeError, ServiceRequestError

from bot.errors import (
    LockedError,
    RegistryDeniedError,
    RegistryError,
    RegistryGarbledError,
    RegistryThrottledError,
    RegistryUnreachableError,
    RepositoryNotFoundError,
)
from bot.registry import RegistryClient
from bot.registry.faults import Attempt, HeldError, MalformedError, Need, in_plain_words, translate
from sandbox.acr import LOCKED, AcrOptions, AcrSandbox, Fault, Locks
from tests.registry.conftest import MakeClient

REPO = "payments/api"
ABSENT = "sha256:" + "0" * 64
Call = Callable[[RegistryClient, str], Awaitable[Any]]

CALLS: dict[str, Call] = {
    "list_repositories": lambda client, _: client.repositories(),
    "get_repository": lambda client, _: client.repository(REPO),
    "list_manifests": lambda client, _: client.manifests(REPO),
    "list_tags": lambda client, _: client.tags(REPO),
    "get_manifest_properties": lambda client, digest: client.manifest(REPO, digest),
    "get_manifest": lambda client, digest: client.body(REPO, digest),
    "delete_manifest": lambda client, digest: client.delete_manifest(REPO, digest),
}
_every_call = pytest.mark.parametrize("kind", CALLS)


async def _fail(client: RegistryClient, kind: str, digest: str) -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        await CALLS[kind](client, digest)
    said = str(caught.value)
    assert "myregistry" in said
    assert caught.value.expected
    assert "Traceback" not in said
    assert "azure" not in said.lower().replace("azure identity", "").replace("azure container registry", "")
    return caught.value


@_every_call
@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault(status=401), RegistryDeniedError, "needs the role Acr"),
        (Fault(status=403), RegistryDeniedError, r"firewall.*203\.0\.113\.7"),
        (Fault(status=429, headers={"Retry-After": "3600"}), RegistryThrottledError, "limits how often"),
        (Fault(status=500), RegistryError, "failed with status 500"),
        (Fault(status=502, body=b"\x00\xff"), RegistryError, "failed with status 502"),
        (Fault(status=302, headers={"Location": "https://login.example.com/"}), RegistryError, "status 302"),
        (Fault(status=400), RegistryError, "status 400"),
        (Fault(status=404), RegistryGarbledError, "404.*not in the way that ACR does"),
        (Fault(status=404, body="<h1>Not Found</h1>"), RegistryGarbledError, "404"),
        (Fault(status=404, body={"errors": []}), RegistryGarbledError, "404"),
        (Fault(action="hang"), RegistryUnreachableError, "did not answer in time"),
        (Fault(action="reset"), RegistryUnreachableError, "connection broke"),
    ],
    ids=lambda value: f"{value.action}-{value.status}" if isinstance(value, Fault) else "",
)
async def test_every_call_says_what_went_wrong(
    acr: AcrSandbox, client: RegistryClient, *, kind: str, fault: Fault, error: type[RegistryError], words: str
) -> None:
    """Each failure has one class and its words, whatever was asked; nothing is deleted or taken for gone."""
    digest = acr.registry.push_image(REPO)
    acr.faults.add(Fault(action=fault.action, status=fault.status, body=fault.body, headers=fault.headers, kind=kind))
    found = await _fail(client, kind, digest)
    assert type(found) is error
    assert re.search(words, str(found))
    if fault.action == "status":
        assert found.status == fault.status
    assert digest in acr.registry.digests(REPO)


@pytest.mark.parametrize("kind", [kind for kind in CALLS if kind != "delete_manifest"])
@pytest.mark.parametrize("action", ["garbage", "truncate"])
async def test_garbage_and_cut_answers_are_garbled(
    acr: AcrSandbox, client: RegistryClient, kind: str, action: Any
) -> None:
    """A page that is no JSON, and a body that ends too soon, are told as what they are."""
    digest = acr.registry.push_image(REPO)
    acr.faults.add(Fault(action=action, kind=kind))
    found = await _fail(client, kind, digest)
    assert type(found) is RegistryGarbledError
    assert ("cut short" if action == "truncate" else "makes no sense") in str(found)


async def test_a_success_of_the_wrong_kind_is_no_delete(acr: AcrSandbox, client: RegistryClient) -> None:
    """200 with a page is not the 202 of a delete."""
    digest = acr.registry.push_image(REPO)
    acr.faults.add(Fault(action="garbage", kind="delete_manifest"))
    assert type(await _fail(client, "delete_manifest", digest)) is RegistryGarbledError


@pytest.mark.parametrize("kind", ["get_repository", "list_manifests", "list_tags"])
async def test_an_unknown_repository_is_told_as_such(acr: AcrSandbox, client: RegistryClient, kind: str) -> None:
    """ACR's own 404 for a repository is the error that names it."""
    with pytest.raises(RepositoryNotFoundError, match=r"no repository payments/api in myregistry") as caught:
        await CALLS[kind](client, ABSENT)
    assert (caught.value.registry, caught.value.repository) == ("myregistry", REPO)


@pytest.mark.parametrize("level", ["manifest", "repository"])
async def test_a_lock_is_told_with_the_way_to_open_it(acr: AcrSandbox, client: RegistryClient, level: str) -> None:
    """405 says what is locked and how to unlock it, and is not tried again."""
    digest = acr.registry.push_image(REPO, tags=["v1"])
    if level == "manifest":
        acr.registry.lock_manifest(REPO, digest)
    else:
        acr.registry.lock_repository(REPO, LOCKED)
    found = await _fail(client, "delete_manifest", digest)
    assert isinstance(found, LockedError)
    assert "az acr repository update --name myregistry" in str(found)
    assert acr.log.count("delete_manifest") == 1


async def test_a_read_lock_is_told_as_a_lock(acr: AcrSandbox, client: RegistryClient) -> None:
    """A manifest that may not be pulled is neither gone nor empty."""
    digest = acr.registry.push_image(REPO)
    acr.registry.lock_manifest(REPO, digest, Locks(read=False))
    assert isinstance(await _fail(client, "get_manifest", digest), LockedError)


async def test_a_registry_that_is_down_is_unreachable(acr: AcrSandbox, client: RegistryClient) -> None:
    """A refused connection is told as such, and the client works again once the registry is back."""
    acr.registry.push_image(REPO)
    await client.check()
    await acr.stop()
    found = await _fail(client, "list_repositories", ABSENT)
    assert isinstance(found, RegistryUnreachableError)
    assert "refused the connection" in str(found)
    await acr.start()
    assert await client.repositories() == [REPO]


async def test_a_name_that_does_not_resolve_is_told(make_client: MakeClient) -> None:
    """A wrong address is not a broken network."""
    client = make_client(endpoint="https://myregistry.invalid")
    found = await _fail(client, "list_repositories", ABSENT)
    assert isinstance(found, RegistryUnreachableError)
    assert "does not resolve" in str(found) or "connection" in str(found)


async def test_what_is_no_http_at_all_is_an_error_in_words(make_client: MakeClient) -> None:
    """A server of another protocol does not end in a stack trace."""

    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.com ESMTP\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(babble, "127.0.0.1", 0, family=socket.AF_INET)
    async with server:
        port = server.sockets[0].getsockname()[1]
        client = make_client(endpoint=f"http://127.0.0.1:{port}")
        assert isinstance(await _fail(client, "list_repositories", ABSENT), RegistryUnreachableError)


@pytest.mark.parametrize(
    ("kind", "missing", "roles"),
    [
        ("list_repositories", "catalog", ["AcrPull", "Container Registry Repository Catalog Lister"]),
        ("list_manifests", "metadata_read", ["AcrPull", "Container Registry Repository Reader"]),
        ("get_manifest", "pull", ["AcrPull", "Container Registry Repository Reader"]),
        ("delete_manifest", "delete", ["AcrDelete", "Container Registry Repository Contributor"]),
    ],
)
async def test_a_missing_right_names_the_roles_that_give_it(
    acr: AcrSandbox, options: AcrOptions, client: RegistryClient, *, kind: str, missing: str, roles: list[str]
) -> None:
    """Who reads the refusal knows which role to assign, in both permission modes of a registry."""
    digest = acr.registry.push_image(REPO)
    options.principals[0] = options.principals[0].without(missing)
    found = await _fail(client, kind, digest)
    assert isinstance(found, RegistryDeniedError)
    assert all(role in str(found) for role in roles)


@pytest.mark.parametrize(
    ("kind", "page", "words"),
    [
        ("list_repositories", {}, "no repositories"),
        ("list_repositories", {"repositories": [1]}, "not text"),
        ("list_repositories", {"repositories": ["a", "a"]}, "twice"),
        ("list_repositories", "[]", "makes no sense"),
        ("list_manifests", {}, "no manifests"),
        ("list_manifests", {"imageName": "other", "manifests": None}, "another repository"),
        ("list_manifests", {"manifests": {}}, "makes no sense"),
        ("list_manifests", {"manifests": [5]}, "makes no sense"),
        ("list_manifests", {"manifests": [{"digest": "sha256:short"}]}, "no whole digest"),
        ("list_manifests", {"manifests": [{"digest": ABSENT}]}, "imageSize|createdTime|locked"),
        ("list_tags", {"registry": "x"}, "no tags"),
        ("list_tags", {"tags": [{"name": "v1"}]}, "no digest"),
        ("get_repository", {}, "makes no sense"),
        ("get_repository", {"imageName": "other", "changeableAttributes": {}}, "another repository"),
        ("get_manifest_properties", {"manifest": None}, "makes no sense"),
    ],
)
async def test_an_answer_of_another_shape_is_garbled(
    acr: AcrSandbox, client: RegistryClient, kind: str, page: Any, words: str
) -> None:
    """JSON that is not of ACR's shape is never read as an empty or a shorter listing."""
    acr.faults.add(Fault(status=200, kind=kind, body=page))
    found = await _fail(client, kind, ABSENT)
    assert type(found) is RegistryGarbledError
    assert re.search(words, str(found))


@pytest.mark.parametrize("kind", ["list_repositories", "list_manifests", "list_tags"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=500), RegistryError),
        (Fault(status=404), RegistryGarbledError),
        (Fault(status=200, body={}), RegistryGarbledError),
        (Fault(action="garbage"), RegistryGarbledError),
        (Fault(action="truncate"), RegistryGarbledError),
        (Fault(action="reset"), RegistryUnreachableError),
    ],
)
async def test_a_listing_that_breaks_off_raises(
    acr: AcrSandbox, client: RegistryClient, kind: str, fault: Fault, error: type[RegistryError]
) -> None:
    """When its second page fails, nothing of the first is given (promise 6)."""
    for n in range(1_001):
        acr.registry.push_image(f"team/app-{n}" if kind == "list_repositories" else REPO, tags=[f"v{n}"])
    acr.faults.add(Fault(action=fault.action, status=fault.status, body=fault.body, kind=kind, skip=1))
    assert type(await _fail(client, kind, ABSENT)) is error
    acr.faults.clear()
    assert len(await CALLS[kind](client, ABSENT)) == 1_001


async def test_a_listing_that_goes_in_circles_ends(acr: AcrSandbox, client: RegistryClient) -> None:
    """A Link that comes a second time, or a page that does, is an error and not an endless loop."""
    link = {"Link": '</acr/v1/_catalog?last=a&n=1000>; rel="next"'}
    acr.faults.add(Fault(status=200, kind="list_repositories", body={"repositories": None}, headers=link))
    found = await _fail(client, "list_repositories", ABSENT)
    assert type(found) is RegistryGarbledError
    assert "circle" in str(found)
    assert acr.log.count("list_repositories") == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"schemaVersion": 2}, "does not have the digest"),
        ("", "makes no sense"),
        ("x" * (4 * 1024 * 1024 + 1), "4 MiB"),
    ],
)
async def test_a_body_that_is_not_the_one_asked_for_is_garbled(
    acr: AcrSandbox, client: RegistryClient, body: Any, words: str
) -> None:
    """Wrong bytes, none and too many are refused, and the connection is let go."""
    digest = acr.registry.push_image(REPO)
    acr.faults.add(Fault(status=200, kind="get_manifest", body=body))
    found = await _fail(client, "get_manifest", digest)
    assert type(found) is RegistryGarbledError
    assert words in str(found)


ATTEMPT = Attempt("myregistry", "myregistry.azurecr.io", "list the repositories", Need.CATALOG)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (HeldError(125), RegistryThrottledError, "Try again in 3 min"),
        (DecodeError("no"), RegistryGarbledError, "not JSON"),
        (DigestValidationError("no"), RegistryGarbledError, "digest"),  # type: ignore[no-untyped-call]
        (MalformedError("the page is blue"), RegistryGarbledError, "the page is blue"),
        (json.JSONDecodeError("no", "", 0), RegistryGarbledError, "not JSON"),
        (KeyError("x"), RegistryGarbledError, "not of the shape"),
        (TimeoutError(), RegistryUnreachableError, "in time"),
        (ServiceRequestError("odd"), RegistryUnreachableError, "connection broke"),
        (AzureError("odd"), RegistryError, "could not list the repositories"),
    ],
)
def test_each_failure_has_its_words(error: Exception, kind: type[RegistryError], words: str) -> None:
    """What the SDK may raise, and what our policies do, each ends in one class."""
    found = translate(error, ATTEMPT)
    assert type(found) is kind
    assert words in str(found)
    assert "myregistry (myregistry.azurecr.io)" in str(found)


def test_a_fault_of_our_own_is_not_blamed_on_the_registry() -> None:
    """What is neither the SDK's nor a malformed answer goes up as it is, and a plain error stays itself."""
    with pytest.raises(ZeroDivisionError), in_plain_words(ATTEMPT):
        _ = 1 / 0
    locked = LockedError("locked")
    with pytest.raises(LockedError) as caught, in_plain_words(ATTEMPT):
        raise locked
    assert caught.value is locked
