"""One step of a workflow: checked, written with the fields it asks for, logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.catalog.model import Entity, Transition
from runtime.kernel.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Refused,
    RowErrors,
    ValidationFailed,
    message,
)
from runtime.records.context import Context
from runtime.records.history import begin_operation
from runtime.records.load import Current, load_current
from runtime.records.status import entered_at, log_move
from runtime.records.validate import Batch, Source, check_batch, read_rows
from runtime.records.write import keep_changes, store_changes
from runtime.workflow.machine import obstacle


@dataclass(frozen=True, slots=True)
class Move:
    """A step that somebody wants to take, with values for fields that it asks for."""

    id: int
    transition: str
    values: Mapping[str, Any]
    version: int | None = None


def move(ctx: Context, entity: Entity, wanted: Move, source: Source = Source.JSON) -> Transition:
    """Takes the step. Raises `NotFound` for an unknown one, `Refused` when the record's state does
    not allow it, `Forbidden` when the person's roles do not, `ValidationFailed` for its fields."""
    step = entity.workflow.transitions.get(wanted.transition) if entity.workflow else None
    if step is None or entity.workflow is None:
        raise NotFound("error.no_transition", transition=wanted.transition)
    current = load_current(ctx, entity, [wanted.id], "see")[wanted.id]
    _check_allowed(ctx, entity, step)
    load_current(ctx, entity, [wanted.id], "edit")
    if wanted.version is not None and wanted.version != current.version:
        raise Conflict(wanted.version, current.version)
    state = current.values["status"]
    if state not in step.sources:
        now_in = entity.workflow.states.get(state)
        title = now_in.title(ctx.actor.language) if now_in else str(state)
        raise Refused("workflow.wrong_state", step=step.title(ctx.actor.language), state=title)
    batch = _checked(ctx, entity, step, wanted, current, source)
    now = ctx.now()
    operation = begin_operation(ctx, "transition", now)
    values = {**batch.values[0], "status": step.target}
    store_changes(ctx, entity, [(current, values)], operation, now, "transition")
    since = entered_at(ctx, entity, wanted.id) or current.created_at
    logged = {"source": state, "target": step.target, "transition": step.key}
    log_move(ctx, entity, operation, now, wanted.id, logged, since)
    return step


def _check_allowed(ctx: Context, entity: Entity, step: Transition) -> None:
    editable = ctx.scope(entity, "edit") != "none"
    found = obstacle(
        step,
        ctx.actor.roles,
        owner=ctx.actor.is_owner,
        editable=editable,
        called=lambda key: ctx.catalog.role_title(key, ctx.actor.language),
    )
    if found:
        raise Forbidden(found.key, **found.params)


def _checked(
    ctx: Context,
    entity: Entity,
    step: Transition,
    wanted: Move,
    current: Current,
    source: Source,
) -> Batch:
    """The asked fields, as the next state will require them."""
    assert entity.workflow is not None  # noqa: S101 - `move` has looked
    askable = {*step.ask, *entity.workflow.states[step.target].requires}
    strange = [key for key in wanted.values if key not in askable]
    if strange:
        text = message("workflow.not_asked", fields=", ".join(sorted(askable)) or "-")
        raise ValidationFailed([RowErrors(0, dict.fromkeys(strange, (text,)))])
    batch = read_rows(ctx, entity, [wanted.values], source)
    keep_changes(entity, batch, 0, current)
    batch.full = [{**current.values, **batch.values[0], "status": step.target}]
    batch.ids, batch.states = [wanted.id], [step.target]
    check_batch(ctx, batch)
    _require_asked(step, batch)
    if batch.errors:
        raise ValidationFailed(batch.row_errors())
    return batch


def _require_asked(step: Transition, batch: Batch) -> None:
    for key in step.ask:
        empty = batch.full[0].get(key) in (None, ())
        if empty and key not in batch.errors.get(0, {}):
            batch.blame(0, key, message("invalid.required"))
