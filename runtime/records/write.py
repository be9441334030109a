"""Creating and updating records, a batch at a time: one door for forms, REST and imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runtime.access.policy import require_create
from runtime.catalog.model import Entity
from runtime.catalog.searching import search_fields, searcher
from runtime.fields.base import Field
from runtime.kernel.errors import Conflict, FieldConflict, RowErrors, ValidationFailed, message
from runtime.kernel.ids import ulids
from runtime.records.columns import first_changes, stored_columns
from runtime.records.context import Context
from runtime.records.history import (
    Changes,
    Operation,
    changes_since,
    dumped,
    settled,
    write_changes,
    write_creation,
)
from runtime.records.load import Current, load_current
from runtime.records.status import log_entries
from runtime.records.validate import Batch, Source, Values, add_defaults, check_batch, read_rows
from runtime.storage.bulk import prepare_insert
from runtime.storage.counters import take_numbers
from runtime.storage.identity import take_ids
from runtime.storage.search import index_rows


@dataclass(frozen=True, slots=True)
class Created:
    """What became of a batch of new rows: an id for each, None for a refused one."""

    ids: tuple[int | None, ...]
    errors: tuple[RowErrors, ...] = ()


def create(
    ctx: Context,
    entity: Entity,
    rows: Sequence[Mapping[str, Any]],
    source: Source = Source.JSON,
    *,
    states: Sequence[str | None] | None = None,
    uids: Sequence[str | None] | None = None,
    only_sound: bool = False,
    operation: Operation = None,
) -> Created:
    """New records. All or nothing, unless `only_sound`: then bad rows are reported and left out.

    `states` names the state in which each row enters; imports say it, and demo data. `uids` are
    those of records that come from elsewhere; only imports know them, and that they are free.
    Raises `ValidationFailed`, `Forbidden`, `NotFound`.
    """
    batch = read_new(ctx, entity, rows, source, states)
    check_batch(ctx, batch)
    errors = batch.row_errors()
    if errors and not only_sound:
        raise ValidationFailed(errors)
    sound = batch.sound()
    ids: list[int | None] = [None] * len(rows)
    if sound:
        now = ctx.now()
        # Demo data has lived nowhere before: its records began in the state they are in.
        imported = states is not None and ctx.actor.origin != "demo"
        act = settled(ctx, operation, "create", now)
        known = [uids[number] for number in sound] if uids else [None] * len(sound)
        made = _insert(ctx, batch, sound, known, act, now, imported=imported)
        for number, record in zip(sound, made, strict=True):
            ids[number] = record
    return Created(tuple(ids), tuple(errors))


def read_new(
    ctx: Context,
    entity: Entity,
    rows: Sequence[Mapping[str, Any]],
    source: Source,
    states: Sequence[str | None] | None,
) -> Batch:
    """Rows on their way to become records, to be checked. Raises `Forbidden`."""
    require_create(ctx.catalog, ctx.actor, entity)
    batch = read_rows(ctx, entity, rows, source)
    add_defaults(batch)
    start = entity.workflow.start if entity.workflow else None
    batch.full = batch.values
    batch.ids = [None] * len(rows)
    batch.states = [state or start for state in states] if states else [start] * len(rows)
    return batch


def _insert(
    ctx: Context,
    batch: Batch,
    sound: Sequence[int],
    uids: Sequence[str | None],
    operation: int,
    now: datetime,
    *,
    imported: bool,
) -> list[int]:
    entity = batch.entity
    table = ctx.table(entity)
    rows = [batch.values[number] for number in sound]
    _give_numbers(ctx, entity, rows, now)
    if entity.workflow:
        for number, values in zip(sound, rows, strict=True):
            values["status"] = batch.states[number]
    ids = take_ids(ctx.connection, table, len(rows))
    fresh = ulids(len(rows))
    columns = stored_columns(entity, rows) | {
        "id": ids,
        "uid": [known or uid for known, uid in zip(uids, fresh, strict=True)],
    }
    same = {
        "version": 1,
        "created_at": now,
        "created_by": ctx.actor.user_id,
        "updated_at": now,
        "updated_by": ctx.actor.user_id,
    }
    prepared = ctx.model.once(
        ("insert", entity.uid),
        lambda: prepare_insert(ctx.connection, table, [*columns, *same]),
    )
    with guarded(ctx, entity):
        prepared.run(ctx.connection, columns, same, len(rows))
    index_rows(ctx.connection, table.name, list(zip(ids, columns["search_fold"], strict=True)))
    _insert_links(ctx, entity, list(zip(ids, rows, strict=True)))
    write_creation(ctx, operation, entity, ids, first_changes(entity, rows))
    if entity.workflow:
        entered = [(record, values["status"]) for record, values in zip(ids, rows, strict=True)]
        log_entries(ctx, entity, operation, now, entered, imported=imported)
    return ids


def _give_numbers(ctx: Context, entity: Entity, rows: Sequence[Values], now: datetime) -> None:
    """Automatic numbers, by the year on the wall of the workspace."""
    for one in entity.fields:
        if one.type.name == "sequence":
            local = now.astimezone(ctx.actor.locale.zone)
            numbers = take_numbers(ctx.connection, one, [local] * len(rows))
            for values, number in zip(rows, numbers, strict=True):
                values[one.key] = number


def _insert_links(ctx: Context, entity: Entity, rows: Sequence[tuple[int, Values]]) -> None:
    for key, pairs in ctx.model.tables[entity.uid].links.items():
        linked = [
            {"source": record, "target": target}
            for record, values in rows
            for target in values.get(key) or ()
        ]
        if linked:
            ctx.connection.execute(pairs.insert(), linked)


@contextmanager
def guarded(ctx: Context, entity: Entity) -> Iterator[None]:
    """Around a write: a value that somebody took at the same moment is said like any other."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        for spec in ctx.model.tables[entity.uid].indexes:
            columns = ", ".join(f"{spec.table}.{column}" for column in spec.columns)
            if spec.unique and (spec.name in str(error.orig) or columns in str(error.orig)):
                taken = {spec.fields[0]: (message("invalid.taken_hidden"),)}
                raise ValidationFailed([RowErrors(0, taken)]) from error
        raise


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants to change in one record. `version` is the one that they looked at."""

    id: int
    values: Mapping[str, Any]
    version: int | None = None


def update(
    ctx: Context,
    entity: Entity,
    edits: Sequence[Edit],
    source: Source = Source.JSON,
    *,
    merge: bool = False,
    only_sound: bool = False,
    operation: Operation = None,
    kind: str = "update",
) -> tuple[list[int], list[RowErrors]]:
    """Changes records; gives the ids that really changed, and what was left out if `only_sound`.

    With `merge`, edits of others to other fields are kept and only the same field conflicts;
    without, an older `version` is a `Conflict` at once. What stays as it was leaves no trace.
    """
    batch, current = read_edits(ctx, entity, edits, source, merge=merge)
    check_batch(ctx, batch)
    errors = batch.row_errors()
    if errors and not only_sound:
        raise ValidationFailed(errors)
    touched = [number for number in batch.sound() if batch.values[number]]
    if touched:
        now = ctx.now()
        rows = [(current[edits[n].id], batch.values[n]) for n in touched]
        store_changes(ctx, entity, rows, settled(ctx, operation, kind, now), now, kind)
    return [edits[number].id for number in touched], errors


def read_edits(
    ctx: Context, entity: Entity, edits: Sequence[Edit], source: Source, *, merge: bool = False
) -> tuple[Batch, dict[int, Current]]:
    """Edits on their way, to be checked, and the locked records as they stand. What would stay as
    it is has left `values`. Raises `NotFound`, `Forbidden`, `Conflict`."""
    current = load_current(ctx, entity, [edit.id for edit in edits], "edit")
    batch = read_rows(ctx, entity, [edit.values for edit in edits], source)
    for number, edit in enumerate(edits):
        _settle_versions(ctx, entity, batch, number, edit, current[edit.id], merge=merge)
        keep_changes(entity, batch, number, current[edit.id])
    batch.full = [{**current[e.id].values, **v} for e, v in zip(edits, batch.values, strict=True)]
    batch.ids = [edit.id for edit in edits]
    batch.states = [full.get("status") for full in batch.full]
    return batch, current


def _settle_versions(
    ctx: Context,
    entity: Entity,
    batch: Batch,
    number: int,
    edit: Edit,
    current: Current,
    *,
    merge: bool,
) -> None:
    """Three-way: what the person did not touch stays as others left it."""
    if edit.version is None or edit.version == current.version:
        return
    if not merge:
        raise Conflict(edit.version, current.version)
    since = changes_since(ctx, entity, current.id, edit.version)
    conflicts = []
    for key, value in list(batch.values[number].items()):
        one = entity.by_key[key]
        if one.uid not in since:
            continue
        original, theirs, mine = since[one.uid][0], since[one.uid][1], dumped(one, value)
        if mine == original:
            del batch.values[number][key]
        elif mine != theirs:
            conflicts.append(FieldConflict(key, original, mine, theirs))
    if conflicts:
        raise Conflict(edit.version, current.version, conflicts)


def keep_changes(entity: Entity, batch: Batch, number: int, current: Current) -> None:
    values = batch.values[number]
    for key in list(values):
        empty = entity.by_key[key].type.empty
        before, after = current.values[key], values[key]
        if (empty if before is None else before) == (empty if after is None else after):
            del values[key]


def store_changes(
    ctx: Context,
    entity: Entity,
    rows: Sequence[tuple[Current, Values]],
    operation: int,
    now: datetime,
    kind: str,
) -> None:
    """Writes new values of records that are checked and locked, and their history."""
    groups: dict[tuple[str, ...], list[tuple[Current, Values]]] = {}
    for current, values in rows:
        groups.setdefault(tuple(values), []).append((current, values))
    for keys, members in groups.items():
        _update_group(ctx, entity, keys, members, now)
    history = [(c.id, c.version + 1, _changes(entity, c, values)) for c, values in rows]
    write_changes(ctx, operation, entity, kind, history)


def _update_group(
    ctx: Context,
    entity: Entity,
    keys: tuple[str, ...],
    members: Sequence[tuple[Current, Values]],
    now: datetime,
) -> None:
    """Rows that change the same fields share one statement."""
    fields = [entity.by_key[key] for key in keys]
    plain = [one for one in fields if not one.type.links]
    searched = any(one in search_fields(entity) for one in plain)
    statement = ctx.model.once(
        ("update", entity.uid, keys), lambda: _update_statement(ctx, entity, plain, searched)
    )
    text_of = searcher(entity)
    rows = []
    for current, values in members:
        row = {"row_id": current.id, "w_version": current.version + 1, "w_updated_at": now}
        row["w_updated_by"] = ctx.actor.user_id
        for one in plain:
            packed = one.type.pack(one, values[one.key])
            row |= {f"w_{name}": stored for name, stored in packed.items()}
        if searched:
            row["w_search_fold"] = text_of({**current.values, **values})
        rows.append(row)
    with guarded(ctx, entity):
        ctx.connection.execute(statement, rows)
    for one in fields:
        if one.type.links:
            _relink(ctx, entity, one, [(current.id, values) for current, values in members])


def _update_statement(
    ctx: Context, entity: Entity, plain: Sequence[Field], searched: bool
) -> sa.Update:
    table = ctx.table(entity)
    names = ["version", "updated_at", "updated_by"] + (["search_fold"] if searched else [])
    for one in plain:
        names += [column.name for column in one.type.columns(one)]
    values = {name: sa.bindparam(f"w_{name}", type_=table.c[name].type) for name in names}
    return table.update().where(table.c.id == sa.bindparam("row_id")).values(values)


def _relink(ctx: Context, entity: Entity, one: Field, rows: Sequence[tuple[int, Values]]) -> None:
    pairs = ctx.model.tables[entity.uid].links[one.key]
    ids = [record for record, _ in rows]
    ctx.connection.execute(pairs.delete().where(pairs.c.source.in_(ids)))
    linked = [
        {"source": record, "target": target}
        for record, values in rows
        for target in values[one.key] or ()
    ]
    if linked:
        ctx.connection.execute(pairs.insert(), linked)


def _changes(entity: Entity, current: Current, values: Values) -> Changes:
    return {
        (one := entity.by_key[key]).uid: [dumped(one, current.values[key]), dumped(one, value)]
        for key, value in values.items()
    }
