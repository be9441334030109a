"""A layout bound to the definitions in force: cells by the thousand -> values of fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.kernel.errors import Invalid, Message, Refused, message
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_decimal
from runtime.records.context import Context
from runtime.storage.model import Model
from runtime.transfer.cells import Step, compose, read_day, steps
from runtime.transfer.layout import Column, Layout, Related
from runtime.transfer.readers import KEPT, Cells, LinkReader, Reader
from runtime.transfer.sheet import Sheet

LINKED = ("reference", "references", "user", "users")
# What stands between the cells of several columns that make one value.
_JOINTS = {"long_text": "\n", "text": " "}

# Row of the batch -> what is wrong with it, by the name of the column.
Faults = dict[int, list[tuple[str, Message]]]


@dataclass(slots=True)
class Side:
    """The columns of one entity: of the rows' own, or of a related one."""

    entity: Entity
    match: Field | None
    readers: list[Reader]
    links: list[LinkReader]

    def typed(
        self, ctx: Context, rows: Sequence[Cells], foreign: Sequence[bool]
    ) -> tuple[list[dict[str, Any]], Faults]:
        """Values by key for each row, and what could not be read."""
        faults: Faults = {}
        keys = [one.field.key for one in self.readers] + [
            link.reader.field.key for link in self.links
        ]
        columns = [reader.values(rows) for reader in self.readers]
        columns += [link.values(ctx, rows, foreign) for link in self.links]
        for reader, values in zip(self.all(), columns, strict=True):
            for number, value in enumerate(values):
                if isinstance(value, Message):
                    faults.setdefault(number, []).append((reader.names, value))
        made = [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]
        return made or [{} for _ in rows], faults

    def all(self) -> Iterable[Reader]:
        yield from self.readers
        yield from (link.reader for link in self.links)

    def matching(self) -> Reader | None:
        """Reads the field by which a record is found."""
        return next((one for one in self.readers if one.field is self.match), None)

    def names(self) -> dict[str, str]:
        """Key of the field -> names of its columns."""
        return {reader.field.key: reader.names for reader in self.all()}


@dataclass(slots=True)
class RelatedSide:
    """A related record in each row, and the reference that gets it."""

    field: Field
    side: Side


@dataclass(slots=True)
class Limit:
    """A rule of the mapping with its own memory of what it has judged."""

    place: int
    other: int | None
    because: str
    refuses: Callable[[str, str], bool]
    judged: dict[tuple[str, str], bool] = dataclasses.field(default_factory=dict)

    def hits(self, row: Cells) -> bool:
        pair = (row[self.place], "" if self.other is None else row[self.other])
        known = self.judged.get(pair)
        if known is None:
            if len(self.judged) > KEPT:
                self.judged.clear()
            known = self.judged[pair] = self.refuses(*pair)
        return known


@dataclass(slots=True)
class Binding:
    """Everything that a batch needs to know, under one revision."""

    model: Model
    layout: Layout
    own: Side
    related: list[RelatedSide]
    limits: list[Limit]
    state_of: Callable[[str], str | Message | None] | None

    def names(self) -> dict[str, str]:
        """Key of a field of the rows' own records -> names of the columns that fill it."""
        found = self.own.names()
        for related in self.related:
            reader = related.side.matching()
            found[related.field.key] = reader.names if reader else ""
        return found

    def sides(self) -> list[Side]:
        return [self.own, *(one.side for one in self.related)]

    def keep(self) -> None:
        for side in self.sides():
            for link in side.links:
                link.keep()

    def forget(self) -> None:
        for side in self.sides():
            for link in side.links:
                link.forget()


def bind(ctx: Context, layout: Layout, sheet: Sheet) -> Binding:
    """Raises `Refused` when the definitions no longer have what the layout speaks of."""
    entity = ctx.catalog.entities.get(layout.entity)
    if entity is None:
        raise Refused("transfer.definitions_moved", what=layout.entity)
    bound = _Binder(ctx, layout, sheet)
    own = bound.side(entity, layout.columns, layout.match)
    return Binding(
        ctx.model,
        layout,
        own,
        [bound.related(entity, one) for one in layout.related],
        bound.limits(),
        bound.states(entity),
    )


@dataclass(frozen=True, slots=True)
class _Binder:
    ctx: Context
    layout: Layout
    sheet: Sheet

    def side(self, entity: Entity, columns: Sequence[Column], match: str) -> Side:
        groups: dict[str, list[Column]] = {}
        for column in columns:
            groups.setdefault(column.field, []).append(column)
        side = Side(entity, self.field(entity, match) if match else None, [], [])
        for uid, group in groups.items():
            one = self.field(entity, uid)
            reader = self.reader(one, group)
            if one.type.name in LINKED:
                ids_first = self.layout.identity is not None
                first = group[0]
                side.links.append(LinkReader(reader, first.by, ids_first, first.abroad))
            else:
                side.readers.append(reader)
        return side

    def field(self, entity: Entity, uid: str) -> Field:
        one = entity.by_uid.get(uid)
        if one is None:
            raise Refused("transfer.definitions_moved", what=uid)
        return one

    def reader(self, one: Field, group: Sequence[Column]) -> Reader:
        kind = one.type.name
        texts = [
            compose(guarded=self.sheet.guarded, values=column.values, then=steps(column.read, kind))
            for column in group
        ]
        places = tuple(column.place for column in group)
        text_of = texts[0] if len(texts) == 1 else _joined(texts, _JOINTS.get(kind, ","))
        names = ", ".join(column.name for column in group)
        return Reader(one, names, places, text_of, self.ctx.actor.locale)

    def related(self, entity: Entity, related: Related) -> RelatedSide:
        one = self.field(entity, related.field)
        target = self.ctx.catalog.target(one)
        return RelatedSide(one, self.side(target, related.columns, related.match))

    def limits(self) -> list[Limit]:
        language = self.ctx.actor.language
        found = []
        for rule in self.layout.rules:
            text_of = compose(guarded=self.sheet.guarded, values=None, then=())
            if rule.other is not None:
                days = self._days(rule.place), self._days(rule.other)
                found.append(Limit(rule.place, rule.other, rule.because, _before(*days)))
            if rule.below is not None or rule.above is not None:
                bounds = _outside(text_of, rule.below, rule.above, language)
                found.append(Limit(rule.place, None, rule.because, bounds))
        return found

    def _days(self, place: int) -> Step:
        """The day of a cell is read as its column is."""
        columns = [*self.layout.columns, *(c for r in self.layout.related for c in r.columns)]
        read = next((column.read for column in columns if column.place == place), "text")
        return compose(guarded=self.sheet.guarded, values=None, then=steps(read, "date"))

    def states(self, entity: Entity) -> Callable[[str], str | Message | None] | None:
        """Cell -> state in which the row enters; None for an empty one."""
        column = self.layout.status
        if column is None:
            return None
        if entity.workflow is None:
            raise Refused("transfer.definitions_moved", what=column.field)
        gone = [s for s in (column.values or {}).values() if s not in entity.workflow.states]
        if gone:
            raise Refused("transfer.definitions_moved", what=f"{column.field}: {gone[0]}")
        text_of = compose(guarded=self.sheet.guarded, values=column.values, then=())
        status, locale = entity.by_key["status"], self.ctx.actor.locale
        known: dict[str, str | Message | None] = {}

        def state_of(cell: str) -> str | Message | None:
            if cell not in known:
                if len(known) > KEPT:
                    known.clear()
                known[cell] = _state(status, text_of(cell), locale)
            return known[cell]

        return state_of


def _state(status: Field, text: str, locale: Locale) -> str | Message | None:
    try:
        found: str | None = status.type.convert(status, text, locale)
        return found
    except Invalid:
        allowed = ", ".join(option.key for option in status.choices)
        return message("transfer.no_state", text=text[:80], allowed=allowed)


def _joined(texts: Sequence[Step], joint: str) -> Callable[[Sequence[str]], str]:
    def text_of(cells: Sequence[str]) -> str:
        parts = [text(cell) for text, cell in zip(texts, cells, strict=True)]
        return joint.join(part for part in parts if part)

    return text_of


def _before(day_of: Step, other_of: Step) -> Callable[[str, str], bool]:
    def refuses(cell: str, other: str) -> bool:
        day, limit = read_day(day_of(cell)), read_day(other_of(other))
        return day is not None and limit is not None and day < limit

    return refuses


def _outside(
    text_of: Step, below: float | None, above: float | None, language: str
) -> Callable[[str, str], bool]:
    def refuses(cell: str, _: str) -> bool:
        try:
            number = read_decimal(text_of(cell), language)
        except Invalid:
            return False
        return (below is not None and number < below) or (above is not None and number > above)

    return refuses
