"""Do definitions, tables and rows agree? Alembic compares, we say what it means."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection, Engine

from runtime.storage.engine import is_sqlite, reading
from runtime.storage.model import make_model
from runtime.storage.revisions import catalog_of, stamp_in_force
from runtime.storage.search import search_parts
from runtime.storage.tables import is_beside, make_index

# Columns that are set aside: `phone__r8`.
_ASIDE = re.compile(r"__r\d+(__|$)")


def examine(engine: Engine) -> list[str]:
    """Every fault in a sentence; empty when all agree."""
    with reading(engine) as connection:
        model = make_model(catalog_of(connection, stamp_in_force(connection).number))
        for table in model.tables.values():
            for spec in table.indexes:
                make_index(spec, table.table)
        tables = [one.table.name for one in model.tables.values()]
        faults = [
            *_drift(connection, model.metadata),
            *_search(connection, tables),
            *_database(connection),
        ]
    return faults


def _drift(connection: Connection, metadata: sa.MetaData) -> list[str]:
    """Differences between the tables that the definitions want and those that are there."""
    options = {"include_name": _ours, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    with warnings.catch_warnings():
        # Entities may well refer to each other in a circle; nothing is created here.
        warnings.filterwarnings("ignore", "Cannot correctly sort tables", sa.exc.SAWarning)
        found = compare_metadata(context, metadata)
    return [_said(one) for one in found if not _is_search(one)]


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    if kind == "table":
        return not (name and (is_beside(name) or name.startswith("sqlite_")))
    return not (name and kind == "column" and _ASIDE.search(name))


def _is_search(difference: Any) -> bool:
    """The trigram index is no part of the metadata."""
    index = difference[1] if isinstance(difference, tuple) else None
    return isinstance(index, sa.Index) and "search_fold" in {c.name for c in index.columns}


def _search(connection: Connection, tables: list[str]) -> Iterator[str]:
    """The quick search has what it stands on: an index, on SQLite kept by triggers."""
    catalogue = "SELECT name FROM sqlite_master" if is_sqlite(connection) else (
        "SELECT relname FROM pg_class"
    )  # fmt: skip
    there = {row[0] for row in connection.exec_driver_sql(catalogue)}
    for table in tables:
        missing = set(search_parts(table, sqlite=is_sqlite(connection))) - there
        if missing:
            yield f"the quick search of {table} lacks {', '.join(sorted(missing))}"


def _said(difference: Any) -> str:
    if isinstance(difference, list):
        return "; ".join(_said(one) for one in difference)
    kind, *rest = difference
    names = " ".join(str(getattr(part, "name", part)) for part in rest if part is not None)
    return f"tables differ from the definitions: {kind} {names}"


def _database(connection: Connection) -> list[str]:
    """What the database itself finds wrong: pages, foreign keys."""
    if not is_sqlite(connection):
        return []
    faults = [
        f"the database file is damaged: {row[0]}"
        for row in connection.exec_driver_sql("PRAGMA quick_check")
        if row[0] != "ok"
    ]
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        faults.append(f"row {row[1]} of {row[0]} points at a row of {row[2]} that is not there")
    return faults
