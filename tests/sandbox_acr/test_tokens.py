import asyncio
import base64
import json
import time
from typing import Any

import aiohttp
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity.aio import DefaultAzureCredential

from sandbox.acr import ADMIN, APP_IDENTITY, AcrOptions, AcrSandbox, Principal
from sandbox.acr.access import TOKEN_USER
from sandbox.acr.oauth import RESOURCE
from tests.sandbox_acr.clients import async_client
from tests.sandbox_acr.raw import OCI_IMAGE, Answer, Raw, basic


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


@pytest.fixture
def bearer(raw: Raw) -> Raw:
    """Call without credentials, unless a test brings a bearer token."""
    raw.authorization = None
    return raw


async def _refresh_token(acr: AcrSandbox, raw: Raw) -> str:
    async with DefaultAzureCredential() as credential:
        aad = await credential.get_token(RESOURCE + "/.default")
    form = {"grant_type": "access_token", "service": acr.login_server, "access_token": aad.token}
    answer = await raw("POST", "/oauth2/exchange", form=form)
    assert answer.status == 200
    token: str = answer.json["refresh_token"]
    return token


async def _ask(acr: AcrSandbox, raw: Raw, refresh_token: str, scope: str) -> Answer:
    form = {
        "grant_type": "refresh_token",
        "service": acr.login_server,
        "scope": scope,
        "refresh_token": refresh_token,
    }
    return await raw("POST", "/oauth2/token", form=form)


async def _access_token(acr: AcrSandbox, raw: Raw, scope: str) -> str:
    answer = await _ask(acr, raw, await _refresh_token(acr, raw), scope)
    assert answer.status == 200
    token: str = answer.json["access_token"]
    return token


async def test_the_challenge_names_realm_service_and_scope(acr: AcrSandbox, bearer: Raw) -> None:
    """A call without a token gets 401 with the scope that it needs, and the service's error body."""
    digest = acr.registry.push_image("team/app")
    answer = await bearer("DELETE", f"/v2/team/app/manifests/{digest}")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="{acr.url}/oauth2/token",service="{acr.login_server}",scope="repository:team/app:delete"'
    )
    assert answer.json["errors"] == [
        {
            "code": "UNAUTHORIZED",
            "message": "authentication required, visit https://aka.ms/acr/authorization for more information.",
            "detail": [{"Type": "repository", "Name": "team/app", "Action": "delete"}],
        }
    ]
    assert "X-Ms-Correlation-Request-Id" in answer.headers
    ping = await bearer("GET", "/v2/")
    assert "scope" not in ping.headers["WWW-Authenticate"]
    assert [entry.kind for entry in acr.log] == ["challenge", "challenge"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/acr/v1/_catalog", "registry:catalog:*"),
        ("GET", "/v2/_catalog", "registry:catalog:*"),
        ("GET", "/acr/v1/a%2Fb", "repository:a/b:metadata_read"),
        ("GET", "/acr/v1/a/b/_manifests", "repository:a/b:metadata_read"),
        ("GET", "/acr/v1/a/b/_manifests/sha256:0", "repository:a/b:metadata_read"),
        ("GET", "/acr/v1/a/b/_tags", "repository:a/b:metadata_read"),
        ("PATCH", "/acr/v1/a/b", "repository:a/b:metadata_write"),
        ("PATCH", "/acr/v1/a/b/_tags/v1", "repository:a/b:metadata_write"),
        ("DELETE", "/acr/v1/a/b", "repository:a/b:delete"),
        ("DELETE", "/acr/v1/a/b/_tags/v1", "repository:a/b:delete"),
        ("GET", "/v2/a/b/manifests/v1", "repository:a/b:pull"),
        ("HEAD", "/v2/a/b/manifests/v1", "repository:a/b:pull"),
        ("PUT", "/v2/a/b/manifests/v1", "repository:a/b:pull,push"),
        ("DELETE", "/v2/a/b/manifests/sha256:0", "repository:a/b:delete"),
        ("GET", "/v2/a/b/referrers/sha256:0", "repository:a/b:pull"),
        ("GET", "/v2/a/b/tags/list", "repository:a/b:pull"),
        ("POST", "/v2/a/b/blobs/uploads/", "repository:a/b:pull,push"),
        ("GET", "/v2/a/b/blobs/sha256:0", "repository:a/b:pull"),
        ("DELETE", "/v2/a/b/blobs/sha256:0", "repository:a/b:delete"),
    ],
)
async def test_each_operation_asks_for_its_scope(bearer: Raw, method: str, path: str, scope: str) -> None:
    """The challenge of each operation names the least scope that it needs."""
    answer = await bearer(method, path)
    assert answer.status == 401
    assert f'scope="{scope}"' in answer.headers["WWW-Authenticate"]


async def test_a_token_is_good_for_its_scope_only(acr: AcrSandbox, bearer: Raw) -> None:
    """A token works for what it was issued for; anything else answers 401 insufficient_scope."""
    digest = acr.registry.push_image("myrepo")
    acr.registry.push_image("other")
    token = await _access_token(acr, bearer, "repository:myrepo:metadata_read")
    assert (await bearer("GET", "/acr/v1/myrepo/_manifests", bearer=token)).status == 200
    for method, path in (
        ("DELETE", f"/v2/myrepo/manifests/{digest}"),
        ("GET", f"/v2/myrepo/manifests/{digest}"),
        ("GET", "/acr/v1/other/_manifests"),
        ("GET", "/acr/v1/_catalog"),
    ):
        answer = await bearer(method, path, bearer=token)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].endswith('error="insufficient_scope"')
    assert acr.registry.digests("myrepo") == {digest}


async def test_several_scopes_and_wildcards(acr: AcrSandbox, bearer: Raw) -> None:
    """One token may hold several scopes, and a wildcard covers every repository."""
    acr.registry.push_image("team/app")
    scopes = "registry:catalog:* repository:*:metadata_read repository:team/app:pull,push"
    token = await _access_token(acr, bearer, scopes)
    for path in ("/acr/v1/_catalog", "/acr/v1/team/app/_tags", "/v2/team/app/tags/list"):
        assert (await bearer("GET", path, bearer=token)).status == 200
    assert _claims(token)["access"] == [
        {"type": "registry", "name": "catalog", "actions": ["*"]},
        {"type": "repository", "name": "*", "actions": ["metadata_read"]},
        {"type": "repository", "name": "team/app", "actions": ["pull", "push"]},
    ]


async def test_what_is_granted_is_asked_for_and_allowed(acr: AcrSandbox, bearer: Raw, options: AcrOptions) -> None:
    """A token holds only what its principal may do; with nothing left there is no token."""
    options.principals[0] = APP_IDENTITY.without("delete", "push")
    refresh = await _refresh_token(acr, bearer)
    partly = await _ask(acr, bearer, refresh, "repository:myrepo:pull,push,delete")
    assert _claims(partly.json["access_token"])["access"][0]["actions"] == ["pull"]
    everything = await _ask(acr, bearer, refresh, "repository:myrepo:*")
    assert _claims(everything.json["access_token"])["access"][0]["actions"] == [
        "metadata_read",
        "metadata_write",
        "pull",
    ]
    nothing = await _ask(acr, bearer, refresh, "repository:myrepo:delete")
    assert (nothing.status, nothing.code) == (401, "UNAUTHORIZED")


async def test_rights_may_be_limited_to_repositories(acr: AcrSandbox, bearer: Raw, options: AcrOptions) -> None:
    """A principal of some repositories gets no token for others, and none for a wildcard."""
    options.principals[0] = Principal("limited", client_id="x", repositories=("team/*",), abac=True)
    refresh = await _refresh_token(acr, bearer)
    assert _claims(refresh)["aad_identity"] == "limited"
    assert (await _ask(acr, bearer, refresh, "repository:team/app:pull")).status == 200
    for scope in ("repository:other:pull", "repository:*:pull"):
        assert (await _ask(acr, bearer, refresh, scope)).status == 401


async def test_an_access_token_expires(acr: AcrSandbox, bearer: Raw, options: AcrOptions) -> None:
    """After its lifetime a token answers 401 invalid_token, and exp said so."""
    options.access_token_seconds = 0.2
    token = await _access_token(acr, bearer, "registry:catalog:*")
    assert abs(_claims(token)["exp"] - time.time()) < 2
    assert (await bearer("GET", "/acr/v1/_catalog", bearer=token)).status == 200
    deadline = time.monotonic() + 10
    while (answer := await bearer("GET", "/acr/v1/_catalog", bearer=token)).status == 200:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].endswith('error="invalid_token"')


async def test_a_long_lived_client_dies_with_its_refresh_token(acr: AcrSandbox, options: AcrOptions) -> None:
    """The SDK keeps a refresh token of under 300 s for ever, and fails once the service refuses it."""
    options.refresh_token_seconds = 1
    acr.registry.push_image("myrepo")
    async with async_client(acr.url) as client:

        async def use_until_it_fails() -> None:
            deadline = time.monotonic() + 15
            while time.monotonic() < deadline:
                await client.get_repository_properties("myrepo")
                await asyncio.sleep(0.1)

        with pytest.raises(ClientAuthenticationError):
            await use_until_it_fails()
    assert acr.log.count("exchange") == 1
    assert acr.log.entries("token")[-1].status == 401


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "", "ey.ey.ey"])
async def test_a_forged_token_is_refused(bearer: Raw, token: str) -> None:
    """A token that this registry did not issue is invalid, whatever it claims."""
    answer = await bearer("GET", "/acr/v1/_catalog", bearer=token)
    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_tokens_are_not_interchangeable(acr: AcrSandbox, bearer: Raw) -> None:
    """A refresh token is no access token, an access token no refresh token, and neither is an identity's."""
    refresh = await _refresh_token(acr, bearer)
    access = (await _ask(acr, bearer, refresh, "registry:catalog:*")).json["access_token"]
    assert (await bearer("GET", "/acr/v1/_catalog", bearer=refresh)).status == 401
    assert (await _ask(acr, bearer, access, "registry:catalog:*")).status == 401
    form = {"grant_type": "access_token", "service": acr.login_server, "access_token": refresh}
    assert (await bearer("POST", "/oauth2/exchange", form=form)).status == 401


async def test_exchange_with_a_refresh_token(acr: AcrSandbox, bearer: Raw) -> None:
    """A refresh token can be exchanged for a new one."""
    refresh = await _refresh_token(acr, bearer)
    form = {"grant_type": "refresh_token", "service": acr.login_server, "refresh_token": refresh}
    renewed = (await bearer("POST", "/oauth2/exchange", form=form)).json["refresh_token"]
    assert renewed != refresh
    assert (await _ask(acr, bearer, renewed, "registry:catalog:*")).status == 200


async def test_a_principal_without_any_right_gets_no_refresh_token(
    acr: AcrSandbox, bearer: Raw, options: AcrOptions
) -> None:
    """An identity without a role on this registry is refused at the exchange."""
    options.principals[0] = Principal("nobody", client_id="x", actions=frozenset())
    async with async_client(acr.url) as client:
        with pytest.raises(ClientAuthenticationError):
            await client.get_repository_properties("myrepo")
    assert [entry.status for entry in acr.log.entries("exchange")] == [401]


async def test_basic_auth_on_the_data_plane(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """A user's password works on each call, within the user's rights; a wrong one does not."""
    digest = acr.registry.push_image("myrepo")
    options.principals.append(Principal("reader", password="secret", actions=frozenset({"pull"})))
    assert (await raw("GET", "/v2/")).json == {}
    raw.authorization = basic("reader", "secret")
    assert (await raw("GET", f"/v2/myrepo/manifests/{digest}")).status == 200
    refused = await raw("DELETE", f"/v2/myrepo/manifests/{digest}")
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    for wrong in (basic("reader", "wrong"), basic(APP_IDENTITY.name, ""), "Basic %%%", "Digest x"):
        raw.authorization = wrong
        assert (await raw("GET", "/v2/")).status == 401


async def test_the_null_user_brings_a_refresh_token(acr: AcrSandbox, raw: Raw) -> None:
    """User 00000000-… with a refresh token as password is that token's principal."""
    raw.authorization = basic(TOKEN_USER, await _refresh_token(acr, raw))
    assert (await raw("GET", "/acr/v1/_catalog")).status == 200
    token = await raw("GET", f"/oauth2/token?service={acr.login_server}&scope=registry%3Acatalog%3A*")
    assert _claims(token.json["access_token"])["sub"] == APP_IDENTITY.name
    raw.authorization = basic(TOKEN_USER, "nonsense")
    assert (await raw("GET", "/acr/v1/_catalog")).status == 401


async def test_password_grant(acr: AcrSandbox, bearer: Raw, options: AcrOptions) -> None:
    """A user name and password buy a token; without them it is anonymous, where that is allowed."""
    acr.registry.push_image("myrepo")
    form = {"grant_type": "password", "service": acr.login_server, "scope": "repository:myrepo:pull"}
    user = {"username": ADMIN.name, "password": str(ADMIN.password)}
    assert (await bearer("POST", "/oauth2/token", form=form | user)).status == 200
    assert (await bearer("POST", "/oauth2/token", form=form | user | {"password": "no"})).status == 401
    assert (await bearer("POST", "/oauth2/token", form=form)).status == 401
    options.anonymous = Principal("anonymous", actions=frozenset({"pull"}))
    token = (await bearer("POST", "/oauth2/token", form=form)).json["access_token"]
    assert (await bearer("GET", "/v2/myrepo/tags/list", bearer=token)).status == 200
    put = await bearer("PUT", "/v2/myrepo/manifests/x", bearer=token, data=b"{}", headers=OCI_IMAGE)
    assert put.status == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"grant_type": "implicit"}, 400),
        ({"service": "other.azurecr.io"}, 400),
        ({"scope": "everything"}, 400),
        ({"refresh_token": "nonsense"}, 401),
    ],
)
async def test_odd_token_requests(acr: AcrSandbox, bearer: Raw, change: dict[str, str], status: int) -> None:
    """An unknown grant, another service or no scope is a bad request; a bad token is refused."""
    form = {
        "grant_type": "refresh_token",
        "service": acr.login_server,
        "scope": "registry:catalog:*",
        "refresh_token": await _refresh_token(acr, bearer),
    }
    assert (await bearer("POST", "/oauth2/token", form=form | change)).status == status


async def test_the_identity_endpoint_wants_its_header(acr: AcrSandbox) -> None:
    """The endpoint of the managed identity gives tokens only to callers with its secret header."""
    endpoint = acr.identity_env["IDENTITY_ENDPOINT"]
    query = f"?api-version=2019-08-01&resource={RESOURCE}"
    good = {"X-IDENTITY-HEADER": acr.identity_env["IDENTITY_HEADER"]}
    async with aiohttp.ClientSession() as session:

        async def status(query: str, headers: dict[str, str], url: str = endpoint) -> int:
            async with session.get(url + query, headers=headers) as answer:
                return answer.status

        assert await status(query, good) == 200
        assert await status(query, {}) == 401
        assert await status(query, {"X-IDENTITY-HEADER": "guess"}) == 401
        assert await status(query + "&client_id=somebody-else", good) == 400
        assert await status(query + f"&client_id={APP_IDENTITY.client_id}", good) == 200
        assert await status("?resource=https://example.com", good) == 400
        assert await status("", good, url=endpoint.replace("/msi/token", "/v2/")) == 404


async def test_the_imds_endpoint(acr: AcrSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real credential finds the identity by the instance metadata protocol as well."""
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
        monkeypatch.delenv(name)
    host = acr.identity_env["IDENTITY_ENDPOINT"].removesuffix("/msi/token")
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", host)
    acr.registry.push_image("myrepo")
    async with async_client(acr.url) as client:
        assert (await client.get_repository_properties("myrepo")).manifest_count == 1
