"""What writing a batch would say, without writing it: previews ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runtime.catalog.model import Entity
from runtime.kernel.errors import RowErrors
from runtime.records.context import Context
from runtime.records.validate import Source, check_batch
from runtime.records.write import Edit, read_edits, read_new


def try_create(
    ctx: Context,
    entity: Entity,
    rows: Sequence[Mapping[str, Any]],
    source: Source,
    *,
    states: Sequence[str | None] | None = None,
    promised: Sequence[Mapping[str, Any]] = (),
) -> list[RowErrors]:
    """The errors of new rows. `promised` holds, for each of them, values that count as filled but
    cannot be looked at yet: references to records that are not made either."""
    batch = read_new(ctx, entity, rows, source, states)
    if promised:
        pairs = zip(batch.values, promised, strict=True)
        batch.full = [{**values, **more} for values, more in pairs]
    check_batch(ctx, batch)
    return batch.row_errors()


def try_update(
    ctx: Context, entity: Entity, edits: Sequence[Edit], source: Source
) -> tuple[list[int], list[RowErrors]]:
    """The ids that would change, and the errors."""
    batch, _ = read_edits(ctx, entity, edits, source)
    check_batch(ctx, batch)
    touched = [edits[number].id for number in batch.sound() if batch.values[number]]
    return touched, batch.row_errors()
