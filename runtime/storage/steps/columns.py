"""Steps that add, rename, set aside and bring back the columns of one field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.kernel.errors import Message, message
from runtime.storage import park, system
from runtime.storage.steps.base import (
    Finding,
    Look,
    Risk,
    Step,
    Work,
    column_names,
    count_rows,
    parked_key,
    physical,
    renamed,
)
from runtime.storage.tables import field_columns, link_name, target_of


@dataclass(frozen=True, slots=True)
class FieldStep(Step):
    """A change of one field."""

    field: Field

    @property
    def about(self) -> str:
        return self.field.uid

    def says(self, key: str, **more: Any) -> Message:
        return message(key, entity=self.entity.title.source, field=self.field.title.source, **more)


@dataclass(frozen=True, slots=True)
class AddColumn(FieldStep):
    """A new field; rows that exist have no value in it."""

    kind: ClassVar[str] = "add_column"
    phase: ClassVar[int] = 50

    def title(self, finding: Finding) -> Message:
        return self.says("step.add_column")

    def apply(self, work: Work) -> None:
        add_columns(work, self.entity, self.field)


def add_columns(work: Work, entity: Entity, field: Field) -> None:
    """The physical home of a field: columns, or a table of pairs."""
    if field.type.links:
        work.after.tables[entity.uid].links[field.key].create(work.connection)
        return
    for column in field_columns(field, target_of(work.after.catalog, field)):
        work.ops.add_column(physical(entity), column, inline_references=bool(column.foreign_keys))


@dataclass(frozen=True, slots=True)
class RenameColumn(FieldStep):
    """A field got another key; its values stay.

    `holder` is the name that the columns have at this moment.
    """

    kind: ClassVar[str] = "rename_column"
    phase: ClassVar[int] = 46
    holder: Field

    def title(self, finding: Finding) -> Message:
        return self.says("step.rename_column", before=self.holder.key, after=self.field.key)

    def apply(self, work: Work) -> None:
        if self.field.type.links:
            work.ops.rename_table(
                link_name(self.entity, self.holder), link_name(self.entity, self.field)
            )
        else:
            rename_columns(work, physical(self.entity), self.holder, self.field)


def rename_columns(work: Work, table: str, before: Field, after: Field) -> None:
    for old, new in zip(column_names(before), column_names(after), strict=True):
        work.ops.alter_column(table, old, new_column_name=new)


@dataclass(frozen=True, slots=True)
class ParkColumn(FieldStep):
    """A field leaves. Values stay under another name; links move out of the way of deletes."""

    kind: ClassVar[str] = "park_column"
    phase: ClassVar[int] = 20
    revision: int

    def risk(self, finding: Finding) -> Risk:
        return Risk.LOSSY if finding.rows else Risk.SAFE

    def inspect(self, look: Look) -> Finding:
        return Finding(rows=filled(look, self.entity, self.field))

    def title(self, finding: Finding) -> Message:
        return self.says("step.park_column", n=finding.rows)

    def apply(self, work: Work) -> None:
        if self.field.type.links or self.field.type.name in ("reference", "user"):
            park_links(work, self.entity, self.field, self.revision)
        else:
            park_columns(work, self.entity, self.field, "column", self.revision)


@dataclass(frozen=True, slots=True)
class ParkReturned(ParkColumn):
    """A field that an entity had when it was parked and has no more when it returns."""

    phase: ClassVar[int] = 45

    def inspect(self, look: Look) -> Finding:
        return Finding()


def filled(look: Look, entity: Entity, field: Field) -> int:
    """Rows that hold a value of the field."""
    if field.type.links:
        pairs = sa.table(link_name(entity, field), sa.column("source"))
        counted = sa.select(sa.func.count(sa.distinct(pairs.c.source)))
        return int(look.connection.execute(counted).scalar_one())
    column: sa.ColumnClause[Any] = sa.column(field.key)
    return count_rows(look.connection, physical(entity), column.is_not(None))


def park_columns(work: Work, entity: Entity, field: Field, kind: str, revision: int) -> None:
    """Renames the columns; `revision` is the last one that knew the field."""
    key = parked_key(field.key, work.number)
    rename_columns(work, physical(entity), field, renamed(field, key))
    _note(work, kind, field, key, revision)


def _note(work: Work, kind: str, field: Field, key: str, revision: int) -> int:
    return park.set_aside(
        work.connection,
        kind,
        uid=field.uid,
        entity_uid=field.entity,
        physical=key,
        revision=revision,
        now=work.now,
    )


def park_links(work: Work, entity: Entity, field: Field, revision: int) -> None:
    """Values of a link move to `sys_parked_value` and their column goes: SQLite cannot drop a
    foreign key, and a parked one would still hold its parents or fall with them."""
    parked_id = _note(work, "values", field, field.key, revision)
    source, value, home = _link_source(entity, field)
    statement = sa.select(sa.literal(parked_id), source, sa.cast(value, sa.Text)).where(
        value.is_not(None)
    )
    columns = ["parked_id", "record_id", "value"]
    work.connection.execute(system.parked_value.insert().from_select(columns, statement))
    if field.type.links:
        work.ops.drop_table(home)
    else:
        work.ops.drop_column(home, field.key)


def _link_source(entity: Entity, field: Field) -> tuple[Any, Any, str]:
    """(column of the record's id, column of the linked id, table that holds them)."""
    if field.type.links:
        name = link_name(entity, field)
        pairs = sa.table(name, sa.column("source"), sa.column("target"))
        return pairs.c.source, pairs.c.target, name
    table = sa.table(physical(entity), sa.column("id"), sa.column(field.key))
    return table.c.id, table.c[field.key], physical(entity)


@dataclass(frozen=True, slots=True)
class RestoreColumn(FieldStep):
    """A field returns with the values it had.

    `field` is as it was parked, under today's key.
    """

    kind: ClassVar[str] = "restore_column"
    phase: ClassVar[int] = 50
    parked: park.Parked

    def inspect(self, look: Look) -> Finding:
        if self.parked.kind == "values":
            values = system.parked_value
            counted = sa.select(sa.func.count(sa.distinct(values.c.record_id))).where(
                values.c.parked_id == self.parked.id
            )
            return Finding(rows=int(look.connection.execute(counted).scalar_one()))
        return Finding()

    def title(self, finding: Finding) -> Message:
        return self.says("step.restore_column")

    def apply(self, work: Work) -> None:
        if self.parked.kind == "values":
            add_columns(work, self.entity, self.field)
            self._put_back(work)
        else:
            aside = renamed(self.field, self.parked.physical)
            rename_columns(work, physical(self.entity), aside, self.field)
        park.forget(work.connection, self.parked.id)

    def _put_back(self, work: Work) -> None:
        """Links whose other end is still there."""
        target = "sys_user" if self.field.type.name in ("user", "users") else None
        target = target or physical(work.after.catalog.target(self.field))
        ids: sa.Select[Any] = sa.select(sa.column("id")).select_from(sa.table(target))
        own: sa.Select[Any] = sa.select(sa.column("id")).select_from(
            sa.table(physical(self.entity))
        )
        values = system.parked_value
        linked = sa.cast(values.c.value, sa.BigInteger)
        here = sa.and_(
            values.c.parked_id == self.parked.id, linked.in_(ids), values.c.record_id.in_(own)
        )
        source, value, home = _link_source(self.entity, self.field)
        if self.field.type.links:
            pairs = sa.table(home, sa.column("source"), sa.column("target"))
            chosen = sa.select(values.c.record_id, linked).where(here)
            work.connection.execute(pairs.insert().from_select(["source", "target"], chosen))
            return
        table = source.table
        mine = sa.select(linked).where(here, values.c.record_id == source).scalar_subquery()
        work.connection.execute(table.update().values({value.name: mine}))


def in_free_order(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Renames in an order in which each new name is free; a circle goes by way of a third name."""
    waiting = dict(pairs)
    ordered: list[tuple[str, str]] = []
    while waiting:
        free = next((old for old, new in waiting.items() if new not in waiting), None)
        if free is not None:
            ordered.append((free, waiting.pop(free)))
            continue
        old, new = next(iter(waiting.items()))
        del waiting[old]
        third = f"{old}__0t"
        ordered.append((old, third))
        waiting[third] = new
    return ordered
