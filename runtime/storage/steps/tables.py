"""Steps that make, rename, set aside and bring back whole tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.kernel.errors import Message, message
from runtime.storage import park, search
from runtime.storage.steps.base import Finding, Look, Risk, Step, Work, count_rows, physical
from runtime.storage.steps.columns import park_links
from runtime.storage.tables import beside, field_columns, link_name, system_columns


@dataclass(frozen=True, slots=True)
class CreateTable(Step):
    """A new entity. References come as steps of their own, once all tables are there."""

    kind: ClassVar[str] = "create_table"
    phase: ClassVar[int] = 40

    def title(self, finding: Finding) -> Message:
        return message("step.create_table", entity=self.entity.title.source)

    def apply(self, work: Work) -> None:
        columns = system_columns()
        for field in self.entity.fields:
            if not is_link(field.type.name):
                columns += field_columns(field, None)
        work.ops.create_table(physical(self.entity), *columns, sqlite_autoincrement=True)
        search.create_search(work.connection, physical(self.entity))


def is_link(type_name: str) -> bool:
    """Whether the field points at another table, so that it is added when that one exists."""
    return type_name in ("reference", "references", "user", "users")


@dataclass(frozen=True, slots=True)
class ParkTable(Step):
    """An entity leaves: its table is renamed, its references no longer hold others back."""

    kind: ClassVar[str] = "park_table"
    phase: ClassVar[int] = 20
    revision: int

    def risk(self, finding: Finding) -> Risk:
        return Risk.LOSSY if finding.rows else Risk.SAFE

    def inspect(self, look: Look) -> Finding:
        return Finding(rows=count_rows(look.connection, physical(self.entity)))

    def title(self, finding: Finding) -> Message:
        return message("step.park_table", entity=self.entity.title.source, n=finding.rows)

    def apply(self, work: Work) -> None:
        table = physical(self.entity)
        search.drop_search(work.connection, table)
        for field in self.entity.fields:
            if is_link(field.type.name):
                park_links(work, self.entity, field, self.revision)
        aside = beside(table, f"r{work.number}")
        work.ops.rename_table(table, aside)
        park.set_aside(
            work.connection,
            "table",
            uid=self.entity.uid,
            entity_uid=self.entity.uid,
            physical=aside,
            revision=self.revision,
            now=work.now,
        )


@dataclass(frozen=True, slots=True)
class RestoreTable(Step):
    """An entity returns with the rows it had."""

    kind: ClassVar[str] = "restore_table"
    phase: ClassVar[int] = 40
    parked: park.Parked

    def inspect(self, look: Look) -> Finding:
        return Finding(rows=count_rows(look.connection, self.parked.physical))

    def title(self, finding: Finding) -> Message:
        return message("step.restore_table", entity=self.entity.title.source, n=finding.rows)

    def apply(self, work: Work) -> None:
        table = physical(self.entity)
        work.ops.rename_table(self.parked.physical, table)
        park.forget(work.connection, self.parked.id)
        search.create_search(work.connection, table)


@dataclass(frozen=True, slots=True)
class RenameTable(Step):
    """An entity got another key. Rows and history stay where they are."""

    kind: ClassVar[str] = "rename_table"
    phase: ClassVar[int] = 30
    before: Entity
    # Two tables that change names go by way of a third name.
    source: str
    target: str

    def title(self, finding: Finding) -> Message:
        return message("step.rename_table", before=self.before.key, after=self.entity.key)

    def apply(self, work: Work) -> None:
        if self.source == physical(self.before):
            search.drop_search(work.connection, self.source)
        work.ops.rename_table(self.source, self.target)
        if self.target == physical(self.entity):
            search.create_search(work.connection, self.target)
        for field in self.before.fields:
            if field.type.links and field.uid in self.entity.by_uid:
                work.ops.rename_table(
                    self._links(self.source, field), self._links(self.target, field)
                )

    def _links(self, table: str, field: Field) -> str:
        for entity in (self.before, self.entity):
            if table == physical(entity):
                return link_name(entity, field)
        return beside(table, field.key)
