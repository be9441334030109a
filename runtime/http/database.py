"""A database that does not answer: what it means to the client, and one more try for readers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from runtime.http.state import state

Made = TypeVar("Made")
UNAVAILABLE, FULL = 503, 507
# Result codes of SQLite: busy, locked, read only, I/O error, full, cannot open.
_SQLITE = {5: UNAVAILABLE, 6: UNAVAILABLE, 8: UNAVAILABLE, 10: FULL, 13: FULL, 14: UNAVAILABLE}
# SQLSTATEs of PostgreSQL by their beginning: connection lost, resources short, operator's hand,
# lock not to be had, deadlock and serialization.
_POSTGRES = ("08", "53", "57", "55P03", "40")
_DISK_FULL = "53100"


def trouble(error: BaseException) -> int | None:
    """503 or 507 when the database cannot serve just now; None when the fault is ours."""
    if isinstance(error, sa.exc.TimeoutError):
        return UNAVAILABLE
    if not isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        return _SQLITE.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
    code = getattr(error.orig, "sqlstate", None)
    if code is None:
        return UNAVAILABLE
    if code == _DISK_FULL:
        return FULL
    return UNAVAILABLE if code.startswith(_POSTGRES) else None


def twice(read: Callable[[], Made]) -> Made:
    """The result of `read`, asked a second time on a new connection when the first broke."""
    try:
        return read()
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
    state().close()
    return read()
