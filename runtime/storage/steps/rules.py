"""Steps for rules that get tighter, and for the indexes that keep and speed them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.catalog.searching import search_fields, searcher
from runtime.fields.base import Field
from runtime.kernel.errors import Invalid, Message, Refused, message
from runtime.storage import search
from runtime.storage.steps.base import (
    BATCH,
    SAMPLES,
    Finding,
    Look,
    Risk,
    Sample,
    Step,
    Work,
    column_names,
    count_rows,
    light_table,
    physical,
)
from runtime.storage.steps.columns import FieldStep
from runtime.storage.steps.retype import Retype
from runtime.storage.tables import LIVE, IndexSpec, make_index


@dataclass(frozen=True, slots=True)
class DropIndex(Step):
    """An index that nothing sorts or filters by any more."""

    kind: ClassVar[str] = "drop_index"
    phase: ClassVar[int] = 10
    spec: IndexSpec

    def title(self, finding: Finding) -> Message:
        return message("step.drop_index", entity=self.entity.title.source, n=len(self.spec.columns))

    def apply(self, work: Work) -> None:
        work.ops.drop_index(self.spec.name, physical(self.entity))


@dataclass(frozen=True, slots=True)
class AddIndex(Step):
    """An index for what lists sort and filter by."""

    kind: ClassVar[str] = "add_index"
    phase: ClassVar[int] = 80
    spec: IndexSpec

    def title(self, finding: Finding) -> Message:
        return message("step.add_index", entity=self.entity.title.source)

    def apply(self, work: Work) -> None:
        table = work.after.tables[self.entity.uid].table
        make_index(self.spec, table).create(work.connection)


@dataclass(frozen=True, slots=True)
class AddUnique(Step):
    """A unique rule begins to hold; refused while values repeat.

    `source` and `columns` say where the values stand while the plan is made, `retype` what they
    will be; neither when the fields are new."""

    kind: ClassVar[str] = "add_unique"
    phase: ClassVar[int] = 80
    spec: IndexSpec
    source: str
    columns: tuple[str, ...]
    retype: Retype | None = None

    def risk(self, finding: Finding) -> Risk:
        if finding.fails:
            return Risk.REFUSED
        return Risk.CHECK if self.columns or self.retype else Risk.SAFE

    def inspect(self, look: Look) -> Finding:
        if self.retype:
            return self._inspect_retyped(look, self.retype)
        if not self.columns:
            return Finding()
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in self.columns]
        twice = (
            sa.select(*columns, sa.func.count().label("times"), sa.func.min(sa.column("id")))
            .select_from(sa.table(self.source))
            .where(*(column.is_not(None) for column in columns))
            .group_by(*columns)
            .having(sa.func.count() > 1)
        )
        if self.spec.live_only:
            twice = twice.where(sa.text(LIVE))
        rows = look.connection.execute(twice.limit(1000)).all()
        samples = tuple(
            Sample(
                row[-1],
                ", ".join(str(value) for value in row[: len(columns)])[:80],
                message("step.repeated", n=row.times),
            )
            for row in rows[:SAMPLES]
        )
        return Finding(rows=sum(row.times for row in rows), fails=len(rows), samples=samples)

    def _inspect_retyped(self, look: Look, retype: Retype) -> Finding:
        """Two texts may become one number."""
        field, column = retype.field, self.spec.columns[0]
        first: dict[Any, int] = {}
        times: Counter[Any] = Counter()
        for record, made in retype.made(look, live_only=self.spec.live_only):
            value = field.type.pack(field, made)[column]
            first.setdefault(value, record)
            times[value] += 1
        twice = [(value, count) for value, count in times.items() if count > 1]
        samples = tuple(
            Sample(first[value], str(value)[:80], message("step.repeated", n=count))
            for value, count in twice[:SAMPLES]
        )
        return Finding(sum(count for _, count in twice), fails=len(twice), samples=samples)

    def title(self, finding: Finding) -> Message:
        names = ", ".join(self.entity.by_key[key].title.source for key in self.spec.fields)
        key = "step.add_unique_refused" if finding.fails else "step.add_unique"
        return message(key, entity=self.entity.title.source, fields=names, n=finding.fails)

    def apply(self, work: Work) -> None:
        table = work.after.tables[self.entity.uid].table
        try:
            make_index(self.spec, table).create(work.connection)
        except sa.exc.IntegrityError as error:
            raise Refused("error.not_unique_yet", **self.title(Finding()).params) from error


@dataclass(frozen=True, slots=True)
class Require(FieldStep):
    """A field becomes required. Rows without a value stay and ask for it at their next edit."""

    kind: ClassVar[str] = "require"
    phase: ClassVar[int] = 90
    source: str
    holder: Field | None

    def risk(self, finding: Finding) -> Risk:
        return Risk.CHECK if finding.rows else Risk.SAFE

    def inspect(self, look: Look) -> Finding:
        where: Any = sa.text(LIVE)
        if self.holder and not self.holder.type.links:
            column: sa.ColumnClause[Any] = sa.column(self.holder.key)
            where = sa.and_(where, column.is_(None))
        return Finding(rows=count_rows(look.connection, self.source, where))

    def title(self, finding: Finding) -> Message:
        return self.says("step.require", n=finding.rows)

    def apply(self, work: Work) -> None:
        """Nothing in the database: columns stay nullable, `records` asks for the value."""


@dataclass(frozen=True, slots=True)
class Narrow(FieldStep):
    """Limits of a field get tighter. Rows beyond them stay and are asked about at an edit."""

    kind: ClassVar[str] = "narrow"
    phase: ClassVar[int] = 90
    before: Field
    source: str
    holder: Field

    def risk(self, finding: Finding) -> Risk:
        return Risk.CHECK if finding.fails else Risk.SAFE

    def inspect(self, look: Look) -> Finding:
        count = len(column_names(self.holder))
        table = light_table(self.source, self.holder)
        statement = sa.select(table).where(table.c[self.holder.key].is_not(None))
        rows = fails = 0
        samples: list[Sample] = []
        kind = self.field.type
        for row in look.connection.execute(statement.execution_options(yield_per=BATCH)):
            rows += 1
            value = self.before.type.unpack(self.holder, tuple(row[1 : 1 + count]))
            try:
                kind.load(self.field, kind.dump(self.field, value))
            except Invalid as error:
                fails += 1
                if len(samples) < SAMPLES:
                    text = kind.text(self.field, value, look.locale)[:80]
                    samples.append(Sample(row[0], text, error.message))
        return Finding(rows, rows - fails, fails, tuple(samples))

    def title(self, finding: Finding) -> Message:
        return self.says("step.narrow", n=finding.fails)

    def apply(self, work: Work) -> None:
        """Nothing in the database: the new limits hold for what is written from now on."""


@dataclass(frozen=True, slots=True)
class ChangeCurrency(FieldStep):
    """The sums of a field are in another currency from now on; their digits stay."""

    kind: ClassVar[str] = "change_currency"
    phase: ClassVar[int] = 90
    before: Field
    source: str
    holder: Field

    def risk(self, finding: Finding) -> Risk:
        # Nothing is lost but the meaning, and that is asked about.
        return Risk.LOSSY if finding.rows else Risk.SAFE

    def inspect(self, look: Look) -> Finding:
        column: sa.ColumnClause[Any] = sa.column(self.holder.key)
        return Finding(rows=count_rows(look.connection, self.source, column.is_not(None)))

    def title(self, finding: Finding) -> Message:
        before, after = self.before.options["currency"], self.field.options["currency"]
        return self.says("step.change_currency", before=before, after=after, n=finding.rows)

    def apply(self, work: Work) -> None:
        """Nothing in the database: the currency stands in the definition alone."""


@dataclass(frozen=True, slots=True)
class RebuildSearch(Step):
    """Other fields are searched than before: the search text of every row is written anew."""

    kind: ClassVar[str] = "rebuild_search"
    phase: ClassVar[int] = 85
    source: str

    def inspect(self, look: Look) -> Finding:
        return Finding(rows=count_rows(look.connection, self.source))

    def title(self, finding: Finding) -> Message:
        return message("step.rebuild_search", entity=self.entity.title.source)

    def apply(self, work: Work) -> None:
        name = physical(self.entity)
        search.drop_search(work.connection, name)
        write_search_text(work, self.entity)
        search.create_search(work.connection, name)


def write_search_text(work: Work, entity: Entity) -> None:
    fields = search_fields(entity)
    text_of = searcher(entity)
    columns: list[Any] = [sa.column(field.key) for field in fields]
    table = sa.table(physical(entity), sa.column("id"), sa.column("search_fold"), *columns)
    change = table.update().where(table.c.id == sa.bindparam("row_id"))
    change = change.values(search_fold=sa.bindparam("text"))
    statement = sa.select(table.c.id, *(table.c[field.key] for field in fields))
    statement = statement.where(table.c.id > sa.bindparam("after")).order_by(table.c.id)
    after = 0
    while rows := work.connection.execute(statement.limit(BATCH), {"after": after}).all():
        texts = [{"row_id": row[0], "text": text_of(dict(row._mapping))} for row in rows]
        work.connection.execute(change, texts)
        after = rows[-1][0]
