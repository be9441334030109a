"""Moving records along their workflow, and the log of where they stood how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.records.context import Context
from runtime.storage import system

_INSERT = system.status_log.insert()


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
    ctx.connection.execute(
        _INSERT,
        [
            {
                "operation_id": operation,
                "entity_uid": entity.uid,
                "record_id": record,
                "source": None,
                "target": state,
                "transition": None,
                "imported": imported,
                "at": now,
                "seconds": None,
            }
            for record, state in entered
        ],
    )


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
