"""Records out as a file: streamed page by page, so that memory does not grow with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import sqlalchemy as sa

from runtime.access.actor import Actor
from runtime.access.policy import may_export, require_sight
from runtime.kernel import crash
from runtime.kernel.errors import Forbidden, Refused
from runtime.query.filters import read_filter
from runtime.records.context import Context
from runtime.records.find import Query
from runtime.records.service import Service
from runtime.storage.engine import is_sqlite, reading
from runtime.transfer.formats.write_csv import write_csv
from runtime.transfer.formats.write_json import write_json
from runtime.transfer.formats.write_xlsx import write_xlsx

# Writes what the query asks for and yields how many records it has written so far.
Writer = Callable[[Context, Query, Path], Iterator[int]]
_WRITERS: Mapping[str, Writer] = {".csv": write_csv, ".xlsx": write_xlsx, ".json": write_json}


def export(
    service: Service,
    actor: Actor,
    entity_key: str,
    path: Path,
    filters: Iterable[tuple[str, str]] = (),
    progress: Callable[[int], None] = lambda count: None,
) -> int:
    """Writes the records that the filters (`("city__in", "Baku,Ganja")`) leave, oldest first, and
    gives their count. The file is there whole or not at all.

    Raises `NotFound`, `Forbidden` without the right to export, `BadQuery` for a filter, `Refused`
    for a file that cannot be written.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise Refused("transfer.export_ending", name=path.name)
    if not path.absolute().parent.is_dir():
        raise Refused("transfer.no_folder", name=str(path.absolute().parent))
    unfinished = path.with_name(f".{path.name}.part")
    count = 0
    try:
        with reading(service.engine) as connection:
            if not is_sqlite(connection):
                # Every page of the same state, as SQLite gives it anyway.
                connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            ctx = service.context(connection, service.current.model(connection), actor)
            query = _query(ctx, entity_key, filters)
            for count in writer(ctx, query, unfinished):
                progress(count)
        crash.step()
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _query(ctx: Context, entity_key: str, filters: Iterable[tuple[str, str]]) -> Query:
    entity = ctx.catalog.by_key[entity_key]
    require_sight(ctx.catalog, ctx.actor, entity)
    if not may_export(ctx.catalog, ctx.actor, entity):
        raise Forbidden
    locale = ctx.actor.locale
    conditions = tuple(
        read_filter(ctx.catalog, entity, name, text, locale) for name, text in filters
    )
    return Query(entity, conditions, sort="id", limit=1_000)
