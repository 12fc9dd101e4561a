"""What the stand-in can be told to be."""

from dataclasses import dataclass, field

from sandbox.acr.principals import ADMIN, APP_IDENTITY, Principal


@dataclass(slots=True, kw_only=True)
class AcrOptions:
    """Options of the server; all may be changed while it runs, and hold from the next request on.

    ``principals``: who calls. The first with a ``client_id`` is the system-assigned managed identity.
    ``anonymous``: who calls without credentials, such as ``Principal("anonymous", actions=frozenset({"pull"}))``.
    Lifetimes are seconds. ``reads_per_minute`` and ``writes_per_minute`` (None: no limit) fill a bucket per second and
    caller, as the tiers do (Basic 1,000/100, Standard 3,000/500, Premium 10,000/2,000); ``tokens_per_minute`` is the
    bucket of ``/oauth2/``. ``latency`` is seconds before each answer, or a (least, most) pair drawn from evenly.
    ``seed`` makes faults and latency repeatable. ``log_limit`` keeps only that many log entries (counts go on).
    Stand-ins with the same ``tenant_key`` take each other's identities, as registries of one tenant do; without one
    each has its own. ``redirect_blobs`` answers a blob GET with 307 to storage, as the service does. ``control`` opens
    ``/_sandbox/``, unprotected, for benchmarks and tests in other processes.
    """

    principals: list[Principal] = field(default_factory=lambda: [APP_IDENTITY, ADMIN])
    anonymous: Principal | None = None
    identity_token_seconds: float = 86_400
    refresh_token_seconds: float = 3 * 3600
    access_token_seconds: float = 75 * 60
    reads_per_minute: float | None = None
    writes_per_minute: float | None = None
    tokens_per_minute: float | None = None
    latency: float | tuple[float, float] = 0
    seed: int = 0
    log_limit: int | None = None
    tenant_key: bytes | None = None
    redirect_blobs: bool = True
    control: bool = False

    def named(self, name: str) -> Principal | None:
        """Find a principal by name."""
        return next((found for found in self.principals if found.name == name), None)

    def identity(self, client_id: str | None) -> Principal | None:
        """Find a managed identity by client id; without one, the system-assigned."""
        for found in self.principals:
            if found.client_id is not None and client_id in {None, found.client_id}:
                return found
        return None
