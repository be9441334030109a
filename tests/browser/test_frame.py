"""The frame of the screens: menus, languages, the search over everything, the first run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Site, sign_in

Open = Callable[..., Any]


def test_menus_close_by_escape_and_give_the_focus_back(site: Site, open_page: Open) -> None:
    page = sign_in(open_page(), site)
    page.get_by_label("Account").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.get_by_label("Account")).to_be_focused()


def test_control_k_searches_everything(site: Site, open_page: Open) -> None:
    page = sign_in(open_page(), site)
    page.keyboard.press("Control+k")
    page.keyboard.type("thing x007")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name="Thing x007").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thing x007")


def test_the_language_is_chosen_before_and_after_the_sign_in(site: Site, open_page: Open) -> None:
    site.space.person("linguist@demo.test", "owner")
    page = open_page()
    page.goto(f"{site.url}/login")
    page.get_by_role("link", name="Русский").click()
    page.get_by_label("Эл. почта").fill("linguist@demo.test")
    page.get_by_label("Пароль").fill("password")
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("link", name="Главная").first).to_be_visible()
    page.get_by_label("Учётная запись").click()
    page.get_by_role("button", name="Azərbaycanca").click()
    expect(page.get_by_role("link", name="Əsas səhifə").first).to_be_visible()


def test_a_first_load_needs_few_requests_and_no_other_host(site: Site, open_page: Open) -> None:
    page = sign_in(open_page(), site)
    page.context.clear_cookies()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, site)
    fresh = open_page(storage_state=page.context.storage_state())
    asked.clear()
    fresh.on("request", lambda request: asked.append(request.url))
    fresh.goto(f"{site.url}/e/thing")
    fresh.wait_for_load_state("networkidle")
    assert len(asked) <= 6
    assert all(url.startswith(site.url) for url in asked)
    asked.clear()
    fresh.goto(f"{site.url}/e/box")
    fresh.wait_for_load_state("networkidle")
    pages = [url for url in asked if "/static/" not in url]
    assert len(pages) <= 2


@pytest.mark.parametrize("scripts", [True, False])
def test_the_first_run_leads_from_nothing_to_a_working_list(
    empty_site: Site, open_page: Open, scripts: bool
) -> None:
    page = open_page(java_script_enabled=scripts, viewport=PHONE)
    page.goto(empty_site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your workspace")
    page.get_by_label("Your name").fill("Aygün")
    page.get_by_label("E-mail").fill("aygun@example.az")
    page.get_by_label("Password").fill("long enough")
    page.get_by_label("Name of the company").fill("Sağlam Klinika")
    page.get_by_label("Country").select_option("TR")
    if scripts:
        expect(page.get_by_label("Currency")).to_have_value("TRY")
        expect(page.get_by_label("Time zone")).to_have_value("Europe/Istanbul")
    page.get_by_label("Clinic").check()
    page.get_by_label("Bring demo data").check()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(f"{empty_site.url}/")
    expect(page.get_by_role("status")).to_contain_text("Everything is ready")
    expect(page.get_by_role("banner")).to_contain_text("Sağlam Klinika")
    page.get_by_role("main").get_by_role("link", name="Patients").click()
    expect(page.get_by_role("rowheader").first).to_be_visible()


def test_the_side_bar_folds_and_stays_folded(site: Site, open_page: Open) -> None:
    page = sign_in(open_page(), site)
    sections = page.get_by_role("navigation", name="Sections")
    assert sections.bounding_box()["width"] == 232
    fold = page.get_by_role("button", name="Fold the side bar")
    fold.click()
    expect(fold).to_have_attribute("aria-pressed", "true")
    assert sections.bounding_box()["width"] == 56
    sections.get_by_role("link", name="Patients").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patients")
    assert sections.bounding_box()["width"] == 56
