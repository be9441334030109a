"""Values of many-to-many fields, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.fields.base import Field, Ref
from runtime.query.selection import Builder
from runtime.records.context import Context
from runtime.storage.bulk import among


def read_links(
    ctx: Context,
    fields: Sequence[Field],
    entity: Entity,
    ids: Sequence[int],
    *,
    bare: bool = False,
) -> dict[str, dict[int, tuple[Any, ...]]]:
    """The many-to-many values of a page: one statement for each field. A value is a `Ref`, or
    the mere id where `bare` is asked for."""
    return {one.key: _links(ctx, entity, one, ids, bare) if ids else {} for one in fields}


def _links(
    ctx: Context, entity: Entity, one: Field, ids: Sequence[int], bare: bool
) -> dict[int, tuple[Any, ...]]:
    pairs = ctx.model.tables[entity.uid].links[one.key]
    source, title = ctx.model.once(
        ("links", entity.uid, one.key, ctx.roles_key, bare),
        lambda: _link_statement(ctx, pairs, one, bare),
    )
    found: dict[int, list[Any]] = {}
    for row in ctx.run(source, {"ids": list(ids)}):
        value = Ref(row[0], title(row, ctx.actor.locale) or f"#{row[0]}") if title else row[0]
        found.setdefault(row[-1], []).append(value)
    return {record: tuple(refs) for record, refs in found.items()}


def _link_statement(
    ctx: Context, pairs: sa.Table, one: Field, bare: bool
) -> tuple[sa.Select[Any], Any]:
    """The linked rows, with their titles unless `bare`, and, last, the record that links them."""
    wanted = among(pairs.c.source, "ids", sqlite=ctx.sqlite)
    if one.type.links == "user":
        users = ctx.model.metadata.tables["sys_user"]
        if bare:
            ids = sa.select(pairs.c.target, pairs.c.source)
            return ids.where(wanted).order_by(pairs.c.target), None
        joined = pairs.join(users, pairs.c.target == users.c.id)
        people = sa.select(users.c.id, users.c.name, pairs.c.source).select_from(joined)
        return people.where(wanted).order_by(users.c.name), lambda row, locale: row[1]
    target = ctx.catalog.target(one)
    table = ctx.table(target)
    builder = Builder(ctx.model, target, ctx.sight, table, table)
    builder.position(table.c.id)
    title = None if bare else builder.title(target)
    source = builder.source.join(pairs, pairs.c.target == table.c.id)
    statement: sa.Select[Any] = sa.select(*builder.columns, pairs.c.source).select_from(source)
    granted = ctx.granted(target, table)
    live = table.c.deleted_at.is_(None)
    statement = statement.where(wanted, live).order_by(table.c.id)
    return (statement if granted is None else statement.where(granted)), title
