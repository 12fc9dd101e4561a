"""From a failure to words: every way in which a registry can fail becomes one class of ``bot.errors``."""

import asyncio
import enum
import json
import math
import re
import ssl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp
from azure.containerregistry import DigestValidationError
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)

from bot.errors import (
    LockedError,
    RegistryDeniedError,
    RegistryError,
    RegistryGarbledError,
    RegistryThrottledError,
    RegistryUnreachableError,
    RepositoryNotFoundError,
)
from bot.registry.answers import NO_REPOSITORY, THROTTLED, RefusalError

_SERVER_FAULT = 500
_CLIENT_IP = re.compile(r"IP '?([0-9a-fA-F.:]+)'? is not allowed")


class Need(enum.Enum):
    """What a call needs leave for. The value says which Azure roles give it.

    Role names from Microsoft's "Azure Container Registry roles directory reference": a registry in the permissions
    mode "RBAC Registry + ABAC Repository Permissions" ignores AcrPull and AcrDelete.
    """

    CATALOG = "AcrPull (in a registry with ABAC permissions: Container Registry Repository Catalog Lister)"
    READ = "AcrPull (in a registry with ABAC permissions: Container Registry Repository Reader)"
    DELETE = "AcrDelete (in a registry with ABAC permissions: Container Registry Repository Contributor)"
    LOCK = "AcrPush (in a registry with ABAC permissions: Container Registry Repository Writer)"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was being tried: ``doing`` completes "could not", for example "list the repositories"."""

    registry: str
    host: str
    doing: str
    need: Need
    repository: str = ""

    @property
    def where(self) -> str:
        """The registry as people call it, with its host where that says more."""
        return self.registry if self.registry in ("", self.host) else f"{self.registry} ({self.host})"


class IdentityError(AzureError):
    """Azure gave no token to sign in to the registry with."""


class IdentityLateError(AzureError):
    """Azure did not say in time who this app is; that may pass, unlike having no identity."""


class HeldError(AzureError):
    """The registry asked for a pause that is longer than anybody wants to wait. ``seconds`` are left of it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The registry asked for a pause of {seconds:.0f} seconds.")
        self.seconds = seconds


class StrayRequestError(AzureError):
    """A request that would leave the registry, or that this app never makes: a listing's Link led astray."""


class MalformedError(ValueError):
    """A document that is not of the shape that ACR gives it. The message completes "its answer makes no sense:"."""


@contextmanager
def in_plain_words(attempt: Attempt) -> Iterator[None]:
    """Raise whatever the SDK raises inside as one of the errors that people may read."""
    try:
        yield
    except RegistryError:
        raise
    except (
        AzureError,
        TimeoutError,
        # What the SDK raises on documents of the wrong shape, depending on where it stumbles over them.
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        zlib.error,
    ) as error:
        raise translate(error, attempt) from error


def translate(error: Exception, attempt: Attempt) -> RegistryError:
    """Find the words for a failure."""
    match error:
        case RefusalError():
            return _refused(error, attempt)
        case IdentityError():
            return RegistryDeniedError(
                f"There is no Azure identity to sign in to {attempt.where} with.",
                expected="Give the app a managed identity, a workload identity or a service principal;"
                " on a developer's machine, run az login.",
            )
        case IdentityLateError():
            return RegistryUnreachableError(
                f"Could not {attempt.doing} at {attempt.where}: Azure did not give this app its identity in time.",
                expected="Check the way to the managed identity's endpoint or to login.microsoftonline.com, then try"
                " again.",
            )
        case HeldError():
            return RegistryThrottledError(
                f"{attempt.where} asked for a pause before it may be asked again.",
                expected=f"Try again in {math.ceil(error.seconds / 60)} min.",
                status=THROTTLED,
            )
        case ServiceRequestError() | ServiceResponseError() | TimeoutError():
            return _unreachable(error, attempt)
        case AzureError() if not isinstance(error, (HttpResponseError, StrayRequestError)):
            return RegistryError(f"{attempt.where} could not {attempt.doing}.", expected="Try again in a while.")
        case _:
            return _garbled(attempt, _senseless(error))


def _refused(error: RefusalError, attempt: Attempt) -> RegistryError:
    status = error.status_code or 0
    match status:
        case 401:
            return RegistryDeniedError(
                f"{attempt.where} does not let this app {attempt.doing}.",
                expected=f"Its identity needs the role {attempt.need.value}; a new role takes a few minutes to work.",
                status=status,
            )
        case 403:
            return _forbidden(error, attempt)
        case 404 if error.code == NO_REPOSITORY and attempt.repository and not error.signing_in:
            return RepositoryNotFoundError(attempt.registry, attempt.repository)
        case 404:
            return RegistryGarbledError(
                f"{attempt.where} answered 404 when asked to {attempt.doing}, and not in the way that ACR does.",
                expected="Check that its address is that of a container registry.",
                status=status,
            )
        case 405:
            return LockedError(
                f"{attempt.where} refused to {attempt.doing}: it is locked, or one of its tags or its repository is.",
                expected="A lock is writeEnabled, deleteEnabled or readEnabled being false; unlock it first.",
                example=f"az acr repository update --name {attempt.registry} --image REPOSITORY@DIGEST"
                " --delete-enabled true --write-enabled true",
                status=status,
            )
        case 429:
            return RegistryThrottledError(
                f"{attempt.where} limits how often it may be asked, and went on doing so when asked to"
                f" {attempt.doing}.",
                expected="Try again in some minutes, lower limits.concurrency, or move to a larger tier.",
                status=status,
            )
    if status >= _SERVER_FAULT:
        problem = f"{attempt.where} failed with status {status} when asked to {attempt.doing}."
        return RegistryError(problem, expected="The fault is on its side: try again in a while.", status=status)
    problem = f"{attempt.where} answered with status {status} when asked to {attempt.doing}."
    return RegistryError(
        problem, expected="Check that its address is right and no proxy answers for it.", status=status
    )


def _forbidden(error: RefusalError, attempt: Attempt) -> RegistryDeniedError:
    address = _CLIENT_IP.search(error.text)
    came_from = f" ({address[1]})" if address else ""
    return RegistryDeniedError(
        f"{attempt.where} refused to {attempt.doing}: most likely its firewall does not know this app's network"
        f" address{came_from}.",
        expected="Allow the address under the registry's networking settings or give it a private endpoint, and check"
        f" that the app's identity has the role {attempt.need.value}.",
        status=403,
    )


_UNTRUSTED = (ssl.SSLCertVerificationError, aiohttp.ClientConnectorCertificateError)


def may_pass(error: AzureError) -> bool:
    """Whether a failure without an answer may be another one the next time. A certificate stays as it is."""
    if isinstance(error, IncompleteReadError):
        return True
    return isinstance(error, (ServiceRequestError, ServiceResponseError)) and not isinstance(
        innermost(error), _UNTRUSTED
    )


def _unreachable(error: Exception, attempt: Attempt) -> RegistryUnreachableError:
    cause = innermost(error)
    advice = "Check the network, its firewall and its private endpoint, then try again."
    if isinstance(cause, _UNTRUSTED):
        what = "its certificate is not one that this app trusts"
        advice = "Name the authority's file as the registry's ca_bundle, or in SSL_CERT_FILE."
    elif isinstance(cause, (aiohttp.ClientSSLError, ssl.SSLError)):
        what = "no TLS connection could be made"
        advice = "Check that its address begins with the right one of https:// and http://."
    elif isinstance(cause, aiohttp.ClientConnectorDNSError):
        what = "its name does not resolve"
        advice = "Check the spelling of its address, and the DNS zone of its private endpoint."
    elif isinstance(cause, TimeoutError):
        what = "it did not answer in time"
    elif isinstance(cause, ConnectionRefusedError) or isinstance(
        getattr(cause, "os_error", None), ConnectionRefusedError
    ):
        what = "it refused the connection"
    else:
        what = "the connection broke"
    return RegistryUnreachableError(f"Could not {attempt.doing} at {attempt.where}: {what}.", expected=advice)


def innermost(error: BaseException) -> BaseException:
    """Follow azure-core's wrapping down to the error of aiohttp or the system."""
    while True:
        inner = getattr(error, "inner_exception", None) or error.__cause__
        if not isinstance(inner, BaseException) or inner is error:
            return error
        if isinstance(inner, asyncio.CancelledError):  # what asyncio.timeout raises from
            return error
        if isinstance(error, aiohttp.ClientError):
            return error
        error = inner


def _garbled(attempt: Attempt, what: str) -> RegistryGarbledError:
    return RegistryGarbledError(
        f"{attempt.where} was asked to {attempt.doing}, and its answer makes no sense: {what}.",
        expected="Check that its address is that of a container registry and that no proxy answers for it.",
    )


def _senseless(error: Exception) -> str:
    match error:
        case MalformedError():
            return str(error)
        case StrayRequestError():
            return "its listing goes on at an address that is none of a listing"
        case IncompleteReadError():
            return "it was cut short"
        case HttpResponseError() | UnicodeDecodeError() | json.JSONDecodeError():  # DecodeError is of the first
            return "it is not JSON"
        case DigestValidationError():
            return "the content does not have the digest that it was asked for by"
        case ValueError() if type(error) is ValueError:  # how the SDK refuses a length; its others are subclasses
            return "a manifest without a length, or longer than the 4 MiB that a manifest may have"
    return "it is not of the shape that Azure Container Registry gives it"
