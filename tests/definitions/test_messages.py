"""What an author reads about a mistake: where it stands and what belongs there instead."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runtime.definitions.bundle import File
from runtime.definitions.check import problems_of
from runtime.kernel.errors import DefinitionProblem
from tests.kit.builders import entity, field, module, role, view, workflow

Json = dict[str, Any]
SHOP = "shop.customer"


def customer(**fields: Any) -> File:
    return entity("customer", name="text", **fields)


def problems(*files: File) -> list[DefinitionProblem]:
    source = module("shop", *files)
    return problems_of({"shop": source})


def edited(file: File, **words: Any) -> File:
    content = json.loads(json.dumps(file.content))
    return File(file.path, file.kind, content | words)


@pytest.mark.parametrize(
    ("words", "path", "said"),
    [
        ({"title": "A", "x-field": "text"}, "age.x-field", 'write the field type as {"type"'),
        ({"required": True, "x-field": {"type": "text"}}, "age.required", "listed by key"),
        ({"x-field": {"type": "text", "required": True}}, "age.x-field.required", "listed by key"),
        ({"x-field": {"type": "text", "title": "A"}}, "age.x-field.title", "beside `x-field`"),
        ({"unique": True, "x-field": {"type": "text"}}, "age.unique", "inside `x-field`"),
        ({"minimum": 1, "x-field": {"type": "decimal"}}, "age.minimum", "inside `x-field`"),
        ({"maxLength": 20_000, "x-field": {"type": "text"}}, "age.maxLength", "a text holds less"),
        (
            {"maxLength": 900, "x-field": {"type": "text", "unique": True}},
            "age.maxLength",
            "a unique text holds less",
        ),
        ({"minLength": 2000, "x-field": {"type": "text"}}, "age.minLength", "a text holds less"),
        (
            {"x-field": {"type": "sequence", "pattern": "{month}-{counter}"}},
            "age.x-field.pattern",
            "it would come again",
        ),
        ({"x-field": {"type": "decimal", "places": 9}}, "age.x-field.places", "too large"),
        (
            {"default": "5", "x-field": {"type": "money"}},
            "age.default",
            'Money is written {"amount": "12.50", "currency": "AZN"}',
        ),
    ],
)
def test_a_word_in_a_wrong_place_is_sent_to_the_right_one(
    words: Json, path: str, said: str
) -> None:
    [found] = problems(customer(age=words))
    assert found.path == f"$.properties.{path}"
    assert said in found.problem


def test_a_word_of_the_entity_beside_its_properties_is_sent_inside() -> None:
    [found] = problems(edited(customer(), unique=[["name"]]))
    assert found.problem == "this word of an entity stands inside `x-entity`"


def test_a_line_is_as_long_as_its_author_says() -> None:
    assert problems(customer(remark=field("text", maxLength=5000))) == []


@pytest.mark.parametrize("word", ["required", "anyOf", "title"])
def test_a_file_that_adds_to_an_entity_cannot_change_the_rest_of_it(word: str) -> None:
    value: Any = {"required": ["age"], "title": "Age"}.get(word, [{"required": ["age"]}] * 2)
    content = {"x-extends": SHOP, word: value, "properties": {"age": field("integer")}}
    found = problems(customer(), File("entities/more.json", "entity", content))
    assert [one.path for one in found] == [f"$.{word}"]


TICKET = entity(
    "ticket",
    words={"status": "shop.flow"},
    name="text",
    due="date",
    note="long_text",
    owner=field("reference", to=SHOP),
)
FLOW = workflow("shop.flow", "shop.ticket", ["new", "done"], [])


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"status": "old"}, "Not one of the options: new, done"),
        ({"status__contains": "n"}, "there is no operator of that name"),
        ({"due__lt": "tomorrow"}, "Not a date of the calendar"),
        ({"due__isnull": "maybe"}, "Must be yes or no"),
        ({"name__in": "a,,b"}, "Fill this in"),
        ({"owner.age": "5"}, "there is no field of that name"),
        ({"due.name": "5"}, "there is no reference of that name"),
        ({"created_at__gte": "soon"}, "Not a date and time"),
    ],
)
def test_a_filter_that_no_row_could_be_asked_is_refused(filters: Json, said: str) -> None:
    [found] = problems(customer(), TICKET, FLOW, view("shop.v", "shop.ticket", filter=filters))
    assert said in found.problem


@pytest.mark.parametrize(
    "filters",
    [
        {"status": "new"},
        {"status__in": "new,done"},
        {"due__gte": "2026-03-02", "due__isnull": False},
        {"owner.name__contains": "al"},
        {"owner__isnull": True},
        {"created_at__gte": "2026-03-02T09:00:00Z"},
    ],
)
def test_a_filter_that_lists_understand_is_taken(filters: Json) -> None:
    assert not problems(customer(), TICKET, FLOW, view("shop.v", "shop.ticket", filter=filters))


@pytest.mark.parametrize("sort", ["owner", "note", "name,due,status,id"])
def test_a_sort_that_no_list_can_do_is_refused(sort: str) -> None:
    found = problems(
        customer(), TICKET, FLOW, view("shop.v", "shop.ticket", settings={"sort": sort})
    )
    assert [one.path for one in found] == ["$.settings.sort"]


def test_a_form_says_its_sections() -> None:
    [found] = problems(customer(), view("shop.f", SHOP, kind="form"))
    assert found.problem == "the word 'settings' is missing"


def test_a_role_changes_only_what_it_sees() -> None:
    [found] = problems(customer(), role("clerk", {SHOP: {"create": True, "edit": "all"}}))
    assert found.path == "$.rights['shop.customer'].edit"


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ({"columns": {"A": {"field": "name", "by": "name"}}}, "$.columns.A.by"),
        ({"columns": {"A B": {"field": "owner", "by": "age"}}}, "$.columns['A B'].by"),
        (
            {
                "columns": {"A": "name"},
                "related": [{"field": "name", "match": ["name"], "columns": {"B": "name"}}],
            },
            "$.related[0].field",
        ),
    ],
)
def test_a_mapping_finds_records_only_by_way_of_references(words: Json, path: str) -> None:
    mapping = File("imports/tickets.json", "import", {"entity": "shop.ticket", **words})
    [found] = problems(customer(), TICKET, FLOW, mapping)
    assert found.path == path
