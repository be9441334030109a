"""Moving records along their workflow, and the log of where they stood how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.records.context import Context
from runtime.storage import system
from runtime.storage.bulk import prepare_insert

_INSERT = system.status_log.insert()
_ENTRY = ("operation_id", "entity_uid", "record_id", "target", "imported", "at")


def log_entries(
    ctx: Context,
    entity: Entity,
    operation: int,
    now: datetime,
    entered: Sequence[tuple[int, str]],
    *,
    imported: bool,
) -> None:
    """New records enter their first state."""
    prepared = ctx.model.once(
        ("insert", "sys_status_log"),
        lambda: prepare_insert(ctx.connection, system.status_log, _ENTRY),
    )
    columns: dict[str, list[Any]] = {
        "record_id": [record for record, _ in entered],
        "target": [state for _, state in entered],
    }
    same = {
        "operation_id": operation,
        "entity_uid": entity.uid,
        "imported": imported,
        "at": now,
    }
    prepared.run(ctx.connection, columns, same, len(entered))


def log_move(
    ctx: Context,
    entity: Entity,
    operation: int,
    now: datetime,
    record: int,
    move: Mapping[str, Any],
    since: datetime,
) -> None:
    """A step from `move["source"]` to `move["target"]`, with the time spent in the former."""
    ctx.connection.execute(
        _INSERT,
        {
            "operation_id": operation,
            "entity_uid": entity.uid,
            "record_id": record,
            "imported": False,
            "at": now,
            "seconds": max(0, int((now - since).total_seconds())),
            **move,
        },
    )


def entered_at(ctx: Context, entity: Entity, record: int) -> datetime | None:
    """When the record came into the state in which it is."""
    log = system.status_log
    found: datetime | None = ctx.connection.execute(
        sa.select(log.c.at)
        .where(log.c.entity_uid == entity.uid, log.c.record_id == record)
        .order_by(log.c.id.desc())
        .limit(1)
    ).scalar()
    return found
