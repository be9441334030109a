"""The list of an entity: what it shows, how it is narrowed, sorted and turned over."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import quote, urljoin

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from runtime.definitions.bundle import ModuleSource
from tests.kit.builders import entity, everything, field, module, role, texts, view
from tests.kit.visitor import Visitor, text_of
from tests.kit.workspace import Space

Visit = Callable[[Space, str], Visitor]
HTMX = {"HX-Request": "true"}


def shop(*views: object) -> ModuleSource:
    return module(
        "shop",
        entity(
            "customer",
            words={"list_title": "Customers", "titled_by": "{name}"},
            name=field("text", title="Name"),
            city=field("text", title="City"),
            age=field("integer", title="Age"),
            balance=field("money", title="Balance"),
            active=field("boolean", title="Active"),
            kind=field("choice", title="Kind"),
            since=field("date", title="Since"),
        ),
        entity("note", words={"in_menu": False}, text="text"),
        role("clerk", {"shop.customer": {"see": "all"}}),
        role("seller", {"shop.customer": {"see": "own", "create": True}}),
        texts(
            "en",
            {"shop.customer": {"plural": {"one": "{n} customer", "other": "{n} customers"}}},
        ),
        *views,
    )


@pytest.fixture
def owner(space: Space, visit: Visit) -> Visitor:
    space.publish(shop())
    space.person("owner@demo.test", "owner")
    return visit(space, "owner@demo.test")


def titles(answer: TestResponse) -> list[str]:
    page = answer.get_data(as_text=True)
    found = re.findall(r'<th scope="row"><a href="[^"]+">(.*?)</a>', page)
    return [html.unescape(title) for title in found]


def link(answer: TestResponse, text: str) -> str:
    """The address behind the link that says this."""
    page = answer.get_data(as_text=True)
    for address, shown in re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL):
        if re.sub(r"<[^>]+>", "", shown).strip() == text:
            return urljoin("/e/customer", html.unescape(address))
    raise AssertionError(f"no link {text}")


def header(answer: TestResponse, text: str) -> str:
    """The address that the head of this column sorts by."""
    found = re.search(rf'<th scope="col"[^>]*><a [^>]*?href="([^"]+)"[^>]*>{text}</a>', answer.text)
    assert found, f"no column {text}"
    return html.unescape(found[1])


def chips(answer: TestResponse) -> list[str]:
    page = answer.get_data(as_text=True)
    return [
        html.unescape(re.sub(r"<[^>]+>", "", one))
        for one in re.findall(r'<span class="filter">(.*?)</span>', page, re.DOTALL)
    ]


def test_a_list_shows_titles_that_lead_to_their_records_and_cells_as_people_read_them(
    space: Space, owner: Visitor
) -> None:
    record = space.create(
        "customer",
        name="Aygün <b>",
        city="Bakı",
        balance={"amount": "1200.50", "currency": "AZN"},
        active=True,
        kind="one",
        since="2026-03-02",
    )
    answer = owner.get("/e/customer")
    assert titles(answer) == ["Aygün <b>"]
    assert f'href="/e/customer/{record}">Aygün &lt;b&gt;</a>' in answer.text
    for cell in ("1,200.50 ₼", "Yes", "One", "2 Mar 2026"):
        assert cell in text_of(answer)


def test_empty_lists_say_so_and_offer_the_way_on(owner: Visitor) -> None:
    assert "Nothing here yet" in text_of(owner.get("/e/customer"))
    assert "/e/customer/new" in owner.get("/e/customer").text
    nothing = owner.get("/e/customer?city=Baku")
    assert "Nothing found" in text_of(nothing)
    assert link(nothing, "Clear filters") == "/e/customer"


def test_lists_of_what_nobody_may_see_are_not_there(space: Space, visit: Visit) -> None:
    space.publish(shop())
    space.person("clerk@demo.test", "clerk")
    clerk = visit(space, "clerk@demo.test")
    assert clerk.get("/e/note").status_code == 404
    assert clerk.get("/e/nothing").status_code == 404
    page = clerk.get("/e/customer")
    assert page.status_code == 200
    assert "/e/customer/new" not in page.text
    assert "/e/customer/bin" not in page.text
    assert "/e/note" not in page.text


def test_a_person_who_sees_their_own_counts_their_own(space: Space, visit: Visit) -> None:
    space.publish(shop())
    first = space.person("first@demo.test", "seller")
    second = space.person("second@demo.test", "seller")
    space.create_many("customer", [{"name": f"A{n}"} for n in range(60)], actor=first)
    space.create_many("customer", [{"name": f"B{n}"} for n in range(70)], actor=second)
    assert "50 of 60 customers" in text_of(visit(space, "first@demo.test").get("/e/customer"))
    assert "50 of 70 customers" in text_of(visit(space, "second@demo.test").get("/e/customer"))


# Filters

FILTERS = [
    ("city=Bakı", ["Ali"], "City: Bakı"),
    ("city__ne=Bakı", ["Vali"], "City: not Bakı"),
    ("name__contains=AL", ["Vali", "Ali"], "Name contains “AL”"),
    ("name__startswith=va", ["Vali"], "Name begins with “va”"),
    ("age__gte=30", ["Vali"], "Age ≥ 30"),
    ("age__lt=30", ["Ali"], "Age < 30"),
    ("balance__gte=100", ["Vali"], "Balance ≥ 100.00\u00a0₼"),
    ("active=true", ["Ali"], "Active: Yes"),
    ("kind__in=one,two", ["Vali", "Ali"], "Kind: One, Two"),
    ("kind=two", ["Vali"], "Kind: Two"),
    ("since__isnull=true", ["Vali"], "Since: empty"),
    ("since__isnull=false", ["Ali"], "Since: filled in"),
    ("since=2026-03-02", ["Ali"], "Since: 2 Mar 2026"),
]


@pytest.mark.parametrize(("query", "found", "chip"), FILTERS)
def test_filters_stand_in_the_address_and_are_said_in_words(
    lite: Space, visit: Visit, query: str, found: list[str], chip: str
) -> None:
    lite.publish(shop())
    lite.person("owner@demo.test", "owner")
    money = {"amount": "10", "currency": "AZN"}
    lite.create(
        "customer", name="Ali", city="Bakı", age=20, balance=money, active=True, kind="one",
        since="2026-03-02",
    )  # fmt: skip
    lite.create("customer", name="Vali", city="Gəncə", age=40, kind="two",
                balance={"amount": "500", "currency": "AZN"})  # fmt: skip
    answer = visit(lite, "owner@demo.test").get(f"/e/customer?{query}")
    assert titles(answer) == found
    assert chips(answer) == [chip]


MISTAKES = [
    ("colour=red", "There is no field colour"),
    ("age__gte=many", "age: many does not fit"),
    ("active__contains=x", "active cannot be filtered by contains"),
    ("sort=colour", "Cannot sort by colour"),
    ("cursor=nonsense", "The cursor does not belong to this list"),
    ("_add=colour", "There is no field colour"),
]


@pytest.mark.parametrize(("query", "said"), MISTAKES)
def test_what_an_address_asks_in_vain_is_said_and_never_ignored(
    lite: Space, visit: Visit, query: str, said: str
) -> None:
    lite.publish(shop())
    lite.person("owner@demo.test", "owner")
    answer = visit(lite, "owner@demo.test").get(f"/e/customer?{query}")
    assert answer.status_code == 400
    assert said in text_of(answer)


HOSTILE = (
    "%00", "%ff", "%ed%a0%80", "' OR 1=1--", "%25", "\\", "{{7*7}}", "=cmd", "1e309", "NaN", "-0",
    "9223372036854775808", "0000-00-00", "25:00", "../", "%F0%9F%98%80", "İıƏ", "x" * 5000, ",,,",
)  # fmt: skip
ASKED = (
    "q", "sort", "view", "cursor", "count", "_add", "_op", "name", "name__contains", "city__in",
    "name__startswith", "age", "age__gte", "balance__lt", "since", "active", "kind__in", "id",
    "created_at__gte", "created_by", "name__isnull", "_add=name&_apply=1&_op=eq&_value",
    "_add=age&_apply=1&_value", "_add=since&_to",
)  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_no_address_breaks_a_list(space: Space, owner: Visitor, name: str) -> None:
    space.create("customer", name="Ali", city="Bakı", age=3)
    for value in HOSTILE:
        answer = owner.get(f"/e/customer?{name}={value}")
        assert answer.status_code in (200, 303, 400, 404), (name, value)


FORMS = [
    ("city", {"_op": "contains", "_value": "Ba"}, "city__contains=Ba"),
    ("city", {"_op": "eq", "_value": "Bakı"}, "city=Bak%C4%B1"),
    ("city", {"_op": "empty"}, "city__isnull=true"),
    ("age", {"_op": "between", "_value": "3", "_to": "9"}, "age__gte=3&age__lte=9"),
    ("age", {"_op": "between", "_to": "9"}, "age__lte=9"),
    ("active", {"_op": "no"}, "active=false"),
    ("kind", {"_op": "any", "_value": ["one", "two"]}, "kind__in=one,two"),
    ("kind", {"_op": "any", "_value": ["one"]}, "kind=one"),
]


@pytest.mark.parametrize(("key", "filled", "query"), FORMS)
def test_the_form_of_a_filter_leads_to_its_address(
    lite: Space, visit: Visit, key: str, filled: dict, query: str
) -> None:
    lite.publish(shop())
    lite.person("owner@demo.test", "owner")
    visitor = visit(lite, "owner@demo.test")
    assert f'name="_add" value="{key}"' in visitor.get(f"/e/customer?_add={key}").text
    sent = {"_add": key, "_apply": "1", "sort": "name", **filled}
    answer = visitor.client.get("/e/customer", query_string=sent)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/e/customer?sort=name&{query}"


def test_a_filter_that_does_not_fit_brings_its_form_back(owner: Visitor) -> None:
    sent = {"_add": "age", "_apply": "1", "_op": "between", "_value": "<many>"}
    answer = owner.client.get("/e/customer", query_string=sent)
    assert answer.status_code == 200
    assert 'value="&lt;many&gt;"' in answer.text
    assert "Not a number" in text_of(answer)


def test_a_filter_is_changed_in_its_own_form_and_taken_off_alone(
    space: Space, owner: Visitor
) -> None:
    answer = owner.get("/e/customer?city=Baku&age__gte=30&sort=name")
    assert chips(answer) == ["City: Baku", "Age ≥ 30"]
    again = owner.get(link(answer, "Age ≥ 30"))
    assert 'name="_value" value="30"' in again.text
    assert "/e/customer?sort=name&amp;age__gte=30" in answer.text
    sent = {"city": "Baku", "age__gte": "30", "_add": "age", "_apply": "1", "_op": "empty"}
    changed = owner.client.get("/e/customer", query_string=sent)
    assert changed.headers["Location"] == "/e/customer?city=Baku&age__isnull=true"


def test_records_behind_a_reference_are_found_by_name_in_the_filter(
    lite: Space, visit: Visit
) -> None:
    lite.publish(everything())
    lite.person("owner@demo.test", "owner")
    boxes = lite.create_many("box", [{"name": f"Box {n:02}"} for n in range(30)])
    lite.create("thing", name="Thing", owner=boxes[3])
    visitor = visit(lite, "owner@demo.test")
    form = visitor.get("/e/thing?_add=owner&_op=any&_find=Box+03")
    assert f'value="{boxes[3]}"> Box 03' in form.text
    listed = visitor.get(f"/e/thing?owner={boxes[3]}")
    assert titles(listed) == ["Thing"]
    assert chips(listed) == ["Owner: Box 03"]
    assert chips(visitor.get("/e/thing?owner.name__contains=box")) == [
        "Owner · Name contains “box”"
    ]


def test_sums_of_a_currency_per_record_are_filtered_within_one(lite: Space, visit: Visit) -> None:
    lite.publish(everything())
    lite.person("owner@demo.test", "owner")
    visitor = visit(lite, "owner@demo.test")
    sent = {"_add": "worth", "_apply": "1", "_op": "between", "_value": "3", "_currency": "USD"}
    answer = visitor.client.get("/e/thing", query_string=sent)
    assert answer.headers["Location"] == "/e/thing?worth__gte=3&worth__currency=USD"
    page = visitor.get("/e/thing?worth__gte=3&worth__currency=USD")
    assert page.status_code == 200
    assert page.text.count('class="filter-off" href="/e/thing"') == 2


# Search, sorting, pages


def test_search_folds_letters_and_keeps_the_filters(space: Space, owner: Visitor) -> None:
    space.create("customer", name="Əliyeva Çiçək", city="Bakı")
    space.create("customer", name="Quliyev", city="Bakı")
    answer = owner.get("/e/customer?q=eliyeva+cicek&city=Bakı")
    assert titles(answer) == ["Əliyeva Çiçək"]
    assert '<input type="hidden" form="find" name="city" value="Bakı">' in answer.text


def test_a_letter_alone_beside_a_word_hides_nothing(space: Space, owner: Visitor) -> None:
    space.create("customer", name="House 3", city="Bakı")
    assert titles(owner.get("/e/customer?q=house+3")) == ["House 3"]
    assert titles(owner.get("/e/customer?q=h")) == ["House 3"]


def test_headers_sort_and_say_which_way(space: Space, owner: Visitor) -> None:
    space.create_many("customer", [{"name": name} for name in ("B", "A", "C")])
    assert titles(owner.get("/e/customer")) == ["C", "A", "B"]
    by_name = owner.get(header(owner.get("/e/customer"), "Name"))
    assert titles(by_name) == ["A", "B", "C"]
    assert 'aria-sort="ascending"' in by_name.text
    turned = owner.get(header(by_name, "Name"))
    assert titles(turned) == ["C", "B", "A"]
    assert 'aria-sort="descending"' in turned.text


def test_pages_lead_on_and_back_through_each_record_once(space: Space, owner: Visitor) -> None:
    space.create_many("customer", [{"name": f"N{number:03}"} for number in range(120)])
    answer = owner.get("/e/customer?sort=name")
    assert "50 of 120 customers" in text_of(answer)
    seen = titles(answer)
    for _ in range(2):
        answer = owner.get(link(answer, "Next"))
        seen += titles(answer)
    assert seen == [f"N{number:03}" for number in range(120)]
    assert 'rel="next"' not in answer.text
    back = owner.get(link(owner.get(link(answer, "Previous")), "Previous"))
    assert titles(back) == seen[:50]
    assert titles(owner.get(link(answer, "First"))) == seen[:50]


def test_a_large_list_is_counted_exactly_only_when_asked(
    lite: Space, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.records.find.COUNT_LIMIT", 60)
    lite.publish(shop())
    lite.person("owner@demo.test", "owner")
    lite.create_many("customer", [{"name": f"N{number}"} for number in range(75)])
    visitor = visit(lite, "owner@demo.test")
    answer = visitor.get("/e/customer")
    assert "50 of more than 60 customers" in text_of(answer)
    assert "50 of 75 customers" in text_of(visitor.get(link(answer, "Count exactly")))


def test_a_count_is_never_older_than_the_last_write(space: Space, owner: Visitor) -> None:
    space.create_many("customer", [{"name": f"N{number}"} for number in range(60)])
    assert "50 of 60 customers" in text_of(owner.get("/e/customer"))
    record = space.create("customer", name="One more")
    assert "50 of 61 customers" in text_of(owner.get("/e/customer"))
    space.delete("customer", record)
    assert "50 of 60 customers" in text_of(owner.get("/e/customer"))


# Saved views


def test_saved_views_are_tabs_for_the_roles_they_are_meant_for(space: Space, visit: Visit) -> None:
    space.publish(
        shop(
            view("shop.customer.all", "shop.customer", title="All"),
            view("shop.customer.near", "shop.customer", title="Near", filter={"city": "Bakı"},
                 settings={"columns": ["age"], "sort": "name"}),
            view("shop.customer.secret", "shop.customer", title="Secret", roles=["seller"]),
        )
    )  # fmt: skip
    space.person("clerk@demo.test", "clerk")
    space.create_many(
        "customer",
        [{"name": "C", "city": "Bakı"}, {"name": "A", "city": "Bakı"}, {"name": "B", "city": "X"}],
    )
    clerk = visit(space, "clerk@demo.test")
    answer = clerk.get("/e/customer")
    assert "Secret" not in answer.text
    near = clerk.get(link(answer, "Near"))
    assert titles(near) == ["A", "C"]
    assert re.search(r'aria-current="page">\s*Near', near.text)
    assert chips(near) == []
    assert clerk.get("/e/customer?view=secret").status_code == 404
    assert clerk.get("/e/customer?view=nothing").status_code == 404


# One address, two answers


def test_htmx_gets_the_list_alone_and_a_step_back_the_whole_page(
    space: Space, owner: Visitor
) -> None:
    space.create("customer", name="Ali")
    part = owner.get("/e/customer", **HTMX)
    assert part.text.startswith("<title>Customers</title>")
    assert '<section id="list"' in part.text
    assert "<html" not in part.text
    assert "HX-Request" in part.headers["Vary"]
    assert part.headers["Cache-Control"] == "no-store"
    whole = owner.get("/e/customer", **HTMX, **{"HX-History-Restore-Request": "true"})
    assert "<html" in whole.text
    assert titles(whole) == titles(part) == ["Ali"]


def test_a_page_asks_few_statements_however_many_rows_it_has(space: Space, visit: Visit) -> None:
    space.publish(everything())
    me = space.person("owner@demo.test", "owner")
    visitor = visit(space, "owner@demo.test")
    box = space.create("box", name="Box")
    rows = [{"name": f"N{n}", "owner": box, "person": me.user_id, "day": "2026-03-02"}
            for n in range(60)]  # fmt: skip
    space.create_many("thing", rows)
    visitor.get("/e/thing")
    asked: list[str] = []
    engine = visitor.client.application.extensions["qurucu"].service.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
    assert len(titles(visitor.get("/e/thing"))) == 50
    selects = [statement for statement in asked if statement.startswith("SELECT")]
    assert len(selects) <= 4


def test_hostile_labels_and_values_stay_text(lite: Space, visit: Visit) -> None:
    label, value = '" onfocus="alert(1)" x="', '"><img src=x onerror=alert(1)>{{7*7}}'
    lite.publish(
        module(
            "shop",
            entity(
                "customer",
                words={"list_title": label},
                name=field("text", title=label),
                city=field("text", title=label),
            ),
            view("shop.customer.a", "shop.customer", title=label),
            view("shop.customer.b", "shop.customer", title=label),
        )
    )
    lite.person("owner@demo.test", "owner")
    lite.create("customer", name=value, city=value)
    visitor = visit(lite, "owner@demo.test")
    for path in (
        "/e/customer",
        "/e/customer?_add=city",
        f"/e/customer?city__contains={quote(value)}",
        f"/e/customer?q={quote(value)}",
        "/",
        f"/search?q={quote(value)}",
    ):
        page = visitor.get(path)
        assert page.status_code == 200
        assert "<img src=x" not in page.text
        assert '" onfocus' not in page.text
        assert "49" not in text_of(page)
