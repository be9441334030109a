"""The table of bad input: each mistake once, with file, place, what stands there, what may."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runtime.definitions.bundle import File, ModuleSource
from runtime.definitions.check import problems_of
from tests.kit.builders import entity, field, module, role, texts, view, workflow

CUSTOMER = entity("customer", name="text")
FLOW_STATES = ["new", {"key": "done", "title": "Done"}]
STEP = {"key": "finish", "from": ["new"], "to": "done"}


def shop(*files: File, **words: Any) -> list[ModuleSource]:
    return [module("shop", *files, **words)]


def customer(**fields: Any) -> list[ModuleSource]:
    return shop(entity("customer", **fields))


def edited(file: File, **words: Any) -> File:
    content = json.loads(json.dumps(file.content))
    return File(file.path, file.kind, {k: v for k, v in {**content, **words}.items() if v != ...})


def flowing(flow: File | None = None, **words: Any) -> list[ModuleSource]:
    ticket = entity("ticket", words={"status": "shop.flow"}, name="text", number="sequence")
    return shop(ticket, flow or workflow("shop.flow", "shop.ticket", FLOW_STATES, [STEP], **words))


def step(**words: Any) -> list[ModuleSource]:
    return flowing(workflow("shop.flow", "shop.ticket", FLOW_STATES, [{**STEP, **words}]))


def option(*options: Any) -> list[ModuleSource]:
    return customer(kind=field("choice", options=list(options)))


def mapping(**words: Any) -> list[ModuleSource]:
    content = {"entity": "shop.customer", "columns": {"Name": "name"}, **words}
    return shop(CUSTOMER, File("imports/list.json", "import", content))


def seen(**words: Any) -> list[ModuleSource]:
    return shop(CUSTOMER, view("shop.list", "shop.customer", **words))


NAME = "$.properties.name"
KEY = "small Latin letters"
ONE = {"key": "one", "title": "One"}

# (modules, file, path, part of the problem, part of found, part of allowed, suggestion)
Case = tuple[list[ModuleSource], str, str, str, str, str, str]
ENTITIES: list[Case] = [
    (customer(имя="text"), "customer", "$.properties.имя", "not a key", "имя", KEY, ""),
    (
        customer(**{"name\n": "text"}),
        "customer", "$.properties['name\\n']", "not a key", "", KEY, "",
    ),
    (
        customer(**{"a" * 41: "text"}),
        "customer", "$.properties." + "a" * 41, "not a key", "", KEY, "",
    ),
    (customer(limit="text"), "customer", "$.properties.limit", "reserved", "limit", "", ""),
    (customer(uid="text"), "customer", "$.properties.uid", "reserved", "uid", "", ""),
    (customer(status="text"), "customer", "$.properties.status", "reserved", "status", "", ""),
    (customer(a__b="text"), "customer", "$.properties.a__b", "two underscores", "a__b", "", ""),
    (shop(entity("select", name="text")), "select", "$.x-entity.key", "reserved", "select", "", ""),
    (shop(entity("a__b", name="text")), "a__b", "$.x-entity.key", "underscores", "a__b", "", ""),
    (shop(entity("a_", name="text")), "a_", "$.x-entity.key", "underscores", "a_", "", ""),
    (
        customer(**{f"f{n}": "text" for n in range(1601)}),
        "customer", "$.properties", "too many entries", "1,601", "at most 500", "",
    ),
    (
        customer(name="txt"),
        "customer", f"{NAME}.x-field.type", "no such field type", "txt", "", "text",
    ),
    (
        customer(name=field("text", uniqe=True)),
        "customer", f"{NAME}.x-field.uniqe", "not part of the language", "uniqe", "unique",
        "unique",
    ),
    (
        customer(name={"titel": "N", "x-field": {"type": "text"}}),
        "customer", f"{NAME}.titel", "not part of the language", "titel", "title", "title",
    ),
    (customer(name={"title": "N"}), "customer", NAME, "'x-field' is missing", "", "", ""),
    (
        customer(name=field("date", type="integer")),
        "customer", f"{NAME}.type", "contradicts the field type date", "integer", "string", "",
    ),
    (
        customer(name=field("date", format="email")),
        "customer", f"{NAME}.format", "contradicts", "email", "date", "",
    ),
    (
        customer(kind={"enum": ["one"], **field("choice")}),
        "customer", "$.properties.kind.enum", "contradicts", '["one"]', '["one", "two"]', "",
    ),
    (
        customer(day=field("date", maxLength=5)),
        "customer", "$.properties.day.maxLength", "means nothing", "maxLength", "format", "",
    ),
    (
        customer(name=field("text", title="<b>Name</b>")),
        "customer", f"{NAME}.title", "without markup", "<b>", "", "",
    ),
    (
        customer(name=field("text", title="{{7*7}}")),
        "customer", f"{NAME}.title", "markup", "{{", "", "",
    ),
    (
        customer(name=field("text", title="a\nb")),
        "customer", f"{NAME}.title", "one line", "", "", "",
    ),
    (
        customer(name=field("text", title="  ")),
        "customer", f"{NAME}.title", "says something", "", "", "",
    ),
    (
        customer(columns=field("text", title="<i>")),
        "customer", "$.properties.columns.title", "markup", "<i>", "", "",
    ),
    (customer(name=field("text", pattern="(")), "customer", f"{NAME}.pattern", "RE2", "(", "", ""),
    (
        customer(name=field("text", pattern=r"\pL")),
        "customer", f"{NAME}.pattern", "RE2", "", "", "",
    ),
    (
        customer(name=field("text", pattern="(?i)a")),
        "customer", f"{NAME}.pattern", "RE2", "", "", "",
    ),
    (
        customer(name=field("text", pattern="(?=a)")),
        "customer", f"{NAME}.pattern", "RE2", "", "", "",
    ),
    (
        customer(age=field("integer", minimum=10**400, maximum=5)),
        "customer", "$.properties.age.minimum", "above maximum", "1000", "", "",
    ),
    (
        customer(sum=field("decimal", minimum="9" * 400, maximum="5")),
        "customer", "$.properties.sum.x-field.minimum", "above maximum", "999", "", "",
    ),
    (
        customer(name=field("text", minLength=9, maxLength=5)),
        "customer", f"{NAME}.minLength", "above maxLength", "9", "", "",
    ),
    (
        customer(age=field("integer", default="many")),
        "customer", "$.properties.age.default", "does not fit", "many", "", "",
    ),
    (
        customer(other=field("reference", to="shop.customer", default=1)),
        "customer", "$.properties.other.default", "no fixed default", "", "", "",
    ),
    (
        customer(sum=field("money", currency="XQQ")),
        "customer", "$.properties.sum.x-field.currency", "no such currency", "XQQ", "", "",
    ),
    (
        customer(other=field("reference", to="shop.custmer")),
        "customer", "$.properties.other.x-field.to", "no entity", "custmer", "shop.customer",
        "shop.customer",
    ),
    (
        customer(other=field("reference", to="customer")),
        "customer", "$.properties.other.x-field.to", "no entity", "customer", "", "shop.customer",
    ),
    (
        customer(other="reference"),
        "customer", "$.properties.other.x-field", "'to' is missing", "", "", "",
    ),
    (
        customer(
            one=field("reference", to="shop.customer", inverse="friends"),
            two=field("reference", to="shop.customer", inverse="friends"),
        ),
        "customer", "$.properties.two.x-field.inverse", "already", "friends", "", "",
    ),
    (
        shop(entity("customer", required=("boss",), boss=field(
            "reference", to="shop.customer", on_delete="clear"
        ))),
        "customer", "$.properties.boss.x-field.on_delete", "cannot be cleared", "clear",
        "cascade", "",
    ),
    (
        customer(tags=field("choices", unique=True)),
        "customer", "$.properties.tags.x-field.unique", "cannot be unique", "", "", "",
    ),
    (
        shop(edited(CUSTOMER, required=["nme"])),
        "customer", "$.required[0]", "no field", "nme", "name", "name",
    ),
    (
        shop(edited(CUSTOMER, anyOf=[{"required": ["name"]}, {"required": ["fax"]}])),
        "customer", "$.anyOf[1].required[0]", "no field", "fax", "name", "",
    ),
    (
        shop(entity("customer", words={"unique": [["name", "fax"]]}, name="text")),
        "customer", "$.x-entity.unique[0]", "no field", "fax", "name", "",
    ),
    (
        shop(entity("customer", words={"titled_by": "{nam}"}, name="text")),
        "customer", "$.x-entity.titled_by", "no field 'nam'", "nam", "name", "name",
    ),
    (
        shop(entity("customer", words={"titled_by": "Customer"}, name="text")),
        "customer", "$.x-entity.titled_by", "at least one field", "Customer", "", "",
    ),
    (
        shop(entity("customer", words={"titled_by": "<b>{name}"}, name="text")),
        "customer", "$.x-entity.titled_by", "markup", "<b>", "", "",
    ),
    (
        shop(entity("customer", words={"status": "shop.flow"}, name="text")),
        "customer", "$.x-entity.status", "no workflow", "shop.flow", "", "",
    ),
    (
        customer(state="status"),
        "customer", "$.properties.state.x-field.type", "is the field `status`", "state", "", "",
    ),
    (
        customer(status="status"),
        "customer", "$.properties.status.x-field", "no workflow", "", "", "",
    ),
    (shop(edited(CUSTOMER, title=...)), "customer", "$", "needs title and x-entity", "", "", ""),
    (
        shop(edited(CUSTOMER, properties=...)),
        "customer", "$", "'properties' is missing", "", "", "",
    ),
    (shop(edited(CUSTOMER, properties=[])), "customer", "$.properties", "wrong kind", "[]", "", ""),
    (
        shop(edited(CUSTOMER, **{"$schema": "x"})),
        "customer", "$.$schema", "must stand", "x", "", "",
    ),
]  # fmt: skip
OPTIONS: list[Case] = [
    (option(ONE, {**ONE, "title": "Uno"}), "customer", "options[1].key", "already", "one", "", ""),
    (
        option({**ONE, "tone": "red"}), "customer", "options[0].tone", "allowed words", "red",
        "danger", "",
    ),
    (option({"key": "one"}), "customer", "options[0]", "'title' is missing", "", "", ""),
    (
        option({"key": "Один", "title": "A"}),
        "customer", "options[0].key", "not written", "", KEY, "",
    ),
    (option(), "customer", "options", "too few", "", "at least 1", ""),
    (option(5), "customer", "options[0]", "wrong kind", "5", "an object", ""),
    (
        option({**ONE, "uid": "shop.customer.kind"}),
        "customer", "options[0]", "uid stands already", "shop.customer.kind", "", "",
    ),
]  # fmt: skip
FLOWS: list[Case] = [
    (flowing(start="begun"), "flow", "$.start", "no state", "begun", "new", ""),
    (step(to="doen"), "flow", "$.transitions[0].to", "no state", "doen", "done", "done"),
    (step(**{"from": ["newer"]}), "flow", "$.transitions[0].from", "no state", "newer", "", "new"),
    (step(roles=["owners"]), "flow", "$.transitions[0].roles", "no role", "owners", "", "owner"),
    (step(ask=["nam"]), "flow", "$.transitions[0].ask", "no field", "nam", "", "name"),
    (step(ask=["number"]), "flow", "$.transitions[0].ask", "do not fill", "number", "", ""),
    (step(key="Кончить"), "flow", "$.transitions[0].key", "not written", "", KEY, ""),
    (
        flowing(workflow("shop.flow", "shop.ticket", ["new", "new"], [])),
        "flow", "$.states[1].key", "already", "new", "", "",
    ),
    (
        flowing(workflow("shop.flow", "shop.ticket", FLOW_STATES, [STEP, STEP])),
        "flow", "$.transitions[1].key", "already", "finish", "", "",
    ),
    (
        shop(CUSTOMER, workflow("shop.flow", "shop.customer", ["new"], [])),
        "flow", "$.entity", "does not name this workflow", "", "shop.flow", "",
    ),
    (
        shop(CUSTOMER, workflow("shop.flow", "shop.custom", ["new"], [])),
        "flow", "$.entity", "no entity", "shop.custom", "", "shop.customer",
    ),
    (
        [*flowing(), module("b", entity("b", words={"status": "shop.flow"}, name="text"))],
        "b", "$.x-entity.status", "workflow of another entity", "shop.flow", "", "",
    ),
]  # fmt: skip
VIEWS: list[Case] = [
    (seen(kind="kanban"), "list", "$.kind", "allowed words", "kanban", "table", ""),
    (
        seen(settings={"columns": ["nmae"]}),
        "list", "$.settings.columns", "no field", "nmae", "name", "name",
    ),
    (
        seen(settings={"columns": ["status"]}),
        "list", "$.settings.columns", "no field", "status", "name", "",
    ),
    (seen(settings={"sort": "-nmae"}), "list", "$.settings.sort", "no field", "nmae", "", "name"),
    (seen(settings={"column": []}), "list", "$.settings.column", "not part", "", "", "columns"),
    (seen(filter={"nmae": "a"}), "list", "$.filter.nmae", "no field", "nmae", "", "name"),
    (
        seen(filter={"name__like": "a"}),
        "list", "$.filter.name__like", "no operator", "like", "eq", "",
    ),
    (seen(filter={"status": "x"}), "list", "$.filter.status", "no field", "status", "", ""),
    (seen(roles=["clerk"]), "list", "$.roles", "no role", "clerk", "owner", ""),
    (
        shop(CUSTOMER, view("shop.list", "shop.customers")),
        "list", "$.entity", "no entity", "shop.customers", "", "shop.customer",
    ),
    (
        shop(CUSTOMER, view("shop.a.list", "shop.customer"), view("shop.list", "shop.customer")),
        "list", "$.uid", "ends alike", "shop.list", "", "",
    ),
    (
        shop(CUSTOMER, view("shop.List", "shop.customer"), view("shop.list", "shop.customer")),
        "list", "$", "exported under the same name", "views/list.json", "", "",
    ),
]  # fmt: skip
OTHERS: list[Case] = [
    (
        shop(CUSTOMER, role("clerk", {"shop.custom": {"see": "all"}})),
        "clerk", "$.rights['shop.custom']", "no entity", "shop.custom", "", "shop.customer",
    ),
    (
        shop(CUSTOMER, role("clerk", {"shop.customer": {"see": "mine"}})),
        "clerk", "$.rights['shop.customer'].see", "allowed words", "mine", "own", "",
    ),
    (
        shop(CUSTOMER, role("owner", {})),
        "owner", "$.key", "every workspace has an owner", "", "", "",
    ),
    (
        [*shop(CUSTOMER, role("clerk", {})), module("zoo", role("clerk", {}, "zoo"))],
        "clerk", "$.key", "has a role of this key", "clerk", "", "",
    ),
    (
        shop(CUSTOMER, texts("az", {"shop.custmer": {"title": "M"}})),
        "az", "$['shop.custmer']", "no definition", "shop.custmer", "", "shop.customer",
    ),
    (
        shop(CUSTOMER, texts("az", {"shop.customer": {"titel": "M"}})),
        "az", "$['shop.customer'].titel", "not part", "titel", "title", "title",
    ),
    (
        shop(CUSTOMER, texts("az", {"shop.customer": {"title": "<b>M"}})),
        "az", "$['shop.customer'].title", "markup", "<b>M", "", "",
    ),
    (
        shop(CUSTOMER, texts("az", {"shop.customer": {"plural": {"other": "many"}}})),
        "az", "$['shop.customer'].plural.other", "not written", "many", "{n}", "",
    ),
    (shop(CUSTOMER, texts("de", {})), "de", "$", "named after a language", "de", "ru", ""),
    (mapping(columns={"Name": "nmae"}), "list", "$.columns.Name", "no field", "nmae", "", "name"),
    (mapping(match=["nmae"]), "list", "$.match", "no field", "nmae", "", "name"),
    (mapping(entity="shop.cust"), "list", "$.entity", "no entity", "cust", "", "shop.customer"),
    (
        mapping(status={"column": "S", "values": {"A": "new"}}),
        "list", "$.status", "no workflow", "", "", "",
    ),
    (
        mapping(columns={"Name": {"field": "name", "read": "numbre"}}),
        "list", "$.columns.Name", "none of the forms", "", "", "",
    ),
    (
        [*mapping(uid="zoo.list"), module("zoo", File("imports/list.json", "import", {
            "entity": "shop.customer", "columns": {"Name": "name"}
        }))],
        "list", "$", "uid stands already", "zoo.list", "", "",
    ),
]  # fmt: skip
MODULES: list[Case] = [
    (shop(CUSTOMER, version="1.0"), "module", "$.version", "not written", "1.0", "1.0.0", ""),
    (
        shop(CUSTOMER, version="9" * 5000 + ".0.0"),
        "module", "$.version", "too long", "999", "at most 60", "",
    ),
    (shop(CUSTOMER, start="shop.x"), "module", "$.start", "no view or entity", "shop.x", "", ""),
    (
        shop(CUSTOMER, requires={"crm": ">=1"}),
        "module", "$.requires.modules.crm", "not here", "crm", "", "",
    ),
    (
        [module("b"), *shop(CUSTOMER, requires={"b": ">=2"})],
        "module", "$.requires.modules.b", "version 1.0.0 is there", ">=2", "", "",
    ),
    (
        [module("b"), *shop(CUSTOMER, requires={"b": "one"})],
        "module", "$.requires.modules.b", "not a range", "one", "", "",
    ),
    (
        [module("a", requires={"b": ">=1"}), module("b", requires={"a": ">=1"})],
        "module", "$.requires.modules", "in a circle", "a -> b -> a", "", "",
    ),
    ([module("sys", CUSTOMER)], "module", "$.key", "reserved", "sys", "", ""),
    ([module("a__b", CUSTOMER)], "module", "$.key", "underscores", "a__b", "", ""),
    (
        shop(CUSTOMER, entity("order", code=field("text", uid="shop.customer.name"))),
        "order", "$.properties.code", "uid stands already", "shop.customer.name", "", "",
    ),
    (
        [*shop(CUSTOMER), module("zoo", entity("customer", name="text"))],
        "customer", "$.x-entity.key", "has an entity of this key", "customer", "", "",
    ),
    (
        [module("a", entity("b_c", name="text")), module("a_b", entity("c", name="text"))],
        "c", "$.x-entity.key", "its table would be that of", "c", "", "",
    ),
]  # fmt: skip


def all_cases() -> list[Any]:
    groups = (ENTITIES, OPTIONS, FLOWS, VIEWS, OTHERS, MODULES)
    cases = [case for group in groups for case in group]
    return [pytest.param(*case, id=f"{n}-{case[3][:24]}") for n, case in enumerate(cases)]


@pytest.mark.parametrize(
    ("modules", "file", "path", "problem", "found", "allowed", "suggestion"), all_cases()
)
def test_each_mistake_is_said_once_with_its_place_and_a_way_out(
    modules: list[ModuleSource],
    file: str,
    path: str,
    problem: str,
    found: str,
    allowed: str,
    suggestion: str,
) -> None:
    [said] = problems_of({one.key: one for one in modules})
    assert said.file.rpartition("/")[2].removesuffix(".json").removeprefix("shop.") == file
    assert said.path == path if path.startswith("$") else said.path.endswith(path)
    assert problem in said.problem
    assert found in said.found
    assert allowed in said.allowed
    assert said.suggestion == suggestion


def test_fields_that_other_files_add_count_too() -> None:
    many = {f"f{n}": field("text") for n in range(300)}
    more = File(
        "entities/more.json", "entity",
        {"x-extends": "shop.customer", "properties": {f"g{n}": field("text") for n in range(300)}},
    )  # fmt: skip
    [said] = problems_of({one.key: one for one in [*customer(**many), module("zoo", more)]})
    assert (said.found, said.allowed) == ("600", "at most 500")


def test_two_extensions_of_one_entity_in_one_module_belong_into_one_file() -> None:
    files = [
        File(f"entities/{name}.json", "entity", {
            "x-extends": "shop.customer", "properties": {name: field("text")}
        })
        for name in ("one", "two")
    ]  # fmt: skip
    [said] = problems_of({one.key: one for one in [*shop(CUSTOMER), module("zoo", *files)]})
    assert "exported under the same name" in said.problem


def test_a_hundred_modules_that_require_each_other_are_looked_through_at_once() -> None:
    """Every way through them would be more than there is time for."""
    keys = [f"m{n}" for n in range(100)]
    modules = {
        key: module(key, requires=dict.fromkeys(keys[:n], ">=1")) for n, key in enumerate(keys)
    }
    assert problems_of(modules) == []
