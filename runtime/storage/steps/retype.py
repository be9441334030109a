"""The step that gives a field another type: expand, convert, swap, set the old values aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from runtime.fields.base import Field
from runtime.fields.columns import UtcDateTime
from runtime.kernel.errors import Invalid, Message
from runtime.kernel.locale import Locale
from runtime.storage import park
from runtime.storage.steps.base import (
    BATCH,
    SAMPLES,
    Finding,
    Look,
    Risk,
    Sample,
    Work,
    column_names,
    light_table,
    physical,
    renamed,
)
from runtime.storage.steps.columns import FieldStep, add_columns, park_columns, rename_columns
from runtime.storage.tables import LIVE, storage_of


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with its value, and what an earlier retyping set aside of it. `settled` when that
    must be what it gets back, also if it is nothing."""

    id: int
    value: Any
    old: Any
    settled: bool


Recast = Callable[[_Row], Any]


@dataclass(frozen=True, slots=True)
class Retype(FieldStep):
    """A field gets another type: values are converted, the old ones set aside.

    `before` becomes `field`. `source` and `holder` say where the old values stand while the plan
    is made: the entity and the key as they are in the database at that moment.

    `original` is what an earlier retyping set aside: rows that nobody touched since get their
    old value back exactly, whatever the conversion there and back would have made of it.
    """

    kind: ClassVar[str] = "retype"
    phase: ClassVar[int] = 60
    before: Field
    source: str
    holder: Field
    revision: int
    original: park.Parked | None = None

    def risk(self, finding: Finding) -> Risk:
        if not convertible(self.before, self.field):
            return Risk.REFUSED
        if self.before.type.name in self.field.type.widening and not finding.fails:
            return Risk.SAFE
        return Risk.LOSSY

    def inspect(self, look: Look) -> Finding:
        if not convertible(self.before, self.field):
            return Finding()
        converts = fails = 0
        samples: list[Sample] = []
        recast = self._recast(look.locale)
        for row in self._rows(look.connection, self.source, self.holder):
            try:
                if recast(row) is not None:
                    converts += 1
            except Invalid as error:
                fails += 1
                if len(samples) < SAMPLES:
                    text = self.before.type.text(self.before, row.value, look.locale)
                    samples.append(Sample(row.id, text[:80], error.message))
        return Finding(converts + fails, converts, fails, tuple(samples))

    def made(self, look: Look, *, live_only: bool) -> Iterator[tuple[int, Any]]:
        """(id, value) as they will be, of the rows that get one."""
        if not convertible(self.before, self.field):
            return
        recast = self._recast(look.locale)
        for row in self._rows(look.connection, self.source, self.holder, live_only=live_only):
            try:
                made = recast(row)
            except Invalid:
                continue
            if made is not None:
                yield row.id, made

    def title(self, finding: Finding) -> Message:
        return self.says(
            "step.retype",
            before=self.before.type.name,
            after=self.field.type.name,
            n=finding.converts,
            fails=finding.fails,
        )

    def _rows(
        self, connection: Connection, table: str, holder: Field, *, live_only: bool = False
    ) -> Iterator[_Row]:
        original = renamed(self.field, self.original.physical) if self.original else None
        # What the product alone writes nobody has touched: rows of then are as they were.
        settled = self.original.parked_at if self.original and self.before.type.read_only else None
        return _values(connection, table, holder, original, settled, live_only=live_only)

    def _recast(self, locale: Locale) -> Recast:
        """A row -> its value of the new type; raises `Invalid`."""
        before, after = self.before, self.field

        def recast(row: _Row) -> Any:
            if row.settled:
                return row.old
            if row.old is not None and _quietly(before, after, row.old, locale) == row.value:
                return row.old
            if row.value is None:
                return None
            return after.type.recast(after, before, row.value, locale)

        return recast

    def apply(self, work: Work) -> None:
        current = renamed(self.before, self.field.key)
        fresh = renamed(self.field, f"{self.field.key}__n")
        table = physical(self.entity)
        add_columns(work, self.entity, fresh)
        recast = self._recast(work.locale)
        target = light_table(table, fresh)
        change = target.update().where(target.c.id == sa.bindparam("row_id"))
        change = change.values({name: sa.bindparam(f"v_{name}") for name in column_names(fresh)})
        for batch in _batches(self._rows(work.connection, table, current)):
            rows = [_packed(fresh, row, recast) for row in batch]
            work.connection.execute(change, rows)
        park_columns(work, self.entity, current, "retyped", self.revision)
        rename_columns(work, table, fresh, self.field)


def convertible(before: Field, after: Field) -> bool:
    """Values that point at rows have no text that could be read back."""
    pointing = {"reference", "references", "user", "users", "status"}
    return not {before.type.name, after.type.name} & pointing or storage_of(before) == storage_of(
        after
    )


def _quietly(before: Field, after: Field, old: Any, locale: Locale) -> Any:
    """What the earlier retyping made of the original; None where it could make nothing."""
    try:
        return before.type.recast(before, after, old, locale)
    except Invalid:
        return None


def _values(
    connection: Connection,
    table: str,
    field: Field,
    original: Field | None,
    settled: datetime | None,
    *,
    live_only: bool,
) -> Iterator[_Row]:
    """Each row that has a value or an original one, in keyset batches."""
    fields = [field, original] if original else [field]
    source = light_table(table, *fields)
    made_at: sa.ColumnClause[datetime] = sa.column("created_at", UtcDateTime)
    count = len(column_names(field))
    some = sa.or_(*(source.c[one.key].is_not(None) for one in fields))
    if live_only:
        some = sa.and_(some, sa.text(LIVE))
    statement = (
        sa.select(source, made_at)
        .where(source.c.id > sa.bindparam("after"), some)
        .order_by(source.c.id)
        .limit(BATCH)
    )
    after = 0
    while rows := connection.execute(statement, {"after": after}).all():
        for row in rows:
            value = _unpacked(field, tuple(row[1 : 1 + count]))
            old = _unpacked(original, tuple(row[1 + count : -1])) if original else None
            yield _Row(row[0], value, old, settled is not None and row[-1] <= settled)
        after = rows[-1][0]


def _unpacked(field: Field, stored: tuple[Any, ...]) -> Any:
    # A yes/no without an answer stays without one: only reading shows it as "no".
    return None if stored[0] is None else field.type.unpack(field, stored)


def _batches(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _packed(fresh: Field, row: _Row, recast: Recast) -> dict[str, Any]:
    try:
        made = recast(row)
    except Invalid:
        made = None
    packed = fresh.type.pack(fresh, made)
    return {"row_id": row.id} | {f"v_{name}": stored for name, stored in packed.items()}
