"""Values come back from both databases as they went in, the largest and the strangest too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runtime.fields.registry import field_types
from runtime.kernel.errors import Invalid
from tests.kit.builders import entity, field, module
from tests.kit.samples import sample
from tests.kit.workspace import Space

HOSTILE = sample("hostile_strings/blns.json")
EXTREMES: dict[str, list[Any]] = {
    "integer": [2**53 - 1, 1 - 2**53],
    "decimal": ["9" * 10 + "." + "9" * 8, "-" + "9" * 10 + ".00000001"],
    "percent": ["9" * 16 + ".99", "-0.01"],
    "money": [{"amount": "9" * 16 + ".99"}, {"amount": "-0.01"}],
    "date": ["0001-01-01", "9999-12-31"],
    "datetime": ["0001-01-02T00:00:00Z", "9999-12-30T23:59:59Z"],
    "time": ["00:00", "23:59:59"],
    "duration": ["P9999D", "PT240000H", "PT0S"],
    "text": [
        "=1+1",
        "a\u202eb",
        "Ə İ ı ₼",
        "e\u0301",
        "é",
        "😀" * 100,
        "'; DROP TABLE x; --",
        "%_\\",
    ],
    "long_text": ["x" * 100_000, "a\n\n\tb"],
    "url": ["https://example.az/" + "x" * 1900],
    "email": ["'or'1'='1@example.az"],
}
SIMPLE = [
    name for name, kind in field_types().items()
    if not kind.read_only and not kind.links and name not in ("reference", "user")
]  # fmt: skip


def test_every_value_comes_back_as_it_was(space: Space) -> None:
    fields = {name: field(name, **({"places": 8} if name == "decimal" else {})) for name in SIMPLE}
    space.publish(module("shop", entity("thing", **{f"a_{name}": f for name, f in fields.items()})))
    rows, expected = [], []
    described = space.entity("thing").by_key
    for name in SIMPLE:
        one = described[f"a_{name}"]
        for value in [*one.type.examples, *EXTREMES.get(name, [])]:
            rows.append({one.key: value})
            expected.append((one, one.type.load(one, value)))
    ids = space.create_many("thing", rows)
    for record, (one, value) in zip(ids, expected, strict=True):
        found = space.get("thing", record).values[one.key]
        assert found == (one.type.empty if value is None else value), one.key
        assert type(found) is type(one.type.empty if value is None else value)


@pytest.mark.skipif(not HOSTILE.is_file(), reason="the list of hostile strings is not here")
def test_hostile_strings_are_kept_as_typed_or_refused(space: Space) -> None:
    space.publish(module("shop", entity("thing", name="text", note="long_text")))
    kind = space.entity("thing").by_key["name"]
    kept = []
    for text in json.loads(HOSTILE.read_text("utf-8")):
        try:
            kind.type.load(kind, text)
        except Invalid:
            continue
        kept.append(text)
    ids = space.create_many("thing", [{"name": text, "note": text} for text in kept])
    assert len(kept) > 400
    for record, text in zip(ids, kept, strict=True):
        values = space.get("thing", record).values
        assert values["name"] == values["note"] == (text.strip() or None)
