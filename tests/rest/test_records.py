"""One record over REST: made, read, changed, moved, binned, restored."""

from __future__ import annotations

import pytest

from tests.kit.workspace import Space
from tests.rest.caller import Caller, problem

VALUES = {
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
}
EMPTY = {
    **dict.fromkeys(VALUES), "ready": False, "tags": [], "owner": None, "boxes": [],
    "person": None, "team": [],
}  # fmt: skip

# Values that do not fit their fields.
UNFIT = [
    ("kind", "three"),
    ("status", "packed"),
    ("price", "abc"),
    ("price", {"amount": "1.234", "currency": "AZN"}),
    ("price", {"amount": "1", "currency": ["AZN"]}),
    ("day", "tomorrow"),
    ("day", "2026-02-29"),
    ("owner", 99),
    ("owner", 2**63),
    ("owner", 1e300),
    ("boxes", [99]),
    ("boxes", [[1]]),
    ("person", 99),
    ("team", {}),
    ("name", ""),
    ("name", "   "),
    ("name", None),
    ("name", "nul\x00"),
    ("name", "half \ud800"),
    ("name", "x" * 1001),
    ("name", {"a": 1}),
    ("count", "5"),
    ("count", 1.5),
    ("count", 2**63),
    ("count", True),
    ("weight", 1.5),
    ("hour", "25:00"),
    ("moment", "2026-03-02T09:00:00"),
    ("mail", "nobody"),
    ("phone", "12"),
    ("site", "javascript:alert(1)"),
    ("length", "90"),
    ("tags", "one"),
    ("tags", ["one", "one"]),
]


def test_a_record_of_every_type_comes_back_as_it_was_sent(owner: Caller) -> None:
    box = owner.post("box", {"name": "Blue"}).json["id"]
    me = owner.person.user_id
    values = {**VALUES, "owner": box, "boxes": [box], "person": me, "team": [me]}
    made = owner.post("thing", values)
    assert made.status_code == 201
    assert made.headers["Location"] == f"/api/v1/records/thing/{made.json['id']}"
    assert made.headers["ETag"] == '"1"'

    found = owner.get(made.headers["Location"])
    assert found.json == made.json
    assert {key: found.json[key] for key in values} == values
    assert found.json["status"] == "new" and found.json["number"] == "T-2026-0001"
    assert found.json["version"] == 1 and len(found.json["uid"]) == 26
    assert found.json["created_at"] == found.json["updated_at"] == "2026-03-02T09:00:00Z"
    assert found.json["created_by"] == found.json["updated_by"] == me


def test_every_readable_field_is_there_and_null_when_empty(owner: Caller) -> None:
    made = owner.post("thing", {"name": "Bare"}).json
    assert {key: made[key] for key in EMPTY} == {**EMPTY, "name": "Bare"}
    assert list(made)[:8] == [
        "id", "uid", "version", "status", "created_at", "created_by", "updated_at", "updated_by",
    ]  # fmt: skip


def test_a_change_touches_what_was_sent_and_null_empties(owner: Caller) -> None:
    path = owner.post("thing", VALUES).headers["Location"]
    sent = {"name": "Other", "price": None, "tags": None, "ready": None, "note": ""}
    changed = owner.patch(path, sent)
    assert changed.status_code == 200 and changed.headers["ETag"] == '"2"'
    expected = {**VALUES, "name": "Other", "price": None, "tags": [], "ready": False, "note": None}
    assert {key: changed.json[key] for key in VALUES} == expected
    assert owner.get(path).json == changed.json


def test_a_change_that_changes_nothing_leaves_no_trace(owner: Caller) -> None:
    path = owner.post("thing", VALUES).headers["Location"]
    for body in ({}, {"name": "Thing", "tags": ["two", "one"]}):
        assert owner.patch(path, body).json["version"] == 1
    assert len(owner.get(f"{path}/history").json["data"]) == 1


def test_what_a_client_may_not_write_is_refused_and_nothing_is_written(
    owner: Caller, space: Space
) -> None:
    path = owner.post("thing", {"name": "Thing"}).headers["Location"]
    before = space.snapshot("all_thing")
    for key in ("id", "uid", "version", "status", "created_by", "number", "colour", "deleted_at"):
        body = {"name": "New", key: 1}
        for response in (owner.post("thing", body), owner.patch(path, body)):
            assert list(problem(response, 422)["errors"]) == [key]
    assert space.snapshot("all_thing") == before


def test_a_value_that_does_not_fit_is_said_beside_its_field(lite_owner: Caller) -> None:
    for key, value in UNFIT:
        found = problem(lite_owner.post("thing", {"name": "Thing", key: value}), 422)
        assert list(found["errors"]) == [key], (key, value)
    assert lite_owner.ids("thing") == []


def test_strange_text_is_kept_as_typed(lite_owner: Caller) -> None:
    for name in ("Ə İ ı ₼", "=1+1", "<b>", "{{7*7}}", "' OR 1=1--", "../", "😀"):
        path = lite_owner.post("thing", {"name": f"  {name}  "}).headers["Location"]
        assert lite_owner.get(path).json["name"] == name


def test_a_bulk_call_writes_all_rows_or_none(owner: Caller) -> None:
    made = owner.post("box", [{"name": "A"}, {"name": "B"}])
    assert made.status_code == 201 and "Location" not in made.headers
    assert [one["name"] for one in made.json] == ["A", "B"]

    refused = owner.post("thing", [{"name": "C"}, {"kind": "three"}, {"name": "D", "x": 1}, 5])
    errors = problem(refused, 422)["errors"]
    assert {row: sorted(fields) for row, fields in errors.items()} == {
        "1": ["kind", "name"], "2": ["x"], "3": ["", "name"],
    }  # fmt: skip
    assert owner.ids("thing") == []


@pytest.mark.parametrize("count", [0, 1001])
def test_a_bulk_call_has_1_to_1000_rows(lite_owner: Caller, count: int) -> None:
    problem(lite_owner.post("box", [{"name": "A"}] * count), 422)
    assert lite_owner.ids("box") == []


def test_versions_guard_against_lost_updates(owner: Caller) -> None:
    path = owner.post("thing", {"name": "Thing"}).headers["Location"]
    assert owner.patch(path, {"name": "A"}, If_Match='"1"').status_code == 200
    stale = problem(owner.patch(path, {"name": "B"}, If_Match='"1"'), 412)
    assert stale["version"] == 2
    assert owner.get(path).json["name"] == "A"
    for fitting in ("*", '"2"', "2", '"1", "2"'):
        assert owner.patch(path, {"name": "A"}, If_Match=fitting).status_code == 200
    for stale_tag in ('W/"2"', '"x"', '"1", "3"', '""'):
        problem(owner.patch(path, {"name": "B"}, If_Match=stale_tag), 412)
    for malformed in ("", '"1', "one", '"1" "2"', "W/1"):
        problem(owner.patch(path, {"name": "B"}, If_Match=malformed), 400)
    problem(owner.delete(path, If_Match='"1"'), 412)
    problem(owner.post(f"{path}/transitions/send", {}, If_Match='"1"'), 412)
    assert owner.delete(path, If_Match='"2"').status_code == 204
    problem(owner.post(f"{path}/restore", If_Match='"2"'), 412)
    assert owner.post(f"{path}/restore", If_Match='"3"').status_code == 200


def test_a_client_that_has_the_record_is_told_so(owner: Caller) -> None:
    path = owner.post("thing", {"name": "Thing"}).headers["Location"]
    for known in ('"1"', 'W/"1"', '"7", "1"', "*"):
        same = owner.get(path, If_None_Match=known)
        assert same.status_code == 304 and same.data == b"" and same.headers["ETag"] == '"1"'
    assert owner.get(path, If_None_Match='"2"').status_code == 200
    assert owner.get(f"{path}?expand=owner", If_None_Match='"1"').status_code == 200


def test_a_deleted_record_lies_in_the_bin_and_comes_back(owner: Caller) -> None:
    path = owner.post("thing", {"name": "Thing"}).headers["Location"]
    gone = owner.delete(path)
    assert (gone.status_code, gone.data) == (204, b"")
    for response in (owner.get(path), owner.patch(path, {"name": "A"}), owner.delete(path)):
        problem(response, 404)
    assert owner.ids("thing") == []
    [binned] = owner.data("thing?bin=1")
    assert binned["name"] == "Thing" and binned["deleted_at"] == "2026-03-02T09:00:00Z"
    problem(owner.get(f"{path}?bin=1"), 400)

    back = owner.post(f"{path}/restore")
    assert back.status_code == 200 and back.json["version"] == 3 and back.headers["ETag"] == '"3"'
    assert owner.get(path).json == back.json
    problem(owner.post(f"{path}/restore"), 404)
    assert list(problem(owner.post(f"{path}/restore", {"x": 1}), 422)["errors"]) == ["x"]


def test_what_is_in_use_is_not_deleted(owner: Caller) -> None:
    box = owner.post("box", {"name": "Box"}).json["id"]
    owner.post("thing", {"name": "Thing", "owner": box})
    refused = problem(owner.delete(f"box/{box}"), 409)
    assert "Thing" in refused["detail"]


def test_a_step_asks_for_its_fields_and_refuses_from_a_wrong_state(owner: Caller) -> None:
    box = owner.post("box", {"name": "Box"}).json["id"]
    path = owner.post("thing", {"name": "Thing"}).headers["Location"]
    assert list(problem(owner.post(f"{path}/transitions/pack"), 422)["errors"]) == ["owner"]
    strange = owner.post(f"{path}/transitions/pack", {"owner": box, "name": "Other"})
    assert list(problem(strange, 422)["errors"]) == ["name"]
    packed = owner.post(f"{path}/transitions/pack", {"owner": box})
    assert packed.status_code == 200 and packed.json["status"] == "packed"
    assert packed.headers["ETag"] == '"2"'
    refused = problem(owner.post(f"{path}/transitions/pack", {"owner": box}), 409)
    assert refused["type"] == "urn:qurucu:problem:workflow.wrong_state"
    problem(owner.post(f"{path}/transitions/fly"), 404)
    problem(owner.post(f"{path.replace('thing', 'box')}/transitions/pack"), 404)


def test_an_id_that_no_record_can_have_is_not_found(lite_owner: Caller) -> None:
    for record in ("0", "01", "-1", "x", "9" * 17, "9" * 19, "9" * 5000, "%D9%A1", "1.0"):
        for method, tail in (
            ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/restore"), ("GET", "/history"),
        ):  # fmt: skip
            problem(lite_owner.send(method, f"thing/{record}{tail}", {}), 404)
