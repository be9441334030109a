"""Steps that give rows which exist what the product itself writes: numbers and first states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.fields.columns import UtcDateTime
from runtime.kernel.errors import Message
from runtime.storage.counters import raise_counter, read_number, take_numbers
from runtime.storage.steps.base import BATCH, Finding, Look, Work, count_rows, physical
from runtime.storage.steps.columns import FieldStep


@dataclass(frozen=True, slots=True)
class NumberRows(FieldStep):
    """A new automatic number: rows that exist are numbered in the order of their making."""

    kind: ClassVar[str] = "number_rows"
    phase: ClassVar[int] = 70
    source: str
    holder: Field | None = None

    def inspect(self, look: Look) -> Finding:
        return Finding(rows=_count_empty(look, self.source, self.holder))

    def title(self, finding: Finding) -> Message:
        return self.says("step.number_rows", n=finding.rows)

    def apply(self, work: Work) -> None:
        align_counter(work, self.entity, self.field)
        columns: list[Any] = [sa.column(c.name) for c in self.field.type.columns(self.field)]
        table = sa.table(
            physical(self.entity), sa.column("id"), sa.column("created_at", UtcDateTime), *columns
        )
        change = table.update().where(table.c.id == sa.bindparam("row_id"))
        change = change.values({c.name: sa.bindparam(f"v_{c.name}") for c in columns})
        waiting = sa.select(table.c.id, table.c.created_at).where(table.c[self.field.key].is_(None))
        waiting = waiting.order_by(table.c.id).limit(BATCH)
        while rows := work.connection.execute(waiting).all():
            moments = [row.created_at.astimezone(work.locale.zone) for row in rows]
            numbers = take_numbers(work.connection, self.field, moments)
            work.connection.execute(change, [
                {"row_id": row.id}
                | {f"v_{k}": v for k, v in self.field.type.pack(self.field, number).items()}
                for row, number in zip(rows, numbers, strict=True)
            ])  # fmt: skip


@dataclass(frozen=True, slots=True)
class StartRows(FieldStep):
    """A new workflow: rows that exist enter it at its start."""

    kind: ClassVar[str] = "start_rows"
    phase: ClassVar[int] = 70
    source: str
    start: str
    holder: Field | None = None

    def inspect(self, look: Look) -> Finding:
        return Finding(rows=_count_empty(look, self.source, self.holder))

    def title(self, finding: Finding) -> Message:
        option = self.field.option(self.start)
        state = option.title.source if option else self.start
        return self.says("step.start_rows", state=state, n=finding.rows)

    def apply(self, work: Work) -> None:
        table = sa.table(physical(self.entity), sa.column("status"))
        change = table.update().where(table.c.status.is_(None)).values(status=self.start)
        work.connection.execute(change)


@dataclass(frozen=True, slots=True)
class AlignCounter(FieldStep):
    """An automatic number got another pattern: the next one is none that is there already."""

    kind: ClassVar[str] = "align_counter"
    phase: ClassVar[int] = 70

    def title(self, finding: Finding) -> Message:
        return self.says("step.align_counter")

    def apply(self, work: Work) -> None:
        align_counter(work, self.entity, self.field)


def align_counter(work: Work, entity: Entity, field: Field) -> None:
    """Moves the counters of the field past every number that stands in its column."""
    table = sa.table(physical(entity), sa.column("id"), sa.column(field.key))
    column = table.c[field.key]
    statement = sa.select(table.c.id, column).where(table.c.id > sa.bindparam("after"))
    statement = statement.where(column.is_not(None)).order_by(table.c.id).limit(BATCH)
    highest: dict[str, int] = {}
    after = 0
    while rows := work.connection.execute(statement, {"after": after}).all():
        for _, number in rows:
            read = read_number(field, number)
            if read:
                highest[read[0]] = max(read[1], highest.get(read[0], 0))
        after = rows[-1][0]
    for period, value in highest.items():
        raise_counter(work.connection, field, period, value)


def _count_empty(look: Look, source: str, holder: Field | None) -> int:
    """Rows without a value; all of them where the field has no column yet."""
    column: sa.ColumnClause[Any] = sa.column(holder.key if holder else "")
    return count_rows(look.connection, source, column.is_(None) if holder else None)
