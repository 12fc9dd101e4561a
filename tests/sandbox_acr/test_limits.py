import asyncio

import pytest
from azure.core.exceptions import HttpResponseError

from sandbox.acr import AcrOptions, AcrSandbox, Principal
from tests.sandbox_acr.clients import async_client
from tests.sandbox_acr.raw import Raw, basic

_LEFT = "X-Ms-Ratelimit-Remaining-Calls-Per-Second"


async def test_deletes_share_the_write_bucket(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """Writes beyond one second's share answer 429 with Retry-After, and change nothing; reads go on."""
    options.writes_per_minute = 120
    digests = [acr.registry.push_image("myrepo") for _ in range(6)]
    answers = await asyncio.gather(*(raw("DELETE", f"/v2/myrepo/manifests/{digest}") for digest in digests))
    refused = [answer for answer in answers if answer.status == 429]
    assert len(answers) - len(refused) in {2, 3}
    assert len(acr.registry.digests("myrepo")) == len(refused)
    assert {(answer.code, answer.headers["Retry-After"]) for answer in refused} == {("TOOMANYREQUESTS", "1")}
    accepted = next(answer for answer in answers if answer.status == 202)
    assert float(accepted.headers[_LEFT]) == pytest.approx(1, abs=0.5)
    listing = await raw("GET", "/acr/v1/myrepo/_manifests")
    assert listing.status == 200
    assert _LEFT not in listing.headers


async def test_reads_have_their_own_bucket(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """Reads beyond their share answer 429; a slow bucket says to wait longer than a second."""
    options.reads_per_minute = 6
    digest = acr.registry.push_image("myrepo")
    assert (await raw("GET", "/acr/v1/myrepo")).status == 200
    refused = await raw("GET", "/acr/v1/myrepo")
    assert refused.status == 429
    assert 8 <= int(refused.headers["Retry-After"]) <= 10
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{digest}")).status == 202


async def test_each_caller_has_a_bucket(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """What one caller uses up is not missing for another."""
    options.reads_per_minute = 6
    options.principals.append(Principal("other", password="secret"))
    assert [(await raw("GET", "/v2/")).status for _ in range(2)] == [200, 429]
    raw.authorization = basic("other", "secret")
    assert (await raw("GET", "/v2/")).status == 200


async def test_challenges_cost_nothing(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """A call without credentials is challenged, not counted."""
    options.reads_per_minute = 6
    raw.authorization = None
    assert [(await raw("GET", "/v2/")).status for _ in range(4)] == [401] * 4


async def test_token_calls_have_a_bucket(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """The token endpoints have a limit of their own."""
    options.tokens_per_minute = 6
    path = f"/oauth2/token?service={acr.login_server}&scope=registry%3Acatalog%3A*"
    first, second = await raw("GET", path), await raw("GET", path)
    assert (first.status, second.status) == (200, 429)
    assert float(first.headers[_LEFT]) >= 0


async def test_the_sdk_gives_up_after_its_retries(acr: AcrSandbox, options: AcrOptions) -> None:
    """A plain gather of deletes runs into the limit, as it does on the service."""
    options.writes_per_minute = 60
    digests = [acr.registry.push_image("myrepo") for _ in range(12)]
    async with async_client(acr.url) as client:
        await client.get_repository_properties("myrepo")
        outcomes = await asyncio.gather(
            *(client.delete_manifest("myrepo", digest) for digest in digests), return_exceptions=True
        )
    failed = [fault for fault in outcomes if isinstance(fault, HttpResponseError)]
    assert failed
    assert {fault.status_code for fault in failed} == {429}
    assert len(acr.registry.digests("myrepo")) == len(failed)
