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
from runtime.transfer.formats.pages import exported_fields, pages, uids

# Types whose texts are digits, signs and keys alone: nothing that a spreadsheet would run.
_HARMLESS = (
    "integer", "decimal", "percent", "money", "boolean", "date", "time", "datetime", "duration",
    "choice", "choices", "status", "reference", "references", "user", "users",
)  # fmt: skip


Row = Sequence[Any]


def write_csv(ctx: Context, query: Query, path: Path) -> Iterator[int]:
    fields = exported_fields(query.entity)
    keys = (*(one.key for one in fields), "uid")
    query = replace(query, fields=keys, bare=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(keys)
        for page in pages(ctx, query):
            cells = [_cell(page, one) for one in fields]
            for row, uid in zip(page.rows, uids(page), strict=True):
                writer.writerow([*(cell(row) for cell in cells), uid])
            count += len(page.rows)
            yield count


def _cell(page: Page, one: Field) -> Callable[[Row], str]:
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
