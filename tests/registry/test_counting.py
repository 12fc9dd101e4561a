"""What a request to a registry is called in the figures."""

from datetime import timedelta

import pytest

from bot.registry.counting import kind_of
from tests.registry.conftest import MakeClient

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/oauth2/exchange", "get_token"),
        ("POST", "/oauth2/token", "get_token"),
        ("GET", "/acr/v1/_catalog", "get_catalog"),
        ("GET", "/acr/v1/team%2Fapp", "get_repository"),
        ("PATCH", "/acr/v1/team%2Fapp", "update_repository"),
        ("DELETE", "/acr/v1/team%2Fapp", "delete_repository"),
        ("GET", "/acr/v1/team%2Fapp/_manifests", "get_manifests"),
        ("GET", f"/acr/v1/team%2Fapp/_manifests/{DIGEST}", "get_manifest"),
        ("PATCH", f"/acr/v1/app/_manifests/{DIGEST}", "update_manifest"),
        ("GET", "/acr/v1/app/_tags", "get_tags"),
        ("GET", "/acr/v1/app/_tags/v1", "get_tag"),
        ("DELETE", "/acr/v1/app/_tags/v1", "delete_tag"),
        ("GET", f"/v2/team/app/manifests/{DIGEST}", "get_body"),
        ("DELETE", f"/v2/team/app/manifests/{DIGEST}", "delete_manifest"),
        ("PUT", "/acr/v1/app", "other"),
        ("GET", "/somewhere/else", "other"),
    ],
)
def test_every_request_has_one_of_few_names(method: str, path: str, kind: str) -> None:
    """By its method and path, encoded or not, without any name of a repository."""
    assert kind_of(method, path) == kind


async def test_the_registry_tells_the_time(make_client: MakeClient) -> None:
    """What its answers say of its clock is compared with ours; before the first nothing is known."""
    assert make_client().clock_ahead is None
    client = make_client()
    await client.check()
    ahead = client.clock_ahead
    assert ahead is not None
    assert abs(ahead) < timedelta(seconds=60)
