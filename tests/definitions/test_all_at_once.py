"""Every mistake of a folder in one go, also while some of them break the shape of a file."""

from __future__ import annotations

import json
from pathlib import Path

from constructor.publish import check_folder
from runtime.definitions.bundle import File
from tests.kit.builders import entity, field, module, role, texts, view, workflow, write_module

ONE = {"key": "one", "title": "One"}
TWO = {"key": "two", "title": "Two"}


def test_twelve_different_mistakes_in_a_folder_give_twelve_problems(tmp_path: Path) -> None:
    order = entity(
        "order",
        words={"status": "shop.order.flow"},
        customer=field("reference", to="shop.custmer"),  # 1 a missing entity
        day=field("date", type="integer"),  # 2 a contradiction
        limit="text",  # 3 a reserved word
        код="text",  # 4 a Cyrillic key
        kind=field("choice", options=[ONE, {**TWO, "tone": "red"}]),  # 5 a tone that is none
        note=field("text", title="<script>"),  # 6 markup
    )
    files = [
        entity("customer", words={"titled_by": "{nmae}"}, name="text"),  # 7 an unknown field
        order,
        workflow("shop.order.flow", "shop.order", ["new"], [], begin="new"),  # 8 an unknown word
        view("shop.list", "shop.order", settings={"columns": ["dya"]}),  # 9 an unknown column
        role("clerk", {"shop.order": {"see": "mine"}}),  # 10 a scope that is none
        texts("az", {"shop.order.dya": {"title": "Gün"}}),  # 11 a text of nothing
    ]
    folder = write_module(tmp_path, module("shop", *files))
    (folder / "roles" / "broken.json").write_text("{")  # 12 no JSON
    found = sorted((one.file, one.path) for one in check_folder(folder))
    assert found == [
        ("shop/entities/customer.json", "$.x-entity.titled_by"),
        ("shop/entities/order.json", "$.properties.customer.x-field.to"),
        ("shop/entities/order.json", "$.properties.day.type"),
        ("shop/entities/order.json", "$.properties.kind.x-field.options[1].tone"),
        ("shop/entities/order.json", "$.properties.limit"),
        ("shop/entities/order.json", "$.properties.note.title"),
        ("shop/entities/order.json", "$.properties.код"),
        ("shop/i18n/az.json", "$['shop.order.dya']"),
        ("shop/roles/broken.json", "$"),
        ("shop/roles/clerk.json", "$.rights['shop.order'].see"),
        ("shop/views/shop.list.json", "$.settings.columns"),
        ("shop/workflows/shop.order.flow.json", "$.begin"),
    ]


def test_what_is_broken_is_not_said_to_be_missing(tmp_path: Path) -> None:
    """The field `city` is there, only badly written: nobody is told that there is no such field."""
    files = [
        entity(
            "customer",
            words={"titled_by": "{city}"},
            required=("city",),
            name="text",
            city=field("text", uniqe=1, maxLength="long"),
        ),
        entity("order", words={"uid": "Заказ"}, name="text"),
        entity("line", order=field("reference", to="shop.order")),
        view("shop.list", "shop.customer", settings={"columns": ["city"]}),
        view("shop.orders", "shop.order", settings={"columns": ["name"]}),
    ]
    folder = write_module(tmp_path, module("shop", *files))
    assert sorted((one.file, one.path) for one in check_folder(folder)) == [
        ("shop/entities/customer.json", "$.properties.city.maxLength"),
        ("shop/entities/customer.json", "$.properties.city.x-field.uniqe"),
        ("shop/entities/order.json", "$.x-entity.uid"),
    ]


def test_a_broken_manifest_hides_no_mistake_of_the_rest(tmp_path: Path) -> None:
    folder = write_module(tmp_path, module("shop", entity("customer", name="txt"), version="one"))
    assert [one.path for one in check_folder(folder)] == [
        "$.properties.name.x-field.type",
        "$.version",
    ]


def test_a_module_is_judged_alone_though_what_it_requires_has_mistakes(tmp_path: Path) -> None:
    write_module(tmp_path, module("base", entity("thing", name="text", bad="txt")))
    own = entity("customer", thing=field("reference", to="base.thing"))
    folder = write_module(tmp_path, module("shop", own, requires={"base": ">=1"}))
    assert check_folder(folder) == []
    assert len(check_folder(tmp_path)) == 1


def test_problems_print_in_one_line_each(tmp_path: Path) -> None:
    content = json.loads(json.dumps(entity("customer", name="text").content))
    content["properties"]["name"]["titel"] = "x" * 500
    folder = write_module(tmp_path, module("shop", File("entities/c.json", "entity", content)))
    [problem] = check_folder(folder)
    assert problem.line() == (
        "shop/entities/c.json: $.properties.name.titel: this word is not part of the language here;"
        f' found "titel"; allowed: {problem.allowed}; did you mean title?'
    )
