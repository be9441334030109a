"""Creating and updating records through the one service."""

from __future__ import annotations

import pytest

from runtime.kernel.errors import Conflict, ValidationFailed
from tests.kit.builders import entity, everything, field, module
from tests.kit.workspace import Space


def test_a_record_of_every_type_reads_back_as_it_was_written(space: Space) -> None:
    space.publish(everything())
    me = space.person("a@demo.test", "owner")
    box = space.create("box", name="Blue box")
    values = {
        "name": "Thing",
        "note": "Two\nlines",
        "count": 12,
        "weight": "1.250",
        "share": "12.50",
        "price": {"amount": "12.50", "currency": "AZN"},
        "worth": {"amount": "3.00", "currency": "USD"},
        "ready": True,
        "day": "2026-03-02",
        "hour": "09:30:00",
        "moment": "2026-03-02T09:00:00Z",
        "length": "PT1H30M",
        "kind": "one",
        "tags": ["one", "two"],
        "mail": "a@example.az",
        "phone": "+994502123456",
        "site": "https://example.az",
        "owner": box,
        "boxes": [box],
        "person": me.user_id,
        "team": [me.user_id],
    }
    thing = space.create("thing", **values)

    record = space.get("thing", thing)
    fields = space.entity("thing").by_key
    dumped = {key: fields[key].type.dump(fields[key], record.values[key]) for key in values}
    assert dumped == values
    assert record.title == "Thing"
    assert record.values["status"] == "new"
    assert record.values["number"] == "T-2026-0001"
    assert record.values["owner"].title == "Blue box"


def test_what_does_not_fit_is_said_beside_each_field_and_nothing_is_written(space: Space) -> None:
    space.publish(everything())
    with pytest.raises(ValidationFailed) as refused:
        space.create("thing", count="many", kind="three", owner=99, colour="red", day="tomorrow")
    assert set(refused.value.first) == {"name", "count", "kind", "owner", "colour", "day"}
    assert space.find("thing") == []


def test_edits_of_two_people_to_different_fields_merge_and_to_the_same_field_conflict(
    space: Space,
) -> None:
    space.publish(module("shop", entity("customer", name="text", city="text")))
    record = space.create("customer", name="Ali", city="Baku")
    space.update("customer", record, {"name": "Ali", "city": "Ganja"}, version=1, merge=True)
    space.update("customer", record, {"name": "Vali", "city": "Baku"}, version=1, merge=True)
    assert space.get("customer", record).values["city"] == "Ganja"
    assert space.get("customer", record).values["name"] == "Vali"

    with pytest.raises(Conflict) as conflict:
        space.update("customer", record, {"city": "Sumqayit"}, version=1, merge=True)
    [clash] = conflict.value.fields
    assert (clash.original, clash.yours, clash.theirs) == ("Baku", "Sumqayit", "Ganja")


def test_a_unique_value_is_refused_with_the_name_of_its_holder(space: Space) -> None:
    space.publish(module("shop", entity("customer", name="text", code=field("text", unique=True))))
    space.create("customer", name="Ali", code="A1")
    with pytest.raises(ValidationFailed) as refused:
        space.create("customer", name="Vali", code="A1")
    [message] = refused.value.first["code"]
    assert message.key == "invalid.taken"
    assert message.params["holder"] == "Ali"


def test_deleting_follows_the_rules_and_comes_back_as_one(space: Space) -> None:
    space.publish(
        module(
            "shop",
            entity("customer", name="text"),
            entity(
                "order",
                words={"uid": "shop.order"},
                title=field("text"),
                customer=field("reference", to="shop.customer", on_delete="cascade"),
            ),
            entity(
                "note",
                text="text",
                customer=field("reference", to="shop.customer", on_delete="clear"),
            ),
        )
    )
    customer = space.create("customer", name="Ali")
    order = space.create("order", title="First", customer=customer)
    note = space.create("note", text="Hello", customer=customer)
    space.delete("customer", customer)
    assert space.find("order") == []
    assert space.get("note", note).values["customer"] is None
    space.restore("customer", customer)
    assert [record.id for record in space.find("order")] == [order]
    assert space.get("note", note).values["customer"].id == customer


def test_a_step_moves_the_record_and_asks_for_what_the_next_state_requires(space: Space) -> None:
    space.publish(everything())
    box = space.create("box", name="Box")
    thing = space.create("thing", name="Thing")
    with pytest.raises(ValidationFailed) as refused:
        space.move("thing", thing, "pack")
    assert set(refused.value.first) == {"owner"}
    space.clock.forward(minutes=5)
    space.move("thing", thing, "pack", owner=box)
    assert space.get("thing", thing).values["status"] == "packed"
    assert space.sql("SELECT seconds FROM sys_status_log ORDER BY id")[-1][0] == 300
