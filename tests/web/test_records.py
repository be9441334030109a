"""Making, looking at, changing and binning one record on the screens, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kit.builders import entity, everything, field, module, role
from tests.kit.visitor import Visitor, text_of
from tests.kit.workspace import Space

Visit = Callable[[Space, str], Visitor]


def shop(**customer: object) -> object:
    return module(
        "shop",
        entity(
            "customer",
            words={"list_title": "Customers"},
            required=("name",),
            name=field("text", title="Name"),
            city=field("text", title="City"),
            age=field("integer", title="Age"),
            **customer,
        ),
        entity(
            "visit",
            customer=field("reference", title="Customer", to="shop.customer", inverse="visits"),
            note=field("text", title="Note"),
        ),
        role("reader", {"shop.customer": {"see": "all"}}),
        role("clerk", {"shop.visit": {"see": "all", "create": True, "edit": "all"}}),
    )


@pytest.fixture
def owner(space: Space, visit: Visit) -> Visitor:
    space.publish(shop())
    space.person("owner@demo.test", "owner")
    return visit(space, "owner@demo.test")


def test_a_record_is_made_by_a_form_and_the_next_page_says_so(space: Space, owner: Visitor) -> None:
    answer = owner.send("/e/customer/new", {"name": "Aygün", "city": "Bakı", "age": "31"})
    assert answer.status_code == 303
    assert "Created Aygün" in owner.told(answer)
    [record] = space.find("customer")
    assert record.values == {"name": "Aygün", "city": "Bakı", "age": 31}


def test_an_invalid_form_comes_back_with_what_was_typed(space: Space, owner: Visitor) -> None:
    answer = owner.send("/e/customer/new", {"name": "", "city": "<b>Bakı", "age": "many"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="&lt;b&gt;Bakı"' in page
    assert 'value="many"' in page
    assert "Not a number" in page
    assert "Fill this in" in page
    assert page.count('aria-invalid="true"') == 2
    assert space.find("customer") == []


def test_a_paste_of_fifty_megabytes_is_refused_beside_its_field(
    space: Space, owner: Visitor
) -> None:
    answer = owner.send("/e/customer/new", {"name": "x" * 50_000_000})
    assert answer.status_code == 422
    assert "Too long: 50000000 characters, at most 1000" in answer.get_data(as_text=True)
    assert space.find("customer") == []


def test_the_same_form_sent_twice_makes_one_record(space: Space, owner: Visitor) -> None:
    filled = {**owner.hidden("/e/customer/new"), "name": "Once"}
    first = owner.client.post("/e/customer/new", data=filled)
    second = owner.client.post("/e/customer/new", data=filled)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(space.find("customer")) == 1


def test_fields_that_do_not_exist_or_are_the_products_own_are_refused(
    space: Space, owner: Visitor
) -> None:
    answer = owner.send("/e/customer/new", {"name": "A", "colour": "red", "created_by": "1"})
    assert answer.status_code == 422
    assert space.find("customer") == []


def test_edits_of_two_people_merge_and_the_same_field_asks(space: Space, owner: Visitor) -> None:
    record = space.create("customer", name="Ali", city="Bakı")
    page = f"/e/customer/{record}/edit"
    mine = owner.hidden(page)
    space.update("customer", record, {"city": "Gəncə"})
    answer = owner.client.post(page, data={**mine, "name": "Vəli", "city": "Bakı"})
    assert answer.status_code == 303
    assert space.get("customer", record).values["city"] == "Gəncə"
    assert space.get("customer", record).values["name"] == "Vəli"

    mine = owner.hidden(page)
    space.update("customer", record, {"city": "Şəki"})
    clash = owner.client.post(page, data={**mine, "name": "Vəli", "city": "Quba"})
    shown = text_of(clash)
    assert clash.status_code == 409
    assert "Before: Gəncə" in shown
    assert "Theirs: Şəki" in shown
    assert 'value="Quba"' in clash.get_data(as_text=True)
    assert space.get("customer", record).values["city"] == "Şəki"


def test_without_a_script_a_name_beside_a_picker_finds_its_record(
    space: Space, owner: Visitor
) -> None:
    space.create_many("customer", [{"name": f"Person {number}"} for number in range(40)])
    target = space.create("customer", name="Ülviyyə Rəhimova")
    answer = owner.send("/e/visit/new", {"customer__text": "ulviyye", "note": "by name"})
    assert answer.status_code == 303
    assert space.find("visit")[0].values["customer"].id == target

    exact = owner.send("/e/visit/new", {"customer__text": "person 1", "note": "exactly"})
    assert exact.status_code == 303
    several = owner.send("/e/visit/new", {"customer__text": "person", "note": "which"})
    assert several.status_code == 422
    assert "Several records match" in several.get_data(as_text=True)
    nobody = owner.send("/e/visit/new", {"customer__text": "zzz", "note": "nobody"})
    assert nobody.status_code == 422
    assert "Nothing found for “zzz”" in nobody.get_data(as_text=True)
    assert len(space.find("visit")) == 2


def test_a_record_page_shows_related_records_and_history_as_sentences(
    space: Space, owner: Visitor
) -> None:
    record = space.create("customer", name="Ali")
    space.create("visit", customer=record, note="First visit")
    owner.send(f"/e/customer/{record}/edit", {"name": "Vəli"})
    shown = text_of(owner.get(f"/e/customer/{record}"))
    assert "First visit" in shown
    assert "owner · changed" in shown
    assert "Ali → Vəli" in shown


def test_a_step_asks_for_what_is_missing_and_says_where_the_record_is(
    space: Space, visit: Visit
) -> None:
    space.publish(everything())
    space.person("owner@demo.test", "owner")
    visitor = visit(space, "owner@demo.test")
    box = space.create("box", name="Box")
    thing = space.create("thing", name="Thing")
    place = f"/e/thing/{thing}"
    asked = visitor.send(f"{place}/steps/pack", {}, page=place)
    assert asked.status_code == 422
    assert "Fill this in" in asked.get_data(as_text=True)
    done = visitor.send(f"{place}/steps/pack", {"owner": str(box)})
    assert done.status_code == 303
    assert visitor.told(done) == "Thing is now Packed"
    # The next step names a field to ask for: it is asked even though nothing is missing.
    assert visitor.send(f"{place}/steps/send", {}, page=place).status_code == 200
    assert visitor.send(f"{place}/steps/send", {"note": "sent by post"}).status_code == 303
    assert space.get("thing", thing).values["status"] == "sent"


def test_the_bin_takes_a_record_and_gives_it_back(space: Space, owner: Visitor) -> None:
    record = space.create("customer", name="Ali")
    place = f"/e/customer/{record}"
    binned = owner.send(f"{place}/delete", {}, page=place)
    assert owner.told(binned) == "Moved Ali to the recycle bin"
    assert owner.get(place).status_code == 404
    assert "Ali" in text_of(owner.get("/e/customer/bin"))
    back = owner.send(f"{place}/restore", {}, page="/e/customer/bin")
    assert back.status_code == 303
    assert owner.get(place).status_code == 200


def test_a_record_that_others_need_stays_and_they_are_named(space: Space, owner: Visitor) -> None:
    record = space.create("customer", name="Ali")
    space.create("visit", customer=record, note="Needs Ali")
    place = f"/e/customer/{record}"
    refused = owner.send(f"{place}/delete", {}, page=place)
    assert refused.status_code == 409
    assert "Needs Ali" in text_of(refused)
    assert owner.get(place).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/e/customer/1", 200),
        ("get", "/e/customer/new", 403),
        ("get", "/e/customer/1/edit", 403),
        ("post", "/e/customer/new", 403),
        ("post", "/e/customer/1/edit", 403),
        ("post", "/e/customer/1/delete", 403),
        ("get", "/e/visit/1", 404),
        ("get", "/e/visit/new", 404),
        ("get", "/e/visit/options?q=ab", 404),
        ("post", "/e/visit/new", 404),
        ("get", "/e/nothing/1", 404),
        ("get", "/e/customer/99999999999999999999", 404),
    ],
)
def test_a_reader_sees_and_does_no_more_than_the_role_grants(
    space: Space, visit: Visit, method: str, path: str, status: int
) -> None:
    space.publish(shop())
    space.person("reader@demo.test", "reader")
    space.create("visit", customer=space.create("customer", name="Ali"), note="Secret")
    visitor = visit(space, "reader@demo.test")
    if method == "get":
        answer = visitor.get(path)
    else:
        answer = visitor.send(path, {"name": "X", "note": "X"}, page="/e/customer/1")
    assert answer.status_code == status
    assert "Secret" not in answer.get_data(as_text=True)
    assert len(space.find("customer")) == 1


def test_an_unsafe_request_without_the_token_of_the_session_is_refused(
    space: Space, owner: Visitor
) -> None:
    record = space.create("customer", name="Ali")
    bare = owner.client.post(f"/e/customer/{record}/delete")
    foreign = owner.send(
        f"/e/customer/{record}/delete", {}, page=f"/e/customer/{record}",
        headers={"Origin": "https://evil.example"},
    )  # fmt: skip
    assert bare.status_code == foreign.status_code == 403
    assert owner.get(f"/e/customer/{record}").status_code == 200
