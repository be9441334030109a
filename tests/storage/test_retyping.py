"""Every type becomes every other: what converts is converted, nothing is lost, all goes back."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.definitions.bundle import ModuleSource
from runtime.fields.registry import field_types
from runtime.kernel.errors import Refused
from runtime.storage.steps.base import Risk
from tests.kit.builders import entity, field, module
from tests.kit.publishing import assert_sound, number, rollback
from tests.kit.workspace import Space

TYPES = [name for name in field_types() if name != "status"]
# Values that point at rows are no texts: another type for them is refused in the plan.
POINTING = ("reference", "references", "user", "users")
VALUES: dict[str, list[Any]] = {
    "boolean": [True, False],
    "choice": ["one", "two"],
    "choices": [["one"], ["one", "two"]],
    "date": ["2026-03-02", "1900-01-01"],
    "datetime": ["2026-03-02T09:00:00Z"],
    "decimal": ["12.50", "1.234", "-7.00"],
    "duration": ["PT1H30M", "PT30S"],
    "email": ["a@example.az", "A@Example.az"],
    "integer": [12, 0, -5, 1234],
    "long_text": ["One\nTwo", "12", "x" * 2000],
    "money": [{"amount": "12.50"}, {"amount": "7.00"}],
    "percent": ["12.50", "7.00"],
    "phone": ["+994502123456"],
    "text": ["12", "12,5", "2026-03-02", "one", "yes", "050 212 34 56", "1 h", "9:30", "a@b.az"],
    "time": ["09:30:00"],
    "url": ["https://example.az"],
}


def described(kind: str) -> Any:
    words: dict[str, Any] = {"places": 3} if kind == "decimal" else {}
    if kind in ("reference", "references"):
        words["to"] = "shop.box"
    if kind == "text":
        words["maxLength"] = 5000
    return words


def with_types(types: dict[str, str]) -> ModuleSource:
    """An entity with a field `<before>__<after>` of the type that `types` gives for it."""
    fields = {key: field(kind, **described(kind)) for key, kind in types.items()}
    return module("shop", entity("box", name="text"), entity("thing", **fields))


def raw(space: Space, columns: list[str]) -> list[Any]:
    names = ", ".join(columns)
    return [tuple(row) for row in space.sql(f"SELECT {names} FROM shop_thing ORDER BY id")]


@pytest.mark.parametrize("before", TYPES)
def test_a_type_becomes_every_other_and_goes_back_unharmed(space: Space, before: str) -> None:
    targets = [after for after in TYPES if after != before]
    pointing = before in POINTING
    wanted = [after for after in targets if not pointing and after not in POINTING]
    keys = {after: f"to_{after}" for after in targets}
    start = with_types(dict.fromkeys(keys.values(), before))
    space.publish(start)
    rows = [dict.fromkeys(keys.values(), value) for value in VALUES.get(before, [])]
    if before == "sequence":
        rows = [{}, {}]
    space.create_many("thing", [*rows, {}]) if rows else None
    columns = [f"{key}{tail}" for key in keys.values() for tail in _tails(before)]
    kept = raw(space, columns) if columns else []
    first = number(space)

    refused = [after for after in targets if after not in wanted]
    for after in refused:
        with pytest.raises(Refused):
            space.publish(with_types({**dict.fromkeys(keys.values(), before), keys[after]: after}))
    if not wanted:
        return
    plan = space.publish(with_types({
        key: after if after in wanted else before for after, key in keys.items()
    }))  # fmt: skip
    assert_sound(space)
    for step in [one for one in plan.steps if one.step.kind == "retype"]:
        finding = step.finding
        assert finding.rows == finding.converts + finding.fails
        assert step.risk in (Risk.SAFE, Risk.LOSSY)
        assert step.risk is Risk.LOSSY or not finding.fails
    rollback(space, first)
    for before_row, after_row in zip(kept, raw(space, columns), strict=True):
        assert dict(zip(columns, after_row, strict=True)) == dict(
            zip(columns, before_row, strict=True)
        )


def _tails(kind: str) -> list[str]:
    if kind in ("references", "users"):
        return []
    folded = ("text", "long_text", "email", "url", "phone", "sequence")
    return ["", "__fold"] if kind in folded else [""]


def test_there_and_back_and_there_again(space: Space) -> None:
    """Each turn gives back what the turn before set aside, not what conversions made of it."""
    space.publish(with_types({"a": "text"}))
    ids = space.create_many("thing", [{"a": "012"}, {"a": "x"}, {"a": "5"}])
    for _ in range(3):
        space.publish(with_types({"a": "integer"}))
        assert [space.get("thing", one).values["a"] for one in ids] == [12, None, 5]
        space.publish(with_types({"a": "text"}))
        assert [space.get("thing", one).values["a"] for one in ids] == ["012", "x", "5"]
    assert_sound(space)


@pytest.mark.parametrize(
    ("before", "after", "value", "expected"),
    [
        # Decided, where peers differ: nothing is rounded, cut or guessed.
        (field("text"), field("integer"), "100.59999", None),
        (field("text"), field("decimal"), "100.22", "100.22"),
        (field("decimal", places=2), field("decimal", places=1), "12.50", "12.5"),
        (field("decimal", places=2), field("decimal", places=1), "12.55", None),
        (field("decimal", places=3), field("integer"), "1.234", None),
        (field("decimal", places=3), field("integer"), "7.000", 7),
        (field("integer"), field("text"), 1234, "1,234"),
        (field("integer"), field("boolean"), 1, True),
        (field("integer"), field("boolean"), 2, False),
        (field("integer"), field("duration"), 90, "PT1H30M"),
        (field("boolean"), field("text"), True, "Yes"),
        (field("choice"), field("text"), "one", "One"),
        (field("choice"), field("choices"), "one", ["one"]),
        (field("choices"), field("choice"), ["one"], "one"),
        (field("choices"), field("choice"), ["one", "two"], None),
        (field("text"), field("choice"), "One", "one"),
        (field("date"), field("datetime"), "2026-03-02", "2026-03-01T20:00:00Z"),
        (field("datetime"), field("date"), "2026-03-01T20:00:00Z", "2026-03-02"),
        (field("datetime"), field("time"), "2026-03-01T20:00:00Z", "00:00:00"),
        (field("date"), field("text"), "2026-03-02", "2 Mar 2026"),
        (field("text"), field("phone"), "050 212 34 56", "+994502123456"),
        (field("phone"), field("text"), "+994502123456", "050 212 34 56"),
        (field("money"), field("decimal"), {"amount": "12.50"}, "12.50"),
        (field("money"), field("money", per_record=True), {"amount": "5.00"}, "AZN"),
        (field("money", currency="USD"), field("money", per_record=True), {"amount": "5"}, "USD"),
        (field("decimal"), field("money"), "12.50", "AZN"),
        (field("percent"), field("decimal"), "12.50", "12.50"),
        (field("long_text"), field("text"), "One\nTwo", None),
        (field("email"), field("phone"), "a@example.az", None),
    ],
)  # fmt: skip
def test_what_a_value_becomes(
    lite: Space, before: Any, after: Any, value: Any, expected: Any
) -> None:
    lite.publish(module("shop", entity("thing", a=before)))
    record = lite.create("thing", a=value)
    lite.publish(module("shop", entity("thing", a=after)))
    one = lite.entity("thing").by_key["a"]
    found = lite.get("thing", record).values["a"]
    dumped = None if found in (None, ()) else one.type.dump(one, found)
    if isinstance(dumped, dict):
        dumped = dumped["currency"]
    assert dumped == expected


def test_a_retyped_field_is_found_sorted_and_filtered_as_what_it_is_now(space: Space) -> None:
    space.publish(with_types({"a": "text"}))
    space.create_many("thing", [{"a": text} for text in ("10", "9", "100")])
    space.publish(with_types({"a": "integer"}))
    assert [one.values["a"] for one in space.find("thing", sort="a")] == [9, 10, 100]
    assert space.find("thing", search=("100",)) == []
    space.publish(with_types({"a": "text"}))
    assert [one.values["a"] for one in space.find("thing", sort="a")] == ["10", "100", "9"]
    assert [one.values["a"] for one in space.find("thing", search=("100",))] == ["100"]
