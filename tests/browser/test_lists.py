"""Lists as people use them: by typing, clicking, keys, on a phone, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Site, sign_in

Open = Callable[..., Any]


@pytest.fixture
def things(site: Site, open_page: Open) -> Any:
    page = sign_in(open_page(), site)
    page.goto(f"{site.url}/e/thing")
    return page


def first_title(page: Any) -> Any:
    return page.get_by_role("rowheader").first


def test_typing_narrows_the_list_in_place_and_back_widens_it(things: Any) -> None:
    search = things.get_by_role("searchbox", name="Search Thing")
    search.press_sequentially("thing x04", delay=20)
    expect(first_title(things)).to_have_text("Thing x049")
    expect(things.get_by_role("rowheader")).to_have_count(10)
    expect(search).to_be_focused()
    assert things.url.endswith("/e/thing?q=thing+x04")
    things.go_back()
    expect(first_title(things)).to_have_text("Thing x119")


def test_headers_sort_and_the_address_keeps_the_order(things: Any) -> None:
    things.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(first_title(things)).to_have_text("Thing x000")
    expect(things).to_have_url(re.compile("sort=name"))
    column = things.get_by_role("columnheader", name="Name")
    expect(column).to_have_attribute("aria-sort", "ascending")
    things.reload()
    expect(first_title(things)).to_have_text("Thing x000")
    things.go_back()
    expect(first_title(things)).to_have_text("Thing x119")


def test_pages_turn_in_place(things: Any) -> None:
    pages = things.get_by_role("navigation", name="Pages")
    pages.get_by_role("link", name="Next").click()
    expect(first_title(things)).to_have_text("Thing x069")
    pages.get_by_role("link", name="Previous").click()
    expect(first_title(things)).to_have_text("Thing x119")


def test_the_focus_stays_with_what_was_used_or_goes_to_the_list(things: Any) -> None:
    head = things.get_by_role("columnheader", name="Name").get_by_role("link")
    head.press("Enter")
    expect(first_title(things)).to_have_text("Thing x000")
    expect(head).to_be_focused()
    things.goto(things.url + "&count__gte=3")
    things.get_by_role("link", name="Remove: Count ≥ 3").press("Enter")
    expect(first_title(things)).to_have_text("Thing x000")
    expect(things.get_by_role("region", name="Thing")).to_be_focused()


def add_filter(page: Any, field: str) -> Any:
    page.get_by_text("Filter", exact=True).click()
    page.get_by_role("link", name=field, exact=True).click()
    return page.get_by_role("form", name=f"Filter: {field}")


def test_a_filter_is_added_changed_and_taken_off(things: Any) -> None:
    form = add_filter(things, "Count")
    form.get_by_label("From").fill("10")
    form.get_by_label("To").fill("12")
    form.get_by_role("button", name="Apply").click()
    expect(things.get_by_role("rowheader")).to_have_count(3)
    expect(things).to_have_url(re.compile("count__gte=10&count__lte=12"))
    things.get_by_role("link", name="Count ≤ 12", exact=True).click()
    form = things.get_by_role("form", name="Filter: Count")
    expect(form.get_by_label("To")).to_have_value("12")
    form.get_by_label("Count", exact=True).select_option("eq")
    expect(form.get_by_label("To")).to_be_hidden()
    form.get_by_label("From").fill("11")
    form.get_by_role("button", name="Apply").click()
    expect(things.get_by_role("rowheader")).to_have_text(["Thing x011"])
    things.get_by_role("link", name="Remove: Count: 11").click()
    expect(first_title(things)).to_have_text("Thing x119")


def test_the_search_keeps_the_filter_that_was_added_in_place(things: Any) -> None:
    form = add_filter(things, "Kind")
    form.get_by_label("One").check()
    form.get_by_role("button", name="Apply").click()
    expect(things.get_by_role("link", name="Kind: One", exact=True)).to_be_visible()
    things.get_by_role("searchbox", name="Search Thing").fill("thing x004")
    expect(things.get_by_role("rowheader")).to_have_text(["Thing x004"])
    expect(things.get_by_role("link", name="Kind: One", exact=True)).to_be_visible()
    assert "kind=one" in things.url


def test_keys_lead_through_the_list(things: Any) -> None:
    things.keyboard.press("/")
    expect(things.get_by_role("searchbox", name="Search Thing")).to_be_focused()
    things.keyboard.press("Tab")
    things.get_by_role("heading", level=1).click()
    things.keyboard.press("j")
    things.keyboard.press("j")
    expect(things.get_by_role("link", name="Thing x118", exact=True)).to_be_focused()
    things.keyboard.press("ArrowUp")
    expect(things.get_by_role("link", name="Thing x119", exact=True)).to_be_focused()
    things.keyboard.press("Enter")
    expect(things.get_by_role("heading", level=1)).to_contain_text("Thing x119")


def test_a_session_that_ended_leads_to_the_sign_in_and_back(site: Site, open_page: Open) -> None:
    page = sign_in(open_page(expected=("401",)), site)
    page.goto(f"{site.url}/e/thing")
    site.space.sql("DELETE FROM sys_session")
    page.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "next=%2Fe%2Fthing" in page.url


def test_a_mistake_in_place_is_said_over_the_list_which_stays(site: Site, open_page: Open) -> None:
    page = sign_in(open_page(expected=("404",)), site, "receptionist@demo.test")
    page.goto(f"{site.url}/e/patient")
    title = first_title(page).text_content()
    site.space.sql("UPDATE sys_user_role SET role = 'gone' WHERE role = 'receptionist'")
    try:
        page.get_by_role("columnheader", name="Full name").get_by_role("link").click()
        expect(page.get_by_role("status")).to_contain_text("not yours to see")
        expect(first_title(page)).to_have_text(title)
    finally:
        site.space.sql("UPDATE sys_user_role SET role = 'receptionist' WHERE role = 'gone'")


def test_a_phone_shows_cards_and_a_bar_at_the_bottom(site: Site, open_page: Open) -> None:
    page = sign_in(open_page(viewport=PHONE, has_touch=True), site)
    bar = page.get_by_role("navigation", name="Main links")
    bar.get_by_role("link", name="Appointments").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Appointments")
    bar.get_by_text("More").tap()
    bar.get_by_role("link", name="Patients").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patients")
    bar.get_by_text("Add").tap()
    bar.get_by_role("link", name="Patient", exact=True).tap()
    page.wait_for_url("**/e/patient/new")


# Without scripts


@pytest.fixture
def plain(site: Site, open_page: Open) -> Any:
    page = sign_in(open_page(java_script_enabled=False), site)
    page.goto(f"{site.url}/e/thing")
    return page


def test_without_scripts_a_list_is_searched_sorted_filtered_and_turned(plain: Any) -> None:
    plain.get_by_role("searchbox", name="Search Thing").fill("thing x0")
    plain.get_by_role("searchbox", name="Search Thing").press("Enter")
    plain.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(first_title(plain)).to_have_text("Thing x000")
    plain.get_by_role("link", name="Next").click()
    expect(first_title(plain)).to_have_text("Thing x050")
    form = add_filter(plain, "Count")
    form.get_by_label("From").fill("98")
    form.get_by_role("button", name="Apply").click()
    expect(plain.get_by_role("rowheader")).to_have_text(["Thing x098", "Thing x099"])
    plain.get_by_role("link", name="Remove: Count ≥ 98").click()
    expect(first_title(plain)).to_have_text("Thing x000")


def test_without_scripts_a_filter_finds_records_by_name(site: Site, plain: Any) -> None:
    form = add_filter(plain, "Owner")
    form.get_by_label("Search by name").fill("box")
    form.get_by_role("button", name="Find").click()
    form = plain.get_by_role("form", name="Filter: Owner")
    form.get_by_label("Box").check()
    form.get_by_role("button", name="Apply").click()
    expect(plain.get_by_role("link", name="Owner: Box", exact=True)).to_be_visible()
