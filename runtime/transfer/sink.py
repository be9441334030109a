"""Where the rows of a file go: into the database, or nowhere, for a preview."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.kernel.errors import RowErrors
from runtime.records import trial, write
from runtime.records.context import Context
from runtime.records.history import begin_operation
from runtime.records.validate import Source, find_holders, storer
from runtime.records.write import Created, Edit
from runtime.storage.tables import unique_column

Values = Mapping[str, Any]
# What a unique index sees of a value: `A@x.az` and `a@x.az` are one address.
Stored = Any


class Sink(Protocol):
    """Records are found, made and changed through one of these."""

    # Whether records are only promised, so that rows cannot point at those of their own file.
    promises: bool

    def holders(
        self, ctx: Context, entity: Entity, one: Field, keys: Sequence[Stored]
    ) -> dict[Stored, int]:
        """The records that have these values of the unique field."""
        ...

    def create(
        self,
        ctx: Context,
        entity: Entity,
        rows: Sequence[Values],
        states: Sequence[str | None] | None,
        match: Field | None,
        uids: Sequence[str | None] | None = None,
    ) -> Created:
        """New records; the bad ones are reported and left out."""
        ...

    def update(
        self, ctx: Context, entity: Entity, edits: Sequence[Edit]
    ) -> tuple[list[int], list[RowErrors]]:
        """The ids that changed, and what was left out."""
        ...


def store(one: Field) -> Callable[[Any], Stored]:
    """From a value of the unique field to what its index compares."""
    return storer(one, unique_column(one))


def find_stored(
    ctx: Context, entity: Entity, one: Field, keys: Sequence[Stored]
) -> dict[Stored, int]:
    wanted = [(key,) for key in keys]
    found = find_holders(ctx, entity, (one.key,), (unique_column(one),), wanted) if wanted else {}
    return {key[0]: record for key, record in found.items()}


@dataclass(slots=True)
class Writing:
    """Writes. All of it is one operation, which begins with the first change."""

    operation: int | None = None
    promises: bool = False

    def holders(
        self, ctx: Context, entity: Entity, one: Field, keys: Sequence[Stored]
    ) -> dict[Stored, int]:
        return find_stored(ctx, entity, one, keys)

    def create(
        self,
        ctx: Context,
        entity: Entity,
        rows: Sequence[Values],
        states: Sequence[str | None] | None,
        match: Field | None,
        uids: Sequence[str | None] | None = None,
    ) -> Created:
        return write.create(
            ctx,
            entity,
            rows,
            Source.TYPED,
            states=states,
            uids=uids,
            only_sound=True,
            operation=lambda: self._begin(ctx),
        )

    def update(
        self, ctx: Context, entity: Entity, edits: Sequence[Edit]
    ) -> tuple[list[int], list[RowErrors]]:
        return write.update(
            ctx,
            entity,
            edits,
            Source.TYPED,
            only_sound=True,
            operation=lambda: self._begin(ctx),
        )

    def _begin(self, ctx: Context) -> int:
        if self.operation is None:
            self.operation = begin_operation(ctx, "import", ctx.now())
        return self.operation


@dataclass(slots=True)
class Promising:
    """Looks everything up and writes nothing. What would have been made gets a number below zero,
    so that later rows of the same file find it."""

    promises: bool = True
    promised: dict[tuple[str, Stored], int] = field(default_factory=dict)
    count: int = 0

    def holders(
        self, ctx: Context, entity: Entity, one: Field, keys: Sequence[Stored]
    ) -> dict[Stored, int]:
        made = {key: number for key in keys if (number := self.promised.get((entity.uid, key)))}
        missing = [key for key in keys if key not in made]
        return made | find_stored(ctx, entity, one, missing)

    def create(
        self,
        ctx: Context,
        entity: Entity,
        rows: Sequence[Values],
        states: Sequence[str | None] | None,
        match: Field | None,
        uids: Sequence[str | None] | None = None,
    ) -> Created:
        known, promised = _parted(rows)
        errors = trial.try_create(
            ctx, entity, known, Source.TYPED, states=states, promised=promised
        )
        bad = {error.index for error in errors}
        ids: list[int | None] = []
        for number, row in enumerate(rows):
            if number in bad:
                ids.append(None)
                continue
            self.count -= 1
            ids.append(self.count)
            if match is not None and (value := row.get(match.key)) is not None:
                self.promised[entity.uid, store(match)(value)] = self.count
        return Created(tuple(ids), tuple(errors))

    def update(
        self, ctx: Context, entity: Entity, edits: Sequence[Edit]
    ) -> tuple[list[int], list[RowErrors]]:
        """What would be made earlier in the file cannot be looked at; it counts as changed."""
        there = [number for number, edit in enumerate(edits) if edit.id > 0]
        known, promised = _parted([edits[number].values for number in there])
        real = [Edit(edits[n].id, values) for n, values in zip(there, known, strict=True)]
        touched, errors = trial.try_update(ctx, entity, real, Source.TYPED) if real else ([], [])
        bad = {error.index for error in errors}
        more = [
            edit.id
            for place, (edit, links) in enumerate(zip(real, promised, strict=True))
            if links and edit.id not in touched and place not in bad
        ]
        made = [edit.id for edit in edits if edit.id < 0]
        placed = [RowErrors(there[error.index], error.fields) for error in errors]
        return [*touched, *more, *made], placed


def _parted(rows: Sequence[Values]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows without their references to what is only promised, and those references."""
    known, promised = [], []
    for row in rows:
        links = {key: value for key, value in row.items() if type(value) is int and value < 0}
        promised.append(links)
        known.append({key: value for key, value in row.items() if key not in links})
    return known, promised
