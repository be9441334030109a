"""The contract of every field type: what it takes and refuses, and that all its faces agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import marshmallow as ma
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from runtime.definitions.schemas import Validator
from runtime.fields.base import Field, FieldType
from runtime.fields.registry import field_types
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import locale_of
from runtime.kernel.workspace import LANGUAGES, Workspace
from tests.kit.fields import make_field
from tests.kit.golden import Golden

TYPES = list(field_types())
WRITABLE = [name for name, kind in field_types().items() if not kind.read_only]


def cases(attribute: str, names: list[str]) -> Iterator[Any]:
    for name in names:
        for number, value in enumerate(getattr(field_types()[name], attribute)):
            yield pytest.param(name, value, id=f"{name}-{number}")


def valid(schema: dict[str, Any], value: Any) -> bool:
    Draft202012Validator.check_schema(schema)
    return bool(Validator(schema, format_checker=FormatChecker()).is_valid(value))


def accepts(field: Field, value: Any) -> bool:
    try:
        field.type.load(field, value)
    except Invalid:
        return False
    return True


def test_the_list_of_types_changes_only_on_purpose(golden: Golden) -> None:
    lines = []
    for name, kind in field_types().items():
        lines.append(f"{name}: {', '.join(kind.operators)}")
        lines.append(f"  words: {', '.join([*kind.options_schema, *kind.keywords]) or '-'}")
        lines.append(f"  schema: {kind.json_schema(make_field(name))}")
    golden("fields/registry.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", TYPES)
def test_a_type_says_what_it_takes_and_what_it_refuses(name: str) -> None:
    kind = field_types()[name]
    assert kind.rejects
    assert kind.examples or kind.read_only
    assert isinstance(kind, FieldType)


@pytest.mark.parametrize(("name", "value"), list(cases("examples", WRITABLE)))
def test_an_example_is_taken_and_valid_by_its_schemas(name: str, value: Any) -> None:
    field = make_field(name)
    # A telephone is typed any way; what comes back is the one form that a schema can say.
    assert name == "phone" or valid(field.type.wire_schema(field), value)
    loaded = field.type.load(field, value)
    dumped = [] if loaded is None else field.type.dump(field, loaded)
    assert valid(field.type.json_schema(field), dumped)
    assert valid(field.type.wire_schema(field), dumped)
    assert field.type.load(field, dumped) == loaded


@pytest.mark.parametrize(("name", "value"), list(cases("rejects", TYPES)))
def test_what_a_type_refuses_its_wire_schema_refuses_too(name: str, value: Any) -> None:
    field = make_field(name)
    assert not accepts(field, value)
    strict = field.type.wire_schema(field)
    if not field.type.read_only and name not in ("phone", "datetime"):
        assert not valid(strict, value)


# Sent in place of any value: what a stranger may try with every field.
STRANGE: list[Any] = [
    None, True, False, 0, -1, 1, 2**53, 2**63, -(2**63), 10**400, 1.5, -0.0, 1e308, float("inf"),
    float("nan"), "", " ", "\n", "0", "-0", "1", "1.0", "1,5", "1e5", "1e309", "NaN", "Infinity",
    "\0", "a\0b", "\ud800", "\u202ea", "\u200b", "😀", "Ə İ ı ₼", "é", "é", "=1+1", "<svg onload>",
    "{{7*7}}", "' OR 1=1--", "../x", "0000-00-00", "2026-02-29", "2026-02-28\n", "25:00",
    "09:30\n", "PT5M\n", "12.50\n", "+994502123456\n", "x" * 10_001, [], [1], ["one"], ["one\n"],
    [[]], [None], {}, {"amount": "1\n", "currency": "AZN"}, {"amount": None}, {"amount": "1"},
    {"amount": "9" * 30, "currency": "AZN"}, {"currency": "AZN"}, {"amount": "1", "currency": 5},
    {"amount": "1", "currency": ["AZN"]}, {"amount": "1.50", "currency": "JPY"},
    {"amount": "12345678901", "currency": "AZN"}, "one\n", "٣", "１２",
]  # fmt: skip


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: ascii(value)[:30])
@pytest.mark.parametrize("name", WRITABLE)
def test_whatever_is_sent_a_type_takes_it_or_says_why_not(name: str, value: Any) -> None:
    """And what it takes it can store, show, send and read again."""
    field = make_field(name)
    if value is None or not accepts(field, value):
        return
    loaded = field.type.load(field, value)
    if loaded is None:
        return
    assert valid(field.type.wire_schema(field), field.type.dump(field, loaded))
    for language in LANGUAGES:
        locale = locale_of(Workspace(), language)
        assert isinstance(field.type.text(field, loaded, locale), str)
        assert field.type.cell(field, loaded, locale).__html__()
    if not field.type.links:
        packed = field.type.pack(field, loaded)
        columns = [column.name for column in field.type.columns(field)]
        assert list(packed) == columns
        assert field.type.unpack(field, tuple(packed[name] for name in columns)) == loaded


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: ascii(value)[:30])
@pytest.mark.parametrize("name", WRITABLE)
def test_a_request_that_is_valid_by_schema_is_taken(name: str, value: Any) -> None:
    """But for days that no calendar has, and telephones: a schema cannot know them."""
    field = make_field(name)
    if name in ("phone", "date", "datetime") or value is None:
        return
    if valid(field.type.wire_schema(field), value):
        assert accepts(field, value)


@pytest.mark.parametrize(("name", "value"), list(cases("examples", WRITABLE)))
def test_forms_imports_and_apis_read_one_value(name: str, value: Any) -> None:
    """marshmallow (JSON), `convert` of the plain text and of the shown text agree."""
    field = make_field(name)
    schema = ma.Schema.from_dict({"value": field.type.value(field)})()
    loaded = schema.load({"value": value})["value"]
    assert schema.load({"value": None}) == {"value": None}
    if loaded is None:
        return
    for language in LANGUAGES:
        locale = locale_of(Workspace(), language)
        assert field.type.convert(field, field.type.plain(field, loaded), locale) == loaded
        shown = field.type.text(field, loaded, locale)
        if not field.type.links and name not in ("reference", "user"):
            assert field.type.convert(field, shown, locale) == loaded, (language, shown)


@pytest.mark.parametrize("name", WRITABLE)
def test_nothing_typed_is_no_value(name: str) -> None:
    field = make_field(name)
    for text in ("", " ", "\u00a0", "\n"):
        assert field.type.convert(field, text, locale_of(Workspace())) is None


@pytest.mark.parametrize("name", TYPES)
def test_cells_escape_what_they_show(name: str) -> None:
    hostile = "<script>alert(1)</script>"
    field = make_field(name, hostile=hostile)
    values = [field.type.load(field, value) for value in field.type.examples]
    for value in [one for one in values if one is not None]:
        assert "<script" not in field.type.cell(field, value, locale_of(Workspace()))


@pytest.mark.parametrize("name", TYPES)
def test_columns_are_named_after_the_field(name: str) -> None:
    field = make_field(name)
    names = [column.name for column in field.type.columns(field)]
    assert bool(names) != bool(field.type.links)
    assert all(one == "value" or one.startswith("value__") for one in names)
    assert names[:1] == ([] if field.type.links else ["value"])
    sort = field.type.sort_column(field)
    assert sort is None or sort in names
