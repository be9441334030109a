"""Writes records as a JSON list of the objects that REST shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from runtime.records import wire
from runtime.records.context import Context
from runtime.records.find import Query


def write_json(ctx: Context, query: Query, path: Path) -> Iterator[int]:
    shape = wire.Shape(query.entity, wire.record_keys(query.entity))
    query = replace(query, fields=shape.keys, bare=True)
    count, cursor = 0, ""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        while True:
            records, following = wire.read_page(ctx, replace(query, cursor=cursor), shape)
            for record in records:
                file.write(",\n" if count else "\n")
                file.write(json.dumps(record, ensure_ascii=False, separators=(", ", ": ")))
                count += 1
            yield count
            if following is None:
                break
            cursor = following
        file.write("\n]\n")
