"""The same POST sent twice does its work once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from runtime.storage import system
from tests.kit.workspace import Space
from tests.rest.caller import Caller, problem


def same(one: object, other: object) -> bool:
    def said(response: object) -> tuple[object, ...]:
        headers = [response.headers.get(name) for name in ("Location", "ETag", "Content-Type")]
        return response.status_code, response.data, headers

    return said(one) == said(other)


def test_a_repeated_request_gets_the_first_answer(owner: Caller) -> None:
    first = owner.post("thing", {"name": "Thing"}, Idempotency_Key="k1")
    owner.patch(first.headers["Location"], {"name": "Changed"})
    again = owner.post("thing", {"name": "Thing"}, Idempotency_Key="k1")
    assert first.status_code == 201 and same(first, again)
    assert owner.ids("thing") == [1]
    other = problem(owner.post("thing", {"name": "Other"}, Idempotency_Key="k1"), 409)
    assert other["type"] == "urn:qurucu:problem:error.key_reused"
    problem(owner.post("box", {"name": "Thing"}, Idempotency_Key="k1"), 409)
    assert owner.post("thing", {"name": "Thing"}, Idempotency_Key="k2").json["id"] == 2


def test_steps_restores_and_bulk_calls_repeat_as_well(owner: Caller) -> None:
    rows = [{"name": "A"}, {"name": "B"}]
    assert same(*(owner.post("box", rows, Idempotency_Key="bulk") for _ in "12"))
    assert owner.ids("box") == [2, 1]
    path = owner.post("thing", {"name": "Thing"}).headers["Location"]
    step = [owner.post(f"{path}/transitions/pack", {"owner": 1}, Idempotency_Key="s") for _ in "12"]
    assert step[0].status_code == 200 and same(*step)
    owner.delete(path)
    back = [owner.post(f"{path}/restore", Idempotency_Key="r") for _ in "12"]
    assert back[0].status_code == 200 and same(*back)


def test_a_refused_request_may_be_mended_under_its_key(owner: Caller) -> None:
    problem(owner.post("thing", {"name": ""}, Idempotency_Key="k"), 422)
    assert owner.post("thing", {"name": "Thing"}, Idempotency_Key="k").status_code == 201


def test_a_key_belongs_to_the_person(
    owner: Caller, space: Space, calling: Callable[..., Caller]
) -> None:
    other = calling(space, "owner", email="other@demo.test")
    ids = [one.post("box", {"name": "A"}, Idempotency_Key="k").json["id"] for one in (owner, other)]
    assert ids == [1, 2]


@pytest.mark.parametrize("key", ["", "x" * 256, "ə", "a\tb"])
def test_a_key_that_is_none_is_refused(lite_owner: Caller, key: str) -> None:
    problem(lite_owner.post("box", {"name": "A"}, Idempotency_Key=key), 400)
    assert lite_owner.ids("box") == []


def test_a_key_is_kept_for_a_day_and_then_swept(owner: Caller, space: Space) -> None:
    owner.post("box", {"name": "A"}, Idempotency_Key="old")
    space.clock.forward(hours=25)
    assert owner.post("box", {"name": "A"}, Idempotency_Key="new").json["id"] == 2
    assert [row["key"] for row in space.snapshot(system.idempotency.name)] == ["new"]


def test_twenty_equal_requests_at_once_make_one_row_and_twenty_equal_answers(
    owner: Caller,
) -> None:
    def send(_: int) -> object:
        return owner.post("thing", {"name": "Thing"}, Idempotency_Key="many")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert answers[0].status_code == 201
    assert all(same(answers[0], one) for one in answers)
    assert owner.ids("thing") == [1]
