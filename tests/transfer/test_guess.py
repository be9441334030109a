"""Without a mapping: columns are known by name, references by what people call their records."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.kernel.errors import Refused
from runtime.transfer.guess import guess
from runtime.transfer.layout import from_json
from tests.kit.builders import entity, field, module, texts, workflow
from tests.kit.workspace import Space
from tests.transfer.kit import bring, records, try_out, write_csv


def shop() -> list[object]:
    return [
        module(
            "shop",
            entity(
                "city",
                words={"titled_by": "{name}"},
                name="text",
                code=field("text", unique=True),
            ),
            entity(
                "customer",
                words={"status": "shop.customer.flow", "titled_by": "{full_name}"},
                required=("full_name",),
                number=field("sequence", pattern="{counter}"),
                full_name=field("text", title="Full name"),
                phone=field("phone", title="Phone", unique=True),
                born=field("date", title="Birth date"),
                balance=field("money", title="Balance"),
                vip=field("boolean", title="Regular"),
                city=field("reference", to="shop.city", title="City"),
                friends=field("references", to="shop.customer", title="Friends"),
                keeper=field("user", title="Keeper"),
                kind=field("choice", title="Kind"),
            ),
            workflow(
                "shop.customer.flow",
                "shop.customer",
                ["new", "active"],
                [{"key": "begin", "from": ["new"], "to": "active"}],
            ),
            texts(
                "az",
                {
                    "shop.customer.full_name": {"title": "Ad və soyad"},
                    "shop.customer.phone": {"title": "Telefon"},
                    "shop.customer.born": {"title": "Doğum tarixi"},
                    "shop.customer.city": {"title": "Şəhər"},
                    "shop.customer.flow.active": {"title": "Aktiv"},
                },
            ),
            texts(
                "ru",
                {
                    "shop.customer.full_name": {"title": "Имя"},
                    "shop.customer.phone": {"title": "Телефон"},
                    "shop.customer.city": {"title": "Город"},
                },
            ),
        )
    ]


@pytest.fixture
def open_shop(lite: Space) -> Space:
    lite.publish(*shop())  # type: ignore[arg-type]
    return lite


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (["full_name", "phone"], ["full_name", "phone"]),
        (["FULL NAME", " Phone "], ["full_name", "phone"]),
        (["Ad və soyad", "TELEFON", "Şəhər"], ["full_name", "phone", "city"]),
        (["ad ve soyad", "dogum tarixi"], ["full_name", "born"]),
        (["Имя", "ТЕЛЕФОН", "город"], ["full_name", "phone", "city"]),
        (["Full-name*", "Phone."], ["full_name", "phone"]),
        (["Full name", "Shoe size"], ["full_name"]),
        (["Full name", "full_name"], ["full_name"]),
    ],
)
def test_columns_are_known_by_key_or_title_in_any_language(
    open_shop: Space, header: list[str], fields: list[str]
) -> None:
    with open_shop.reading() as ctx:
        customer = ctx.catalog.by_key["customer"]
        layout = guess(ctx.catalog, customer, header)
        assert [customer.by_uid[one.field].key for one in layout.columns] == fields
        assert from_json(layout.to_json()) == layout


def test_what_is_not_taken_is_said(open_shop: Space) -> None:
    with open_shop.reading() as ctx:
        header = ["full_name", "Shoe size", "", "id", "Created", "number", "uid", "qurucu:row"]
        layout = guess(ctx.catalog, ctx.catalog.by_key["customer"], header)
    assert layout.left_out == ("Shoe size", "#3")
    assert layout.kept == ("id", "Created", "number", "uid")


def test_a_file_of_which_no_column_is_known_is_refused(open_shop: Space, tmp_path: Path) -> None:
    rows = write_csv(tmp_path, "foo,bar\n1,2\n")
    with pytest.raises(Refused) as refused:
        bring(open_shop, "customer", rows)
    assert refused.value.message.key == "transfer.nothing_matches"


def test_a_required_field_without_a_column_is_refused_at_once(
    open_shop: Space, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused:
        bring(open_shop, "customer", write_csv(tmp_path, "phone\n0502123456\n"))
    assert refused.value.message.params["field"] == "full_name"


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("Baku", 1),
        ("BAKU", 1),
        (" baku ", 1),
        ("GN", 2),
        ("gəncə", 2),
        ("#2", 2),
        ("Gəncə #2", 2),
        ("3", 3),
        ("", None),
    ],
)
def test_a_reference_is_found_by_unique_field_title_or_number(
    open_shop: Space, tmp_path: Path, text: str, city: int | None
) -> None:
    for name, code in (("Baku", "BK"), ("Gəncə", "GN"), ("Şəki", "SK")):
        open_shop.create("city", name=name, code=code)
    rows = write_csv(tmp_path, f"full_name,city\nAli,{text}\n")
    assert bring(open_shop, "customer", rows).counts == (1, 0, 0, 0)
    assert records(open_shop, "customer")[0]["city"] == city


def test_a_reference_to_nothing_or_to_several_is_refused(open_shop: Space, tmp_path: Path) -> None:
    open_shop.create("city", name="Quba", code="Q1")
    open_shop.create("city", name="Quba", code="Q2")
    rows = write_csv(tmp_path, "full_name,city\nA,Quba\nB,Nowhere\nC,Baku #1\nD,#77\n")
    done = bring(open_shop, "customer", rows)
    assert [reason for _, reason, _ in done.refused] == [
        "city: “Quba” may be several records: #1, #2",
        "city: Nothing found for “Nowhere”",
        "city: Nothing found for “Baku #1”",
        "city: Nothing found for “#77”",
    ]


def test_a_heading_may_say_by_which_field_a_reference_is_found(
    open_shop: Space, tmp_path: Path
) -> None:
    open_shop.create("city", name="1", code="X")
    open_shop.create("city", name="Baku", code="1")
    for heading, city in (("city.name", 1), ("City.Code", 2), ("city.id", 1)):
        rows = write_csv(tmp_path, f"full_name,{heading}\nAli,1\n")
        bring(open_shop, "customer", rows)
        assert records(open_shop, "customer")[-1]["city"] == city, heading


def test_people_and_several_records_are_found_by_name(open_shop: Space, tmp_path: Path) -> None:
    keeper = open_shop.person("leyla@demo.test", "owner").user_id
    rows = write_csv(
        tmp_path,
        "full_name;friends;keeper\n"
        "Ali;;leyla@demo.test\n"
        "Əliyev, Vali;;Leyla\n"
        'Sona;"Ali; Əliyev, Vali";\n'
        "Rena;Ali, Sona;\n"
        "Tural;Əliyev, Vali;\n"
        "Orxan;Ali, Nobody;\n",
    )
    done = bring(open_shop, "customer", rows)
    assert [reason for _, reason, _ in done.refused] == ["friends: Nothing found for “Nobody”"]
    found = {one["full_name"]: one for one in records(open_shop, "customer")}
    assert (found["Ali"]["keeper"], found["Əliyev, Vali"]["keeper"]) == (keeper, keeper)
    assert found["Sona"]["friends"] == [1, 2]
    assert found["Rena"]["friends"] == [1, 3]
    assert found["Tural"]["friends"] == [2]


def test_a_row_may_point_at_a_row_above_or_below_it_in_the_same_batch(
    lite: Space, tmp_path: Path
) -> None:
    lite.publish(
        module(
            "tree",
            entity(
                "node",
                words={"uid": "tree.node", "titled_by": "{code}"},
                code=field("text", unique=True),
                parent=field("reference", to="tree.node"),
            ),
        )
    )
    rows = write_csv(tmp_path, "code,parent\nA,\nA1,A\nB1,B\nB11,B1\nB,\nC1,C\n")
    assert try_out(lite, "node", rows).created == 6
    done = bring(lite, "node", rows)
    assert done.counts == (5, 0, 0, 1)
    codes = {number: one["code"] for number, one in enumerate(records(lite, "node"), 1)}
    parents = {one["code"]: codes.get(one["parent"]) for one in records(lite, "node")}
    assert parents == {"A": None, "A1": "A", "B": None, "B1": "B", "B11": "B1"}


def test_only_an_import_may_name_the_state_of_a_record(open_shop: Space, tmp_path: Path) -> None:
    rows = write_csv(tmp_path, "full_name,status\nA,active\nB,Aktiv\nC,\nD,gone\n")
    done = bring(open_shop, "customer", rows)
    assert [one["status"] for one in records(open_shop, "customer")] == ["active", "active", "new"]
    assert [reason for _, reason, _ in done.refused] == [
        "status: “gone” is no state; there are: new, active"
    ]


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("phone", "050 212 34 56", "+994502123456"),
        ("born", "02.03.1980", "1980-03-02"),
        ("born", "2 mart 1980", "1980-03-02"),
        ("balance", "1 234,50", {"amount": "1234.50", "currency": "AZN"}),
        ("balance", "₼ 12", {"amount": "12.00", "currency": "AZN"}),
        ("vip", "bəli", True),
        ("vip", "нет", False),
        ("kind", "TWO", "two"),
    ],
)
def test_values_are_read_as_people_write_them(
    open_shop: Space, tmp_path: Path, header: str, cell: str, value: object
) -> None:
    rows = write_csv(tmp_path, f"full_name;{header}\nAli;{cell}\n")
    bring(open_shop, "customer", rows)
    assert records(open_shop, "customer")[0][header] == value


def test_records_are_found_again_by_the_first_unique_column(
    open_shop: Space, tmp_path: Path
) -> None:
    rows = write_csv(tmp_path, "full_name,phone\nAli,050 212 34 56\nVali,\n")
    assert bring(open_shop, "customer", rows).counts == (2, 0, 0, 0)
    other = write_csv(tmp_path, "phone,full_name\n+994502123456,Ali Aliyev\n")
    assert bring(open_shop, "customer", other, on_duplicate="update").counts == (0, 1, 0, 0)
    # The same file again: Vali, whom nothing tells apart, does not come twice.
    rows = write_csv(tmp_path, "full_name,phone\nAli,050 212 34 56\nVali,\n")
    assert bring(open_shop, "customer", rows).counts == (0, 0, 2, 0)
