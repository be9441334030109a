"""Input -> values, a batch at a time: types, required fields, references, people, unique rules.

Forms and REST go through marshmallow schemas compiled once per revision; texts of forms and
imports through the same field types' `convert`. A test holds both equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.fields.base import Field, FieldType
from runtime.fields.textual import Line
from runtime.kernel.errors import Invalid, Message, RowErrors, message
from runtime.query.system_fields import system_fields
from runtime.records import find
from runtime.records.context import Context
from runtime.storage.bulk import among

Values = dict[str, Any]


class Source(Enum):
    """What the raw values are: JSON of an API, text as people type it, or values that field types
    have made already (of the columns of a file, where equal texts are read once)."""

    JSON = "json"
    TEXT = "text"
    TYPED = "typed"


@dataclass(slots=True)
class Batch:
    """Rows on their way into the database. `values[i]` are the fields that row i sets, `full[i]`
    the whole record as it will be; `ids[i]` is None for a new one."""

    entity: Entity
    values: list[Values]
    full: list[Values] = field(default_factory=list)
    ids: list[int | None] = field(default_factory=list)
    states: list[str | None] = field(default_factory=list)
    errors: dict[int, dict[str, list[Message]]] = field(default_factory=dict)

    def blame(self, row: int, key: str, text: Message) -> None:
        self.errors.setdefault(row, {}).setdefault(key, []).append(text)

    def row_errors(self) -> list[RowErrors]:
        return [
            RowErrors(row, {key: tuple(texts) for key, texts in fields.items()})
            for row, fields in sorted(self.errors.items())
        ]

    def sound(self) -> list[int]:
        """Rows without an error."""
        return [row for row in range(len(self.values)) if row not in self.errors]


def read_rows(
    ctx: Context, entity: Entity, rows: Sequence[Mapping[str, Any]], source: Source
) -> Batch:
    """Raw rows -> typed values; every error stands beside its field."""
    batch = Batch(entity, [{} for _ in rows])
    read = _READERS[source](ctx, entity)
    for number, row in enumerate(rows):
        batch.values[number] = read(row, batch, number)
    return batch


Reader = Callable[[Mapping[str, Any], Batch, int], Values]


def json_schema(ctx: Context, entity: Entity) -> ma.Schema:
    """The marshmallow schema of what a client may write, made once per revision."""

    def build() -> ma.Schema:
        fields = {one.key: one.type.value(one) for one in entity.fields}
        made = ma.Schema.from_dict(dict(fields), name=f"{entity.key}_record")
        return made(unknown=ma.RAISE)

    return ctx.model.once(("schema", entity.uid), build)


def _json_reader(ctx: Context, entity: Entity) -> Reader:
    schema = json_schema(ctx, entity)

    def read(row: Mapping[str, Any], batch: Batch, number: int) -> Values:
        if not isinstance(row, Mapping):
            batch.blame(number, "", message("invalid.object"))
            return {}
        try:
            loaded: Values = schema.load(row)
            return loaded
        except ma.ValidationError as error:
            for key, texts in error.normalized_messages().items():  # type: ignore[no-untyped-call]
                for text in texts:
                    known = isinstance(text, Message)
                    batch.blame(number, key, text if known else _strange(key))
            valid = error.valid_data
            return valid if isinstance(valid, dict) else {}

    return read


def _strange(key: str) -> Message:
    system = key == "uid" or key in system_fields()
    return message("invalid.read_only" if system else "invalid.unknown_field")


def _text_reader(ctx: Context, entity: Entity) -> Reader:
    by_key, locale = entity.by_key, ctx.actor.locale
    converters = {key: one.type.convert for key, one in by_key.items()}

    def read(row: Mapping[str, Any], batch: Batch, number: int) -> Values:
        values: Values = {}
        for key, text in row.items():
            one = by_key.get(key)
            if one is None:
                batch.blame(number, key, message("invalid.unknown_field"))
                continue
            if one.type.read_only:
                batch.blame(number, key, message("invalid.read_only"))
                continue
            try:
                values[key] = converters[key](one, text, locale)
            except Invalid as error:
                batch.blame(number, key, error.message)
        return values

    return read


def _typed_reader(ctx: Context, entity: Entity) -> Reader:
    writable = {one.key for one in entity.fields if not one.type.read_only}

    def read(row: Mapping[str, Any], batch: Batch, number: int) -> Values:
        if writable.issuperset(row):
            return dict(row)
        for key in row.keys() - writable:
            known = key in entity.by_key
            text = message("invalid.read_only") if known else _strange(key)
            batch.blame(number, key, text)
        return {key: value for key, value in row.items() if key in writable}

    return read


_READERS: dict[Source, Callable[[Context, Entity], Reader]] = {
    Source.JSON: _json_reader,
    Source.TEXT: _text_reader,
    Source.TYPED: _typed_reader,
}


def add_defaults(batch: Batch) -> None:
    """What new records have where nothing was said."""
    defaults = [(one.key, one.default) for one in batch.entity.fields if one.default is not None]
    for values in batch.values if defaults else ():
        for key, default in defaults:
            values.setdefault(key, default)


def check_batch(ctx: Context, batch: Batch) -> None:
    """Everything beyond the single value; the caller has filled in `full`, `ids`, `states`."""
    _check_required(batch)
    _check_references(ctx, batch)
    _check_people(ctx, batch)
    _check_unique(ctx, batch)


def _is_empty(value: Any) -> bool:
    return value is None or value == ()


def _check_required(batch: Batch) -> None:
    entity = batch.entity
    required = [
        one.key for one in entity.fields if one.required and one.type.name not in ("boolean",)
    ]
    for number, full in enumerate(batch.full):
        for key in required:
            if _is_empty(full.get(key)):
                _ask(batch, number, key)
        if entity.one_of and all(_is_empty(full.get(key)) for key in entity.one_of):
            _ask_one_of(batch, number)
        state = entity.workflow.states.get(batch.states[number] or "") if entity.workflow else None
        for key in state.requires if state else ():
            if _is_empty(full.get(key)) and key not in required:
                _ask(batch, number, key)


def _ask(batch: Batch, number: int, key: str) -> None:
    # A value that could not be read has its own message already.
    if key not in batch.errors.get(number, {}):
        batch.blame(number, key, message("invalid.required"))


def _ask_one_of(batch: Batch, number: int) -> None:
    keys = batch.entity.one_of
    if not any(key in batch.errors.get(number, {}) for key in keys):
        names = tuple(batch.entity.by_key[key].title for key in keys)
        batch.blame(number, keys[0], message("invalid.one_of", fields=names))


def _wanted(batch: Batch, one: Field) -> dict[int, list[int]]:
    """Id that the field names -> rows that name it."""
    wanted: dict[int, list[int]] = defaultdict(list)
    for number, values in enumerate(batch.values):
        found = values.get(one.key)
        if found is None:
            continue
        for identity in found if isinstance(found, tuple) else (found,):
            wanted[identity].append(number)
    return wanted


def _check_references(ctx: Context, batch: Batch) -> None:
    for one in batch.entity.fields:
        if one.type.name not in ("reference", "references"):
            continue
        wanted = _wanted(batch, one)
        if not wanted:
            continue
        there = _living(ctx, one, wanted)
        for identity, numbers in wanted.items():
            if identity not in there:
                for number in numbers:
                    batch.blame(number, one.key, message("invalid.not_there"))


def _living(ctx: Context, one: Field, wanted: Iterable[int]) -> set[int]:
    """Which of these records are there, not in the bin, and the actor's to see.

    On PostgreSQL they are held until commit, so that none goes into the bin meanwhile.
    """
    target = ctx.catalog.target(one)
    name = ("living", target.uid, ctx.roles_key)

    def build() -> sa.Select[Any]:
        table = ctx.table(target)
        some = among(table.c.id, "ids", sqlite=ctx.sqlite)
        where: list[Any] = [some, table.c.deleted_at.is_(None)]
        granted = ctx.granted(target, table)
        if granted is not None:
            where.append(granted)
        statement = sa.select(table.c.id).where(*where).order_by(table.c.id)
        return statement if ctx.sqlite else statement.with_for_update(read=True)

    return {row[0] for row in ctx.run(ctx.model.once(name, build), {"ids": list(wanted)})}


def _check_people(ctx: Context, batch: Batch) -> None:
    users = ctx.model.metadata.tables["sys_user"]
    for one in batch.entity.fields:
        if one.type.name not in ("user", "users"):
            continue
        wanted = _wanted(batch, one)
        if not wanted:
            continue
        some = sa.select(users.c.id).where(users.c.id.in_(list(wanted)), users.c.active)
        there = {row[0] for row in ctx.run(some)}
        for identity, numbers in wanted.items():
            if identity not in there:
                for number in numbers:
                    batch.blame(number, one.key, message("invalid.no_person"))


def _check_unique(ctx: Context, batch: Batch) -> None:
    for spec in ctx.model.tables[batch.entity.uid].indexes:
        if spec.unique and spec.fields and not batch.entity.by_key[spec.fields[0]].type.read_only:
            _check_unique_rule(ctx, batch, spec.fields, spec.columns)


def _check_unique_rule(
    ctx: Context, batch: Batch, keys: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    first: dict[tuple[Any, ...], int] = {}
    storers = _storers(batch.entity, keys, columns)
    for number, full in enumerate(batch.full):
        values = batch.values[number]
        stored = _stored(full, storers) if any(key in values for key in keys) else None
        if stored is None:
            continue
        if stored in first:
            batch.blame(number, keys[0], message("invalid.taken_in_batch"))
        else:
            first[stored] = number
    if not first:
        return
    holders = find_holders(ctx, batch.entity, keys, columns, list(first))
    others = {key: held for key, held in holders.items() if held != batch.ids[first[key]]}
    names = find.titles(ctx, batch.entity, others.values()) if others else {}
    for key, held in others.items():
        text = message("invalid.taken_hidden")
        if held in names:
            text = message("invalid.taken", holder=names[held])
        batch.blame(first[key], keys[0], text)


def stored_key(
    entity: Entity, full: Values, keys: tuple[str, ...], columns: tuple[str, ...]
) -> tuple[Any, ...] | None:
    """What the unique index sees of a record; None where a part is empty, for then nothing
    clashes."""
    return _stored(full, _storers(entity, keys, columns))


# Key of a field and what its value is in the column that must not repeat.
Storer = tuple[str, Callable[[Any], Any]]


def _storers(entity: Entity, keys: tuple[str, ...], columns: tuple[str, ...]) -> tuple[Storer, ...]:
    return tuple(
        (key, storer(entity.by_key[key], column)) for key, column in zip(keys, columns, strict=True)
    )


def storer(one: Field, column: str) -> Callable[[Any], Any]:
    """From a value to what stands in this column of the field."""
    as_it_is = isinstance(one.type, Line) or type(one.type).pack is FieldType.pack
    if as_it_is and column == one.key:
        return lambda value: value
    return lambda value: one.type.pack(one, value)[column]


def _stored(full: Values, storers: Sequence[Storer]) -> tuple[Any, ...] | None:
    parts = []
    for key, store in storers:
        value = full.get(key)
        if value is None:
            return None
        parts.append(store(value))
    return tuple(parts)


def find_holders(
    ctx: Context,
    entity: Entity,
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    wanted: Sequence[tuple[Any, ...]],
) -> dict[tuple[Any, ...], int]:
    """Stored key -> the living record that has it, whoever may see it."""
    name = ("holders", entity.uid, keys)

    def build() -> sa.Select[Any]:
        table = ctx.table(entity)
        parts = [table.c[column] for column in columns]
        head = among(parts[0], "heads", sqlite=ctx.sqlite)
        return sa.select(*parts, table.c.id).where(head, table.c.deleted_at.is_(None))

    rows = ctx.run(ctx.model.once(name, build), {"heads": [key[0] for key in wanted]})
    found: dict[tuple[Any, ...], int] = {tuple(row[:-1]): row[-1] for row in rows}
    return {key: found[key] for key in wanted if key in found}
