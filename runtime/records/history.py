"""What happened: operations, and under each of them the changes of records."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.records import find
from runtime.records.context import Context
from runtime.storage import system
from runtime.storage.bulk import prepare_insert

# {field uid: [old, new]} in the JSON form of the fields.
Changes = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one record, as history shows it."""

    id: int
    operation: int
    at: datetime
    person_id: int | None
    person: str | None
    kind: str
    origin: str
    version: int
    changes: Changes


def begin_operation(ctx: Context, kind: str, now: datetime) -> int:
    """A new operation; every change belongs to one."""
    inserted = ctx.connection.execute(
        system.operation.insert().values(
            at=now, user_id=ctx.actor.user_id, kind=kind, origin=ctx.actor.origin
        )
    )
    return int(inserted.inserted_primary_key[0])  # type: ignore[index]


# The operation that changes belong to: its id, or how to begin it once there is a change.
Operation = int | Callable[[], int] | None


def settled(ctx: Context, operation: Operation, kind: str, now: datetime) -> int:
    """The id of the operation; a new one of this kind where none is given."""
    if operation is None:
        return begin_operation(ctx, kind, now)
    return operation() if callable(operation) else operation


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write_changes(
    ctx: Context,
    operation: int,
    entity: Entity,
    kind: str,
    rows: Sequence[tuple[int, int, Changes]],
) -> None:
    """One row for each (record, version after the change, changes)."""
    _insert(
        ctx,
        {
            "record_id": [record for record, _, _ in rows],
            "version": [version for _, version, _ in rows],
            "changes": [_write(changes) for _, _, changes in rows],
        },
        {"operation_id": operation, "entity_uid": entity.uid, "kind": kind},
        len(rows),
    )


def write_creation(
    ctx: Context, operation: int, entity: Entity, ids: Sequence[int], changes: Sequence[str]
) -> None:
    """The first row of each new record; `changes` are JSON already."""
    _insert(
        ctx,
        {"record_id": ids, "changes": changes},
        {"operation_id": operation, "entity_uid": entity.uid, "kind": "create", "version": 1},
        len(ids),
    )


def _insert(
    ctx: Context, columns: Mapping[str, Sequence[Any]], same: Mapping[str, Any], count: int
) -> None:
    names = [*columns, *same]
    prepared = ctx.model.once(
        ("insert", "sys_change", *names),
        lambda: prepare_insert(ctx.connection, system.change, names),
    )
    prepared.run(ctx.connection, columns, same, count)


def dumped(field: Field, value: Any) -> Any:
    """A value as history keeps it."""
    return None if value is None or value == () else field.type.dump(field, value)


def changes_since(
    ctx: Context, entity: Entity, record_id: int, version: int
) -> dict[str, tuple[Any, Any]]:
    """Field uid -> (value at `version`, value now), both as JSON, for what changed since."""
    change = system.change
    rows = ctx.run(
        sa.select(change.c.changes)
        .where(
            change.c.entity_uid == entity.uid,
            change.c.record_id == record_id,
            change.c.version > version,
        )
        .order_by(change.c.id)
    )
    since: dict[str, tuple[Any, Any]] = {}
    for row in rows:
        for uid, (old, new) in json.loads(row.changes).items():
            since[uid] = (since[uid][0] if uid in since else old, new)
    return since


def read_history(
    ctx: Context, entity: Entity, record_id: int, *, limit: int = 200, before: int | None = None
) -> list[Entry]:
    """Changes of one record, newest first. The caller has made sure that the actor may see it."""
    change, operation, user = system.change, system.operation, system.user
    statement = (
        sa.select(
            change,
            operation.c.at,
            operation.c.origin,
            operation.c.user_id,
            user.c.name.label("person"),
        )
        .join(operation, operation.c.id == change.c.operation_id)
        .outerjoin(user, user.c.id == operation.c.user_id)
        .where(change.c.entity_uid == entity.uid, change.c.record_id == record_id)
        .order_by(change.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(change.c.id < before)
    return [
        Entry(
            row.id,
            row.operation_id,
            row.at,
            row.user_id,
            row.person,
            row.kind,
            row.origin,
            row.version,
            json.loads(row.changes),
        )
        for row in ctx.run(statement)
    ]


def linked_titles(
    ctx: Context, entity: Entity, entries: Sequence[Entry]
) -> dict[str, dict[int, str]]:
    """Titles of the records that changes of references speak of: field uid -> id -> title."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        for uid, pair in entry.changes.items():
            one = entity.by_uid.get(uid)
            if one and one.type.name in ("reference", "references"):
                ids = wanted.setdefault(uid, set())
                for value in pair:
                    ids |= set(value if isinstance(value, list) else [value] if value else [])
    return {
        uid: find.titles(ctx, ctx.catalog.target(entity.by_uid[uid]), ids)
        for uid, ids in wanted.items()
        if ids
    }
