"""New records, column by column: what thousands of them have in common is worked out once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runtime.catalog.model import Entity
from runtime.catalog.searching import searcher
from runtime.fields.base import Field, FieldType

Values = Mapping[str, Any]
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
    text_of = searcher(entity)
    columns["search_fold"] = [text_of(row) for row in rows]
    return columns


def _packed(one: Field, values: Iterable[Any]) -> dict[str, list[Any]]:
    pack, nothing = one.type.pack, dict[str, Any]()
    rows = [nothing if value is None else pack(one, value) for value in values]
    return {c.name: [row.get(c.name) for row in rows] for c in one.type.columns(one)}


def first_changes(entity: Entity, rows: Sequence[Values]) -> list[str]:
    """What each new record began with, as history keeps it: `{field uid: [null, value]}`."""
    said: list[list[str]] = [[] for _ in rows]
    for key in dict.fromkeys(key for row in rows for key in row):
        one = entity.by_key[key]
        head, dump = f"{_write(one.uid)}:[null,", one.type.dump
        known: dict[Any, str] = {}
        for row, parts in zip(rows, said, strict=True):
            value = row.get(key)
            if value is None or value is False or value == ():
                continue
            text = known.get(value)
            if text is None:
                text = known[value] = f"{head}{_write(dump(one, value))}]"
            parts.append(text)
    return [f"{{{','.join(parts)}}}" for parts in said]
