"""What is counted for Prometheus. One object an application, handed down to whoever has something to count.

Every label has few values, known beforehand or bounded by the settings: never a repository, a digest or a person.
``docs/operations.md`` explains each metric; a test holds the two together.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Slack gives up after 3 s, and this app means to be done in 0.2.
_ACK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0)
# From a wait behind others to the longest pause that is waited for.
_WAIT_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0)


class Metrics:
    """All metrics, in a registry of their own: several applications in one process do not count together."""

    def __init__(self) -> None:
        self._collected = collected = CollectorRegistry()
        self.acks = Histogram(
            "acr_janitor_ack_seconds",
            "From the arrival of what Slack sends to its acknowledgement, by transport and status",
            ["transport", "status"],
            buckets=_ACK_SECONDS,
            registry=collected,
        )
        self.registry_calls = Counter(
            "acr_janitor_registry_calls",
            "Requests to a registry by kind and status, each try counted; status none: no answer",
            ["registry", "kind", "status"],
            registry=collected,
        )
        self.throttle_waits = Histogram(
            "acr_janitor_throttle_wait_seconds",
            "How long requests waited since the registry had asked for a pause or its limit was near",
            ["registry"],
            buckets=_WAIT_SECONDS,
            registry=collected,
        )
        self.registry_limit = Gauge(
            "acr_janitor_registry_concurrency_limit",
            "How many requests may go to a registry at once now",
            ["registry"],
            registry=collected,
        )
        self.registry_busy = Gauge(
            "acr_janitor_registry_busy", "Requests to a registry under way", ["registry"], registry=collected
        )
        self.registry_waiting = Gauge(
            "acr_janitor_registry_waiting",
            "Requests to a registry that wait for their turn",
            ["registry"],
            registry=collected,
        )
        self.items = Counter(
            "acr_janitor_items",
            "Items of proposals settled by this process, by outcome",
            ["outcome"],
            registry=collected,
        )
        self.proposals = Gauge(
            "acr_janitor_proposals", "Proposals in the database, by state", ["state"], registry=collected
        )
        self.queue_items = Gauge(
            "acr_janitor_queue_items", "Items of approved and running proposals without an outcome", registry=collected
        )
        self.queue_age = Gauge(
            "acr_janitor_queue_age_seconds",
            "How long the proposal that was approved first has waited for its run; 0 when none waits",
            registry=collected,
        )
        self.run_age = Gauge(
            "acr_janitor_run_age_seconds",
            "How long the run that began first has been going on; 0 when none runs",
            registry=collected,
        )
        self.database_up = Gauge(
            "acr_janitor_database_up", "Whether the database answered this look: 1 or 0", registry=collected
        )

    def follow(
        self, registry: str, *, limit: Callable[[], int], busy: Callable[[], int], waiting: Callable[[], int]
    ) -> None:
        """Ask how a registry's requests stand each time somebody wants to know."""
        self.registry_limit.labels(registry).set_function(limit)
        self.registry_busy.labels(registry).set_function(busy)
        self.registry_waiting.labels(registry).set_function(waiting)

    def text(self) -> bytes:
        """Write all of them in Prometheus' text format."""
        return generate_latest(self._collected)

    def names(self) -> list[str]:
        """Give the names under which the values can be asked for, as they are documented."""
        return [
            f"{family.name}_total" if family.type == "counter" else family.name for family in self._collected.collect()
        ]
