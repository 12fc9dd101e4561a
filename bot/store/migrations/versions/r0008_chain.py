"""The record of deeds as a chain, and on each row what it was done to."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from bot.store.chain import GENESIS, link
from bot.store.columns import Utc

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BATCH = 1000

_EVENTS = sa.table(
    "events",
    sa.column("id", sa.BigInteger()),
    sa.column("at", Utc()),
    *(sa.column(name, sa.String()) for name in ("deed", "actor", "proposal", "team_id", "enterprise_id", "channel")),
    sa.column("checksum", sa.String()),
    sa.column("revision", sa.Integer()),
    sa.column("detail", sa.JSON(none_as_null=True)),
    sa.column("position", sa.BigInteger()),
    sa.column("hash", sa.String()),
)
_SQLITE_TRIGGER = """
CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
"""


def upgrade() -> None:
    """Give each row its place in the chain, in the order in which they were written."""
    for name in ("enterprise_id", "checksum"):
        op.add_column("events", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("events", sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("events", sa.Column("position", sa.BigInteger()))
    op.add_column("events", sa.Column("hash", sa.String()))
    head = op.create_table(
        "event_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_head"),
    )
    # The only UPDATE there ever is, in the transaction that also locks the table for the new columns.
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("DROP TRIGGER events_refuse_update" if sqlite else "ALTER TABLE events DISABLE TRIGGER USER")
    position, last = _chain(op.get_bind())
    op.execute(_SQLITE_TRIGGER if sqlite else "ALTER TABLE events ENABLE TRIGGER USER")
    op.bulk_insert(head, [{"id": 1, "position": position, "hash": last}])


def _chain(connection: sa.Connection) -> tuple[int, str]:
    """Fill in places and hashes; give the last of both."""
    position, last, seen = 0, GENESIS, 0
    place = (
        sa.update(_EVENTS)
        .where(_EVENTS.c.id == sa.bindparam("of_id"))
        .values(position=sa.bindparam("to_position"), hash=sa.bindparam("to_hash"))
    )
    while rows := _after(connection, seen):
        places = []
        for row in rows:
            position, seen = position + 1, row["id"]
            last = link(last, position, row)
            places.append({"of_id": seen, "to_position": position, "to_hash": last})
        connection.execute(place, places)
    return position, last


def _after(connection: sa.Connection, seen: int) -> list[sa.RowMapping]:
    query = sa.select(_EVENTS).where(_EVENTS.c.id > seen).order_by(_EVENTS.c.id).limit(_BATCH)
    found: Iterable[sa.RowMapping] = connection.execute(query).mappings()
    return list(found)


def downgrade() -> None:
    """Refuse: an older version would go on writing rows that are not in the chain."""
    raise NotImplementedError("Restore a backup instead.")
