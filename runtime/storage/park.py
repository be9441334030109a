"""What is set aside: kept for 30 days, brought back when its uid returns, dropped afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.engine import Connection

from runtime.catalog.model import Catalog, Entity
from runtime.fields.base import Field
from runtime.storage import system
from runtime.storage.revisions import catalog_of

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Parked:
    """One thing set aside. `kind` is `column`, `values`, `retyped`, `option` or `table`.

    `physical` names the column's key or the table; `field` and `entity` are as they were.
    """

    id: int
    kind: str
    uid: str
    entity_uid: str
    physical: str
    revision: int
    parked_at: datetime
    field: Field | None = None
    entity: Entity | None = None


def load_parked(connection: Connection, wanted: Catalog) -> Mapping[str, list[Parked]]:
    """Everything parked whose uid the wanted catalog names, oldest first, with its definition."""
    rows = connection.execute(sa.select(system.parked).order_by(system.parked.c.id)).all()
    catalogs: dict[int, Catalog] = {}
    found: dict[str, list[Parked]] = {}
    uids = _uids(wanted) if rows else set()
    for row in rows:
        if row.uid not in uids:
            continue
        if row.revision not in catalogs:
            catalogs[row.revision] = catalog_of(connection, row.revision, wanted.workspace)
        entity = catalogs[row.revision].entities.get(row.entity_uid)
        parked = Parked(
            row.id, row.kind, row.uid, row.entity_uid, row.physical, row.revision, row.parked_at
        )
        field = entity.by_uid.get(row.uid) if entity else None
        found.setdefault(row.uid, []).append(replace(parked, field=field, entity=entity))
    return found


def _uids(catalog: Catalog) -> set[str]:
    uids = set(catalog.entities)
    for entity in catalog.entities.values():
        uids |= set(entity.by_uid)
        uids |= {option.uid for field in entity.fields for option in field.choices}
    return uids


def newest(parked: Mapping[str, list[Parked]], uid: str, *kinds: str) -> Parked | None:
    return next((one for one in reversed(parked.get(uid, [])) if one.kind in kinds), None)


def set_aside(
    connection: Connection,
    kind: str,
    *,
    uid: str,
    entity_uid: str,
    physical: str,
    revision: int,
    now: datetime,
) -> int:
    """Notes that something is parked; the id is what `sys_parked_value` points at."""
    inserted = connection.execute(
        system.parked.insert().values(
            kind=kind,
            uid=uid,
            entity_uid=entity_uid,
            physical=physical,
            revision=revision,
            parked_at=now,
            expires_at=now + KEPT,
        )
    )
    return int(inserted.inserted_primary_key[0])  # type: ignore[index]


def forget(connection: Connection, parked_id: int) -> None:
    """The thing is in use again, or gone."""
    values = system.parked_value
    connection.execute(values.delete().where(values.c.parked_id == parked_id))
    connection.execute(system.parked.delete().where(system.parked.c.id == parked_id))


def purge_expired(
    connection: Connection, ops: Operations, tables: Mapping[str, str], now: datetime
) -> int:
    """Drops what nobody brought back in time; how many things went.

    `tables` gives the table of each entity in force by uid.
    """
    rows = connection.execute(sa.select(system.parked)).all()
    homes = {row.uid: row.physical for row in rows if row.kind == "table"} | dict(tables)
    expired = [row for row in rows if row.expires_at <= now]
    # Columns before tables: a dropped table has none.
    for row in sorted(expired, key=lambda row: row.kind == "table"):
        if row.kind == "table":
            ops.drop_table(row.physical)
        elif row.kind in ("column", "retyped") and row.entity_uid in homes:
            _drop_columns(connection, ops, homes[row.entity_uid], row.physical)
        forget(connection, row.id)
    return len(expired)


def _drop_columns(connection: Connection, ops: Operations, table: str, key: str) -> None:
    for column in sa.inspect(connection).get_columns(table):
        if column["name"] == key or column["name"].startswith(f"{key}__"):
            ops.drop_column(table, column["name"])
