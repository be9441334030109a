"""What a body may be, and how errors are worded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.caller import Caller, problem

DEEP = 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nul",
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": "A", "name": "B"}',
        b'{"price": {"amount": "1", "amount": "2"}}',
        b"[" * DEEP,
        b'{"a":' * DEEP,
        b"[" * 40 + b"]" * 40,
        b'{"name": ' + b"1" * 5000 + b"}",
        b"\xff\xfe{\x00}\x00",
        b'{"name": "\xff"}',
        b'\xef\xbb\xbf{"name": "A"}',
        b" ",
    ],
)
def test_what_is_no_json_is_400(lite_owner: Caller, body: bytes) -> None:
    problem(lite_owner.post("thing", body), 400)
    path = lite_owner.post("thing", {"name": "Thing"}).headers["Location"]
    problem(lite_owner.patch(path, body), 400)
    problem(lite_owner.post(f"{path}/transitions/send", body), 400)


@pytest.mark.parametrize("body", [b"null", b"5", b'"text"', b"true", b"[]", b"[[]]", b"[5]"])
def test_json_that_is_no_record_is_refused(lite_owner: Caller, body: bytes) -> None:
    assert problem(lite_owner.post("thing", body), 400 if body == b"null" else 422)
    path = lite_owner.post("thing", {"name": "Thing"}).headers["Location"]
    problem(lite_owner.patch(path, body), 400 if body == b"null" else 422)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b'{"name": "A", "count": 1e309}', "count"),
        (b'{"name": "A", "count": 1e999999999}', "count"),
        (b'{"name": "A", "count": -0.5}', "count"),
        (b'{"name": "A", "owner": 9223372036854775808}', "owner"),
        (b'{"name": "A", "\\ud800": 1}', "\ud800"),
        (b'{"name": "A", "\\u0000": 1}', "\x00"),
        (b'{"name": "A", "": 1}', ""),
    ],
)
def test_hostile_json_is_refused_beside_its_field(
    lite_owner: Caller, body: bytes, key: str
) -> None:
    assert list(problem(lite_owner.post("thing", body), 422)["errors"]) == [key]


def test_minus_zero_is_zero(lite_owner: Caller) -> None:
    assert lite_owner.post("thing", b'{"name": "A", "count": -0}').json["count"] == 0
    made = lite_owner.post("thing", {"name": "A", "weight": "-0"}).json
    assert made["weight"] in ("0.000", "-0.000")


def test_an_empty_body_is_said_to_be_empty(lite_owner: Caller) -> None:
    assert "rest.no_body" in problem(lite_owner.post("thing", b""), 400)["type"]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "a/b;c"])
def test_a_body_that_is_not_called_json_is_415(lite_owner: Caller, kind: str) -> None:
    response = lite_owner.post("thing", b'{"name": "A"}', Content_Type=kind)
    problem(response, 415)
    assert response.headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "application/merge-patch+json"]
)
def test_json_has_two_names(lite_owner: Caller, kind: str) -> None:
    path = lite_owner.post("thing", {"name": "Thing"}).headers["Location"]
    assert lite_owner.patch(path, b'{"name": "B"}', Content_Type=kind).status_code == 200


def test_a_long_text_is_refused_beside_its_field_and_a_larger_body_is_413(
    lite_owner: Caller,
) -> None:
    ten_megabytes = b'{"name": "' + b"x" * 10_000_000 + b'"}'
    assert list(problem(lite_owner.post("thing", ten_megabytes), 422)["errors"]) == ["name"]
    problem(lite_owner.post("thing", b'{"name": "' + b"x" * 50_000_000 + b'"}'), 413)


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/api", 404, ""),
        ("GET", "/api/", 404, ""),
        ("GET", "/api/v2/records/thing", 404, ""),
        ("GET", "/api/v1/records/thing/", 404, ""),
        ("GET", "/api/v1/records/nothing", 404, ""),
        ("POST", "/api/v1/records/nothing", 404, ""),
        ("GET", "/api/v1/records/nothing/aggregate", 404, ""),
        ("PUT", "/api/v1/records/thing", 405, "GET, HEAD, OPTIONS, POST"),
        ("DELETE", "/api/v1/records/thing", 405, "GET, HEAD, OPTIONS, POST"),
        ("POST", "/api/v1/records/thing/1", 405, "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("TRACE", "/api/v1/records/thing/1", 405, "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("SPOIL", "/api/v1/records/thing/1", 405, "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("PATCH", "/api/v1/records/thing/aggregate", 405, "GET, HEAD, OPTIONS"),
        ("GET", "/api/v1/records/thing/1/restore", 405, "OPTIONS, POST"),
        ("POST", "/api/v1/openapi.json", 405, "GET, HEAD, OPTIONS"),
    ],
)
def test_addresses_and_methods_that_are_none_of_ours_are_problems(
    lite_owner: Caller, method: str, path: str, status: int, allowed: str
) -> None:
    response = lite_owner.send(method, path, {"name": "A"} if method == "POST" else None)
    problem(response, status)
    assert response.headers.get("Allow", "") == allowed


def test_a_parameter_that_does_not_exist_is_refused_everywhere(lite_owner: Caller) -> None:
    path = lite_owner.post("thing", {"name": "Thing"}).headers["Location"]
    for method, address in (
        ("GET", path),
        ("PATCH", path),
        ("DELETE", path),
        ("POST", f"{path}/restore"),
        ("POST", f"{path}/transitions/send"),
        ("GET", f"{path}/history"),
        ("POST", "/api/v1/records/thing"),
        ("GET", "/api/v1/records/thing/aggregate"),
        ("GET", "/api/v1/openapi.json"),
    ):
        problem(lite_owner.send(method, f"{address}?colour=red", {"name": "B"}), 400)
    assert lite_owner.get(path).json["version"] == 1


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ({"Accept_Language": "ru"}, "Не найдено"),
        ({"Accept_Language": "az-AZ,en;q=0.5"}, "Tapılmadı"),
        ({"Accept_Language": "de, tr;q=0.3, en;q=0.2"}, "Bulunamadı"),
        ({"Accept_Language": "*"}, "Not found"),
        ({"Accept_Language": "de"}, "Not found"),
        ({"Accept_Language": "ru;q=0"}, "Not found"),
        ({}, "Not found"),
    ],
)
def test_messages_are_in_the_language_of_the_request(
    lite_owner: Caller, asked: dict[str, str], spoken: str
) -> None:
    assert problem(lite_owner.get("thing/1", **asked), 404)["title"] == spoken


def test_messages_are_else_in_the_language_of_the_person(lite: Any, lite_owner: Caller) -> None:
    lite.sql("UPDATE sys_user SET language = 'tr'")
    found = problem(lite_owner.post("thing", {"name": ""}), 422)
    assert found["title"] == "Veriler uygun değil"
    assert found["errors"]["name"] != ["Fill this in"]
