"""The OpenAPI document: whole, literal, valid, and no wider than the caller's sight."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from runtime.definitions.load import load_folder
from tests.kit.builders import entity, everything, field, module, workflow
from tests.kit.workspace import Space
from tests.rest.caller import RECORDS, Caller, problem
from tests.rest.test_records import VALUES

ADDRESS = "/api/v1/openapi.json"
MODULES = Path(__file__).parents[2] / "modules"


def document(caller: Caller, **headers: str) -> dict[str, Any]:
    response = caller.get(ADDRESS, **headers)
    assert response.status_code == 200
    return response.json


def schema(found: dict[str, Any], name: str) -> Draft202012Validator:
    """A validator of one component; references look into the document."""
    return Draft202012Validator({**found, "$ref": f"#/components/schemas/{name}"})


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def operations(found: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in found["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_every_address_of_every_entity_is_there_whole_and_literal(lite_owner: Caller) -> None:
    found = document(lite_owner)
    assert found["openapi"].startswith("3.1")
    thing = {
        path.removeprefix(f"{RECORDS}/thing"): sorted(item)
        for path, item in found["paths"].items()
        if path.startswith(f"{RECORDS}/thing")
    }
    assert thing == {
        "": ["get", "post"],
        "/aggregate": ["get"],
        "/{id}": ["delete", "get", "patch"],
        "/{id}/restore": ["post"],
        "/{id}/history": ["get"],
        "/{id}/transitions/pack": ["post"],
        "/{id}/transitions/send": ["post"],
    }
    names = [operation["operationId"] for _, _, operation in operations(found)]
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere_and_every_schema_is_one(lite_owner: Caller) -> None:
    found = document(lite_owner)
    for reference in set(references(found)):
        here: Any = found
        for step in reference.removeprefix("#/").split("/"):
            here = here[step]
    for name, one in found["components"]["schemas"].items():
        Draft202012Validator.check_schema(one)
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
    for one in found["components"]["parameters"].values():
        Draft202012Validator.check_schema(one["schema"])


def test_a_request_holds_what_a_client_may_write_and_the_rest_is_read_only(
    lite_owner: Caller,
) -> None:
    schemas = document(lite_owner)["components"]["schemas"]
    writable = {*VALUES, "owner", "boxes", "person", "team"}
    for name in ("thing__create", "thing__change"):
        assert set(schemas[name]["properties"]) == writable
        assert schemas[name]["additionalProperties"] is False
    shown = schemas["thing"]["properties"]
    marked = {key for key, one in shown.items() if one.get("readOnly")}
    assert set(shown) - marked == writable
    assert set(schemas["thing"]["required"]) == set(shown)
    assert set(schemas["thing__part"]["properties"]) == {*shown, "deleted_at"}


def test_create_demands_what_the_server_demands(
    lite: Space, calling: Callable[..., Caller]
) -> None:
    deal = entity(
        "deal",
        words={
            "status": "shop.deal.flow",
            "_top": {"anyOf": [{"required": ["phone"]}, {"required": ["mail"]}]},
        },
        required=("title", "level", "paid", "tags"),
        title=field("text"),
        level=field("choice", default="one"),
        paid="boolean",
        tags="choices",
        city="text",
        phone="phone",
        mail="email",
        code=field("text", minLength=2, maxLength=5),
    )
    states = [{"key": "new", "title": "New", "requires": ["city"]}, "won"]
    flow = workflow("shop.deal.flow", "shop.deal", states, [])
    lite.publish(module("shop", deal, flow))
    owner = calling(lite, "owner")
    create = schema(document(owner), "deal__create")
    good = {"title": "A", "tags": ["one"], "city": "Baku", "phone": "+994502123456"}
    for body in (
        good,
        {key: value for key, value in good.items() if key != "phone"} | {"mail": "a@b.az"},
        good | {"level": "two", "paid": None, "mail": None, "code": "ab"},
        good | {"mail": "", "code": ""},
    ):
        assert create.is_valid(body), body
        assert owner.post("deal", body).status_code == 201
    for body in (
        {key: value for key, value in good.items() if key != "title"},
        {key: value for key, value in good.items() if key != "city"},
        {key: value for key, value in good.items() if key != "phone"},
        good | {"phone": None},
        good | {"title": " "},
        good | {"tags": []},
        good | {"level": None},
        good | {"code": "a"},
        good | {"code": "abcdef"},
        good | {"status": "won"},
        good | {"x": 1},
    ):
        assert not create.is_valid(body), body
        problem(owner.post("deal", body), 422)
    change = schema(document(owner), "deal__change")
    for body, fits in (({}, True), ({"mail": None}, True), ({"title": None}, False)):
        assert change.is_valid(body) is fits


def test_answers_fit_their_schemas(owner: Caller) -> None:
    box = owner.post("box", {"name": "Box"}).json["id"]
    me = owner.person.user_id
    full = {**VALUES, "owner": box, "boxes": [box], "person": me, "team": [me]}
    path = owner.post("thing", full).headers["Location"]
    owner.post("thing", {"name": "Bare"})
    found = document(owner)
    expand = "expand=owner,boxes,person,team,created_by"
    for address in (path, f"{path}?{expand}", "thing/2"):
        schema(found, "thing").validate(owner.get(address).json)
    for asked in ("", expand, "fields=name", "fields=owner,deleted_at", "bin=1"):
        for one in owner.data(f"thing?{asked}"):
            schema(found, "thing__part").validate(one)
    for one in owner.get(f"{path}/history").json["data"]:
        schema(found, "Change").validate(one)
    for refused in (
        owner.get("thing/99"),
        owner.post("thing", {"x": 1}),
        owner.post("thing", [{"x": 1}]),
        owner.patch(path, {}, If_Match='"9"'),
        owner.stranger().get("thing"),
    ):
        schema(found, "Problem").validate(refused.json)


def test_what_was_read_may_be_sent_but_for_what_is_read_only(owner: Caller) -> None:
    box = owner.post("box", {"name": "Box"}).json["id"]
    path = owner.post("thing", {**VALUES, "owner": box, "boxes": [box]}).headers["Location"]
    found = document(owner)
    marked = found["components"]["schemas"]["thing"]["properties"]
    body = {
        key: value for key, value in owner.get(path).json.items() if not marked[key].get("readOnly")
    }
    schema(found, "thing__change").validate(body)
    assert owner.patch(path, body).json["version"] == 1
    schema(found, "thing__create").validate(body)
    assert owner.post("thing", body).status_code == 201


def test_examples_and_defaults_are_valid(lite_owner: Caller) -> None:
    found = document(lite_owner)
    shown = 0
    for name, one in found["components"]["schemas"].items():
        for key, prop in one.get("properties", {}).items():
            for example in prop.get("examples", ()):
                Draft202012Validator(prop).validate(example)
                shown += "__create" in name
                if name == "thing__create":
                    body = {"name": "Thing", key: example}
                    assert lite_owner.post("thing", body).status_code == 201, key
    assert shown > 15


def test_every_status_is_described_in_the_language_of_the_caller(lite_owner: Caller) -> None:
    for language, said in (("en", "Not found"), ("ru", "Не найдено"), ("az", "Tapılmadı")):
        found = document(lite_owner, Accept_Language=language)
        for path, method, operation in operations(found):
            statuses = set(operation["responses"])
            assert {"400", "401", "500", "503"} <= statuses
            if path.startswith(RECORDS):
                assert "404" in statuses
                assert operation["responses"]["404"] == {
                    "$ref": "#/components/responses/Problem404"
                }
            if method in ("post", "patch"):
                assert {"403", "409", "413", "415", "422", "507"} <= statuses
        assert found["components"]["responses"]["Problem404"]["description"] == said


def test_the_document_follows_the_definitions(lite: Space, calling: Callable[..., Caller]) -> None:
    lite.publish(everything())
    owner = calling(lite, "owner")
    first = owner.get(ADDRESS)
    same = owner.get(ADDRESS, If_None_Match=first.headers["ETag"])
    assert same.status_code == 304
    lite.publish(module("shop", entity("parcel", name="text")))
    assert f"{RECORDS}/parcel" in document(owner)["paths"]
    assert owner.get(ADDRESS, If_None_Match=first.headers["ETag"]).status_code == 200


def test_a_field_may_be_called_like_a_word_of_the_address(lite_owner: Caller) -> None:
    found = document(lite_owner)
    names = [one["name"] for one in found["components"]["parameters"].values()]
    assert "count__eq" in names and names.count("count") == 1


def test_the_shipped_modules_have_documents(lite: Space, calling: Callable[..., Caller]) -> None:
    sources, problems = load_folder(MODULES)
    assert problems == []
    lite.publish(*sources)
    found = document(calling(lite, "owner"))
    for key in ("patient", "appointment", "client"):
        assert f"{RECORDS}/{key}" in found["paths"]
    required = found["components"]["schemas"]["appointment__create"]["required"]
    assert required == ["patient", "day", "service", "practitioner", "starts_at"]
    assert len(json.dumps(found)) < 3_000_000
