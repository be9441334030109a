"""What a statement fetches and how its rows are read: fields, and titles behind references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import FromClause

from runtime.catalog.model import Entity
from runtime.definitions.titles import Path, Template
from runtime.fields.base import Field, FieldType, Ref
from runtime.kernel.locale import Locale
from runtime.query.filters import Sight
from runtime.query.system_fields import find_field
from runtime.storage.model import Model

Row = Sequence[Any]
Read = Callable[[Row, Locale], Any]


@dataclass(slots=True)
class Builder:
    """Collects columns and joins; each column is fetched once, wherever it is used."""

    model: Model
    entity: Entity
    sight: Sight
    table: FromClause
    source: FromClause
    columns: list[Any] = field(default_factory=list)
    positions: dict[Any, int] = field(default_factory=dict)
    joined: dict[Path, FromClause] = field(default_factory=dict)

    def position(self, column: Any) -> int:
        """Where the column stands in a row."""
        place = self.positions.get(column)
        if place is None:
            place = self.positions[column] = len(self.columns)
            # A number keeps names apart where two tables have the same column.
            self.columns.append(column.label(f"c{place}"))
        return place

    def join(self, path: Path) -> tuple[Entity, FromClause]:
        """The table behind a chain of references; outer, so that no row is lost."""
        entity, table = self.entity, self.table
        for length in range(1, len(path) + 1):
            reference = entity.by_key[path[length - 1]]
            entity = self.model.catalog.target(reference)
            if path[:length] not in self.joined:
                behind = self.model.table(entity.uid).alias()
                on = table.c[reference.key] == behind.c.id
                seen = self.sight(entity, behind)
                on = on if seen is None else sa.and_(on, seen)
                self.source = self.source.outerjoin(behind, on)
                self.joined[path[:length]] = behind
            table = self.joined[path[:length]]
        return entity, table

    def value(self, one: Field, path: Path = ()) -> Read:
        """Reads the field's value; a reference comes with its title."""
        table = self.join(path)[1] if path else self.table
        if one.type.name == "reference":
            return self._reference(one, table, path)
        if one.type.name == "user":
            return self._person(one, table)
        places = [self.position(table.c[c.name]) for c in one.type.columns(one)]
        empty = one.type.empty
        if not places:
            return lambda row, locale: empty
        first, rest = places[0], places
        if empty is None and type(one.type).unpack is FieldType.unpack:
            # Most types keep the value as it is: no tuple, no call.
            return lambda row, locale: row[first]
        unpack = one.type.unpack

        def read(row: Row, locale: Locale) -> Any:
            if row[first] is None:
                return empty
            return unpack(one, tuple([row[place] for place in rest]))

        return read

    def _reference(self, one: Field, table: FromClause, path: Path) -> Read:
        place = self.position(table.c[one.key])
        target = self.model.catalog.target(one)
        titled = self.title(target, (*path, one.key))

        def read(row: Row, locale: Locale) -> Ref | None:
            found = row[place]
            return None if found is None else Ref(found, titled(row, locale) or f"#{found}")

        return read

    def _person(self, one: Field, table: FromClause) -> Read:
        place = self.position(table.c[one.key])
        users = self.model.metadata.tables["sys_user"].alias()
        self.source = self.source.outerjoin(users, table.c[one.key] == users.c.id)
        name = self.position(users.c.name)

        def read(row: Row, locale: Locale) -> Ref | None:
            found = row[place]
            return None if found is None else Ref(found, row[name] or f"#{found}")

        return read

    def title(self, entity: Entity, path: Path = ()) -> Read:
        """Reads what people call the record behind `path`: the first template that says
        something; "" when all its fields are empty."""
        written = [self._template(template, path) for template in entity.titled_by]

        def read(row: Row, locale: Locale) -> str:
            for one in written:
                text: str = one(row, locale)
                if text:
                    return text
            return ""

        return written[0] if len(written) == 1 else read

    def _template(self, template: Template, path: Path) -> Read:
        parts: list[str | Read] = [
            part if isinstance(part, str) else self._part((*path, *part)) for part in template
        ]
        if len(parts) == 1 and callable(parts[0]):
            return parts[0]

        def read(row: Row, locale: Locale) -> str:
            said = [part if isinstance(part, str) else part(row, locale) for part in parts]
            holes = [text for part, text in zip(parts, said, strict=True) if callable(part)]
            if not any(holes):
                return ""
            return "".join(said).strip(" ,;-–—/")

        return read

    def _part(self, path: Path) -> Read:
        entity, _ = self.join(path[:-1]) if len(path) > 1 else (self.entity, self.table)
        one = entity.by_key[path[-1]]
        value, text = self.value(one, path[:-1]), one.type.text

        def read(row: Row, locale: Locale) -> str:
            found = value(row, locale)
            return "" if found is None or found == () else text(one, found, locale)

        return read


@dataclass(frozen=True, slots=True)
class Selection:
    """A compiled question for some fields of an entity: the head of the statement and readers."""

    entity: Entity
    table: FromClause
    source: FromClause
    columns: tuple[Any, ...]
    positions: dict[Any, int]
    fields: tuple[Field, ...]
    readers: dict[str, Read]
    title: Read | None
    links: tuple[Field, ...]

    def statement(self) -> sa.Select[Any]:
        return sa.select(*self.columns).select_from(self.source)

    def values(self, row: Row, locale: Locale) -> dict[str, Any]:
        """The record as values by key; links are filled in by the caller, a page at a time."""
        return {key: read(row, locale) for key, read in self.readers.items()}


# Columns that every selection begins with: what a row is, whatever it shows.
ALWAYS = ("id", "version")


def select_fields(
    model: Model,
    entity: Entity,
    keys: Iterable[str],
    sight: Sight,
    *,
    titled: bool = True,
    bare: bool = False,
    extra: Iterable[str] = (),
) -> Selection:
    """`keys` of fields or system columns; `extra` names physical columns (sort keys).

    A `bare` selection joins nothing and has no readers: whoever asks reads the columns by
    `positions`, a reference as its id.
    """
    table = model.table(entity.uid)
    builder = Builder(model, entity, sight, table, table)
    for name in ALWAYS:
        builder.position(table.c[name])
    chosen = tuple(one for key in dict.fromkeys(keys) if (one := find_field(entity, key)))
    readers: dict[str, Read] = {}
    if bare:
        for column in (column for one in chosen for column in one.type.columns(one)):
            builder.position(table.c[column.name])
    else:
        readers = {one.key: builder.value(one) for one in chosen if not one.type.links}
    title = builder.title(entity) if titled and not bare else None
    # After the fields, whose places in a row so do not depend on the order of the list.
    for name in extra:
        builder.position(table.c[name])
    return Selection(
        entity,
        table,
        builder.source,
        tuple(builder.columns),
        builder.positions,
        chosen,
        readers,
        title,
        tuple(one for one in chosen if one.type.links),
    )
