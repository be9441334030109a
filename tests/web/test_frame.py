"""What every screen has in common: the frame, error pages, what happened, static files."""

from __future__ import annotations

import gzip
import re
import sqlite3
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from runtime.http.state import RequestState
from runtime.web.flash import Undo, tell
from runtime.web.render import Screen, answer
from tests.kit.builders import entity, everything, module, role
from tests.kit.visitor import Visitor, text_of
from tests.kit.workspace import Space

Visit = Callable[[Space, str], Visitor]
Arrive = Callable[[Space], Visitor]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner(lite: Space, visit: Visit) -> Visitor:
    lite.publish(everything())
    lite.person("owner@demo.test", "owner")
    return visit(lite, "owner@demo.test")


def test_the_frame_shows_what_the_person_may_see_and_add(lite: Space, visit: Visit) -> None:
    lite.publish(
        module(
            "shop",
            entity("customer", words={"list_title": "Customers"}, name="text"),
            entity("supplier", words={"list_title": "Suppliers"}, name="text"),
            entity("secret", words={"list_title": "Secrets"}, name="text"),
            entity("line", words={"list_title": "Lines", "in_menu": False}, name="text"),
            role(
                "clerk",
                {
                    "shop.customer": {"see": "all", "create": True},
                    "shop.supplier": {"see": "all"},
                    "shop.line": {"see": "all", "create": True},
                },
            ),
        )
    )
    lite.person("clerk@demo.test", "clerk")
    page = visit(lite, "clerk@demo.test").get("/").text
    assert 'href="/e/customer"' in page
    assert 'href="/e/customer/new"' in page
    assert 'href="/e/supplier"' in page
    for absent in ("/e/supplier/new", "/e/secret", "/e/line"):
        assert absent not in page


@pytest.mark.parametrize("path", ["/", "/e/thing", "/search?q=a", "/e/thing/new", "/login"])
def test_a_page_has_one_heading_and_one_main_part(owner: Visitor, path: str) -> None:
    if path == "/login":
        owner.client.delete_cookie("qurucu")
    page = owner.get(path).text
    assert len(re.findall(r"<h1\b", page)) == 1
    assert len(re.findall(r"<main\b", page)) == 1
    assert '<div id="toast" role="status"' in page
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", page)


def test_home_counts_lists_and_says_what_changed(owner: Visitor, lite: Space) -> None:
    me = lite.actor("owner", user_id=1)
    thing = lite.create("thing", actor=me, name="First thing")
    other = lite.create("thing", actor=me, name="Second thing")
    lite.delete("thing", other, actor=me)
    said = text_of(owner.get("/"))
    assert "Monday, 2 March" in said
    assert re.search(r"Thing 1\b", said)
    assert "First thing Thing owner · created · today 13:00" in said
    assert "Second thing" not in said
    assert f'href="/e/thing/{thing}"' in owner.get("/").text


def test_home_of_an_empty_workspace_says_how_to_begin(lite: Space, visit: Visit) -> None:
    lite.person("owner@demo.test", "owner")
    assert "qurucu modules install" in text_of(visit(lite, "owner@demo.test").get("/"))


def test_search_looks_through_every_list_that_the_person_may_see(lite: Space, visit: Visit) -> None:
    lite.publish(everything(), module("shop", entity("customer", name="text"), role("no", {})))
    lite.person("owner@demo.test", "owner")
    lite.person("nobody@demo.test", "no")
    lite.create("box", name="Çilək")
    lite.create("thing", name="Çilək mürəbbəsi")
    lite.create("customer", name="Cilek MMC")
    found = text_of(visit(lite, "owner@demo.test").get("/search?q=cilek"))
    for title in ("Çilək", "Çilək mürəbbəsi", "Cilek MMC"):
        assert title in found
    assert "Nothing found" in text_of(visit(lite, "owner@demo.test").get("/search?q=absent"))
    assert "MMC" not in text_of(visit(lite, "nobody@demo.test").get("/search?q=cilek"))


# Errors


def test_an_unknown_page_is_said_in_the_frame_and_as_a_line_to_htmx(owner: Visitor) -> None:
    page = owner.get("/nowhere")
    assert page.status_code == 404
    assert "Not found" in text_of(page)
    assert 'href="/e/thing"' in page.text
    line = owner.get("/nowhere", **HTMX)
    assert line.status_code == 404
    assert line.headers["HX-Retarget"] == "#toast"
    assert "<html" not in line.text


def test_a_fault_of_ours_shows_its_number_and_the_log_knows_it(
    owner: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: RequestState) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(RequestState, "ctx", property(broken))
    page = owner.get("/e/thing")
    assert page.status_code == 500
    number = re.search(r"Number of the request: (\w{26})", page.text)
    assert number
    assert number[1] in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in page.text
    line = owner.get("/e/thing", **HTMX)
    assert line.status_code == 500
    assert re.search(r"\(\w{26}\)", line.text)


FAULTS = [
    ("database or disk is full", 507, "The disk is full"),
    ("database is locked", 503, "The database does not answer"),
    ("connection refused", 503, "The database does not answer"),
]


@pytest.mark.parametrize(("said", "status", "title"), FAULTS)
def test_a_database_that_cannot_go_on_is_said_in_words(
    owner: Visitor, monkeypatch: pytest.MonkeyPatch, said: str, status: int, title: str
) -> None:
    def broken(self: RequestState) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, sqlite3.OperationalError(said))

    monkeypatch.setattr(RequestState, "connection", property(broken))
    page = owner.get("/e/thing")
    assert page.status_code == status
    assert title in text_of(page)


def test_what_is_too_large_is_refused_in_words(owner: Visitor) -> None:
    owner.client.application.config["MAX_CONTENT_LENGTH"] = 1000
    answer = owner.client.post("/e/thing/new", data={"name": "x" * 2000})
    assert answer.status_code == 413
    assert "Too large" in text_of(answer)


def test_another_method_names_those_that_work(owner: Visitor) -> None:
    answer = owner.get("/logout")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


# What happened


def test_what_happened_is_told_once_with_its_way_back(lite: Space, arrive: Arrive) -> None:
    lite.publish(everything())
    lite.person("owner@demo.test", "owner")
    visitor = arrive(lite)

    @visitor.client.application.get("/told")
    def told() -> object:
        tell("Moved <b>", Undo("/e/thing/1/restore", {"version": "3"}))
        return answer(Screen("home.html", "Told", {"cards": [], "changes": [], "modules": 1}))

    visitor.sign_in("owner@demo.test")
    page = visitor.get("/told").text
    assert "Moved &lt;b&gt;" in page
    assert '<form action="/e/thing/1/restore" method="post">' in page
    assert '<input type="hidden" name="version" value="3"><button>Undo</button>' in page
    assert "Moved" not in visitor.get("/").text
    part = visitor.get("/told", **HTMX).text
    assert '<div id="toast" hx-swap-oob="innerHTML"><div class="said">' in part


def test_a_long_title_does_not_lose_what_is_told(lite: Space, visit: Visit) -> None:
    lite.publish(module("shop", entity("customer", name="text")))
    lite.person("owner@demo.test", "owner")
    visitor = visit(lite, "owner@demo.test")
    made = visitor.send("/e/customer/new", {"name": "Ə" * 1000})
    assert visitor.told(made).startswith("Created ƏƏƏ")


# Static files


def fetch(visitor: Visitor, address: str, encoding: str) -> TestResponse:
    headers = {"Accept-Encoding": encoding}
    return visitor.client.get(address, headers=headers, buffered=True)


def test_static_files_are_named_by_content_and_kept_for_ever(owner: Visitor) -> None:
    page = owner.get("/").text
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert len(addresses) == 5
    for address in addresses:
        file = fetch(owner, address, "gzip")
        assert file.status_code == 200
        assert "immutable" in file.headers["Cache-Control"]
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert file.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(file.data) == fetch(owner, address, "identity").data
    assert owner.get("/static/../assets.py").status_code == 404
    assert owner.get("/static/manifest.py").status_code == 404


def test_scripts_and_style_stay_within_their_budgets(owner: Visitor) -> None:
    page = owner.get("/").text
    sizes = {}
    for address in set(re.findall(r'(?:href|src)="(/static/[^"#]+\.(?:js|css))', page)):
        file = fetch(owner, address, "gzip")
        sizes[address.split("/")[-1].split(".")[0] + address[-3:]] = len(file.data)
    assert sizes["app.js"] <= 10_000
    assert sizes["app.js"] + sizes["htmx.js"] <= 30_000
    assert sizes["appcss"] <= 60_000


def test_the_watchers_of_the_server_need_no_account(lite: Space, arrive: Arrive) -> None:
    visitor = arrive(lite)
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/readyz").status_code == 200
    assert visitor.get("/favicon.ico").mimetype == "image/svg+xml"
    lite.sql("DROP TABLE sys_published")
    assert visitor.get("/readyz").status_code == 503
    assert visitor.get("/healthz").status_code == 200
