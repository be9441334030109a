"""A live server over the whole product, and pages of a real Chromium that tolerate no error."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from constructor.demo import load_demo
from constructor.install import install
from constructor.publish import Act
from tests.kit.builders import everything
from tests.kit.visitor import PASSWORD, make_app
from tests.kit.workspace import Space, make_space, sqlite_url

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
]  # fmt: skip
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@dataclass(frozen=True)
class Site:
    """A workspace behind an address."""

    url: str
    space: Space


def serve(space: Space, folder: Path) -> Iterator[Site]:
    app = make_app(space, folder)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.port}", space)
    server.shutdown()
    server.server_close()
    thread.join()
    app.extensions["qurucu"].service.engine.dispose()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The clinic with its demo records, and an entity with a field of every type."""
    folder = tmp_path_factory.mktemp("site")
    space = make_space(sqlite_url(folder))
    install(space.engine, "clinic", Act(clock=space.clock), lambda plan: None)
    space.publish(everything())
    for role in ("owner", "receptionist", "doctor"):
        space.person(f"{role}@demo.test", role)
    load_demo(space.engine, ["clinic"], space.clock)
    box = space.create("box", name="Box")
    rows = [
        {"name": f"Thing x{number:03}", "count": number, "owner": box, "kind": "one",
         "mail": f"thing{number}@example.az", "price": {"amount": "12.50", "currency": "AZN"}}
        for number in range(120)
    ]  # fmt: skip
    space.create_many("thing", rows)
    yield from serve(space, folder)
    space.engine.dispose()


@pytest.fixture
def empty_site(tmp_path: Path) -> Iterator[Site]:
    """A workspace where nobody is yet."""
    space = make_space(sqlite_url(tmp_path))
    yield from serve(space, tmp_path)
    space.engine.dispose()


def find_chromium() -> str | None:
    places = (os.environ.get("CHROMIUM_PATH"), "/usr/bin/chromium", "/usr/bin/chromium-browser",
              "/usr/bin/google-chrome")  # fmt: skip
    for place in places:
        if place and os.access(place, os.X_OK):
            return place
    return shutil.which("chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    program = find_chromium()
    if program is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("no Chromium: apt-get install chromium")
        pytest.skip("no Chromium here: apt-get install chromium, or set CHROMIUM_PATH")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """`open_page(viewport=PHONE, java_script_enabled=False)`: a page in a context of its own.

    An error on the page or in its console fails the test. Answers that tell of a mistake (422)
    log a line in every browser; a test that wants another one says so by `expected`.
    """
    contexts = []
    complaints: list[str] = []

    def make(expected: tuple[str, ...] = (), **options: Any) -> Any:
        options.setdefault("viewport", DESK)
        options.setdefault("locale", "en-GB")
        context = chromium.new_context(**options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))

        def hear(message: Any) -> None:
            spared = any(text in message.text for text in ("422", *expected))
            if message.type in ("error", "warning") and not spared:
                complaints.append(f"{page.url}: {message.text}")

        page.on("console", hear)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Any, site: Site, email: str = "owner@demo.test") -> Any:
    """Fills the sign-in page; gives the page, now at home."""
    page.goto(f"{site.url}/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site.url}/")
    return page
