"""The record of deeds for those who hold others to it: checked, exported, and searched."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Deed, Event
from bot.domain.workspace import Workspace
from bot.errors import StoreError
from bot.store.chain import seal
from bot.store.database import Database, parse_url
from bot.store.events import append
from bot.store.hold import FileHold
from bot.store.migrate import check
from bot.store.tables import EVENT_HEAD, EVENTS, ITEMS, PROPOSALS
from bot.store.verify import Place, Verdict, Verifier, adopted_by
from bot.store.where import in_workspace

_BATCH = 1000


class Audit:
    """The record as rows: mappings with the names of the columns. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def verify(self, known: Place | None = None) -> Verdict:
        """Look at every row, in one state of the database. ``known``: a place that somebody has noted earlier."""
        verifier = Verifier(known)
        async with self._steady() as connection:
            head = (await connection.execute(select(EVENT_HEAD))).first()
            async for row in _stream(connection, select(EVENTS).order_by(EVENTS.c.id)):
                verifier.see(row)
        return verifier.verdict(None if head is None else Place(head.position, head.hash))

    async def rows(self, since: datetime | None = None) -> AsyncGenerator[RowMapping, None]:
        """Give every row, or those of ``since`` and later, in the order of recording; never all at once in memory."""
        query = select(EVENTS).order_by(EVENTS.c.id)
        if since is not None:
            query = query.where(EVENTS.c.at >= since)
        async with self._steady() as connection:
            async for row in _stream(connection, query):
                yield row

    async def latest(
        self,
        workspace: Workspace,
        *,
        since: datetime | None = None,
        repository: str = "",
        registry: str = "",
        most: int,
    ) -> tuple[list[RowMapping], bool]:
        """Give a workspace's latest rows, the oldest of them first, and whether there are more than ``most``.

        ``repository``, ``registry``: only what was done to it, and the proposals that had something of it. Each row
        has the ``registry`` and the ``target`` of its proposal besides, None where it is about none.
        """
        query = (
            select(EVENTS, PROPOSALS.c.registry, PROPOSALS.c.target)
            .outerjoin(PROPOSALS, PROPOSALS.c.id == EVENTS.c.proposal)
            .where(*in_workspace(EVENTS, workspace))
            .order_by(EVENTS.c.id.desc())
        )
        if since is not None:
            query = query.where(EVENTS.c.at >= since)
        if repository:
            query = query.where(_touches(repository))
        if registry:
            query = query.where(or_(EVENTS.c.proposal == "", PROPOSALS.c.registry == registry))
        found: list[RowMapping] = []
        async with self._steady() as connection, aclosing(_stream(connection, query)) as rows:
            async for row in rows:
                if _is_about(row, "repository", repository) and _is_about(row, "registry", registry):
                    if len(found) == most:
                        return found[::-1], True
                    found.append(row)
        return found[::-1], False

    async def adopt(self, at: datetime) -> int:
        """Take the rows that are in no chain into it, by rows that name each with its hash; give how many."""
        loose = select(EVENTS).where(EVENTS.c.position.is_(None)).order_by(EVENTS.c.id)
        deeds = select(EVENTS.c.detail).where(EVENTS.c.deed == Deed.ADOPTED, EVENTS.c.position.is_not(None))
        async with self._database.write() as connection:
            known = {str(number) for (detail,) in await connection.execute(deeds) for number in adopted_by(detail)}
            seals = {str(row["id"]): seal(row) for row in (await connection.execute(loose)).mappings()}
            new = [pair for pair in seals.items() if pair[0] not in known]
            for start in range(0, len(new), _BATCH):
                rows = dict(new[start : start + _BATCH])
                await append(connection, [Event(at, Deed.ADOPTED, "app", detail={"rows": rows})])
        return len(new)

    @asynccontextmanager
    async def _steady(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection for which time stands still, however many queries there are."""
        async with self._database.read() as connection:
            if not self._database.sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection


@asynccontextmanager
async def open_audit(url: str, *, alone: bool = False) -> AsyncIterator[Audit]:
    """Open the record beside a running app; ``alone``: to write, for which an SQLite file must be nobody else's.

    Raises StoreError where there is no database, or where its schema is not this version's.
    """
    database = Database(parse_url(url))
    path = Path(str(database.url.database))
    hold = FileHold(path) if database.sqlite and alone else None
    try:
        if database.sqlite and not path.exists():  # noqa: ASYNC240 - a local file
            raise StoreError(
                f"The database {database.name} does not exist.",
                expected="DATABASE_URL must name the one that the app works with.",
                example="DATABASE_URL=sqlite:///var/acr-janitor.db",
            )
        if hold is not None:
            hold.take()
        await check(database)
        yield Audit(database)
    finally:
        await database.close()
        if hold is not None:
            hold.release()


async def _stream(connection: AsyncConnection, query: Select[Any]) -> AsyncGenerator[RowMapping, None]:
    async with connection.stream(query) as result:
        try:
            async for batch in result.mappings().partitions(_BATCH):
                for row in batch:
                    yield row
        finally:
            # Where whoever reads breaks off, its own end leaves the cursor open.
            await result.close()


def _touches(repository: str) -> ColumnElement[bool]:
    named = select(ITEMS.c.proposal_id).where(ITEMS.c.repository == repository)
    return or_(EVENTS.c.proposal == "", EVENTS.c.proposal.in_(named))


def _is_about(row: RowMapping, field: str, name: str) -> bool:
    """Tell the items of this repository from those of others, and what is about no proposal from what is."""
    named = (row["detail"] or {}).get(field, "")
    return bool(not name or named == name or (row["proposal"] and not named))
