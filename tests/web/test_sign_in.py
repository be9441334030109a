"""Signing in and out: who may, how often one may try, where one comes out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kit.builders import everything
from tests.kit.visitor import Visitor, text_of
from tests.kit.workspace import Space

Arrive = Callable[[Space], Visitor]


@pytest.fixture
def stranger(space: Space, arrive: Arrive) -> Visitor:
    space.publish(everything())
    space.person("owner@demo.test", "owner")
    return arrive(space)


def test_a_stranger_is_led_to_the_sign_in_and_back(stranger: Visitor) -> None:
    answer = stranger.get("/e/thing?sort=name")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=%2Fe%2Fthing%3Fsort%3Dname"
    sent = {"email": "Owner@demo.test ", "password": "password", "next": "/e/thing?sort=name"}
    signed = stranger.send("/login", sent)
    assert signed.status_code == 303
    assert signed.headers["Location"] == "/e/thing?sort=name"
    assert stranger.get("/e/thing").status_code == 200
    assert stranger.get("/login?next=/e/box").headers["Location"] == "/e/box"


def test_htmx_is_sent_to_the_sign_in_as_a_whole(stranger: Visitor) -> None:
    answer = stranger.get("/e/thing", **{"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=%2Fe%2Fthing"


FOREIGN = [
    "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example",
    "http:evil", "javascript:alert(1)", "/\t/evil.example", "/\n/evil", " //evil", "///evil",
    "/%5c/../\\evil", "evil", "", "/e/thing\r\nSet-Cookie: a=b", "/ /evil", "data:text/html,x",
]  # fmt: skip


@pytest.mark.parametrize("address", FOREIGN)
def test_the_way_back_leads_nowhere_but_here(lite: Space, arrive: Arrive, address: str) -> None:
    lite.person("owner@demo.test", "owner")
    visitor = arrive(lite)
    sent = {"email": "owner@demo.test", "password": "password", "next": address}
    assert visitor.send("/login", sent).headers["Location"] == "/"


def test_a_wrong_password_keeps_the_address_and_says_no_more_than_needed(
    stranger: Visitor,
) -> None:
    known = stranger.send("/login", {"email": "owner@demo.test", "password": "wrong"})
    unknown = stranger.send("/login", {"email": "nobody@demo.test", "password": "wrong"})
    for answer in (known, unknown):
        assert answer.status_code == 422
        assert "The e-mail or the password is not right" in text_of(answer)
        assert 'aria-invalid="true"' in answer.text
        assert 'wrong"' not in answer.text.replace('id="wrong"', "").replace('"wrong"', "")
    assert 'value="owner@demo.test"' in known.text


def test_ten_failures_close_an_account_for_a_while_even_to_its_password(
    space: Space, stranger: Visitor
) -> None:
    for _ in range(10):
        stranger.send("/login", {"email": "owner@demo.test", "password": "wrong"})
    right = {"email": "OWNER@demo.test", "password": "password"}
    refused = stranger.send("/login", right)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    space.clock.forward(minutes=16)
    assert stranger.send("/login", right).status_code == 303


def test_many_accounts_cannot_be_tried_from_one_address(space: Space, stranger: Visitor) -> None:
    for number in range(50):
        stranger.send("/login", {"email": f"p{number}@demo.test", "password": "wrong"})
    right = {"email": "owner@demo.test", "password": "password"}
    assert stranger.send("/login", right).status_code == 429


def test_each_sign_in_has_a_session_of_its_own_and_ends_the_one_before(
    space: Space, stranger: Visitor
) -> None:
    stranger.sign_in("owner@demo.test")
    first = stranger.client.get_cookie("qurucu").value
    answer = stranger.send(
        "/login", {"email": "owner@demo.test", "password": "password"}, page="/e/thing/new"
    )
    assert answer.status_code == 303
    second = stranger.client.get_cookie("qurucu").value
    assert first != second
    stranger.client.set_cookie("qurucu", first)
    assert stranger.get("/e/thing").status_code == 303
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("qurucu="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_out_ends_the_session_everywhere(space: Space, stranger: Visitor) -> None:
    stranger.sign_in("owner@demo.test")
    secret = stranger.client.get_cookie("qurucu").value
    stranger.send("/logout", {}, page="/e/thing/new")
    stranger.client.set_cookie("qurucu", secret)
    assert stranger.get("/e/thing").status_code == 303
    assert stranger.get("/logout").status_code == 405


def test_a_form_from_elsewhere_signs_nobody_in(stranger: Visitor) -> None:
    sent = {"email": "owner@demo.test", "password": "password"}
    assert stranger.client.post("/login", data=sent).status_code == 403
    foreign = stranger.send("/login", sent, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    across = stranger.send("/login", sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert across.status_code == 403


def test_the_language_chosen_at_the_sign_in_becomes_the_account_s(
    space: Space, stranger: Visitor
) -> None:
    page = stranger.get("/login?language=ru")
    assert '<html lang="ru">' in page.text
    assert 'name="language" value="ru"' in page.text
    assert '<html lang="ru">' in stranger.get("/login").text
    sent = {"email": "owner@demo.test", "password": "password", "language": "ru"}
    stranger.send("/login", sent)
    assert '<html lang="ru">' in stranger.get("/e/thing").text
    # A later sign-in elsewhere that chooses nothing keeps it.
    stranger.client.delete_cookie("qurucu")
    stranger.client.delete_cookie("qurucu_language")
    stranger.sign_in("owner@demo.test")
    assert '<html lang="ru">' in stranger.get("/e/thing").text


def test_the_language_is_changed_from_the_account_menu(space: Space, stranger: Visitor) -> None:
    stranger.sign_in("owner@demo.test")
    answer = stranger.send("/language", {"language": "az", "next": "/e/box"}, page="/e/box/new")
    assert answer.headers["Location"] == "/e/box"
    assert '<html lang="az">' in stranger.get("/e/box").text


def test_the_browser_s_language_greets_a_stranger(stranger: Visitor) -> None:
    page = stranger.get("/login", **{"Accept-Language": "tr-TR,tr;q=0.9,en;q=0.5"})
    assert '<html lang="tr">' in page.text
    assert '<html lang="en">' in stranger.get("/login", **{"Accept-Language": "de"}).text
