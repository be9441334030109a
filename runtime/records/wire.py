"""Records as JSON: columns go straight into objects, by functions compiled once per revision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from runtime.access.policy import require_sight
from runtime.catalog.model import Entity
from runtime.fields.base import Field, FieldType
from runtime.kernel.errors import NotFound
from runtime.query.selection import Selection
from runtime.query.system_fields import find_field, system_fields
from runtime.records import find
from runtime.records.context import Context

Json = dict[str, Any]
Row = Sequence[Any]
Put = Callable[[Row], Any]
# Columns that every record shows, before its own fields.
HEAD = ("id", "uid", "version", "created_at", "created_by", "updated_at", "updated_by")


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a record is wanted: keys in order, and those references that come as objects."""

    entity: Entity
    keys: tuple[str, ...]
    expand: tuple[str, ...] = ()


def record_keys(entity: Entity) -> tuple[str, ...]:
    """Everything that a record shows, in the order in which it is shown."""
    status = ("status",) if entity.workflow else ()
    own = (one.key for one in entity.fields if one.key != "status")
    return (*HEAD[:3], *status, *HEAD[3:], *own)


def read_page(ctx: Context, query: find.Query, shape: Shape) -> tuple[list[Json], str | None]:
    """Records of one page and the cursor of the next. `query` must be bare, with the same keys."""
    page = find.find(ctx, query)
    return _expanded(ctx, shape, _objects(ctx, shape, page)), page.next


def read_one(ctx: Context, shape: Shape, record_id: int) -> Json:
    """One record. Raises `NotFound` for what is not there or not the actor's to see."""
    require_sight(ctx.catalog, ctx.actor, shape.entity)
    if not 0 < record_id < 2**63:
        raise NotFound
    page = find.bare_rows(ctx, shape.entity, shape.keys, [record_id])
    found = _objects(ctx, shape, page)
    if not found:
        raise NotFound
    return _expanded(ctx, shape, found)[0]


def read_some(ctx: Context, shape: Shape, ids: Iterable[int]) -> dict[int, Json]:
    """Those of these living records that the actor may see."""
    page = find.bare_rows(ctx, shape.entity, shape.keys, list(ids))
    found = _expanded(ctx, shape, _objects(ctx, shape, page))
    return {row[0]: record for row, record in zip(page.rows, found, strict=True)}


def _objects(ctx: Context, shape: Shape, page: find.Page) -> list[Json]:
    entity, selection = shape.entity, page.selection
    puts = ctx.model.once(
        ("wire", entity.uid, ctx.roles_key, shape.keys),
        lambda: _puts(selection, shape.keys),
    )
    records = [{key: put(row) for key, put in puts} for row in page.rows]
    for one in selection.links:
        linked = page.links[one.key]
        for row, record in zip(page.rows, records, strict=True):
            record[one.key] = list(linked.get(row[0], ()))
    return records


def _puts(selection: Selection, keys: Sequence[str]) -> tuple[tuple[str, Put], ...]:
    columns, places = selection.table.c, selection.positions
    puts: list[tuple[str, Put]] = []
    for key in keys:
        if key == "uid":
            puts.append((key, itemgetter(places[columns.uid])))
            continue
        one = find_field(selection.entity, key)
        assert one is not None  # noqa: S101 - the caller has checked the keys
        # A list of links stands here empty, so that the order of keys stays.
        stored = [places[columns[column.name]] for column in one.type.columns(one)]
        puts.append((key, _put(one, stored) if stored else lambda row: None))
    return tuple(puts)


def _put(one: Field, places: Sequence[int]) -> Put:
    kind, first = one.type, places[0]
    dump, empty = kind.dump, [] if kind.empty == () else kind.empty
    stored_as_read = type(kind).unpack is FieldType.unpack
    if stored_as_read and empty is None and _leaves_alone(one):
        return itemgetter(first)
    if stored_as_read:

        def put(row: Row) -> Any:
            value = row[first]
            return empty if value is None else dump(one, value)

        return put
    unpack = kind.unpack

    def put_unpacked(row: Row) -> Any:
        if row[first] is None:
            return empty
        return dump(one, unpack(one, tuple([row[place] for place in places])))

    return put_unpacked


def _leaves_alone(one: Field) -> bool:
    """Whether what is stored is its JSON already: texts, numbers, ids. `dump` of such a type
    gives back whatever it gets."""
    probe = object()
    try:
        return one.type.dump(one, probe) is probe
    except (AttributeError, TypeError, ValueError):
        return False


def _expanded(ctx: Context, shape: Shape, records: list[Json]) -> list[Json]:
    """Ids become objects, for all records at once."""
    for key in shape.expand:
        one = find_field(shape.entity, key)
        assert one is not None  # noqa: S101 - the caller has checked the keys
        wanted = {identity for record in records for identity in _ids(record[key])}
        objects = _targets(ctx, one, wanted) if wanted else {}
        for record in records:
            value = record[key]
            if isinstance(value, list):
                record[key] = [objects.get(i) or _hidden(i) for i in value]
            elif value is not None:
                record[key] = objects.get(value) or _hidden(value)
    return records


def _ids(value: Any) -> Iterable[int]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _hidden(identity: int) -> Json:
    """What stands for a record that the actor may not see or that lies in the bin."""
    return {"id": identity, "title": None}


def _targets(ctx: Context, one: Field, ids: set[int]) -> dict[int, Json]:
    if "to" not in one.options:
        users = ctx.model.metadata.tables["sys_user"]
        people = sa.select(users.c.id, users.c.name).where(users.c.id.in_(sorted(ids)))
        rows: Sequence[Any] = ctx.run(people)
        return {row[0]: {"id": row[0], "title": row[1]} for row in rows}
    target = ctx.catalog.target(one)
    titles = find.titles(ctx, target, ids)
    records = read_some(ctx, Shape(target, record_keys(target)), ids)
    return {
        identity: {"id": identity, "title": titles[identity], **record}
        for identity, record in records.items()
    }


def is_known(entity: Entity, key: str) -> bool:
    """Whether a record has something of this name to show."""
    return key == "uid" or key in entity.by_key or key in system_fields()
