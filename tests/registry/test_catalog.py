import pytest

from bot.domain.reference import nearest
from bot.errors import RepositoryNotFoundError
from bot.registry import RegistryClient, explain_missing
from sandbox.acr import AcrSandbox, Fault

NAMES = ["payments/api", "payments/worker", "payments/api-gateway", "shop/frontend", "shop/api", "base/python", "hello"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("payment/api", "payments/api"),
        ("paymets/wroker", "payments/worker"),
        ("worker", "payments/worker"),
        ("frontend", "shop/frontend"),
        ("pyhton", "base/python"),
        ("Hello", "hello"),
        ("gateway", "payments/api-gateway"),
    ],
)
def test_the_nearest_name_is_found(typed: str, first: str) -> None:
    """A wrong letter, a path left out and a part of a name all lead to what was meant."""
    assert nearest(typed, NAMES)[0] == first


def test_no_more_names_than_asked_for_and_none_that_is_unlike() -> None:
    """Suggestions are few, or none."""
    assert len(nearest("payments/ap", NAMES, most=2)) == 2
    assert nearest("zzzzzzzzzz", NAMES) == []
    assert nearest("hello", []) == []


async def test_a_missing_repository_is_explained(acr: AcrSandbox, client: RegistryClient) -> None:
    """The error names the nearest ones and a command that works."""
    for name in NAMES:
        acr.registry.push_image(name)
    error = await explain_missing(client, "payments/apy")
    assert isinstance(error, RepositoryNotFoundError)
    assert error.nearest[0] == "payments/api"
    assert "/acr untagged payments/api" in str(error)


async def test_without_a_catalog_the_name_is_all_there_is(acr: AcrSandbox, client: RegistryClient) -> None:
    """An identity that may not list repositories still gets the plain answer."""
    acr.faults.add(Fault(status=401, kind="list_repositories"))
    error = await explain_missing(client, "payments/apy")
    assert error.nearest == ()
    assert "no repository payments/apy" in str(error)
