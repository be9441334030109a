"""History of a record and grouped figures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kit.builders import entity, field, module, workflow
from tests.kit.workspace import Space
from tests.rest.caller import Caller, problem


def test_history_tells_who_changed_what_from_what_to_what(owner: Caller, space: Space) -> None:
    box = owner.post("box", {"name": "Box"}).json["id"]
    path = owner.post("thing", {"name": "A", "price": {"amount": "5"}}).headers["Location"]
    space.clock.forward(minutes=1)
    owner.patch(path, {"name": "B", "price": None})
    owner.post(f"{path}/transitions/pack", {"owner": box})
    owner.delete(path)
    found = owner.get(f"{path}/history").json
    assert found["next"] is None
    kinds = [(one["kind"], one["version"], one["origin"]) for one in found["data"]]
    assert kinds == [
        ("delete", 4, "rest"), ("transition", 3, "rest"), ("update", 2, "rest"),
        ("create", 1, "rest"),
    ]  # fmt: skip
    assert found["data"][2] | {"id": 0, "operation": 0} == {
        "id": 0,
        "operation": 0,
        "at": "2026-03-02T09:01:00Z",
        "by": {"id": owner.person.user_id, "title": "owner"},
        "kind": "update",
        "origin": "rest",
        "version": 2,
        "changes": [
            {"field": "name", "from": "A", "to": "B"},
            {"field": "price", "from": {"amount": "5.00", "currency": "AZN"}, "to": None},
        ],
    }
    moved = {one["field"]: (one["from"], one["to"]) for one in found["data"][1]["changes"]}
    assert moved == {"owner": (None, box), "status": ("new", "packed")}


def test_history_comes_in_pages(owner: Caller) -> None:
    path = owner.post("thing", {"name": "0"}).headers["Location"]
    for number in range(1, 5):
        owner.patch(path, {"name": str(number)})
    seen, cursor = [], ""
    while cursor is not None:
        page = owner.get(f"{path}/history?limit=2&cursor={cursor}").json
        assert len(page["data"]) <= 2
        seen += [one["version"] for one in page["data"]]
        cursor = page["next"]
    assert seen == [5, 4, 3, 2, 1]
    for bad in ("limit=0", "cursor=x", "cursor=-1", "sort=id"):
        problem(owner.get(f"{path}/history?{bad}"), 400)
    problem(owner.get("thing/99/history"), 404)


@pytest.fixture
def deals(space: Space, calling: Callable[..., Caller]) -> Caller:
    space.publish(module("shop", *shop()))
    owner = calling(space, "owner")
    rows = [
        {"title": "a", "value": {"amount": "10"}, "paid": {"amount": "1", "currency": "USD"}},
        {
            "title": "b",
            "value": {"amount": "20.50"},
            "count": 3,
            "rate": "1.5",
            "closed": True,
            "span": "PT1H",
        },
        {
            "title": "c",
            "paid": {"amount": "500", "currency": "JPY"},
            "count": 4,
            "rate": "2",
            "span": "PT40M",
        },
        {"title": "d", "paid": {"amount": "2.50", "currency": "USD"}, "closed": False},
    ]
    assert owner.post("deal", rows).status_code == 201
    owner.post("deal/1/transitions/win")
    owner.post("deal/2/transitions/win")
    return owner


def shop(*extra: object, money: bool = True) -> list[object]:
    fields = {"value": "money"} if money else {}
    deal = entity(
        "deal",
        words={"status": "shop.deal.flow"},
        title=field("text"),
        **fields,
        paid=field("money", per_record=True),
        count="integer",
        rate=field("decimal", places=2),
        closed="boolean",
        span="duration",
        currency="text",
    )
    steps = [{"key": "win", "from": ["open"], "to": "won"}]
    return [deal, workflow("shop.deal.flow", "shop.deal", ["open", "won"], steps), *extra]


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("", [{"count": 4}]),
        ("measure=count,count", [{"count": 4}]),
        ("group=status", [{"status": "open", "count": 2}, {"status": "won", "count": 2}]),
        (
            "group=status&measure=count,sum:value",
            [
                {"status": "open", "count": 2, "sum:value": None},
                {
                    "status": "won",
                    "count": 2,
                    "sum:value": {"amount": "30.50", "currency": "AZN"},
                },
            ],
        ),
        (
            "measure=min:count,max:count,avg:count,sum:rate",
            [{"min:count": 3, "max:count": 4, "avg:count": "3.50", "sum:rate": "3.50"}],
        ),
        ("measure=sum:span,avg:span", [{"sum:span": "PT1H40M", "avg:span": "PT50M"}]),
        ("group=closed", [{"closed": False, "count": 3}, {"closed": True, "count": 1}]),
        (
            "measure=sum:paid,sum:value&paid__isnull=false",
            [
                {
                    "currency": "JPY",
                    "sum:paid": {"amount": "500", "currency": "JPY"},
                    "sum:value": None,
                },
                {
                    "currency": "USD",
                    "sum:paid": {"amount": "3.50", "currency": "USD"},
                    "sum:value": {"amount": "10.00", "currency": "AZN"},
                },
            ],
        ),
        ("measure=count&status=won&value__gt=10", [{"count": 1}]),
        ("measure=count&count__eq=3", [{"count": 1}]),
        ("q=zzz", [{"count": 0}]),
    ],
)
def test_figures_come_one_row_a_group(deals: Caller, asked: str, rows: list[object]) -> None:
    assert deals.get(f"deal/aggregate?{asked}").json == {"data": rows}


@pytest.mark.parametrize(
    "asked",
    [
        "group=colour",
        "group=",
        "group=status,closed",
        "measure=",
        "measure=total",
        "measure=sum",
        "measure=count:value",
        "measure=sum:title",
        "measure=count,,count",
        "group=count&measure=count",
        "group=currency&measure=sum:paid",
        "colour=red",
        "limit=5",
        "paid__gt=1",
    ],
)
def test_a_figure_that_means_nothing_is_refused(deals: Caller, asked: str) -> None:
    problem(deals.get(f"deal/aggregate?{asked}"), 400)


def test_figures_by_status_outlive_the_sum_that_their_index_holds(
    deals: Caller, space: Space
) -> None:
    space.publish(module("shop", *shop(money=False)))
    assert deals.get("deal/aggregate?group=status").json["data"][1]["count"] == 2
    problem(deals.get("deal/aggregate?measure=sum:value"), 400)
    space.rollback(1)
    found = deals.get("deal/aggregate?group=status&measure=sum:value").json["data"]
    assert found[1]["sum:value"]["amount"] == "30.50"
