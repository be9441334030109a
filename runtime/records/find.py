"""Reading records: pages, single records, counts, titles. The policy is part of every statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from runtime.access.policy import require_sight
from runtime.catalog.model import Entity
from runtime.fields.base import Field
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
from runtime.query.search import first_matches, search_bounds, search_expression
from runtime.query.selection import Selection, select_fields
from runtime.query.system_fields import find_field, system_fields
from runtime.records.context import Context
from runtime.records.linked import read_links
from runtime.storage.bulk import among

MAX_LIMIT = 200
# A count stops here; what is beyond says "more than".
COUNT_LIMIT = 10_000
# A search that finds more than this reads on row by row instead: the words are everywhere.
MANY = 500
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
    # Columns alone, references as ids: for `records.wire`, which joins nothing.
    bare: bool = False
    # The recycle bin instead of the living.
    bin: bool = False
    # How a search is carried out, decided by `find`: the ids that it found, or a comparison row
    # by row where it found too many.
    found: tuple[int, ...] | None = None
    scan: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, how to read them, and the cursors of the neighbouring pages."""

    rows: Sequence[Sequence[Any]]
    selection: Selection
    links: Mapping[str, Mapping[int, tuple[Any, ...]]]
    next: str | None
    previous: str | None
    # Known without counting: a search that found few.
    count: Count | None = None

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
    check_currencies(ctx.catalog, query.entity, query.conditions)
    query = _searched(ctx, query)
    keys = read_sort(query.entity, query.sort)
    cursor = read_cursor(query.cursor, keys) if query.cursor else None
    selection = (
        bare_selection(ctx, query.entity, query.fields, keys)
        if query.bare
        else _selection(ctx, query.entity, query.fields, keys, titled=query.titled)
    )
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
        read_links(ctx, selection.links, query.entity, [row[0] for row in rows], bare=query.bare),
        _cursor(selection, keys, rows[-1], backward=False) if following else None,
        _cursor(selection, keys, rows[0], backward=True) if preceding else None,
        _search_count(query),
    )


def _searched(ctx: Context, query: Query) -> Query:
    """The search carried out by its index as far as `MANY` records.

    Few: the page is chosen among their ids. Many: the words are so common that the list itself,
    read in order, meets them sooner than a sort of all that the index knows.
    """
    if not query.search or query.found is not None or query.scan:
        return query
    name = ("search", query.entity.uid, ctx.roles_key, _shape(query))

    def build() -> sa.Select[Any]:
        table, plain = ctx.table(query.entity), replace(query, search=())
        streamed = None
        if ctx.sqlite:
            where = _where(ctx, plain, table)
            streamed = first_matches(ctx.model, query.entity, where, MANY + 1)
        if streamed is not None:
            return streamed
        return sa.select(table.c.id).where(*_where(ctx, query, table)).limit(MANY + 1)

    rows = ctx.run(ctx.model.once(name, build), _bounds(ctx, query))
    if len(rows) > MANY:
        return replace(query, scan=True)
    return replace(query, found=tuple(row[0] for row in rows))


def _search_count(query: Query) -> Count | None:
    if query.found is not None:
        return Count(len(query.found), True)
    return Count(MANY, False) if query.scan else None


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


def bare_selection(
    ctx: Context, entity: Entity, keys: Sequence[str], sort: Sequence[SortKey] = ()
) -> Selection:
    """Columns of these fields, no joins; the same object for the same question."""
    # Every record has a `uid`, which no list shows, sorts or filters by.
    extra = (*(["uid"] if "uid" in keys else []), *(key.column for key in sort))
    name = ("bare", entity.uid, ctx.roles_key, tuple(keys), extra)
    return ctx.model.once(
        name, lambda: select_fields(ctx.model, entity, keys, ctx.sight, bare=True, extra=extra)
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
        query.bare,
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
    return (conditions, len(query.search), query.bin, query.found is not None, query.scan)


def _where(ctx: Context, query: Query, table: Any) -> list[sa.ColumnElement[bool]]:
    deleted = table.c.deleted_at
    where = [deleted.is_not(None) if query.bin else deleted.is_(None)]
    granted = ctx.granted(query.entity, table)
    if granted is not None:
        where.append(granted)
    for number, condition in enumerate(query.conditions):
        where.append(expression(ctx.model, query.entity, table, condition, f"f{number}", ctx.sight))
    if query.found is not None:
        where.append(table.c.id.in_(sa.bindparam("found", expanding=True, type_=table.c.id.type)))
    elif query.search:
        where.append(_search_condition(ctx, query, table))
    return where


def _search_condition(ctx: Context, query: Query, table: Any) -> sa.ColumnElement[bool]:
    words = len(query.search)
    return search_expression(
        ctx.model, query.entity, table, words, ctx.sight, sqlite=ctx.sqlite, scan=query.scan
    )


def _bounds(ctx: Context, query: Query) -> dict[str, Any]:
    values: dict[str, Any] = dict(search_bounds(query.search, sqlite=ctx.sqlite))
    if query.found is not None:
        values["found"] = list(query.found)
    now, zone = ctx.now(), ctx.actor.locale.zone
    for number, condition in enumerate(query.conditions):
        field = _field_at_end(ctx, query.entity, condition)
        values |= bound(condition, field, f"f{number}", now, zone)
    return values


def _field_at_end(ctx: Context, entity: Entity, condition: Condition) -> Field:
    here = entity
    if len(condition.path) == 2:
        here = ctx.catalog.target(entity.by_key[condition.path[0]])
    found = find_field(here, condition.path[-1])
    assert found is not None  # noqa: S101 - `read_filter` found it
    return found


def count(ctx: Context, query: Query, *, exact: bool = False) -> Count:
    """How many records a question has; stops at `COUNT_LIMIT` unless the exact number is asked."""
    require_sight(ctx.catalog, ctx.actor, query.entity)
    check_currencies(ctx.catalog, query.entity, query.conditions)
    if query.search and not exact:
        known = _search_count(_searched(ctx, query))
        if known is not None:
            return known
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


def bare_rows(
    ctx: Context,
    entity: Entity,
    keys: Sequence[str],
    ids: Sequence[int],
    *,
    deleted: bool = False,
) -> Page:
    """The rows of those of these records that the actor may see, in no order."""
    selection, one = bare_selection(ctx, entity, keys), len(ids) == 1

    def build() -> sa.Select[Any]:
        table = selection.table
        # A list is written out anew each time; a single id is asked for more often.
        wanted = table.c.id == sa.bindparam("ids", type_=sa.BigInteger)
        if not one:
            wanted = table.c.id.in_(sa.bindparam("ids", expanding=True))
        return selection.statement().where(wanted, *_where(ctx, Query(entity, bin=deleted), table))

    name = ("bare rows", entity.uid, ctx.roles_key, tuple(keys), one, deleted)
    rows = ctx.run(ctx.model.once(name, build), {"ids": ids[0] if one else list(ids)})
    links = read_links(ctx, selection.links, entity, ids if rows else (), bare=True)
    return Page(rows, selection, links, None, None)


def titles(ctx: Context, entity: Entity, ids: Iterable[int]) -> dict[int, str]:
    """What people call these records; those that the actor may not see are left out."""
    selection = _selection(ctx, entity, ())
    name = ("titles", entity.uid, ctx.roles_key)

    def build() -> sa.Select[Any]:
        some = among(selection.table.c.id, "ids", sqlite=ctx.sqlite)
        granted = ctx.granted(entity, selection.table)
        statement = selection.statement().where(some)
        return statement if granted is None else statement.where(granted)

    rows = ctx.run(ctx.model.once(name, build), {"ids": list(ids)})
    titled = selection.title
    return {
        row[0]: (titled(row, ctx.actor.locale) if titled else "") or f"#{row[0]}" for row in rows
    }
