"""New records, column by column: what thousands of them have in common is worked out once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runtime.catalog.model import Entity
from runtime.catalog.searching import search_fields, searcher
from runtime.fields.base import Field, FieldType
from runtime.fields.textual import fold_column
from runtime.kernel.fold import spaced

Values = Mapping[str, Any]
# A sort key of this length was cut nowhere, and all of it is searched.
_SURELY_WHOLE = 500
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def stored_columns(entity: Entity, rows: Sequence[Values]) -> dict[str, list[Any]]:
    """What stands in each physical column of the fields, and in `search_fold`."""
    columns: dict[str, list[Any]] = {}
    for one in entity.fields:
        values = [row.get(one.key) for row in rows]
        if one.type.links:
            continue
        # Most types keep their value as it is: only the others are asked.
        if type(one.type).pack is FieldType.pack:
            columns[one.key] = values
        else:
            columns |= _packed(one, values)
    columns["search_fold"] = _searched(entity, rows, columns)
    return columns


def _searched(
    entity: Entity, rows: Sequence[Values], columns: Mapping[str, list[Any]]
) -> list[str]:
    """What the quick search finds: short texts are folded already, to be sorted by."""
    folded = [columns[fold_column(one)] for one in search_fields(entity)]
    text_of = searcher(entity)
    found = []
    for row, *texts in zip(rows, *folded, strict=True):
        text = " ".join([part for part in texts if part])
        found.append(spaced(text) if len(text) <= _SURELY_WHOLE else text_of(row))
    return found


def _packed(one: Field, values: Iterable[Any]) -> dict[str, list[Any]]:
    pack, nothing = one.type.pack, dict[str, Any]()
    rows = [nothing if value is None else pack(one, value) for value in values]
    return {c.name: [row.get(c.name) for row in rows] for c in one.type.columns(one)}


def first_changes(entity: Entity, rows: Sequence[Values]) -> list[str]:
    """What each new record began with, as history keeps it: `{field uid: [null, value]}`."""
    columns = []
    for key in dict.fromkeys(key for row in rows for key in row):
        one = entity.by_key[key]
        head, dump = f"{_write(one.uid)}:[null,", one.type.dump
        values = [row.get(key) for row in rows]
        # Equal values are written once.
        texts = {
            value: f"{head}{_write(dump(one, value))}]"
            for value in set(values)
            if value is not None and value is not False and value != ()
        }
        columns.append([texts.get(value) for value in values])
    return [
        f"{{{','.join([part for part in parts if part])}}}" for parts in zip(*columns, strict=True)
    ] or ["{}"] * len(rows)
