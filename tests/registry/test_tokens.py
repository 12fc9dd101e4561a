import asyncio
import base64
import json
import logging
import time
from typing import Any, Self

import pytest
from azure.core.credentials import AccessToken

from bot.errors import RegistryDeniedError, RegistryGarbledError, RegistryUnreachableError
from bot.registry import RegistryClient
from bot.registry.faults import StrayRequestError
from bot.registry.tokens import Token, TokenPolicy, audience_of, is_loopback, scope_of, usable
from sandbox.acr import APP_IDENTITY, AcrOptions, AcrSandbox, Fault
from tests.registry.conftest import QUICK

REPO = "payments/api"
DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/acr/v1/_catalog", "registry:catalog:*"),
        ("GET", "/v2/_catalog", "registry:catalog:*"),
        ("GET", "/acr/v1/payments%2Fapi", "repository:payments/api:metadata_read"),
        ("GET", "/acr/v1/payments/api/_manifests", "repository:payments/api:metadata_read"),
        ("GET", f"/acr/v1/a/_manifests/{DIGEST}", "repository:a:metadata_read"),
        ("GET", "/acr/v1/a%2Fb%2Fc/_tags", "repository:a/b/c:metadata_read"),
        ("GET", "/acr/v1/a/_tags/v1", "repository:a:metadata_read"),
        ("PATCH", "/acr/v1/a/_tags/v1", "repository:a:metadata_write"),
        ("DELETE", "/acr/v1/a/_tags/v1", "repository:a:delete"),
        ("DELETE", "/acr/v1/a", "repository:a:delete"),
        ("GET", f"/v2/a%2Fb/manifests/{DIGEST.replace(':', '%3A')}", "repository:a/b:pull"),
        ("HEAD", f"/v2/a/blobs/{DIGEST}", "repository:a:pull"),
        ("GET", f"/v2/a/referrers/{DIGEST}", "repository:a:pull"),
        ("GET", "/v2/a/tags/list", "repository:a:pull"),
        ("DELETE", f"/v2/a/b/manifests/{DIGEST}", "repository:a/b:delete"),
        ("GET", f"/v2/manifests/manifests/manifests/{DIGEST}", "repository:manifests/manifests:pull"),
    ],
)
def test_each_request_needs_one_least_scope(method: str, path: str, scope: str) -> None:
    """Method and path say what leave a request needs, and no more is ever asked for."""
    assert scope_of(method, path) == scope


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/acr/v1/_catalog"),
        ("POST", "/v2/a/blobs/uploads/"),
        ("PUT", "/v2/a/manifests/v1"),
        ("GET", "/acr/v1/_deleted/a/_manifests"),
        ("GET", "/acr/v1/../a"),
        ("GET", "/acr/v1/a/../b/_tags"),
        ("GET", "/acr/v1/a//b"),
        ("GET", "/"),
        ("GET", "/elsewhere"),
        ("POST", "/oauth2/token"),
    ],
)
def test_a_request_that_this_app_never_makes_gets_no_token(method: str, path: str) -> None:
    """Nothing is asked for on behalf of a request that a listing's Link led to."""
    with pytest.raises(StrayRequestError):
        scope_of(method, path)


@pytest.mark.parametrize(
    ("endpoint", "audience"),
    [
        ("https://myregistry.azurecr.io", "https://containerregistry.azure.net"),
        ("https://myregistry.azurecr.cn", "https://management.chinacloudapi.cn"),
        ("https://myregistry.azurecr.us", "https://management.usgovcloudapi.net"),
        ("http://127.0.0.1:5000", "https://containerregistry.azure.net"),
    ],
)
def test_each_cloud_has_its_audience(endpoint: str, audience: str) -> None:
    """The address tells which cloud's registry a token must be for."""
    assert audience_of(endpoint) == audience


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://127.0.0.1:5000", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:5000", True),
        ("http://localhost:5000", True),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1", False),
        ("http://myregistry.azurecr.io", False),
        ("http://0.0.0.0:80", False),
    ],
)
def test_loopback_is_this_machine_alone(endpoint: str, expected: bool) -> None:
    """Only an address that never leaves the machine counts as loopback."""
    assert is_loopback(endpoint) is expected


def _jwt(**claims: Any) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{part}.c2ln"


@pytest.mark.parametrize(
    ("token", "seconds"),
    [
        (_jwt(iat=1_000, exp=1_000 + 10_800), 10_800 - 1 - 300),
        (_jwt(iat=1_000, exp=1_000 + 600), 600 - 1 - 120),
        (_jwt(iat=1_000, exp=1_002), 2 - 1 - 0.4),
        (_jwt(exp=1_700_000_100), 100 - 1 - 20),
        (_jwt(iat=5_000, exp=4_000), 60),
        (_jwt(), 60),
        (_jwt(exp="soon"), 60),
        ("opaque", 60),
        ("a.!!!.b", 60),
        ("a.bm90IGpzb24.b", 60),
        ("a.WzFd.b", 60),
    ],
)
def test_a_token_is_used_for_a_part_of_its_life(token: str, seconds: float) -> None:
    """The margin follows the life, and the registry's own clock is the measure of it."""
    assert usable(token, now=1_700_000_000) == pytest.approx(seconds)


def test_a_token_never_shows() -> None:
    """Neither a token's repr nor its policy's holds its value."""
    token = Token("secret-value", 0.0, 1.0, Token("secret-parent", 0.0, 1.0))
    assert "secret" not in repr(token)


async def test_one_request_a_call_after_the_first_token(acr: AcrSandbox, client: RegistryClient) -> None:
    """The registry sees one request for each call, and never a challenge."""
    digests = [acr.registry.push_image(REPO, tags=[f"v{n}"]) for n in range(20)]
    await client.repositories()
    await client.manifests(REPO)
    await client.body(REPO, digests[0])
    await client.delete_manifest(REPO, digests[0])
    acr.log.clear()
    for digest in digests[1:]:
        await client.repositories()
        await client.repository(REPO)
        await client.manifests(REPO)
        await client.tags(REPO)
        await client.body(REPO, digest)
        await client.delete_manifest(REPO, digest)
    assert acr.log.kinds() == {
        "list_repositories": 19,
        "get_repository": 19,
        "list_manifests": 19,
        "list_tags": 19,
        "get_manifest": 19,
        "delete_manifest": 19,
    }
    assert set(acr.log.statuses()) == {200, 202}


async def test_fifty_first_calls_make_one_exchange_and_one_token(acr: AcrSandbox, client: RegistryClient) -> None:
    """However many begin at once, the identity, the exchange and each scope's token are asked for once."""
    digests = [acr.registry.push_image(REPO) for _ in range(50)]
    await asyncio.gather(*(client.body(REPO, digest) for digest in digests))
    assert acr.log.kinds() == {"identity": 1, "exchange": 1, "token": 1, "get_manifest": 50}
    await asyncio.gather(*(client.delete_manifest(REPO, digest) for digest in digests))
    assert acr.log.kinds() == {"identity": 1, "exchange": 1, "token": 2, "get_manifest": 50, "delete_manifest": 50}


async def test_the_scopes_are_the_least(acr: AcrSandbox, client: RegistryClient) -> None:
    """A token is asked for one action on one repository, and held by what needs just that."""
    digest = acr.registry.push_image(REPO, tags=["v1"])
    await client.repositories()
    await client.repository(REPO)
    await client.manifests(REPO)
    await client.tags(REPO)
    await client.body(REPO, digest)
    await client.delete_manifest(REPO, digest)
    assert [entry.scope for entry in acr.log.entries("token")] == [
        "registry:catalog:*",
        f"repository:{REPO}:metadata_read",
        f"repository:{REPO}:pull",
        f"repository:{REPO}:delete",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("lives", [(2.0, 2.0), (4.0, 2.0)])
async def test_tokens_of_two_seconds_work_for_longer(
    acr: AcrSandbox, options: AcrOptions, client: RegistryClient, lives: tuple[float, float]
) -> None:
    """Past the life of every token, refresh tokens too, each call still succeeds and is not refused on the way."""
    options.refresh_token_seconds, options.access_token_seconds = lives
    acr.registry.push_image(REPO)
    ends = time.monotonic() + 6.5
    calls = 0
    while time.monotonic() < ends:
        await client.repository(REPO)
        calls += 1
        await asyncio.sleep(0.1)
    assert acr.log.count("get_repository") == calls
    assert set(acr.log.statuses()) == {200}
    assert acr.log.count("exchange") >= 2
    assert acr.log.count("token") >= 3


async def test_a_revoked_token_is_replaced_once_for_all(acr: AcrSandbox, client: RegistryClient) -> None:
    """A 401 on a kept token is healed by new ones, got once however many calls came back."""
    digests = [acr.registry.push_image(REPO) for _ in range(8)]
    await client.body(REPO, digests[0])
    acr.log.clear()
    acr.faults.add(Fault(status=401, kind="get_manifest", count=8))
    bodies = await asyncio.gather(*(client.body(REPO, digest) for digest in digests))
    assert all(bodies)
    assert acr.log.kinds() == {"get_manifest": 16, "exchange": 1, "token": 1}


async def test_a_refused_refresh_token_is_exchanged_anew(acr: AcrSandbox, client: RegistryClient) -> None:
    """A refresh token that the registry no longer takes, as when our clock is slow, is replaced on the way."""
    acr.registry.push_image(REPO)
    now = time.monotonic()
    client._tokens._clock = lambda: now
    await client.repository(REPO)
    # Ten minutes on by our clock, while the registry has let the token run out: ours thinks that it has hours.
    now += 600
    acr.faults.add(Fault(status=401, kind="token", count=1))
    await client.repositories()
    assert [(entry.kind, entry.status) for entry in acr.log if entry.kind != "identity"] == [
        ("exchange", 200),
        ("token", 200),
        ("get_repository", 200),
        ("token", 401),
        ("exchange", 200),
        ("token", 200),
        ("list_repositories", 200),
    ]


async def test_a_missing_right_costs_one_refusal(acr: AcrSandbox, options: AcrOptions, client: RegistryClient) -> None:
    """A scope that is refused to a fresh refresh token is not asked for again, and others go on working."""
    options.principals[0] = APP_IDENTITY.without("delete")
    digest = acr.registry.push_image(REPO)
    await client.body(REPO, digest)
    acr.log.clear()
    with pytest.raises(RegistryDeniedError, match="AcrDelete"):
        await client.delete_manifest(REPO, digest)
    assert acr.log.kinds() == {"token": 1}
    assert await client.body(REPO, digest)
    assert acr.registry.digests(REPO) == {digest}


async def test_a_role_given_later_works_without_a_restart(
    acr: AcrSandbox, options: AcrOptions, client: RegistryClient
) -> None:
    """After a refusal the next try asks again."""
    options.principals[0] = APP_IDENTITY.without("catalog")
    acr.registry.push_image(REPO)
    with pytest.raises(RegistryDeniedError, match="Catalog Lister"):
        await client.repositories()
    options.principals[0] = APP_IDENTITY
    assert await client.repositories() == [REPO]


async def test_a_401_that_stays_ends_without_the_sdks_handshake(acr: AcrSandbox, client: RegistryClient) -> None:
    """One new token is tried; then it is a refusal, and the SDK's own exchange never begins."""
    acr.registry.push_image(REPO)
    await client.repository(REPO)
    acr.log.clear()
    challenge = f'Bearer realm="{acr.url}/oauth2/token",service="{acr.login_server}",scope="repository:{REPO}:pull"'
    acr.faults.add(Fault(status=401, kind="get_repository", headers={"WWW-Authenticate": challenge}))
    with pytest.raises(RegistryDeniedError):
        await client.repository(REPO)
    assert acr.log.kinds() == {"get_repository": 2, "exchange": 1, "token": 1}


async def test_without_an_identity_the_words_say_so(
    acr: AcrSandbox, options: AcrOptions, client: RegistryClient
) -> None:
    """No identity is told apart from a registry that refuses, with what to set up."""
    options.principals.clear()
    with pytest.raises(RegistryDeniedError, match=r"no Azure identity.*managed identity.*az login") as caught:
        await client.repositories()
    assert caught.value.status is None
    assert acr.log.count("exchange") == 0


async def test_an_identity_endpoint_that_hangs_does_not(acr: AcrSandbox, client: RegistryClient) -> None:
    """The identity gets the blame in time, for all who wait: it is late, not missing, and may come the next time."""
    acr.faults.add(Fault(action="hang", kind="identity"))
    outcomes = await asyncio.gather(*(client.repositories() for _ in range(5)), return_exceptions=True)
    for outcome in outcomes:
        assert isinstance(outcome, RegistryUnreachableError)
        assert "did not give this app its identity in time" in str(outcome)


@pytest.mark.parametrize("body", ["<html>", {"other": 1}, [], {"refresh_token": 5}, {"refresh_token": ""}, "null"])
async def test_a_token_answer_without_a_token_is_garbled(acr: AcrSandbox, client: RegistryClient, body: Any) -> None:
    """What answers the exchange with something else is no registry."""
    acr.faults.add(Fault(status=200, kind="exchange", body=body))
    with pytest.raises(RegistryGarbledError, match="makes no sense"):
        await client.repositories()


async def test_a_404_while_signing_in_is_not_a_404_of_the_thing(acr: AcrSandbox, client: RegistryClient) -> None:
    """Nothing counts as deleted or gone because the token endpoint was not found."""
    digest = acr.registry.push_image(REPO)
    gone = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "", "detail": {}}]}
    for kind in ("exchange", "token"):
        acr.faults.clear()
        acr.faults.add(Fault(status=404, kind=kind, body=gone))
        with pytest.raises(RegistryGarbledError):
            await client.delete_manifest(REPO, digest)
        with pytest.raises(RegistryGarbledError):
            await client.body(REPO, digest)


async def test_a_token_never_goes_to_another_host(acr: AcrSandbox, client: RegistryClient) -> None:
    """A listing that leads elsewhere is garbled, and the other host hears nothing."""
    page = {"repositories": ["a"]}
    async with AcrSandbox() as other:
        for link in (f"{other.url}/acr/v1/_catalog?last=a", "/somewhere?last=a", "garbage"):
            acr.faults.clear()
            acr.faults.add(
                Fault(status=200, kind="list_repositories", body=page, headers={"Link": f'<{link}>; rel="next"'})
            )
            with pytest.raises(RegistryGarbledError, match="goes on at an address"):
                await client.repositories()
        assert len(other.log) == 0


async def test_kept_tokens_are_bounded(acr: AcrSandbox, client: RegistryClient) -> None:
    """However many repositories there are, only the tokens last used are kept."""
    names = [f"app-{n}" for n in range(600)]
    for name in names:
        acr.registry.push_image(name)
    await asyncio.gather(*(client.repository(name) for name in names))
    assert len(client._tokens._kept) == 512
    acr.log.clear()
    await client.repository(names[-1])
    assert acr.log.kinds() == {"get_repository": 1}


async def test_no_token_is_logged(
    acr: AcrSandbox, client: RegistryClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the most talkative level, neither logs nor output hold a token of any kind."""
    caplog.set_level(logging.DEBUG)
    acr.registry.push_image(REPO)
    acr.faults.add(Fault(status=503, kind="list_manifests", count=1))
    acr.faults.add(Fault(status=401, kind="list_tags", count=1))
    await client.manifests(REPO)
    await client.tags(REPO)
    assert client._tokens._refresh is not None
    said = caplog.text + "".join(capsys.readouterr())
    assert "list_manifests" in said or "_manifests" in said
    secrets = [client._tokens._refresh.value, *(token.value for token in client._tokens._kept.values())]
    assert not any(secret in said for secret in secrets)
    assert "eyJ" not in said


class _Slow:
    """A credential that takes its time: real ones do, and callers leave meanwhile."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = asyncio.Event()

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.asked += 1
        await self.go.wait()
        return AccessToken("opaque", int(time.time()) + 3600)

    async def close(self) -> None:
        """Hold nothing open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def test_a_caller_who_leaves_does_not_end_it_for_the_others(acr: AcrSandbox) -> None:
    """The one token that all wait for is got even if the first of them is cancelled."""
    slow = _Slow()
    acr.faults.add(Fault(status=200, kind="exchange", body={"refresh_token": "r"}))
    acr.faults.add(Fault(status=200, kind="token", body={"access_token": "a"}))
    acr.faults.add(Fault(status=200, kind="list_repositories", body={"repositories": ["a"]}))
    async with RegistryClient("slow", acr.url, slow, patience=QUICK) as client:
        first = asyncio.create_task(client.repositories())
        second = asyncio.create_task(client.repositories())
        async with asyncio.timeout(5):
            while client.pace.busy < 2 or not slow.asked:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.01)
        first.cancel()
        slow.go.set()
        assert await second == ["a"]
    assert slow.asked == 1


async def test_closing_ends_the_wait_for_a_token(acr: AcrSandbox) -> None:
    """Close does not wait for an identity that never comes, and leaves no task behind."""
    slow = _Slow()
    client = RegistryClient("slow", acr.url, slow, patience=QUICK)
    call = asyncio.create_task(client.repositories())
    async with asyncio.timeout(5):
        while not slow.asked:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
    await client.close()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


def test_the_policy_shows_its_host_alone() -> None:
    """Its repr is fit for a log."""
    policy = TokenPolicy("https://myregistry.azurecr.io", _Slow())
    assert repr(policy) == "<TokenPolicy of myregistry.azurecr.io, 0 tokens>"
