"""The same databases as for the store."""

from tests.store.conftest import sqlite_url, store, url

__all__ = ["sqlite_url", "store", "url"]
