"""Many rows at once: one statement that is sent whole, however many there are.

On PostgreSQL never by ``executemany``, which psycopg sends as a pipeline. A process that is frozen in the middle of one
leaves a session that the server takes for busy, so that no time-out ends it, and its locks are kept from whoever goes
on in its place. One that is frozen before or after a whole statement is idle in its transaction, and is ended.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnClause,
    Insert,
    TableValuedAlias,
    Update,
    any_,
    bindparam,
    column,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Outcome, Settled
from bot.store.tables import ITEMS

_SETTLED = ("position", "outcome", "detail", "settled_at")


async def insert_rows(connection: AsyncConnection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one form, in their order. ``statement`` says into which table and what a conflict comes to."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":  # where nothing is sent anywhere
        await connection.execute(statement, list(rows))
    else:
        await connection.execute(_from_arrays(statement, names), _arrays(names, rows))


async def settle_rows(connection: AsyncConnection, proposal_id: str, settled: Sequence[Settled]) -> None:
    """Write the outcomes of items, each of which has none so far."""
    rows = [dict(zip(_SETTLED, (one.position, one.outcome, one.detail, one.at), strict=True)) for one in settled]
    if connection.dialect.name == "sqlite":
        await connection.execute(_SETTLE_EACH, [_named(row) | {"proposal": proposal_id} for row in rows])
    elif rows:
        await connection.execute(_SETTLE_ALL, _arrays(_SETTLED, rows) | {"proposal": proposal_id})


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"given_{name}": value for name, value in row.items()}


def _arrays(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {f"given_{name}": [row[name] for row in rows] for name in names}


def _array(of: ColumnClause[Any]) -> BindParameter[Any]:
    return bindparam(f"given_{of.name}", type_=ARRAY(of.type, dimensions=1))


def _given(columns: Sequence[ColumnClause[Any]]) -> TableValuedAlias:
    """Give arrays, one for each column, as rows. So a statement has as many parameters for a thousand as for one."""
    names = [column(each.name, each.type) for each in columns]
    given = func.unnest(*map(_array, columns)).table_valued(*names, with_ordinality="place", name="given")
    return given.render_derived()


@lru_cache(maxsize=16)
def _from_arrays(statement: Insert, names: tuple[str, ...]) -> Insert:
    table = statement.table.columns
    given = _given([table[name] for name in names])
    return statement.from_select(names, select(*(given.c[name] for name in names)).order_by(given.c.place))


def _settle_each() -> Update:
    values: dict[str, Any] = {name: bindparam(f"given_{name}") for name in _SETTLED if name != "position"}
    return _unsettled().where(ITEMS.c.position == bindparam("given_position")).values(values)


def _settle_all() -> Update:
    given = _given([ITEMS.c[name] for name in _SETTLED])
    # Said twice: by the join alone PostgreSQL would read every item of the proposal.
    mine = _unsettled().where(ITEMS.c.position == any_(_array(ITEMS.c.position)), ITEMS.c.position == given.c.position)
    return mine.values({name: given.c[name] for name in _SETTLED if name != "position"})


def _unsettled() -> Update:
    return update(ITEMS).where(ITEMS.c.proposal_id == bindparam("proposal"), ITEMS.c.outcome == Outcome.TODO)


_SETTLE_EACH = _settle_each()
_SETTLE_ALL = _settle_all()
