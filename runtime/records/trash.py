"""The recycle bin: delete rules on the way in, unique rules on the way out.

What one act took into the bin is one operation and comes back as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runtime.access.policy import require_sight
from runtime.catalog.model import Entity, Relation
from runtime.kernel.errors import Refused
from runtime.records import find
from runtime.records.context import Context
from runtime.records.history import Changes, begin_operation, write_changes
from runtime.records.load import Current, load_current
from runtime.records.validate import find_holders, stored_key
from runtime.records.write import store_changes
from runtime.storage import system


@dataclass(slots=True)
class _Removal:
    """Records on their way into the bin, and references that will be emptied."""

    gone: dict[str, dict[int, Current]] = field(default_factory=dict)
    cleared: dict[tuple[str, str], dict[int, Current]] = field(default_factory=dict)

    def has(self, entity: Entity, record: int) -> bool:
        return record in self.gone.get(entity.uid, {})


def delete(ctx: Context, entity: Entity, ids: Sequence[int]) -> int:
    """Moves records into the bin with what hangs on them; gives the operation.

    Raises `Refused` when a living record points at one of them by a rule that restricts.
    """
    removal = _Removal({entity.uid: load_current(ctx, entity, ids, "delete")})
    restricted: list[tuple[Relation, Sequence[int]]] = []
    waiting = [(entity, list(ids))]
    while waiting:
        target, found = waiting.pop()
        for relation in target.relations:
            _follow(ctx, relation, found, removal, waiting, restricted)
    for relation, holders in restricted:
        source = ctx.catalog.entities[relation.entity]
        left = [one for one in holders if not removal.has(source, one)]
        if left:
            raise _restricted(ctx, entity, relation, left)
    return _carry_out(ctx, entity, set(ids), removal)


def _follow(
    ctx: Context,
    relation: Relation,
    ids: Sequence[int],
    removal: _Removal,
    waiting: list[tuple[Entity, list[int]]],
    restricted: list[tuple[Relation, Sequence[int]]],
) -> None:
    source = ctx.catalog.entities[relation.entity]
    holders = [one for one in _holders(ctx, source, relation, ids) if not removal.has(source, one)]
    if not holders:
        return
    if relation.on_delete == "cascade":
        removal.gone.setdefault(source.uid, {}).update(load_current(ctx, source, holders, None))
        waiting.append((source, holders))
    elif relation.on_delete == "restrict":
        restricted.append((relation, holders))
    elif not relation.field.type.links:
        # Pairs of a many-to-many field stay: the bin hides them, and a restore shows them again.
        cleared = removal.cleared.setdefault((source.uid, relation.field.key), {})
        cleared.update(load_current(ctx, source, holders, None))


def _holders(ctx: Context, source: Entity, relation: Relation, ids: Sequence[int]) -> list[int]:
    """Living records that point at these."""
    table = ctx.table(source)
    alive = table.c.deleted_at.is_(None)
    if relation.field.type.links:
        pairs = ctx.model.tables[source.uid].links[relation.field.key]
        linked = sa.select(pairs.c.source).where(pairs.c.target.in_(ids))
        statement = sa.select(table.c.id).where(table.c.id.in_(linked), alive)
    else:
        statement = sa.select(table.c.id).where(table.c[relation.field.key].in_(ids), alive)
    found: Sequence[Any] = ctx.run(statement)
    return [row[0] for row in found]


def _restricted(ctx: Context, entity: Entity, relation: Relation, left: Sequence[int]) -> Refused:
    source = ctx.catalog.entities[relation.entity]
    language = ctx.actor.language
    names = list(find.titles(ctx, source, left[:3]).values()) if _seen(ctx, source) else []
    return Refused(
        "trash.restricted",
        entity=source.counted(language, len(left)),
        names=", ".join(names) or source.list_title(language),
    )


def _seen(ctx: Context, entity: Entity) -> bool:
    return ctx.scope(entity, "see") != "none"


def _carry_out(ctx: Context, entity: Entity, roots: set[int], removal: _Removal) -> int:
    now = ctx.now()
    operation = begin_operation(ctx, "delete", now)
    for uid, records in removal.gone.items():
        one = ctx.catalog.entities[uid]
        _mark(ctx, one, records.values(), now, now)
        own = [r for r in records.values() if uid == entity.uid and r.id in roots]
        others = [r for r in records.values() if not (uid == entity.uid and r.id in roots)]
        write_changes(ctx, operation, one, "delete", [(r.id, r.version + 1, {}) for r in own])
        write_changes(ctx, operation, one, "cascade", [(r.id, r.version + 1, {}) for r in others])
    for (uid, key), records in removal.cleared.items():
        one = ctx.catalog.entities[uid]
        rows = [(r, {key: None}) for r in records.values() if not removal.has(one, r.id)]
        if rows:
            store_changes(ctx, one, rows, operation, now, "clear")
    return operation


def _mark(
    ctx: Context, entity: Entity, records: Iterable[Current], now: datetime, gone: datetime | None
) -> None:
    """Puts records into the bin, or takes them out (`gone` None)."""
    table = ctx.table(entity)
    statement = (
        table.update()
        .where(table.c.id == sa.bindparam("row_id"))
        .values(
            deleted_at=gone,
            version=sa.bindparam("w_version", type_=sa.Integer),
            updated_at=now,
            updated_by=ctx.actor.user_id,
        )
    )
    rows = [{"row_id": r.id, "w_version": r.version + 1} for r in records]
    ctx.connection.execute(statement, rows)


def restore(ctx: Context, entity: Entity, ids: Sequence[int]) -> int:
    """Takes records out of the bin with what went in with them; gives the operation.

    Raises `Refused` when a unique value is taken meanwhile, naming the holder, or when a record
    that one of them needs is in the bin itself.
    """
    require_sight(ctx.catalog, ctx.actor, entity)
    removal = _Removal({entity.uid: load_current(ctx, entity, ids, "delete", deleted=True)})
    for record in ids:
        _collect(ctx, entity, record, removal)
    for uid, records in removal.gone.items():
        one = ctx.catalog.entities[uid]
        _check_free(ctx, one, list(records.values()))
        _check_parents(ctx, one, list(records.values()), removal)
    now = ctx.now()
    operation = begin_operation(ctx, "restore", now)
    for uid, records in removal.gone.items():
        one = ctx.catalog.entities[uid]
        _mark(ctx, one, records.values(), now, None)
        rows: list[tuple[int, int, Changes]] = [(r.id, r.version + 1, {}) for r in records.values()]
        write_changes(ctx, operation, one, "restore", rows)
    _refill(ctx, removal, operation, now)
    return operation


def _collect(ctx: Context, entity: Entity, record: int, removal: _Removal) -> None:
    """What the operation that binned this record took along because of it."""
    operation = _binned_by(ctx, entity, record)
    if operation is None:
        return
    waiting = [(entity, record)]
    while waiting:
        target, one = waiting.pop()
        for relation in target.relations:
            source = ctx.catalog.entities[relation.entity]
            if relation.on_delete == "cascade":
                for child in _taken_along(ctx, source, relation, one, operation):
                    if not removal.has(source, child):
                        loaded = load_current(ctx, source, [child], None, deleted=True)
                        removal.gone.setdefault(source.uid, {}).update(loaded)
                        waiting.append((source, child))
            elif relation.on_delete == "clear" and not relation.field.type.links:
                _collect_cleared(ctx, source, relation, one, operation, removal)


def _binned_by(ctx: Context, entity: Entity, record: int) -> int | None:
    change = system.change
    found: int | None = ctx.connection.execute(
        sa.select(change.c.operation_id)
        .where(
            change.c.entity_uid == entity.uid,
            change.c.record_id == record,
            change.c.kind.in_(("delete", "cascade")),
        )
        .order_by(change.c.id.desc())
        .limit(1)
    ).scalar()
    return found


def _taken_along(
    ctx: Context, source: Entity, relation: Relation, record: int, operation: int
) -> list[int]:
    change, table = system.change, ctx.table(source)
    cascaded = sa.select(change.c.record_id).where(
        change.c.operation_id == operation,
        change.c.entity_uid == source.uid,
        change.c.kind == "cascade",
    )
    rows: Sequence[Any] = ctx.run(
        sa.select(table.c.id).where(
            table.c[relation.field.key] == record,
            table.c.deleted_at.is_not(None),
            table.c.id.in_(cascaded),
        )
    )
    return [row[0] for row in rows]


def _collect_cleared(
    ctx: Context,
    source: Entity,
    relation: Relation,
    record: int,
    operation: int,
    removal: _Removal,
) -> None:
    """Living records whose reference to this one was emptied and is still empty."""
    change, table = system.change, ctx.table(source)
    cleared = sa.select(change.c.record_id).where(
        change.c.operation_id == operation,
        change.c.entity_uid == source.uid,
        change.c.kind == "clear",
        change.c.changes.like(f'%"{relation.field.uid}":[{record},null]%'),
    )
    empty = table.c[relation.field.key].is_(None)
    rows: Sequence[Any] = ctx.run(
        sa.select(table.c.id).where(table.c.id.in_(cleared), empty, table.c.deleted_at.is_(None))
    )
    ids = [row[0] for row in rows]
    if ids:
        key = (source.uid, f"{relation.field.key}={record}")
        removal.cleared[key] = load_current(ctx, source, ids, None)


def _refill(ctx: Context, removal: _Removal, operation: int, now: datetime) -> None:
    for (uid, what), records in removal.cleared.items():
        key, _, record = what.partition("=")
        one = ctx.catalog.entities[uid]
        rows = [(r, {key: int(record)}) for r in records.values()]
        store_changes(ctx, one, rows, operation, now, "restore")


def _check_free(ctx: Context, entity: Entity, records: Sequence[Current]) -> None:
    """No living record has taken a unique value meanwhile."""
    for spec in ctx.model.tables[entity.uid].indexes:
        if not (spec.unique and spec.fields and spec.live_only):
            continue
        wanted: dict[tuple[Any, ...], Current] = {}
        for record in records:
            key = stored_key(entity, dict(record.values), spec.fields, spec.columns)
            if key is not None:
                wanted[key] = record
        if not wanted:
            continue
        holders = find_holders(ctx, entity, spec.fields, spec.columns, list(wanted))
        for key, holder in holders.items():
            raise Refused(
                "trash.taken",
                field=entity.by_key[spec.fields[0]].title(ctx.actor.language),
                value=str(key[0]),
                holder=find.titles(ctx, entity, [holder]).get(holder, f"#{holder}"),
            )


def _check_parents(
    ctx: Context, entity: Entity, records: Sequence[Current], removal: _Removal
) -> None:
    """What the records point at lives, or comes back with them."""
    for one in entity.fields:
        if one.type.name != "reference":
            continue
        target = ctx.catalog.target(one)
        wanted = {record.values[one.key] for record in records} - {None}
        wanted -= set(removal.gone.get(target.uid, {}))
        if not wanted:
            continue
        table = ctx.table(target)
        gone: Sequence[Any] = ctx.run(
            sa.select(table.c.id).where(table.c.id.in_(wanted), table.c.deleted_at.is_not(None))
        )
        if gone:
            names = find.titles(ctx, target, [gone[0][0]]) if _seen(ctx, target) else {}
            raise Refused(
                "trash.parent_gone",
                field=one.title(ctx.actor.language),
                name=names.get(gone[0][0], f"#{gone[0][0]}"),
            )


def purge(ctx: Context, entity: Entity, ids: Sequence[int]) -> None:
    """Removes records from the bin for good, with their links; history stays.

    Raises `Refused` while a record, living or in the bin, still points at one of them.
    """
    found: Mapping[int, Current] = load_current(ctx, entity, ids, "delete", deleted=True)
    for relation in entity.relations:
        source = ctx.catalog.entities[relation.entity]
        if relation.field.type.links:
            pairs = ctx.model.tables[source.uid].links[relation.field.key]
            ctx.connection.execute(pairs.delete().where(pairs.c.target.in_(found)))
            continue
        table = ctx.table(source)
        pointing: Any = table.c[relation.field.key].in_(found)
        if relation.entity == entity.uid:
            pointing = sa.and_(pointing, table.c.id.not_in(found))
        left = ctx.run(sa.select(sa.func.count()).select_from(table).where(pointing))[0][0]
        if left:
            counted = source.counted(ctx.actor.language, left)
            raise Refused("trash.still_pointed_at", entity=counted)
    for pairs in ctx.model.tables[entity.uid].links.values():
        ctx.connection.execute(pairs.delete().where(pairs.c.source.in_(found)))
    operation = begin_operation(ctx, "purge", ctx.now())
    rows: list[tuple[int, int, Changes]] = [(r.id, r.version + 1, {}) for r in found.values()]
    write_changes(ctx, operation, entity, "purge", rows)
    table = ctx.table(entity)
    ctx.connection.execute(table.delete().where(table.c.id.in_(found)))
