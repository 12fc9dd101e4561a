"""What the driver says about a database that fails, in words for people."""

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import StoreError

# What SQLite and libpq say, lower case, and what helps. The first that is found counts.
_ADVICE: tuple[tuple[str, str], ...] = (
    ("database is locked", "Another program holds it: a backup or a sqlite3 shell. Close that and try again."),
    ("unable to open database file", "The folder must exist and be writable for the user that runs acr-janitor."),
    ("readonly database", "The file and its folder must be writable for the user that runs acr-janitor."),
    ("disk is full", "Free some space on that disk; nothing was written."),
    ("disk i/o error", "Check the disk. SQLite needs a local one: no NFS, SMB or Azure Files."),
    ("file is not a database", "DATABASE_URL must name a file that acr-janitor made, or one that does not exist yet."),
    ("malformed", "The file is damaged: restore it from a backup."),
    ("password authentication failed", "Check the user and the password in DATABASE_URL."),
    ("connection refused", "Check the host and the port in DATABASE_URL, and that PostgreSQL runs."),
    ("could not translate host name", "Check the host in DATABASE_URL."),
    ("failed to resolve host", "Check the host in DATABASE_URL."),
    ("does not exist", "Check the names in DATABASE_URL; the database itself must have been created."),
    ("permission denied", "The user in DATABASE_URL must own the tables, or be allowed to create them."),
    ("too many clients", "PostgreSQL has no connection left: raise max_connections."),
    ("invalid connection option", "Check what stands after the question mark in DATABASE_URL."),
    ("read-only transaction", "DATABASE_URL must lead to the primary server: add ?target_session_attrs=read-write."),
    ("lock timeout", "Somebody keeps a table locked: a backup or a psql session. Nothing was changed; try again."),
    ("already exists", "The schema holds tables of another program: give acr-janitor a database of its own."),
)


def explain(error: SQLAlchemyError | sqlite3.Error, name: str) -> StoreError:
    """Make a StoreError of what SQLAlchemy or the driver raised. ``name`` is the database for people, without secrets.

    Raises the cause itself where a value of ours could not be bound: that is a fault of the program, not of the
    database.
    """
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError) and error.orig is not None:
        raise error.orig
    if isinstance(error, PoolTimeoutError):
        return StoreError(f"The database {name} is too busy: no connection came free.", expected="Try again shortly.")
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = next((line.strip() for line in str(cause).splitlines() if line.strip()), type(cause).__name__)
    whole = str(cause).lower()
    advice = next((words for needle, words in _ADVICE if needle in whole), "")
    return StoreError(f"The database {name} failed: {said.rstrip('.')}.", expected=advice)
