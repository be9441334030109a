"""Connections: what makes SQLite and PostgreSQL behave alike under a transaction.

pysqlite begins transactions late and commits around DDL. Here every connection is in autocommit
mode and SQLAlchemy's `begin` event opens the transaction, so DDL rolls back like everything else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from runtime.kernel import crash

# Milliseconds that a writer waits for another one.
BUSY_TIMEOUT = 10_000
# What a read may cost on PostgreSQL; a write unit (import, publish) sets its own.
STATEMENT_TIMEOUT = 15_000
LOCK_TIMEOUT = 10_000


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///...` or `postgresql+psycopg://...`."""
    if url.startswith("sqlite"):
        engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT / 1000})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = sa.create_engine(url, pool_size=5, max_overflow=10, pool_pre_ping=False)
        sa.event.listen(engine, "connect", _prepare_postgresql)
    sa.event.listen(engine, "before_cursor_execute", _before_statement)
    sa.event.listen(engine, "commit", _before_commit)
    return engine


def _prepare_sqlite(dbapi: DBAPIConnection, _record: Any) -> None:
    assert isinstance(dbapi, sqlite3.Connection)  # noqa: S101
    dbapi.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        # Only FULL is durable when the power goes.
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_TIMEOUT}",
        "cache_size = -32000",
        "temp_store = MEMORY",
        # Statistics from a sample: ANALYZE of a million rows stays under a moment.
        "analysis_limit = 400",
        "recursive_triggers = OFF",
    ):
        dbapi.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: two readers that both upgrade would deadlock.
    mode = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")


def _prepare_postgresql(dbapi: Any, _record: Any) -> None:
    with dbapi.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT}")
        cursor.execute(f"SET lock_timeout = {LOCK_TIMEOUT}")
        # Disks have no heads any more: an index is cheaper than the default (4) believes.
        cursor.execute("SET random_page_cost = 1.1")
    dbapi.commit()


def _before_statement(*_: Any) -> None:
    crash.step()


def _before_commit(_connection: Connection) -> None:
    crash.step()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database and writes nothing."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that commits when the block ends well and leaves no trace otherwise."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


def insert_into(connection: Connection, table: sa.Table) -> Any:
    """An INSERT of this database, which knows ON CONFLICT."""
    dialect = sqlite if is_sqlite(connection) else postgresql
    return dialect.insert(table)


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
