"""The demo data of the shipped modules: what a newcomer finds after `make demo`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import phonenumbers
import pytest

from constructor.demo import load_demo
from constructor.doctor import examine
from constructor.install import bundled_modules, find_module
from runtime.definitions.bundle import File
from runtime.definitions.check import problems_of
from runtime.kernel.errors import DefinitionErrors, Refused
from runtime.kernel.workspace import Workspace
from tests.kit.builders import entity, field, module, workflow, write_module
from tests.kit.workspace import Space, make_space, sqlite_url

COUNTS = {
    "branch": 3, "client": 20, "contact": 16,
    "department": 5, "practitioner": 8, "service": 16, "room": 6,
    "patient": 40, "appointment": 120, "visit": 40,
}  # fmt: skip
TODAY = date(2026, 3, 2)  # of the clock of tests, on the wall of Baku


def counts(space: Space) -> dict[str, int]:
    return {key: len(space.find(key, limit=200)) for key in COUNTS}


def test_it_loads_whole_and_tables_agree_with_the_definitions(clinic: Space) -> None:
    assert counts(clinic) == COUNTS
    assert examine(clinic.engine) == []


def test_a_second_call_brings_nothing_and_leaves_changes_alone(clinic: Space) -> None:
    [patient, *_] = clinic.find("patient", limit=1)
    clinic.update("patient", patient.id, {"full_name": "Changed"})
    assert load_demo(clinic.engine, ["crm", "clinic"], clinic.clock) == {}
    assert counts(clinic) == COUNTS
    assert clinic.get("patient", patient.id).values["full_name"] == "Changed"


def test_appointments_stand_around_today_in_states_that_fit_their_day(demo: Space) -> None:
    appointments = demo.find("appointment", limit=200)
    days = [one.values["day"] for one in appointments]
    assert min(days) >= TODAY - timedelta(days=21)
    assert max(days) <= TODAY + timedelta(days=14)
    past, later = ("done", "no_show", "cancelled"), ("booked", "confirmed", "cancelled")
    for one in appointments:
        state, day = one.values["status"], one.values["day"]
        assert state in (past if day < TODAY else later) or day == TODAY
    seen = {one.values["status"] for one in appointments}
    assert seen == set(demo.entity("appointment").workflow.states)  # type: ignore[union-attr]


def test_times_are_on_the_wall_of_the_workspace(demo: Space) -> None:
    zone = demo.owner.locale.zone
    for one in demo.find("appointment", limit=200):
        start = one.values["starts_at"].astimezone(zone)
        assert start.date() == one.values["day"]
        assert 9 <= start.hour < 19


@pytest.mark.parametrize("whose", ["practitioner", "room", "patient"])
def test_nobody_is_in_two_places_at_once(demo: Space, whose: str) -> None:
    taken: dict[int, list[tuple[Any, Any]]] = defaultdict(list)
    for one in demo.find("appointment", limit=200):
        taken[one.values[whose].id].append((one.values["starts_at"], one.values["ends_at"]))
    for spans in taken.values():
        spans.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_visits_tell_of_appointments_that_took_place(demo: Space) -> None:
    appointments = {one.id: one.values for one in demo.find("appointment", limit=200)}
    for visit in demo.find("visit", limit=200):
        kept = appointments[visit.values["appointment"].id]
        assert kept["status"] == "done"
        for key in ("patient", "practitioner", "day"):
            assert visit.values[key] == kept[key]
        assert visit.values["diagnosis"]


def test_phones_are_numbers_of_azerbaijan(demo: Space) -> None:
    for key in ("patient", "client", "contact", "branch", "practitioner", "department"):
        for one in demo.find(key, limit=200):
            number = phonenumbers.parse(one.values["phone"])
            assert number.country_code == 994
            assert phonenumbers.is_valid_number(number)


def test_the_demo_doctor_signs_in_with_the_demo_account(demo: Space) -> None:
    [doctor] = [one for one in demo.find("practitioner") if one.values["user"]]
    assert doctor.values["user"].title == "doctor"


def test_history_calls_it_demo_and_not_an_import(demo: Space) -> None:
    assert demo.sql("SELECT DISTINCT origin FROM sys_operation") == [("demo",)]
    assert demo.sql("SELECT count(*) FROM sys_status_log WHERE imported") == [(0,)]


def test_it_loads_in_another_country_without_the_demo_accounts(tmp_path: Path) -> None:
    turkish = Workspace(language="tr", country="TR", currency="TRY", timezone="Europe/Istanbul")
    space = make_space(sqlite_url(tmp_path), turkish)
    space.publish(*find_module("clinic"))
    load_demo(space.engine, ["clinic"], space.clock)
    assert counts(space) == COUNTS
    assert space.find("service")[0].values["price"].currency == "TRY"
    space.engine.dispose()


def test_demo_of_a_module_points_at_what_another_brought_before(lite: Space) -> None:
    lite.publish(*find_module("crm"))
    load_demo(lite.engine, ["crm"], lite.clock)
    lite.publish(*find_module("clinic"))
    assert "crm.client" not in load_demo(lite.engine, ["clinic"], lite.clock)
    assert counts(lite) == COUNTS
    [linked, *_] = [one for one in lite.find("patient", limit=200) if one.values["client"]]
    assert linked.values["client"].title == linked.values["full_name"]


def test_a_module_that_is_not_installed_gets_no_demo(lite: Space) -> None:
    lite.publish(*find_module("crm"))
    with pytest.raises(Refused) as refused:
        load_demo(lite.engine, ["clinic"], lite.clock)
    assert refused.value.message.params["name"] == "clinic"
    assert lite.find("client") == []


# Mistakes of an author


def shop(*records: dict[str, Any], about: str = "shop.order") -> list[Any]:
    """A module whose demo holds these orders."""
    flow = workflow("shop.order.flow", "shop.order", ["new", {
        "key": "sent", "title": "Sent", "requires": ["customer"]
    }], [{"key": "send", "from": ["new"], "to": "sent"}])  # fmt: skip
    orders = entity(
        "order",
        words={"status": "shop.order.flow"},
        required=("name",),
        name="text",
        count="integer",
        day="date",
        customer=field("reference", to="shop.customer"),
        parent=field("reference", to="shop.order"),
        number="sequence",
    )
    customers = {
        "entity": "shop.customer",
        "records": [{"as": "ali", "values": {"name": "Ali"}}],
    }
    demo = {"entity": about, "records": list(records)}
    return [
        module(
            "shop",
            entity("customer", name="text"),
            orders,
            flow,
            File("demo/customer.json", "demo", customers),
            File("demo/order.json", "demo", demo),
        )
    ]


def places(*records: dict[str, Any], about: str = "shop.order") -> Iterator[str]:
    found = problems_of({one.key: one for one in shop(*records, about=about)})
    return (f"{one.path}: {one.suggestion}".rstrip(": ") for one in found)


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"values": {"nam": "A"}}, "$.records[0].values.nam: name"),
        ({"values": {"count": "many"}}, "$.records[0].values.count"),
        ({"values": {"day": "@tomorrow"}}, "$.records[0].values.day"),
        ({"values": {"number": "7"}}, "$.records[0].values.number"),
        ({"values": {"customer": "@aly"}}, "$.records[0].values.customer: ali"),
        ({"values": {"parent": "@ali"}}, "$.records[0].values.parent"),
        ({"values": {"customer": 5}, "status": "snt"}, "$.records[0].status: sent"),
        ({"values": {}, "as": "ali"}, "$.records[0].as"),
        ({"value": {}}, "$.records[0]"),
    ],
)
def test_the_check_names_the_place_of_each_mistake(record: dict[str, Any], place: str) -> None:
    assert place in list(places(record))


def test_the_check_knows_a_missing_entity() -> None:
    assert list(places(about="shop.ordr")) == ["$.entity: shop.order"]


@pytest.mark.parametrize(
    ("records", "place"),
    [
        ([{"values": {}}], "$.records[0].values.name"),
        ([{"values": {"name": "A"}, "status": "sent"}], "$.records[0].values.customer"),
        (
            [
                {"as": "one", "values": {"name": "A", "parent": "@two"}},
                {"as": "two", "values": {"name": "B", "parent": "@one"}},
            ],
            "$.records[0]",
        ),
    ],
)
def test_a_record_that_the_rules_refuse_is_named_and_nothing_is_kept(
    lite: Space, tmp_path: Path, records: list[dict[str, Any]], place: str
) -> None:
    [source] = shop(*records)
    lite.publish(source)
    folder = write_module(tmp_path / "modules", source)
    with pytest.raises(DefinitionErrors) as refused:
        load_demo(lite.engine, [str(folder)], lite.clock)
    assert refused.value.problems[0].file == "shop/demo/order.json"
    assert refused.value.problems[0].path == place
    assert lite.find("customer") == []


def test_records_are_made_after_those_they_point_at(lite: Space, tmp_path: Path) -> None:
    [source] = shop(
        {"values": {"name": "Third", "parent": "@second"}},
        {"as": "second", "values": {"name": "Second", "parent": "@first"}},
        {"as": "first", "values": {"name": "First", "customer": "@ali"}, "status": "sent"},
    )
    lite.publish(source)
    folder = write_module(tmp_path / "modules", source)
    load_demo(lite.engine, [str(folder)], lite.clock)
    parents = {one.title: one.values["parent"] for one in lite.find("order")}
    assert parents["Third"].title == "Second"
    assert parents["Second"].title == "First"


def test_every_trade_that_ships_has_demo_data() -> None:
    for key, source in bundled_modules().items():
        assert any(source.of_kind("demo")), key
