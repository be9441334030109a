"""Many new rows in one statement that is prepared once: values travel column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from runtime.storage.engine import is_sqlite

Columns = Mapping[str, Sequence[Any]]
Process = Callable[[Any], Any]


class Insert(Protocol):
    """An INSERT for just these columns, worth keeping as long as the table stays as it is."""

    def run(
        self, connection: Connection, columns: Columns, same: Mapping[str, Any], count: int
    ) -> None:
        """`columns` holds a value for each of the `count` rows, `same` one for all of them."""


def prepare_insert(
    connection: Connection, table: sa.Table, columns: Sequence[str], same: Sequence[str]
) -> Insert:
    """`columns` name what differs from row to row, `same` what all rows of a batch share."""
    if is_sqlite(connection):
        return _prepare_rows(connection, table, [*columns, *same])
    return _prepare_arrays(table, columns, same)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Tuples for the driver, made without a look at each row."""

    names: tuple[str, ...]
    statement: str
    processes: Mapping[str, Process]

    def run(
        self, connection: Connection, columns: Columns, same: Mapping[str, Any], count: int
    ) -> None:
        parts = [
            repeat(self._one(name, same[name]), count)
            if name in same
            else self._all(name, columns[name])
            for name in self.names
        ]
        if count:
            connection.exec_driver_sql(self.statement, list(zip(*parts, strict=True)))

    def _one(self, name: str, value: Any) -> Any:
        process = self.processes.get(name)
        return process(value) if process else value

    def _all(self, name: str, values: Sequence[Any]) -> Sequence[Any]:
        process = self.processes.get(name)
        if process is None:
            return values
        return [None if value is None else process(value) for value in values]


def _prepare_rows(connection: Connection, table: sa.Table, names: Sequence[str]) -> _Rows:
    dialect = connection.dialect
    compiled = table.insert().inline().compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup
    assert order is not None  # noqa: S101 - parameters of SQLite stand in order
    processes = {}
    for name in order:
        process = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        if process:
            processes[name] = process
    return _Rows(tuple(order), str(compiled), processes)


@dataclass(frozen=True, slots=True)
class _Arrays:
    """PostgreSQL takes each column whole, as an array."""

    statement: sa.Insert

    def run(
        self, connection: Connection, columns: Columns, same: Mapping[str, Any], count: int
    ) -> None:
        if count:
            arrays = {name: list(values) for name, values in columns.items()}
            connection.execute(self.statement, {**arrays, **same})


def _prepare_arrays(table: sa.Table, columns: Sequence[str], same: Sequence[str]) -> _Arrays:
    # One dimension: a value that is a tuple is no array of its own.
    kinds = {name: sa.ARRAY(table.c[name].type, dimensions=1) for name in columns}
    arrays = [sa.bindparam(name, type_=kind) for name, kind in kinds.items()]
    parts = [sa.column(name, table.c[name].type) for name in columns]
    rows = sa.func.unnest(*arrays).table_valued(*parts, name="rows").render_derived()
    shared = [sa.bindparam(name, type_=table.c[name].type) for name in same]
    chosen = sa.select(*(rows.c[name] for name in columns), *shared)
    return _Arrays(table.insert().from_select([*columns, *same], chosen))
