"""Ids for a whole batch at once, taken inside the writing transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from runtime.storage.engine import is_sqlite


def take_ids(connection: Connection, table: sa.Table, count: int) -> list[int]:
    """`count` ids that no row of the table has or had."""
    if is_sqlite(connection):
        # The write lock is ours; an insert of these ids moves AUTOINCREMENT along.
        last = connection.execute(
            sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        ).scalar()
        return list(range((last or 0) + 1, (last or 0) + 1 + count))
    drawn = connection.execute(
        sa.text(
            "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
        ),
        {"name": f'"{table.name}"', "count": count},
    )
    return [int(row[0]) for row in drawn]
