"""Which engine a database gets."""

from bot.errors import StoreError
from bot.store import Store
from bot.work.embedded import EmbeddedEngine
from bot.work.engine import Engine
from bot.work.times import Times


def engine_for(store: Store, *, registries: int, times: Times | None = None) -> Engine:
    """Give the engine for one process on SQLite, or the one for any number of them on PostgreSQL."""
    times = times or Times()
    if not store.shared:
        return EmbeddedEngine(
            store,
            first_wait=times.first_wait,
            longest_wait=times.longest_wait,
            last_wait=times.last_wait,
            held=times.held,
        )
    try:
        from bot.work.replicated import ReplicatedEngine  # noqa: PLC0415 - its library comes with an extra
    except ModuleNotFoundError as error:
        raise StoreError(
            "PostgreSQL needs procrastinate, which is not installed.",
            expected="Install the extra.",
            example="pip install 'acr-janitor[postgres]'",
        ) from error
    return ReplicatedEngine(store, registries=registries, times=times)
