"""Many new rows in one statement, prepared once: values go to the driver column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Connection, Dialect

from runtime.storage.engine import is_sqlite

Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT for just these columns, and what each value goes through on its way."""

    names: tuple[str, ...]
    statement: str
    processes: Mapping[str, Process]

    def run(
        self,
        connection: Connection,
        columns: Mapping[str, Sequence[Any]],
        same: Mapping[str, Any],
        count: int,
    ) -> None:
        """`columns` holds a value for each row, `same` one for all of them."""
        if not count:
            return
        parts = [
            repeat(self._one(name, same[name]), count)
            if name in same
            else self._all(name, columns[name])
            for name in self.names
        ]
        connection.exec_driver_sql(self.statement, list(zip(*parts, strict=True)))

    def _one(self, name: str, value: Any) -> Any:
        process = self.processes.get(name)
        return process(value) if process else value

    def _all(self, name: str, values: Sequence[Any]) -> Sequence[Any]:
        process = self.processes.get(name)
        if process is None:
            return values
        return [None if value is None else process(value) for value in values]


def prepare_insert(connection: Connection, table: sa.Table, names: Sequence[str]) -> Insert:
    """Worth keeping: building it costs more than running it for one row."""
    dialect = _positional(connection)
    compiled = table.insert().inline().compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup
    assert order is not None  # noqa: S101 - the dialect is a positional one
    processes = {name: process for name in order if (process := _process(table, name, dialect))}
    return Insert(tuple(order), str(compiled), processes)


def _positional(connection: Connection) -> Dialect:
    """The connection's dialect with parameters in order instead of by name."""
    if is_sqlite(connection):
        return connection.dialect
    dialect: Dialect = psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
    return dialect


def _process(table: sa.Table, name: str, dialect: Dialect) -> Process | None:
    kind = table.c[name].type
    process: Process | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return process
