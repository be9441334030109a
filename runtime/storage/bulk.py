"""Thousands of rows by one statement that is prepared once: to be written, or to be found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Connection, Dialect

from runtime.kernel import crash
from runtime.storage.engine import is_sqlite

Process = Callable[[Any], Any]
# From so many rows on PostgreSQL takes a COPY, at a quarter of the cost.
_COPY_FROM = 20


def among(column: sa.ColumnElement[Any], name: str, *, sqlite: bool) -> sa.ColumnElement[bool]:
    """The column is one of the values that will be bound as a list under `name`.

    PostgreSQL takes the list as one array: with a parameter for each of a thousand values it
    plans longer than it works.
    """
    if sqlite:
        return column.in_(sa.bindparam(name, expanding=True, type_=column.type))
    values = sa.bindparam(name, type_=sa.ARRAY(column.type, dimensions=1))
    found: sa.ColumnElement[bool] = column == sa.any_(values)
    return found


def plan_anew(connection: Connection) -> None:
    """Until commit PostgreSQL plans each statement by the tables as they are by then: what it once
    planned for an empty table reads all of a full one."""
    if not is_sqlite(connection):
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


def refresh_statistics(connection: Connection, tables: Iterable[sa.Table]) -> None:
    """After many new rows: how the tables are best read from now on."""
    for table in tables:
        quoted = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"ANALYZE {quoted}")


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT for just these columns, and what each value goes through on its way; worth keeping
    as long as the table stays as it is."""

    names: tuple[str, ...]
    statement: str
    copy: str
    processes: Mapping[str, Process]

    def run(
        self,
        connection: Connection,
        columns: Mapping[str, Sequence[Any]],
        same: Mapping[str, Any],
        count: int,
    ) -> None:
        """`columns` holds a value for each of the `count` rows, `same` one for all of them.

        Raises SQLAlchemy's `IntegrityError` like any statement.
        """
        parts = [
            repeat(self._one(name, same[name]), count)
            if name in same
            else self._all(name, columns[name])
            for name in self.names
        ]
        rows = zip(*parts, strict=True)
        if count < _COPY_FROM or is_sqlite(connection):
            if count:
                connection.exec_driver_sql(self.statement, list(rows))
        else:
            self._copy(connection, rows)

    def _one(self, name: str, value: Any) -> Any:
        process = self.processes.get(name)
        return process(value) if process else value

    def _all(self, name: str, values: Sequence[Any]) -> Sequence[Any]:
        process = self.processes.get(name)
        if process is None:
            return values
        return [None if value is None else process(value) for value in values]

    def _copy(self, connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
        driver: Any = connection.connection.driver_connection
        # SQLAlchemy does not see this statement: its fault tests and errors are ours to make.
        crash.step()
        try:
            with driver.cursor() as cursor, cursor.copy(self.copy) as copy:
                for row in rows:
                    copy.write_row(row)
        except connection.dialect.loaded_dbapi.IntegrityError as error:
            raise sa.exc.IntegrityError(self.copy, None, error) from error


def prepare_insert(connection: Connection, table: sa.Table, names: Sequence[str]) -> Insert:
    """Building it costs more than running it for one row."""
    dialect = _positional(connection)
    compiled = table.insert().inline().compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup
    assert order is not None  # noqa: S101 - the dialect is a positional one
    quote = dialect.identifier_preparer
    listed = ", ".join(quote.quote(name) for name in order)
    processes = {}
    for name in order:
        process = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        if process:
            processes[name] = process
    copy = f"COPY {quote.format_table(table)} ({listed}) FROM STDIN"
    return Insert(tuple(order), str(compiled), copy, processes)


def _positional(connection: Connection) -> Dialect:
    """The connection's dialect with parameters in order instead of by name."""
    if is_sqlite(connection):
        return connection.dialect
    dialect: Dialect = psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
    return dialect
