"""What an import would do, without doing it: nothing is written, not even a checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

import sqlalchemy as sa

from runtime.access.actor import Actor
from runtime.records.context import Context
from runtime.records.service import Service
from runtime.storage import system
from runtime.transfer.batch import Manner, OnDuplicate, load_batch
from runtime.transfer.bind import bind
from runtime.transfer.guess import require_fields
from runtime.transfer.refusals import Refusal
from runtime.transfer.run import BATCH, Job
from runtime.transfer.sink import Promising

# Refused rows that a preview shows; the others are counted.
SHOWN = 100


@dataclass(slots=True)
class Preview:
    """What would become of the rows, and the first of those that would be refused."""

    done: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    related: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def preview(
    service: Service, actor: Actor, job: Job, progress: Callable[[int], None] = lambda done: None
) -> Preview:
    """Raises what `run.load` would. Each batch sees the database as it is at that moment."""
    found, sink = Preview(), Promising()
    with service.reading() as (connection, model):
        ctx = service.context(connection, model, actor)
        manner = _manner(ctx, job)
    rows = job.sheet.rows()
    while batch := list(islice(rows, BATCH)):
        with service.reading() as (connection, model):
            ctx = service.context(connection, model, actor)
            binding = bind(ctx, job.layout, job.sheet)
            outcome = load_batch(ctx, binding, batch, manner, sink)
        found.done += len(batch)
        found.created += outcome.created
        found.updated += outcome.updated
        found.skipped += outcome.skipped
        found.related += outcome.related
        found.refused += len(outcome.refusals)
        found.refusals += outcome.refusals[: SHOWN - len(found.refusals)]
        progress(found.done)
    return found


def _manner(ctx: Context, job: Job) -> Manner:
    bind(ctx, job.layout, job.sheet)
    if job.on_duplicate is not OnDuplicate.UPDATE:
        require_fields(ctx.catalog.entities[job.layout.entity], job.layout)
    run = system.import_run
    done = sa.select(run.c.id).where(
        run.c.signature == job.signature, run.c.finished_at.is_not(None)
    )
    seen = bool(ctx.run(done.limit(1)))
    return Manner(job.on_duplicate, len(job.sheet.header), job.sheet.strict, seen)
