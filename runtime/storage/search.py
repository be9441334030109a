"""The quick-search index over `search_fold`: FTS5 trigrams on SQLite, a trigram GIN on PostgreSQL.

`search_fold` holds folded words with one space around each, so three characters ` ab` stand for
"a word that begins with ab" and a search works from two letters on both databases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from runtime.storage.engine import is_sqlite
from runtime.storage.tables import beside

TRIGRAMS = "pg_trgm"


def search_name(table: str) -> str:
    return beside(table, "search")


def _trigger(table: str, event: str) -> str:
    return f"tr_{hashlib.sha256(table.encode()).hexdigest()[:12]}_{event}"


def _gin(table: str) -> str:
    return f"ix_{hashlib.sha256(f'{table}|search'.encode()).hexdigest()[:16]}"


def search_parts(table: str, *, sqlite: bool) -> list[str]:
    """What `create_search` makes, by name."""
    if not sqlite:
        return [_gin(table)]
    return [search_name(table), _trigger(table, "update"), _trigger(table, "delete")]


def prepare_database(connection: Connection) -> None:
    """Trigrams are an extension of PostgreSQL that the owner of a database may switch on."""
    if not is_sqlite(connection):
        connection.execute(sa.text(f"CREATE EXTENSION IF NOT EXISTS {TRIGRAMS}"))


def create_search(connection: Connection, table: str) -> None:
    """The index and, on SQLite, the triggers that keep it; filled from the rows there are.

    New rows have no trigger: FTS5 writes its pending terms down before every statement inside a
    trigger, which costs four times the row itself. Who inserts calls `index_rows` for the batch.
    """
    quote = connection.dialect.identifier_preparer.quote
    name = quote(table)
    if not is_sqlite(connection):
        connection.execute(
            sa.text(f"CREATE INDEX {_gin(table)} ON {name} USING gin (search_fold gin_trgm_ops)")
        )
        return
    index = quote(search_name(table))
    connection.execute(
        sa.text(
            f"CREATE VIRTUAL TABLE {index} USING fts5(search_fold, content='{table}',"
            " content_rowid='id', tokenize='trigram case_sensitive 1')"
        )
    )
    put = f"INSERT INTO {index}(rowid, search_fold) VALUES (new.id, new.search_fold);"
    take = (
        f"INSERT INTO {index}({index}, rowid, search_fold)"
        " VALUES ('delete', old.id, old.search_fold);"
    )
    for event, when, body in (
        ("update", "AFTER UPDATE OF search_fold", take + put),
        ("delete", "AFTER DELETE", take),
    ):
        trigger = _trigger(table, event)
        connection.exec_driver_sql(f"CREATE TRIGGER {trigger} {when} ON {name} BEGIN {body} END")
    connection.execute(sa.text(f"INSERT INTO {index}({index}) VALUES ('rebuild')"))


def index_rows(connection: Connection, table: str, rows: Sequence[tuple[int, str]]) -> None:
    """Makes rows that were just inserted findable: (id, `search_fold`)."""
    if is_sqlite(connection):
        index = connection.dialect.identifier_preparer.quote(search_name(table))
        statement = f"INSERT INTO {index}(rowid, search_fold) VALUES (?, ?)"
        connection.exec_driver_sql(statement, list(rows))


def drop_search(connection: Connection, table: str) -> None:
    if not is_sqlite(connection):
        connection.execute(sa.text(f"DROP INDEX IF EXISTS {_gin(table)}"))
        return
    for event in ("update", "delete"):
        connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {_trigger(table, event)}"))
    quote = connection.dialect.identifier_preparer.quote
    connection.execute(sa.text(f"DROP TABLE IF EXISTS {quote(search_name(table))}"))
