"""Reading records: pages, single records, counts, titles. The policy is part of every statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from runtime.access.policy import require_sight
from runtime.catalog.model import Entity
from runtime.fields.base import Field, Ref
from runtime.fields.textual import Line
from runtime.kernel.errors import NotFound
from runtime.kernel.locale import Locale
from runtime.query.filters import Condition, bound, check_currencies, expression
from runtime.query.page import (
    Cursor,
    SortKey,
    cursor_bounds,
    cursor_shape,
    ranges,
    read_cursor,
    read_sort,
    write_cursor,
)
from runtime.query.search import search_bounds, search_expression
from runtime.query.selection import Builder, Selection, select_fields
from runtime.query.system_fields import find_field, system_fields
from runtime.records.context import Context

MAX_LIMIT = 200
# A count stops here; what is beyond says "more than".
COUNT_LIMIT = 10_000
# Distinct shapes of questions kept prepared per revision.
_MAX_PREPARED = 2_000


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of one entity."""

    entity: Entity
    conditions: tuple[Condition, ...] = ()
    search: tuple[str, ...] = ()
    sort: str = ""
    limit: int = 50
    cursor: str = ""
    fields: tuple[str, ...] = ()
    titled: bool = True
    # The recycle bin instead of the living.
    bin: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, how to read them, and the cursors of the neighbouring pages."""

    rows: Sequence[Sequence[Any]]
    selection: Selection
    links: Mapping[str, Mapping[int, tuple[Ref, ...]]]
    next: str | None
    previous: str | None

    def records(self, locale: Locale) -> list[Record]:
        return [self.record(row, locale) for row in self.rows]

    def record(self, row: Sequence[Any], locale: Locale) -> Record:
        selection = self.selection
        values = selection.values(row, locale)
        for one in selection.links:
            values[one.key] = self.links[one.key].get(row[0], ())
        title = selection.title(row, locale) if selection.title else ""
        return Record(selection.entity, row[0], row[1], values, title or f"#{row[0]}")


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it is read. `values` holds what was asked for, by key."""

    entity: Entity
    id: int
    version: int
    values: dict[str, Any]
    title: str
    deleted: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a question has; not exact where counting on would have cost a scan."""

    value: int
    exact: bool


def find(ctx: Context, query: Query) -> Page:
    """A page of records. Raises `NotFound` where the actor may see none of the entity."""
    require_sight(ctx.catalog, ctx.actor, query.entity)
    check_currencies(query.entity, query.conditions)
    keys = read_sort(query.entity, query.sort)
    cursor = read_cursor(query.cursor, keys) if query.cursor else None
    selection = _selection(ctx, query.entity, query.fields, keys, titled=query.titled)
    rows = _read_rows(ctx, query, selection, keys, cursor)
    backward = cursor is not None and cursor.backward
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    if backward:
        rows.reverse()
    following = rows and (more or backward)
    preceding = rows and (more if backward else cursor is not None)
    return Page(
        rows,
        selection,
        read_links(ctx, selection.links, query.entity, [row[0] for row in rows]),
        _cursor(selection, keys, rows[-1], backward=False) if following else None,
        _cursor(selection, keys, rows[0], backward=True) if preceding else None,
    )


def _cursor(
    selection: Selection, keys: Sequence[SortKey], row: Sequence[Any], *, backward: bool
) -> str:
    places = [selection.positions[selection.table.c[key.column]] for key in keys]
    return write_cursor(Cursor(tuple(row[place] for place in places), row[0], backward), keys)


def _selection(
    ctx: Context,
    entity: Entity,
    keys: Sequence[str],
    sort: Sequence[SortKey] = (),
    *,
    titled: bool = True,
) -> Selection:
    extra = tuple(key.column for key in sort)
    name = ("selection", entity.uid, ctx.roles_key, tuple(keys), extra, titled)
    return ctx.model.once(
        name,
        lambda: select_fields(ctx.model, entity, keys, ctx.sight, titled=titled, extra=extra),
    )


def _read_rows(
    ctx: Context,
    query: Query,
    selection: Selection,
    keys: Sequence[SortKey],
    cursor: Cursor | None,
) -> list[Sequence[Any]]:
    """One row more than the limit, from as many ranges as it takes."""
    backward = cursor is not None and cursor.backward
    values = _bounds(ctx, query)
    if cursor:
        values |= cursor_bounds(keys, cursor)
    rows: list[Sequence[Any]] = []
    for statement in _statements(ctx, query, selection, keys, cursor, backward=backward):
        wanted = query.limit + 1 - len(rows)
        rows += ctx.run(statement, values | {"wanted": wanted})
        if len(rows) > query.limit:
            break
    return rows


def _statements(
    ctx: Context,
    query: Query,
    selection: Selection,
    keys: Sequence[SortKey],
    cursor: Cursor | None,
    *,
    backward: bool,
) -> tuple[sa.Select[Any], ...]:
    name = (
        "find",
        query.entity.uid,
        ctx.roles_key,
        query.fields,
        query.titled,
        _shape(query),
        tuple(keys),
        cursor_shape(cursor),
    )

    def build() -> tuple[sa.Select[Any], ...]:
        where = _where(ctx, query, selection.table)
        return tuple(
            selection.statement()
            .where(*where, *part.where)
            .order_by(*part.order)
            .limit(sa.bindparam("wanted", type_=sa.Integer))
            for part in ranges(selection.table, keys, cursor, backward=backward)
        )

    if len(ctx.model.memo) > _MAX_PREPARED:
        ctx.model.memo.clear()
    return ctx.model.once(name, build)


def _shape(query: Query) -> tuple[Any, ...]:
    conditions = tuple(
        (*one.shape, len(one.operand) if one.operator == "has" else 0) for one in query.conditions
    )
    return (conditions, len(query.search), query.bin)


def _where(ctx: Context, query: Query, table: Any) -> list[sa.ColumnElement[bool]]:
    deleted = table.c.deleted_at
    where = [deleted.is_not(None) if query.bin else deleted.is_(None)]
    granted = ctx.granted(query.entity, table)
    if granted is not None:
        where.append(granted)
    for number, condition in enumerate(query.conditions):
        where.append(expression(ctx.model, query.entity, table, condition, f"f{number}", ctx.sight))
    if query.search:
        count = len(query.search)
        where.append(
            search_expression(ctx.model, query.entity, table, count, ctx.sight, sqlite=ctx.sqlite)
        )
    return where


def _bounds(ctx: Context, query: Query) -> dict[str, Any]:
    values: dict[str, Any] = dict(search_bounds(query.search, sqlite=ctx.sqlite))
    for number, condition in enumerate(query.conditions):
        line = _is_line(ctx, query.entity, condition)
        values |= bound(condition, f"f{number}", line=line)
    return values


def _is_line(ctx: Context, entity: Entity, condition: Condition) -> bool:
    here = entity
    if len(condition.path) == 2:
        here = ctx.catalog.target(entity.by_key[condition.path[0]])
    one = find_field(here, condition.path[-1])
    return one is not None and isinstance(one.type, Line)


def count(ctx: Context, query: Query, *, exact: bool = False) -> Count:
    """How many records a question has; stops at `COUNT_LIMIT` unless the exact number is asked."""
    require_sight(ctx.catalog, ctx.actor, query.entity)
    check_currencies(query.entity, query.conditions)
    name = ("count", query.entity.uid, ctx.roles_key, _shape(query), exact)

    def build() -> sa.Select[Any]:
        table = ctx.table(query.entity)
        where = _where(ctx, query, table)
        if exact:
            return sa.select(sa.func.count()).select_from(table).where(*where)
        some = sa.select(sa.literal(1)).select_from(table).where(*where).limit(COUNT_LIMIT + 1)
        return sa.select(sa.func.count()).select_from(some.subquery())

    number = ctx.run(ctx.model.once(name, build), _bounds(ctx, query))[0][0]
    return Count(min(number, COUNT_LIMIT) if not exact else number, exact or number <= COUNT_LIMIT)


def get(ctx: Context, entity: Entity, record_id: int, *, deleted: bool = False) -> Record:
    """One record with every field and system column.

    Raises `NotFound` for what is not there, not the actor's to see, or in the bin (out of it, when
    `deleted` is asked for).
    """
    require_sight(ctx.catalog, ctx.actor, entity)
    if not 0 < record_id < 2**63:
        raise NotFound
    keys = (*entity.by_key, *system_fields())
    selection = _selection(ctx, entity, keys)
    name = ("get", entity.uid, ctx.roles_key, deleted)

    def build() -> sa.Select[Any]:
        where = _where(ctx, Query(entity, bin=deleted), selection.table)
        one = selection.table.c.id == sa.bindparam("record")
        return selection.statement().where(one, *where)

    rows = ctx.run(ctx.model.once(name, build), {"record": record_id})
    if not rows:
        raise NotFound
    links = read_links(ctx, selection.links, entity, [record_id])
    record = Page(rows, selection, links, None, None).record(rows[0], ctx.actor.locale)
    return replace(record, deleted=deleted)


def titles(ctx: Context, entity: Entity, ids: Iterable[int]) -> dict[int, str]:
    """What people call these records; those that the actor may not see are left out."""
    selection = _selection(ctx, entity, ())
    name = ("titles", entity.uid, ctx.roles_key)

    def build() -> sa.Select[Any]:
        some = selection.table.c.id.in_(sa.bindparam("ids", expanding=True))
        granted = ctx.granted(entity, selection.table)
        statement = selection.statement().where(some)
        return statement if granted is None else statement.where(granted)

    rows = ctx.run(ctx.model.once(name, build), {"ids": list(ids)})
    titled = selection.title
    return {
        row[0]: (titled(row, ctx.actor.locale) if titled else "") or f"#{row[0]}" for row in rows
    }


def read_links(
    ctx: Context, fields: Sequence[Field], entity: Entity, ids: Sequence[int]
) -> dict[str, dict[int, tuple[Ref, ...]]]:
    """The many-to-many values of a page: one statement for each field."""
    return {one.key: _links(ctx, entity, one, ids) if ids else {} for one in fields}


def _links(
    ctx: Context, entity: Entity, one: Field, ids: Sequence[int]
) -> dict[int, tuple[Ref, ...]]:
    pairs = ctx.model.tables[entity.uid].links[one.key]
    source, title = ctx.model.once(
        ("links", entity.uid, one.key, ctx.roles_key), lambda: _link_statement(ctx, pairs, one)
    )
    found: dict[int, list[Ref]] = {}
    for row in ctx.run(source, {"ids": list(ids)}):
        text = title(row, ctx.actor.locale) or f"#{row[0]}"
        found.setdefault(row[-1], []).append(Ref(row[0], text))
    return {record: tuple(refs) for record, refs in found.items()}


def _link_statement(ctx: Context, pairs: sa.Table, one: Field) -> tuple[sa.Select[Any], Any]:
    """The linked rows with their titles and, last, the record that links them."""
    wanted = pairs.c.source.in_(sa.bindparam("ids", expanding=True))
    if one.type.links == "user":
        users = ctx.model.metadata.tables["sys_user"]
        joined = pairs.join(users, pairs.c.target == users.c.id)
        people = sa.select(users.c.id, users.c.name, pairs.c.source).select_from(joined)
        return people.where(wanted).order_by(users.c.name), lambda row, locale: row[1]
    target = ctx.catalog.target(one)
    table = ctx.table(target)
    builder = Builder(ctx.model, target, ctx.sight, table, table)
    builder.position(table.c.id)
    title = builder.title(target)
    source = builder.source.join(pairs, pairs.c.target == table.c.id)
    statement: sa.Select[Any] = sa.select(*builder.columns, pairs.c.source).select_from(source)
    granted = ctx.granted(target, table)
    live = table.c.deleted_at.is_(None)
    statement = statement.where(wanted, live).order_by(table.c.id)
    return (statement if granted is None else statement.where(granted)), title
