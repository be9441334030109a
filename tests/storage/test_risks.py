"""Each kind of change states its risk before anything is touched, by what the rows say to it."""

from __future__ import annotations

from typing import Any

import pytest

from constructor.publish import Act, plan_bundle
from runtime.definitions.bundle import ModuleSource
from runtime.kernel.errors import Refused
from runtime.storage.engine import reading
from runtime.storage.plan import Plan
from tests.kit.builders import entity, field, module, workflow
from tests.kit.publishing import publish, rows, same, shop, steps
from tests.kit.workspace import Space

ONE = {"key": "one", "title": "One"}
TWO = {"key": "two", "title": "Two"}


def options(*keys: str) -> list[dict[str, str]]:
    return [{"key": key, "title": key, "uid": f"shop.kind.{key[0]}"} for key in keys]


def flow(*states: str, **words: Any) -> ModuleSource:
    ticket = entity("thing", words={"status": "shop.flow"}, name="text")
    return module("shop", ticket, workflow("shop.flow", "shop.thing", list(states), [], **words))


BASE = shop(
    name="text", code="text", age="integer", price=field("money", currency="AZN"),
    kind=field("choice", options=options("one", "two")), mail="email", born="date",
)  # fmt: skip
BASE_FIELDS = next(f for f in BASE.files if f.kind == "entity").content["properties"]


def changed(**fields: Any) -> ModuleSource:
    kept = {key: value for key, value in {**BASE_FIELDS, **fields}.items() if value is not None}
    return shop(**kept)


def ruled(**top: Any) -> ModuleSource:
    words = {"_top": top} if "required" in top else {"unique": top["unique"]}
    return module("shop", entity("thing", words=words, **BASE_FIELDS))


def planned(space: Space, *modules: ModuleSource, moves: dict[str, str] | None = None) -> Plan:
    with reading(space.engine) as connection:
        return plan_bundle(connection, {one.key: one for one in modules}, Act(moves=moves or {}))


def said(plan: Plan) -> list[tuple[str, str]]:
    return [
        (one.step.kind, str(one.risk)) for one in plan.steps
        if one.step.kind not in ("change_definition", "add_index", "drop_index")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BASE, []),
        (changed(more="text"), [("add_column", "safe")]),
        (changed(code=None, number=same("code", "text")), [("rename_column", "safe")]),
        (changed(code=None), [("park_column", "lossy"), ("rebuild_search", "safe")]),
        (changed(born=None), [("park_column", "safe")]),  # nobody has a value in it
        (changed(age="text"), [("retype", "lossy"), ("rebuild_search", "safe")]),
        (changed(age="decimal"), [("retype", "safe")]),
        (changed(mail="text"), [("retype", "safe"), ("rebuild_search", "safe")]),
        (changed(code="long_text"), [("retype", "safe"), ("rebuild_search", "safe")]),
        (changed(code="integer"), [("retype", "lossy"), ("rebuild_search", "safe")]),
        (changed(age=field("reference", to="shop.thing")), [("retype", "refused")]),
        (changed(price=field("money", currency="USD")), [("change_currency", "lossy")]),
        (changed(price=field("money", currency="JPY")), [("retype", "lossy")]),
        (changed(code=field("text", maxLength=2)), [("narrow", "check")]),
        (changed(code=field("text", maxLength=100)), [("narrow", "safe")]),
        (changed(age=field("integer", minimum=0)), [("narrow", "safe")]),
        (changed(age=field("integer", minimum=6)), [("narrow", "check")]),
        (changed(kind=field("choice", options=options("one"))), [("remove_option", "lossy")]),
        (changed(kind=field("choice", options=options("one", "two", "six"))), []),
        (
            changed(kind=field("choice", options=options("ones", "two"))),
            [("rename_option", "safe")],
        ),
        (changed(kind=field("choices", options=options("one", "two"))), [("retype", "safe")]),
        (changed(age=field("integer", unique=True)), [("add_unique", "check")]),
        (changed(code=field("text", unique=True)), [("add_unique", "refused")]),
        (changed(born=field("date", unique=True)), [("add_unique", "check")]),
        (ruled(required=["name"]), [("require", "safe")]),
        (ruled(required=["mail"]), [("require", "check")]),
        (ruled(unique=[["code", "age"]]), [("add_unique", "check")]),
        (ruled(unique=[["code", "kind"]]), [("add_unique", "refused")]),
        (module("shop"), [("park_table", "lossy")]),
        (
            module("shop", entity("item", words={"uid": "shop.thing"}, **{
                key: {**value, "x-field": {**value["x-field"], "uid": f"shop.thing.{key}"}}
                for key, value in BASE_FIELDS.items()
            })),
            [("rename_table", "safe")],
        ),
        (changed(number="sequence"), [
            ("add_column", "safe"), ("number_rows", "safe"), ("add_unique", "safe"),
            ("rebuild_search", "safe"),
        ]),
    ],
    ids=lambda value: "-".join(kind for kind, _ in value) if isinstance(value, list) else "",
)  # fmt: skip
def test_each_change_states_its_risk(
    lite: Space, after: ModuleSource, expected: list[tuple[str, str]]
) -> None:
    publish(lite, BASE)
    lite.create(
        "thing", name="A", code="007", age=5, price={"amount": "5"}, kind="two", mail="a@b.az"
    )
    lite.create("thing", name="B", code="007", age=6, kind="two")
    kept = rows(lite)
    plan = planned(lite, after)
    assert said(plan) == expected
    assert rows(lite) == kept, "a plan changes nothing"
    if "refused" in [risk for _, risk in expected]:
        with pytest.raises(Refused):
            lite.publish(after)
        assert rows(lite) == kept
    else:
        publish(lite, after)


def test_a_state_that_records_are_in_goes_only_when_it_is_said_where_they_go(space: Space) -> None:
    publish(space, flow("new", "open", "done"))
    first = space.create("thing", name="A")
    plan = planned(space, flow("open", "done"))
    assert said(plan) == [("remove_option", "refused")]
    with pytest.raises(Refused):
        space.publish(flow("open", "done"))
    moves = {"shop.flow.new": "open"}
    assert said(planned(space, flow("open", "done"), moves=moves)) == [("remove_option", "lossy")]
    with pytest.raises(Refused):
        space.publish(flow("open", "done"), moves={"shop.flow.new": "nowhere"})
    publish(space, flow("open", "done"), moves=moves)
    assert rows(space)[first]["status"] == "open"


def test_a_state_that_nobody_is_in_goes_freely(lite: Space) -> None:
    publish(lite, flow("new", "open"))
    lite.create("thing", name="A")
    assert said(planned(lite, flow("new"))) == [("remove_option", "safe")]


def test_a_plan_shows_what_does_not_convert(space: Space) -> None:
    publish(space, shop(code="text"))
    space.create_many("thing", [{"code": str(n)} for n in range(10)])
    bad = space.create("thing", code="many")
    plan = planned(space, shop(code="integer"))
    [retype] = [one for one in plan.steps if one.step.kind == "retype"]
    finding = retype.finding
    assert (finding.rows, finding.converts, finding.fails) == (11, 10, 1)
    assert [(s.record, s.value, s.reason.key) for s in finding.samples] == [
        (bad, "many", "invalid.number")
    ]


def test_two_texts_that_become_one_number_are_found_before_they_clash(space: Space) -> None:
    publish(space, shop(code=field("text", unique=True)))
    space.create("thing", code="7")
    space.create("thing", code="07")
    after = shop(code=field("integer", unique=True))
    assert ("add_unique", "refused") in said(planned(space, after))
    with pytest.raises(Refused):
        space.publish(after)


def test_what_lies_in_the_bin_is_not_in_the_way_of_a_unique_rule(space: Space) -> None:
    publish(space, shop(code="text"))
    first = space.create("thing", code="A")
    space.create("thing", code="A")
    space.delete("thing", first)
    publish(space, shop(code=field("text", unique=True)))


def test_a_plan_names_its_steps_in_every_language(lite: Space) -> None:
    publish(lite, BASE)
    lite.create("thing", name="A", code="x", kind="two", price={"amount": "5"}, age=5)
    plan = planned(lite, changed(
        code="integer", kind=field("choice", options=options("ones")), mail=None, more="text",
        price=field("money", currency="USD"), age=field("integer", maximum=4),
    ))  # fmt: skip
    assert len(steps(plan)) > 5
    for language in ("az", "en", "ru", "tr"):
        for step in plan.to_json(language)["steps"]:
            assert step["text"]
