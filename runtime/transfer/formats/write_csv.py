"""Writes records as CSV for machines: keys above, values that read the same in every language."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime.fields.base import Field
from runtime.records.context import Context
from runtime.records.find import Query
from runtime.transfer.cells import guarded
from runtime.transfer.formats.pages import exported_fields, pages, uids

# Types whose texts are digits, signs and keys alone: nothing that a spreadsheet would run.
_HARMLESS = (
    "integer", "decimal", "percent", "money", "boolean", "date", "time", "datetime", "duration",
    "choice", "choices", "status", "reference", "references", "user", "users",
)  # fmt: skip


def write_csv(ctx: Context, query: Query, path: Path) -> Iterator[int]:
    fields = exported_fields(query.entity)
    keys = (*(one.key for one in fields), "uid")
    cells = [(one.key, _cell(one)) for one in fields]
    query = replace(query, fields=keys, bare=True, titled=False)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(keys)
        for page in pages(ctx, query):
            records = page.records(ctx.actor.locale)
            for record, uid in zip(records, uids(page), strict=True):
                values = record.values
                writer.writerow([*(cell(values[key]) for key, cell in cells), uid])
            count += len(records)
            yield count


def _cell(one: Field) -> Callable[[Any], str]:
    plain, harmless = one.type.plain, one.type.name in _HARMLESS

    def cell(value: Any) -> str:
        if value is None:
            return ""
        text = plain(one, value)
        return text if harmless else guarded(text)

    return cell
