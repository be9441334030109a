"""The step that gives a field another type: expand, convert, swap, set the old values aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from runtime.fields.base import Field
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
        original = self._original_column()
        for record, value, old in _values(look.connection, self.source, self.holder, original):
            try:
                if recast(value, old) is not None:
                    converts += 1
            except Invalid as error:
                fails += 1
                if len(samples) < SAMPLES:
                    text = self.before.type.text(self.before, value, look.locale)
                    samples.append(Sample(record, text[:80], error.message))
        return Finding(converts + fails, converts, fails, tuple(samples))

    def made(self, look: Look, *, live_only: bool) -> Iterator[tuple[int, Any]]:
        """(id, value) as they will be, of the rows that get one."""
        if not convertible(self.before, self.field):
            return
        recast = self._recast(look.locale)
        rows = _values(
            look.connection, self.source, self.holder, self._original_column(), live_only=live_only
        )
        for record, value, old in rows:
            try:
                made = recast(value, old)
            except Invalid:
                continue
            if made is not None:
                yield record, made

    def title(self, finding: Finding) -> Message:
        return self.says(
            "step.retype",
            before=self.before.type.name,
            after=self.field.type.name,
            n=finding.converts,
            fails=finding.fails,
        )

    def _original_column(self) -> Field | None:
        return renamed(self.field, self.original.physical) if self.original else None

    def _recast(self, locale: Locale) -> Callable[[Any, Any], Any]:
        """(value now, original value) -> value of the new type; raises `Invalid`."""
        before, after = self.before, self.field

        def recast(value: Any, old: Any) -> Any:
            if old is not None and _quietly(before, after, old, locale) == value:
                return old
            return None if value is None else _checked(after, before, value, locale)

        return recast

    def apply(self, work: Work) -> None:
        current = renamed(self.before, self.field.key)
        fresh = renamed(self.field, f"{self.field.key}__n")
        table = physical(self.entity)
        add_columns(work, self.entity, fresh)
        recast = self._recast(work.locale)
        original = self._original_column()
        target = light_table(table, fresh)
        change = target.update().where(target.c.id == sa.bindparam("row_id"))
        change = change.values({name: sa.bindparam(f"v_{name}") for name in column_names(fresh)})
        for batch in _batches(_values(work.connection, table, current, original)):
            rows = [_packed(fresh, row, recast) for row in batch]
            work.connection.execute(change, [row for row in rows if row])
        park_columns(work, self.entity, current, "retyped", self.revision)
        rename_columns(work, table, fresh, self.field)


def convertible(before: Field, after: Field) -> bool:
    """Values that point at rows have no text that could be read back."""
    pointing = {"reference", "references", "user", "users", "status"}
    return not {before.type.name, after.type.name} & pointing or storage_of(before) == storage_of(
        after
    )


def _checked(after: Field, before: Field, value: Any, locale: Locale) -> Any:
    """The value in the new type, within the rules of the new field."""
    return after.type.recast(after, before, value, locale)


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
    *,
    live_only: bool = False,
) -> Iterator[tuple[int, Any, Any]]:
    """(id, value, original value) of each row that has either, in keyset batches."""
    fields = [field, original] if original else [field]
    source = light_table(table, *fields)
    count = len(column_names(field))
    some = sa.or_(*(source.c[one.key].is_not(None) for one in fields))
    if live_only:
        some = sa.and_(some, sa.text(LIVE))
    statement = (
        sa.select(source)
        .where(source.c.id > sa.bindparam("after"), some)
        .order_by(source.c.id)
        .limit(BATCH)
    )
    after = 0
    while rows := connection.execute(statement, {"after": after}).all():
        for row in rows:
            value = _unpacked(field, tuple(row[1 : 1 + count]))
            old = _unpacked(original, tuple(row[1 + count :])) if original else None
            yield row[0], value, old
        after = rows[-1][0]


def _unpacked(field: Field, stored: tuple[Any, ...]) -> Any:
    # A yes/no without an answer stays without one: only reading shows it as "no".
    return None if stored[0] is None else field.type.unpack(field, stored)


def _batches(rows: Iterator[tuple[int, Any, Any]]) -> Iterator[list[tuple[int, Any, Any]]]:
    batch: list[tuple[int, Any, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _packed(
    fresh: Field, row: tuple[int, Any, Any], recast: Callable[[Any, Any], Any]
) -> dict[str, Any]:
    record, value, old = row
    try:
        made = recast(value, old)
    except Invalid:
        made = None
    packed = fresh.type.pack(fresh, made)
    return {"row_id": record} | {f"v_{name}": stored for name, stored in packed.items()}
