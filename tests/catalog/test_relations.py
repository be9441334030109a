"""What the other end of a reference is called."""

from __future__ import annotations

from runtime.catalog.compile import compile_catalog
from runtime.definitions.bundle import File
from runtime.kernel.workspace import Workspace
from tests.kit.builders import entity, field, module

PERSON = "shop.person"


def headings(*files: File, language: str = "en") -> list[str | None]:
    catalog = compile_catalog(
        {"shop": module("shop", entity("person", name="text"), *files)}, Workspace(), 1
    )
    return [
        relation.label(language) if relation.label else None
        for relation in catalog.entities[PERSON].relations
    ]


def deal(**inverse: str) -> File:
    fields = {key: field("reference", to=PERSON, inverse=name) for key, name in inverse.items()}
    return entity("deal", title=field("text"), **fields)


def test_one_list_is_called_like_its_records() -> None:
    assert headings(deal(buyer="deals")) == [None]


def test_two_lists_of_one_entity_are_told_apart_by_their_inverse_names() -> None:
    assert headings(deal(buyer="bought_things", seller="sold_things")) == [
        "Bought things",
        "Sold things",
    ]


def test_a_language_without_a_heading_shows_the_inverse_name() -> None:
    texts = File("i18n/az.json", "texts", {"shop.deal.buyer": {"inverse": "Alışlar"}})
    files = deal(buyer="bought_things"), texts
    assert headings(*files, language="az") == ["Alışlar"]
    assert headings(*files, language="ru") == ["Bought things"]


def test_without_names_the_fields_tell_two_lists_apart() -> None:
    fields = {key: field("reference", to=PERSON) for key in ("buyer", "seller")}
    texts = File("i18n/az.json", "texts", {"shop.deal.buyer": {"title": "Alıcı"}})
    deals = entity("deal", words={"list_title": "Deals"}, title=field("text"), **fields)
    assert headings(deals) == ["Deals: Buyer", "Deals: Seller"]
    assert headings(deals, texts, language="az") == ["Deals: Alıcı", "Deals: Seller"]


def test_a_list_on_a_page_of_its_own_kind_is_called_by_its_inverse_name() -> None:
    catalog = compile_catalog(
        {
            "shop": module(
                "shop",
                entity(
                    "person",
                    name="text",
                    parent=field("reference", to=PERSON, inverse="children"),
                ),
            )
        },
        Workspace(),
        1,
    )
    [relation] = catalog.entities[PERSON].relations
    assert relation.label is not None
    assert relation.label("en") == "Children"
