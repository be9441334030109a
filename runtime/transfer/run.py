"""A run: the rows of a file in batches, each with its checkpoint, so that it can go on after a
kill and ends as if nothing had happened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import sqlalchemy as sa

from runtime.access.actor import Actor
from runtime.kernel.errors import Refused, ValidationFailed
from runtime.records.context import Context
from runtime.records.service import Service
from runtime.storage import system
from runtime.storage.bulk import plan_anew, refresh_statistics
from runtime.transfer.batch import Manner, OnDuplicate, Outcome, load_batch
from runtime.transfer.bind import Binding, bind
from runtime.transfer.guess import require_fields
from runtime.transfer.layout import Layout, from_json
from runtime.transfer.sheet import Row, Sheet
from runtime.transfer.sink import Writing

BATCH = 1_000
# On PostgreSQL another writer can take a value between our look and our write.
_TRIES = 3

run_table, error_table = system.import_run, system.import_error


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done with which file. `layout` counts at the beginning of a run alone."""

    sheet: Sheet
    layout: Layout
    on_duplicate: OnDuplicate
    # What the person asked for: equal ones are one run.
    signature: str


@dataclass(frozen=True, slots=True)
class Run:
    """How far a run is. `operation` is None while it has changed nothing."""

    id: int
    layout: Layout
    operation: int | None = None
    done: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    refused: int = 0
    related: int = 0
    # Rows that an earlier process had brought through.
    resumed: int = field(default=0)

    @property
    def changed(self) -> bool:
        return self.operation is not None


Progress = Callable[[Run], None]


def sign(
    sheet: Sheet, entity: str, page: str | None, mapping: Any, on_duplicate: OnDuplicate
) -> str:
    """The same for the same file, mapping and options, whatever the file is called."""
    asked = [sheet.digest, entity, page, mapping, on_duplicate.value]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def load(service: Service, actor: Actor, job: Job, progress: Progress = lambda run: None) -> Run:
    """Brings every row in and gives the run, which `finish` ends.

    Goes on where an earlier process stopped. Raises `Refused` when another process is at the same
    file, or when the definitions lost what the layout speaks of: what is loaded by then stays,
    and the same command goes on.
    """
    try:
        run, seen = service.write(actor, lambda ctx: _open(ctx, job))
    except sa.exc.IntegrityError as error:
        raise Refused("transfer.under_way") from error
    sheet = job.sheet
    manner = Manner(job.on_duplicate, len(sheet.header), sheet.strict, seen)
    loader = _Loader(service, actor, sheet, manner)
    rows = islice(sheet.rows(), run.done, None)
    for batch in _batches(rows):
        run = loader.load(run, batch)
        progress(run)
    return run


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _open(ctx: Context, job: Job) -> tuple[Run, bool]:
    """The run that waits for this job, or a new one; and whether the job was done before."""
    mine = run_table.c.signature == job.signature
    seen = sa.select(run_table.c.id).where(mine, run_table.c.finished_at.is_not(None)).limit(1)
    before = bool(ctx.run(seen))
    open_runs = sa.select(run_table).where(mine, run_table.c.finished_at.is_(None))
    for row in ctx.run(open_runs):
        run = _read(row._mapping)
        return replace(run, resumed=run.done), before
    bind(ctx, job.layout, job.sheet)
    if job.on_duplicate is not OnDuplicate.UPDATE:
        require_fields(ctx.catalog.entities[job.layout.entity], job.layout)
    counts = dict.fromkeys(("done_rows", "created", "updated", "skipped", "refused", "related"), 0)
    inserted = ctx.connection.execute(
        run_table.insert().values(
            entity_uid=job.layout.entity,
            signature=job.signature,
            file_name=job.sheet.name,
            layout=job.layout.to_json(),
            started_at=ctx.now(),
            **counts,
        )
    )
    return Run(int(inserted.inserted_primary_key[0]), job.layout), before  # type: ignore[index]


def _read(row: Mapping[Any, Any]) -> Run:
    return Run(
        id=row["id"],
        layout=from_json(row["layout"]),
        operation=row["operation_id"],
        done=row["done_rows"],
        created=row["created"],
        updated=row["updated"],
        skipped=row["skipped"],
        refused=row["refused"],
        related=row["related"],
    )


@dataclass(slots=True)
class _Loader:
    """Writes batch after batch; binds the layout anew when the definitions change."""

    service: Service
    actor: Actor
    sheet: Sheet
    manner: Manner
    binding: Binding | None = None

    def load(self, run: Run, rows: Sequence[Row]) -> Run:
        for attempt in range(1, _TRIES + 1):
            try:
                loaded = self.service.write(self.actor, lambda ctx: self._write(ctx, run, rows))
                break
            except ValidationFailed:
                if attempt == _TRIES:
                    raise
        if self.binding:
            self.binding.keep()
        return loaded

    def _write(self, ctx: Context, run: Run, rows: Sequence[Row]) -> Run:
        _require_turn(ctx, run)
        plan_anew(ctx.connection)
        binding = self._bound(ctx, run.layout)
        binding.forget()
        sink = Writing(run.operation)
        outcome = load_batch(ctx, binding, rows, self.manner, sink)
        after = _advance(run, len(rows), outcome, sink.operation)
        _keep(ctx, after, outcome)
        return after

    def _bound(self, ctx: Context, layout: Layout) -> Binding:
        if self.binding is None or self.binding.model is not ctx.model:
            self.binding = bind(ctx, layout, self.sheet)
        return self.binding


def _require_turn(ctx: Context, run: Run) -> None:
    """Nobody else has moved the checkpoint, and nobody can until commit."""
    statement = sa.select(run_table.c.done_rows).where(
        run_table.c.id == run.id, run_table.c.finished_at.is_(None)
    )
    rows = ctx.run(statement if ctx.sqlite else statement.with_for_update())
    if not rows or rows[0][0] != run.done:
        raise Refused("transfer.under_way")


def _advance(run: Run, rows: int, outcome: Outcome, operation: int | None) -> Run:
    return replace(
        run,
        operation=operation,
        done=run.done + rows,
        created=run.created + outcome.created,
        updated=run.updated + outcome.updated,
        skipped=run.skipped + outcome.skipped,
        refused=run.refused + len(outcome.refusals),
        related=run.related + outcome.related,
    )


def _keep(ctx: Context, run: Run, outcome: Outcome) -> None:
    """The checkpoint, in the transaction of the rows that it speaks of."""
    ctx.connection.execute(
        run_table.update()
        .where(run_table.c.id == run.id)
        .values(
            operation_id=run.operation,
            done_rows=run.done,
            created=run.created,
            updated=run.updated,
            skipped=run.skipped,
            refused=run.refused,
            related=run.related,
        )
    )
    if outcome.refusals:
        ctx.connection.execute(
            error_table.insert(),
            [
                {
                    "import_id": run.id,
                    "row": one.number,
                    "reason": one.reason,
                    "cells": json.dumps(one.cells, ensure_ascii=False),
                }
                for one in outcome.refusals
            ],
        )


def finish(service: Service, actor: Actor, job: Job, run: Run) -> None:
    """Ends the run. One that repeats an earlier one and changed nothing leaves nothing."""

    def end(ctx: Context) -> None:
        _require_turn(ctx, run)
        mine = run_table.c.signature == job.signature
        earlier = sa.select(run_table.c.id).where(mine, run_table.c.id != run.id).limit(1)
        if not run.changed and ctx.run(earlier):
            ctx.connection.execute(error_table.delete().where(error_table.c.import_id == run.id))
            ctx.connection.execute(run_table.delete().where(run_table.c.id == run.id))
            return
        ctx.connection.execute(
            run_table.update().where(run_table.c.id == run.id).values(finished_at=ctx.now())
        )
        if run.created + run.related >= BATCH:
            refresh_statistics(ctx.connection, _written(ctx, run))

    service.write(actor, end)


def _written(ctx: Context, run: Run) -> list[sa.Table]:
    """The tables that got new rows."""
    entity = ctx.catalog.entities.get(run.layout.entity)
    if entity is None:
        return []
    links = [entity.by_uid.get(one.field) for one in run.layout.related]
    return [ctx.table(entity)] + [ctx.table(ctx.catalog.target(one)) for one in links if one]


def refusals(connection: sa.Connection, run: int) -> Iterator[tuple[int, str, list[str]]]:
    """(number, reason, cells) of every row that was not taken, in their order."""
    table, after = error_table, 0
    while True:
        page = connection.execute(
            sa.select(table.c.id, table.c.row, table.c.reason, table.c.cells)
            .where(table.c.import_id == run, table.c.id > after)
            .order_by(table.c.id)
            .limit(BATCH)
        ).all()
        if not page:
            return
        for row in page:
            yield row.row, row.reason, json.loads(row.cells)
        after = page[-1].id
