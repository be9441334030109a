"""`/api/docs`: the document as pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.kit.builders import everything
from tests.kit.workspace import Space
from tests.rest.caller import Caller, problem
from tests.rest.test_rights import shop


def test_pages_show_every_call_with_fields_parameters_and_answers(lite_owner: Caller) -> None:
    index = lite_owner.get("/api/docs")
    assert index.status_code == 200 and index.mimetype == "text/html"
    assert 'href="/api/docs/thing"' in index.text and "/api/v1/openapi.json" in index.text
    page = lite_owner.get("/api/docs/thing").text
    for method, path in (
        ("GET", ""), ("POST", ""), ("PATCH", "/{id}"), ("DELETE", "/{id}"),
        ("POST", "/{id}/restore"), ("GET", "/{id}/history"), ("GET", "/aggregate"),
        ("POST", "/{id}/transitions/pack"),
    ):  # fmt: skip
        assert f"<b>{method}</b> <code>/api/v1/records/thing{path}</code>" in page
    assert "<code>price__gte</code>" in page and "<b>422</b>" in page
    assert page.count("<h1>") == 1 and "<main>" in page and 'lang="en"' in page


def test_pages_run_nothing_and_ask_no_other_host(lite_owner: Caller) -> None:
    response = lite_owner.get("/api/docs/thing")
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<style|style=|onclick=", response.text)
    sources = re.findall(r'(?:src|href)="([^"]+)"', response.text)
    assert sources and all(one.startswith("/") for one in sources)
    [sheet] = [one for one in sources if one.endswith(".css")]
    with lite_owner.get(sheet) as style:
        assert style.mimetype == "text/css"


@pytest.mark.parametrize(("language", "word"), [("az", "Cavablar"), ("ru", "Ответы")])
def test_pages_speak_the_language_of_the_request(
    lite_owner: Caller, language: str, word: str
) -> None:
    page = lite_owner.get("/api/docs/thing", Accept_Language=language).text
    assert word in page and f'lang="{language}"' in page


def test_a_stranger_is_sent_to_sign_in_and_back(lite_owner: Caller) -> None:
    response = lite_owner.stranger().get("/api/docs/thing")
    assert response.status_code == 303
    assert response.headers["Location"] == "/login?next=%2Fapi%2Fdocs%2Fthing"


def test_pages_show_what_one_may_see(lite: Space, calling: Callable[..., Caller]) -> None:
    lite.publish(shop(), everything())
    reader, nobody = calling(lite, "reader"), calling(lite)
    assert "/api/docs/order" in reader.get("/api/docs").text
    assert "/api/docs/secret" not in reader.get("/api/docs").text
    problem(reader.get("/api/docs/secret"), 404)
    problem(reader.get("/api/docs/nothing"), 404)
    assert nobody.get("/api/docs").status_code == 200


def test_labels_are_shown_as_text(lite: Space, calling: Callable[..., Caller]) -> None:
    lite.publish(everything())
    lite.sql("UPDATE sys_user SET name = :name", name="<svg onload=alert(1)>")
    page = calling(lite, "owner").get("/api/docs/thing").text
    assert "<svg" not in page
