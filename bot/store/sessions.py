"""The sessions of all replicas on PostgreSQL: those of a frozen process are ended, since they keep their locks."""

from datetime import timedelta

import structlog
from sqlalchemy import text

from bot.store.database import Database

# Sessions of this app that have changed or locked something, and have waited for their own client ever since a
# statement began that has come in by half, or whose answer nobody reads. PostgreSQL takes them for busy, so that
# idle_in_transaction_session_timeout does not end them. A user may end his own sessions (pg_terminate_backend).
_END = text("""
SELECT pid, pg_terminate_backend(pid) AS ended
FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name = current_setting('application_name')
AND state = 'active' AND wait_event_type = 'Client' AND wait_event IN ('ClientRead', 'ClientWrite')
AND backend_xid IS NOT NULL AND state_change < clock_timestamp() - make_interval(secs => :silence)
""")

log = structlog.get_logger(__name__)


class Sessions:
    """What other processes have open on the same database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def end_frozen(self, silence: timedelta) -> int:
        """End the sessions that were silent in the middle of a statement for so long, and give how many those were.

        What they had written is undone. On SQLite there are none. Raises StoreError.
        """
        if self._database.sqlite:
            return 0
        async with self._database.read() as connection:
            found = (await connection.execute(_END, {"silence": silence.total_seconds()})).all()
        ended = [row.pid for row in found if row.ended]
        if ended:
            log.warning("frozen_sessions_ended", sessions=ended)
        return len(ended)
