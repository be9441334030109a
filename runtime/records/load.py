"""Records as they stand, bare and locked, for those who are about to change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runtime.access.policy import Verb, require_sight
from runtime.catalog.model import Entity
from runtime.kernel.errors import Forbidden, NotFound
from runtime.records.context import Context
from runtime.storage.bulk import among


@dataclass(frozen=True, slots=True)
class Current:
    """A record before a change: plain values by key (ids for references, empty ones left out)."""

    id: int
    version: int
    created_at: datetime
    values: Mapping[str, Any]


def load_current(
    ctx: Context,
    entity: Entity,
    ids: Sequence[int],
    verb: Verb | None,
    *,
    deleted: bool = False,
) -> dict[int, Current]:
    """The records, locked until commit, in order of ids.

    Raises `NotFound` when one is not the actor's to see, `Forbidden` when it is but `verb` is not
    granted. `verb` None is for what the delete rules do, whoever asked.
    """
    wanted = sorted(set(ids))
    if verb:
        require_sight(ctx.catalog, ctx.actor, entity)
    name = ("current", entity.uid, ctx.roles_key, verb, deleted)
    statement = ctx.model.once(name, lambda: _statement(ctx, entity, verb, deleted))
    rows = ctx.run(statement, {"ids": wanted})
    found = _read(ctx, entity, rows)
    if len(found) < len(wanted):
        _refuse(ctx, entity, [one for one in wanted if one not in found], deleted)
    return found


def _statement(ctx: Context, entity: Entity, verb: Verb | None, deleted: bool) -> sa.Select[Any]:
    table = ctx.table(entity)
    gone = table.c.deleted_at
    where: list[Any] = [
        among(table.c.id, "ids", sqlite=ctx.sqlite),
        gone.is_not(None) if deleted else gone.is_(None),
    ]
    granted = ctx.granted(entity, table, verb) if verb else None
    if granted is not None:
        where.append(granted)
    columns = [table.c.id, table.c.version, table.c.created_at]
    for one in entity.fields:
        columns += [table.c[column.name] for column in one.type.columns(one)]
    statement = sa.select(*columns).where(*where).order_by(table.c.id)
    return statement if ctx.sqlite else statement.with_for_update()


def _read(ctx: Context, entity: Entity, rows: Sequence[Sequence[Any]]) -> dict[int, Current]:
    links = {
        one.key: _linked(ctx, entity, one.key, [row[0] for row in rows])
        for one in entity.fields
        if one.type.links and rows
    }
    found = {}
    for row in rows:
        values: dict[str, Any] = {}
        place = 3
        for one in entity.fields:
            if one.type.links:
                values[one.key] = links[one.key].get(row[0], ())
                continue
            width = len(one.type.columns(one))
            stored = tuple(row[place : place + width])
            values[one.key] = None if stored[0] is None else one.type.unpack(one, stored)
            place += width
        found[row[0]] = Current(row[0], row[1], row[2], values)
    return found


def _linked(
    ctx: Context, entity: Entity, key: str, ids: Sequence[int]
) -> dict[int, tuple[int, ...]]:
    pairs = ctx.model.tables[entity.uid].links[key]
    rows: Sequence[Any] = ctx.run(
        sa.select(pairs.c.source, pairs.c.target)
        .where(pairs.c.source.in_(ids))
        .order_by(pairs.c.source, pairs.c.target)
    )
    found: dict[int, tuple[int, ...]] = {}
    for row in rows:
        found[row[0]] = (*found.get(row[0], ()), row[1])
    return found


def _refuse(ctx: Context, entity: Entity, missing: Sequence[int], deleted: bool) -> None:
    """Says 404 for what the actor cannot see, 403 for what they can."""
    table = ctx.table(entity)
    gone = table.c.deleted_at
    where: list[Any] = [
        table.c.id.in_(missing),
        gone.is_not(None) if deleted else gone.is_(None),
    ]
    granted = ctx.granted(entity, table)
    if granted is not None:
        where.append(granted)
    seen = ctx.run(sa.select(sa.func.count()).select_from(table).where(*where))[0][0]
    if seen == len(missing):
        raise Forbidden
    raise NotFound
