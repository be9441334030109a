"""Writes records as CSV for machines: keys above, values that read the same in every language."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime.fields.base import Field
from runtime.records.context import Context
from runtime.records.find import Page, Query
from runtime.transfer.cells import guarded
from runtime.transfer.formats.pages import (
    abroad_name,
    exported_fields,
    known_abroad,
    pages,
    uids,
)

# Types whose texts are digits, signs and keys alone: nothing that a spreadsheet would run.
_HARMLESS = (
    "integer", "decimal", "percent", "money", "boolean", "date", "time", "datetime", "duration",
    "choice", "choices", "status", "reference", "references", "user", "users",
)  # fmt: skip


Row = Sequence[Any]


Cell = Callable[[Row], str]


def write_csv(ctx: Context, query: Query, path: Path) -> Iterator[int]:
    fields = exported_fields(query.entity)
    query = replace(query, fields=tuple(one.key for one in fields), bare=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        names = [name for one in fields for name in (one.key, abroad_name(one)) if name]
        writer.writerow([*names, "uid"])
        for page in pages(ctx, query):
            cells = [cell for one in fields for cell in _cells(ctx, page, one)]
            for row, uid in zip(page.rows, uids(ctx, query.entity, page), strict=True):
                writer.writerow([*(cell(row) for cell in cells), uid])
            count += len(page.rows)
            yield count


def _cells(ctx: Context, page: Page, one: Field) -> list[Cell]:
    """The field itself and, of a link, what other workspaces know it by."""
    if not abroad_name(one):
        return [_cell(page, one)]
    value_of = _value(page, one)
    ids = {identity for row in page.rows for identity in _ids(value_of(row))}
    known = known_abroad(ctx, one, ids) if ids else {}

    def abroad(row: Row) -> str:
        return ",".join(known.get(identity, "") for identity in _ids(value_of(row)))

    return [_cell(page, one), abroad]


def _ids(value: Any) -> Sequence[int]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _cell(page: Page, one: Field) -> Cell:
    """From a row of bare columns to the text of the field."""
    plain, value_of = one.type.plain, _value(page, one)
    harmless = one.type.name in _HARMLESS

    def cell(row: Row) -> str:
        value = value_of(row)
        if value is None or value == ():
            return ""
        text = plain(one, value)
        return text if harmless else guarded(text)

    return cell


def _value(page: Page, one: Field) -> Callable[[Row], Any]:
    if one.type.links:
        linked = page.links[one.key]
        return lambda row: linked.get(row[0])
    columns, positions = page.selection.table.c, page.selection.positions
    places = [positions[columns[column.name]] for column in one.type.columns(one)]
    first, unpack, empty = places[0], one.type.unpack, one.type.empty

    def value(row: Row) -> Any:
        if row[first] is None:
            return empty
        return unpack(one, tuple([row[place] for place in places]))

    return value
