"""Everybody can use the screens: axe finds nothing, nothing is cut off, in both themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import DESK, PHONE, Site, sign_in

Open = Callable[..., Any]
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}
SIGNED_IN = (
    "/", "/e/appointment", "/e/patient?sex=female", "/e/thing?_add=count", "/e/thing?_add=owner",
    "/e/thing?_add=count&_apply=1&_value=x", "/e/thing?name=nothing", "/search?q=thing",
    "/nowhere",
)  # fmt: skip
LANGUAGES = ("az", "en", "ru", "tr")


def faults(page: Any) -> list[str]:
    """What axe complains about, with the elements."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options=RULES).response["violations"]
    return [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def width_of(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(site: Site, open_page: Open, viewport: dict, scheme: str) -> None:
    page = open_page(expected=("404",), viewport=viewport, color_scheme=scheme)
    page.goto(f"{site.url}/login")
    found = faults(page)
    sign_in(page, site)
    for path in SIGNED_IN:
        page.goto(f"{site.url}{path}")
        found += faults(page)
    page.goto(f"{site.url}/")
    page.get_by_label("Account").click()
    found += faults(page)
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_on_the_first_run(
    empty_site: Site, open_page: Open, viewport: dict, scheme: str
) -> None:
    page = open_page(viewport=viewport, color_scheme=scheme)
    page.goto(f"{empty_site.url}/setup")
    assert faults(page) == []
    assert width_of(page) <= viewport["width"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wider_than_a_small_phone_in_any_language(
    site: Site, open_page: Open, language: str
) -> None:
    page = open_page(viewport={"width": 320, "height": 640}, expected=("404",))
    sign_in(page, site)
    page.context.add_cookies([{"name": "qurucu_language", "value": language, "url": site.url}])
    site.space.sql("UPDATE sys_user SET language = :l WHERE email = 'owner@demo.test'", l=language)
    try:
        for path in SIGNED_IN:
            page.goto(f"{site.url}{path}")
            assert page.locator("html").get_attribute("lang") == language
            assert width_of(page) <= 320, path
    finally:
        site.space.sql("UPDATE sys_user SET language = NULL WHERE email = 'owner@demo.test'")


def test_targets_are_large_enough_for_a_finger(site: Site, open_page: Open) -> None:
    page = sign_in(open_page(viewport=PHONE), site)
    page.goto(f"{site.url}/e/thing?count__gte=3")
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .button, summary, input, .bottom a")]
            .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 90)])
            .filter(([box]) => box.width > 1 && box.height > 1 && box.height < 44)
            .map(([, html]) => html)"""
    )
    assert small == []


def test_a_page_prints_without_its_frame(site: Site, open_page: Open) -> None:
    page = sign_in(open_page(), site)
    page.goto(f"{site.url}/e/appointment")
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Sections").is_visible()
    assert page.get_by_role("rowheader").first.is_visible()
    pdf = page.pdf(format="A4")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) <= 6
