"""Lists over REST: filters, order, pages, fields, expanded references, views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.kit.builders import entity, module, role, view
from tests.kit.workspace import Space
from tests.rest.caller import Caller, problem

ROWS: list[dict[str, Any]] = [
    {"name": "Əliyev", "count": 1, "price": {"amount": "10"}, "kind": "one", "day": "2026-03-01"},
    {"name": "Borisov", "count": 2, "price": {"amount": "20"}, "kind": "two", "ready": True},
    {"name": "Çelik, junior", "count": -3, "tags": ["one", "two"], "length": "PT1H"},
    {"name": "Davis", "phone": "050 212 34 56", "moment": "2026-03-02T13:00:00+04:00"},
    {"name": "Evans", "worth": {"amount": "5", "currency": "USD"}, "weight": "1.500"},
    {"name": "Foster", "worth": {"amount": "700", "currency": "JPY"}, "mail": "f@example.az"},
]

# What is asked -> first letters of the names that are kept, in order of ids.
KEPT = {
    "name=Borisov": "B",
    "name__contains=eli": "AC",
    "name__startswith=ceL": "C",
    "name__in=Davis,Evans": "DE",
    "name__ne=Davis": "ABCEF",
    "count__gte=1": "AB",
    "count__eq=-3": "C",
    "count__isnull=true": "DEF",
    "count__gt=0&count__lt=2": "A",
    "count__gt=0&count__gt=1": "B",
    "price__gte=10.01": "B",
    "price__in=10,20.00": "AB",
    "weight=1.5": "E",
    "kind=one": "A",
    "kind__in=one,two": "AB",
    "kind__isnull=false": "AB",
    "ready=true": "B",
    "ready=false": "ACDEF",
    "day=2026-03-01": "A",
    "moment=2026-03-02T09:00:00Z": "D",
    "moment__lt=2026-03-02T13:00:01%2B04:00": "D",
    "length__gte=PT59M": "C",
    "tags=one": "C",
    "tags__has=one,two": "C",
    "phone=%2B994502123456": "D",
    "mail=F@EXAMPLE.AZ": "F",
    "owner=1": "A",
    "owner__in=1,2": "AB",
    "owner__isnull=true": "CDEF",
    "boxes=2": "AB",
    "boxes__isnull=false": "AB",
    "person=1": "C",
    "team=1": "C",
    "owner.name=Ganja": "B",
    "owner.name__contains=bak": "A",
    "owner.id__gt=1": "B",
    "status=new&name__contains=s": "BDEF",
    "number=T-2026-0002": "B",
    "id__in=1,3": "AC",
    "version__lt=9007199254740991": "ABCDEF",
    "version__in=1,9007199254740991": "ABCDEF",
    "created_at__gte=2026-03-02T09:00:00Z": "ABCDEF",
    "created_by=1": "ABCDEF",
    "worth__gte=5&worth__currency=USD": "E",
    "worth__gte=700&worth__currency=JPY": "F",
    "worth__lt=700&worth__currency=JPY": "",
    "worth__isnull=false": "EF",
    "q=eliyev": "A",
    "q=0502123456": "D",
    "q=nothing": "",
}
# Questions that mean nothing.
REFUSED = [
    "colour=red",
    "name__like=a",
    "note=x",
    "kind=three",
    "kind=One",
    "status=New",
    "count__eq=1,234",
    "count__eq=1.0",
    "count__eq=9007199254740992",
    "price=abc",
    "price=1.234",
    "day=01.03.2026",
    "day=2026-02-30",
    "moment=2026-03-02T09:00:00",
    "moment=now",
    "length=90",
    "ready=yes",
    "ready=",
    "owner=x",
    "owner=0",
    "name=",
    "name__contains=",
    "name__contains=%00",
    "name__in=,",
    "name=nul%00",
    "worth__gte=5",
    "worth__currency=usd",
    "worth__gte=5.5&worth__currency=JPY",
    "sort=worth",
    "sort=colour",
    "sort=note",
    "sort=name,,count",
    "sort=",
    "sort=name,count,price,day",
    "owner.colour=1",
    "name.x=1",
    "owner.things.name=1",
    "team.name=a",
    "fields=colour",
    "fields=",
    "expand=name",
    "expand=colour",
    "limit=0",
    "limit=201",
    "limit=x",
    "limit=1&limit=2",
    "cursor=x",
    "cursor=bnVsbA",
    "count=yes",
    "bin=2",
    "view=none",
    "view=",
    "group=kind",
    "q=" + "a" * 201,
    "%ED%A0%80=1",
    "&".join(f"name__ne={number}" for number in range(201)),
    "&".join("id__in=" + ",".join(map(str, range(1, 201))) for _ in range(11)),
]


@pytest.fixture
def things(owner: Caller) -> Caller:
    boxes = owner.post("box", [{"name": "Bakı"}, {"name": "Ganja"}]).json
    rows = [dict(row) for row in ROWS]
    rows[0] |= {"owner": boxes[0]["id"], "boxes": [one["id"] for one in boxes]}
    rows[1] |= {"owner": boxes[1]["id"], "boxes": [boxes[1]["id"]]}
    rows[2] |= {"person": owner.person.user_id, "team": [owner.person.user_id]}
    assert owner.post("thing", rows).status_code == 201
    return owner


def test_a_filter_keeps_what_fits(things: Caller) -> None:
    letters = {"Ə": "A", "Ç": "C"}

    def kept(asked: str) -> str:
        names = [one["name"][0] for one in things.data(f"thing?{asked}&sort=id")]
        return "".join(letters.get(letter, letter) for letter in names)

    assert {asked: kept(asked) for asked in KEPT} == KEPT


def test_a_question_that_means_nothing_is_refused(things: Caller) -> None:
    for asked in REFUSED:
        problem(things.get(f"thing?{asked}"), 400)


def test_pages_follow_each_other_and_hold_each_record_once(things: Caller) -> None:
    for sort in ("", "name", "-count", "price", "-created_at", "day,-name", "ready", "created_by"):
        asked = f"thing?limit=2&sort={sort}" if sort else "thing?limit=2"
        seen, cursor = [], ""
        for _ in range(4):
            page = things.get(asked + (f"&cursor={cursor}" if cursor else "")).json
            seen += [one["id"] for one in page["data"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert sorted(seen) == [1, 2, 3, 4, 5, 6], sort
        assert seen == things.ids(asked.replace("limit=2", "limit=200")), sort


def test_the_newest_come_first_and_a_page_holds_fifty(lite_owner: Caller) -> None:
    lite_owner.post("box", [{"name": f"Box {number}"} for number in range(60)])
    assert lite_owner.ids("box") == list(range(60, 10, -1))


@pytest.mark.parametrize(
    "cursor", ["WzAsMSwiblx1ZDgwMCJd", "WzAsMSwibjlFOTkiXQ", "WzAsIjEiLCJuMSJd"]
)
def test_a_made_up_cursor_is_refused(things: Caller, cursor: str) -> None:
    problem(things.get(f"thing?sort=weight&cursor={cursor}"), 400)


def test_a_count_is_told_when_it_is_asked_for(things: Caller) -> None:
    assert "count" not in things.get("thing?count=0").json
    counted = things.get("thing?count=1&limit=1&kind__isnull=false").json
    assert counted["count"] == {"value": 2, "exact": True}
    assert len(counted["data"]) == 1 and counted["next"]


def test_fields_choose_what_comes(things: Caller) -> None:
    [one] = things.data("thing?id=1&fields=name,owner,status,uid,deleted_at")
    assert list(one) == ["id", "version", "name", "owner", "status", "uid", "deleted_at"]
    assert one["owner"] == 1 and one["deleted_at"] is None
    assert things.data("thing?id=1&fields=name&fields=kind") == [
        {"id": 1, "version": 1, "name": "Əliyev", "kind": "one"}
    ]


def test_expanded_references_come_as_objects(things: Caller) -> None:
    [one] = things.data("thing?id=1&fields=name&expand=owner,boxes,created_by")
    assert one["owner"]["title"] == "Bakı" and one["owner"]["name"] == "Bakı"
    assert [box["title"] for box in one["boxes"]] == ["Bakı", "Ganja"]
    assert one["created_by"] == {"id": things.person.user_id, "title": "owner"}
    whole = things.get("thing/3?expand=person,team,owner").json
    me = {"id": things.person.user_id, "title": "owner"}
    assert (whole["person"], whole["team"], whole["owner"]) == (me, [me], None)
    problem(things.get("thing?expand=owner,boxes,person,team,created_by,updated_by"), 400)


def test_a_view_gives_columns_filter_and_order(
    space: Space, calling: Callable[..., Caller]
) -> None:
    space.publish(
        module(
            "shop",
            entity("customer", name="text", city="text", debt="money"),
            view(
                "shop.customer.debtors",
                "shop.customer",
                settings={"columns": ["city", "debt"], "sort": "-debt"},
                filter={"debt__gt": "0"},
            ),
            view("shop.customer.secret", "shop.customer", roles=["chief"]),
            role("clerk", {"shop.customer": {"see": "all"}}),
            role("chief", {"shop.customer": {"see": "all"}}),
        )
    )
    owner, clerk = calling(space, "owner"), calling(space, "clerk")
    owner.post(
        "customer",
        [
            {"name": "A", "city": "Baku", "debt": {"amount": "5"}},
            {"name": "B", "city": "Baku"},
            {"name": "C", "city": "Ganja", "debt": {"amount": "9"}},
        ],
    )
    assert [(one["id"], sorted(one)) for one in clerk.data("customer?view=debtors")] == [
        (3, ["city", "debt", "id", "version"]), (1, ["city", "debt", "id", "version"]),
    ]  # fmt: skip
    chosen = clerk.data("customer?view=debtors&city=Baku&sort=name&fields=name")
    assert chosen == [{"id": 1, "version": 1, "name": "A"}]
    problem(clerk.get("customer?view=secret"), 400)
    assert owner.get("customer?view=secret").status_code == 200


def test_the_number_of_statements_does_not_grow_with_the_rows(
    things: Caller, count_statements: Callable[[], int]
) -> None:
    asked = "thing?expand=owner,boxes,person,team,created_by&count=1&limit=200"

    def statements() -> int:
        before = count_statements()
        things.get(asked)
        return count_statements() - before

    few = statements()
    me = things.person.user_id
    row = {"name": "A", "owner": 1, "boxes": [1, 2], "person": me, "team": [me]}
    things.post("thing", [row] * 100)
    assert statements() == few <= 25


@pytest.fixture
def count_statements(owner: Caller) -> Callable[[], int]:
    engine = owner.app.extensions["qurucu"].service.engine
    seen: list[str] = []
    sa.event.listen(
        engine, "before_cursor_execute", lambda c, cursor, statement, *_: seen.append(statement)
    )
    return lambda: len(seen)
