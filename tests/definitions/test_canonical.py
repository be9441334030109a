"""One way to write a definition: equal definitions are equal bytes, and an entity file is a JSON
Schema of its record for anybody who knows JSON Schema alone."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from constructor.publish import Act, bundle_in_force, plan_folder, write_folder
from runtime.definitions.bundle import File, ModuleSource
from runtime.definitions.canonical import canonical_bundle, to_bytes
from runtime.definitions.check import problems_of
from runtime.definitions.load import load_folder
from runtime.records.wire import Shape, read_one, record_keys
from runtime.storage.engine import reading
from tests.kit.builders import entity, everything, field, module, texts, view, workflow
from tests.kit.workspace import Space


def written(module: ModuleSource) -> dict[str, bytes]:
    made = canonical_bundle({module.key: module})
    return {file.path: to_bytes(file.content) for file in made[module.key].files}


def only(module: ModuleSource, path: str) -> Any:
    return json.loads(written(module)[path])


def turned(node: Any) -> Any:
    """The same JSON with the members of each object the other way round."""
    if isinstance(node, dict):
        keep = "x-field" in str(node) and "properties" in node
        keys = list(node) if keep else list(reversed(node))
        return {key: node[key] if key == "properties" else turned(node[key]) for key in keys}
    return [turned(one) for one in node] if isinstance(node, list) else node


def test_canonical_form_is_reached_in_one_step() -> None:
    once = canonical_bundle({"all": everything()})
    assert canonical_bundle(once) == once
    assert problems_of(once) == []


def test_the_order_of_words_in_a_file_does_not_matter() -> None:
    source = everything()
    files = tuple(File(file.path, file.kind, turned(file.content)) for file in source.files)
    assert written(ModuleSource("all", files)) == written(source)


def test_files_are_utf8_with_two_spaces_and_a_final_newline() -> None:
    raw = written(module("shop", entity("customer", name=field("text", title="Ə"))))[
        "entities/customer.json"
    ]
    assert raw.endswith(b"}\n")
    assert b'  "title": "Customer",\n' in raw
    assert '"title": "Ə"'.encode() in raw


def test_what_a_type_implies_is_written_and_a_plain_text_reads_as_the_contract_says() -> None:
    properties = only(
        module("shop", entity("customer", name=field("text", title="Name"), day="date")),
        "entities/customer.json",
    )["properties"]
    assert properties["name"] == {"title": "Name", "type": "string", "x-field": {"type": "text"}}
    assert properties["day"] == {"type": "string", "format": "date", "x-field": {"type": "date"}}


def test_a_uid_is_written_only_where_it_differs_from_its_key() -> None:
    customer = entity(
        "customer",
        words={"uid": "shop.client"},
        name=field("text", uid="shop.client.name"),
        mobile=field("phone", uid="shop.client.phone"),
    )
    properties = only(module("shop", customer), "entities/customer.json")["properties"]
    assert "uid" not in properties["name"]["x-field"]
    assert properties["mobile"]["x-field"]["uid"] == "shop.client.phone"


def test_a_uid_that_another_module_chose_for_its_addition_stays() -> None:
    """`shop.customer.notes` is not what an addition of `zoo` would have by itself."""
    more = File("entities/customer.extends.json", "entity", {
        "x-extends": "shop.customer",
        "properties": {
            "notes": field("text", uid="shop.customer.notes"),
            "size": field("text", uid="zoo.customer.size"),
        },
    })  # fmt: skip
    bundle = {
        "shop": module("shop", entity("customer", name="text")),
        "zoo": module("zoo", more, requires={"shop": ">=1"}),
    }
    assert problems_of(bundle) == []
    files = {file.path: file.content for file in canonical_bundle(bundle)["zoo"].files}
    properties = files["entities/customer.extends.json"]["properties"]
    assert properties["notes"]["x-field"]["uid"] == "shop.customer.notes"
    assert "uid" not in properties["size"]["x-field"]


def test_additions_to_namesakes_of_two_modules_are_kept_apart() -> None:
    bundle = {
        "shop": module("shop", entity("thing", words={"uid": "shop.box"}, name="text")),
        "zoo": module("zoo", entity("box", name="text")),
        "more": module("more", *(
            File(f"entities/{name}.json", "entity", {
                "x-extends": f"{name}.box", "properties": {f"of_{name}": field("text")}
            })
            for name in ("shop", "zoo")
        )),
    }  # fmt: skip
    assert problems_of(bundle) == []
    paths = [file.path for file in canonical_bundle(bundle)["more"].files]
    assert paths[1:] == ["entities/shop.box.extends.json", "entities/zoo.box.extends.json"]


def test_a_titled_status_lists_the_states_of_its_workflow() -> None:
    ticket = entity(
        "ticket", words={"status": "shop.flow"}, name="text", status=field("status", title="Stage")
    )
    shop = module("shop", ticket, workflow("shop.flow", "shop.ticket", ["new", "done"], []))
    status = only(shop, "entities/ticket.json")["properties"]["status"]
    assert status["enum"] == ["new", "done"]
    assert problems_of(canonical_bundle({"shop": shop})) == []


def test_an_export_published_again_changes_nothing(space: Space, tmp_path: Path) -> None:
    more = (
        view("all.list", "all.thing", settings={"columns": ["name"]}),
        texts("az", {"all.thing": {"title": "Şey"}}),
    )
    source = everything()
    space.publish(ModuleSource("all", (*source.files, *more)))
    with reading(space.engine) as connection:
        write_folder(bundle_in_force(connection), tmp_path)
    modules, problems = load_folder(tmp_path)
    assert problems == []
    assert plan_folder(space.engine, tmp_path, Act()).empty
    again = tmp_path / "again"
    write_folder(canonical_bundle({one.key: one for one in modules}), again)
    for path in (path for path in (tmp_path / "all").rglob("*.json")):
        assert path.read_bytes() == (again / path.relative_to(tmp_path)).read_bytes()


# Any validator can check a record


def schema_of(source: ModuleSource, key: str) -> Any:
    schema = only(source, f"entities/{key}.json")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


FULL: dict[str, Any] = {
    "name": "Thing", "note": "Two\nlines", "count": 12, "weight": "1.250", "share": "12.5",
    "price": {"amount": "12.50"}, "worth": {"amount": "3", "currency": "JPY"}, "ready": True,
    "day": "0001-01-01", "hour": "09:30", "moment": "2026-03-02T13:00:00+04:00",
    "length": "PT90M", "kind": "one", "tags": ["two", "one"], "mail": "a@example.az",
    "phone": "050 212 34 56", "site": "https://example.az",
}  # fmt: skip


def dump(space: Space, record: int) -> dict[str, Any]:
    with space.reading() as ctx:
        thing = ctx.catalog.by_key["thing"]
        found = read_one(ctx, Shape(thing, record_keys(thing)), record)
    return {key: value for key, value in found.items() if value is not None}


def test_a_record_of_every_type_is_valid_by_the_file_of_its_entity(space: Space) -> None:
    source = everything()
    space.publish(source)
    box = space.create("box", name="Box")
    me = space.person("a@demo.test").user_id
    links = {"owner": box, "boxes": [box], "person": me, "team": [me]}
    full, bare = space.create("thing", **FULL, **links), space.create("thing", name="Bare")
    check = schema_of(source, "thing")
    for record in (full, bare):
        assert list(check.iter_errors(dump(space, record))) == []


def spoiled() -> Iterator[tuple[str, Any]]:
    yield from {
        "name": 5, "count": "12", "weight": 1.25, "price": "12.50", "ready": "yes",
        "day": "2026-02-30", "hour": "25:00", "kind": "three",
        "tags": ["one", "one"], "mail": "nobody", "phone": "050 212", "owner": "1",
        "boxes": 5, "number": 7, "status": 9,
    }.items()  # fmt: skip


@pytest.mark.parametrize(("key", "value"), list(spoiled()))
def test_a_record_that_does_not_fit_is_refused_by_any_validator(key: str, value: Any) -> None:
    ticket = copy.deepcopy(next(f for f in everything().files if f.name == "thing"))
    ticket.content["properties"]["status"] = field("status", title="Stage")
    flow = next(f for f in everything().files if f.kind == "workflow")
    check = schema_of(module("all", entity("box", name="text"), ticket, flow), "thing")
    assert {error.path[0] for error in check.iter_errors({"name": "A", key: value})} == {key}


def test_required_fields_are_required_by_any_validator() -> None:
    check = schema_of(everything(), "thing")
    assert [error.validator for error in check.iter_errors({})] == ["required"]
