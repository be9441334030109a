"""What people type and files hold, in four languages: one text, one value, or a clear no."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from runtime.fields.base import Field, Label, Option
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale, locale_of
from runtime.kernel.money import Money
from runtime.kernel.workspace import Workspace
from tests.kit.fields import make_field
from tests.kit.samples import sample

NO = "refused"
PHONES = sample("phones/phone_cases.csv")


def locale(language: str = "en", **settings: str) -> Locale:
    return locale_of(Workspace(**settings), language)


def read(field: Field, text: str, language: str = "en", **settings: str) -> Any:
    try:
        return field.type.convert(field, text, locale(language, **settings))
    except Invalid:
        return NO


# (text, az, en, ru, tr) of a field with two decimals
DECIMALS = [
    ("1234.5", "1234.5", "1234.5", "1234.5", "1234.5"),
    ("1234,5", "1234.5", "1234.5", "1234.5", "1234.5"),
    ("1 234,50", "1234.5", "1234.5", "1234.5", "1234.5"),
    ("1\u00a0234,50", "1234.5", "1234.5", "1234.5", "1234.5"),
    ("1\u202f234,50", "1234.5", "1234.5", "1234.5", "1234.5"),
    ("1'234.50", "1234.5", "1234.5", "1234.5", "1234.5"),
    ("1,234.50", "1234.5", "1234.5", "1234.5", "1234.5"),
    ("1.234,50", "1234.5", "1234.5", "1234.5", "1234.5"),
    ("1.234.567", "1234567", "1234567", "1234567", "1234567"),
    ("1,234,567", "1234567", "1234567", "1234567", "1234567"),
    # A comma alone groups in English and is the decimal mark elsewhere: one decimal too many.
    ("1,234", NO, "1234", NO, NO),
    ("0,12", "0.12", "0.12", "0.12", "0.12"),
    (".5", "0.5", "0.5", "0.5", "0.5"),
    ("5.", "5", "5", "5", "5"),
    ("-7", "-7", "-7", "-7", "-7"),
    ("\u22127,5", "-7.5", "-7.5", "-7.5", "-7.5"),
    ("+7", "7", "7", "7", "7"),
    ("1e3", "1000", "1000", "1000", "1000"),
    ("9377952927E-2", "93779529.27", "93779529.27", "93779529.27", "93779529.27"),
    ("100.59999", NO, NO, NO, NO),  # peers round; here nothing is lost unsaid
    ("1.23.456", NO, NO, NO, NO),
    ("12,34,56", NO, NO, NO, NO),
    ("1,2.3", NO, NO, NO, NO),
    ("--5", NO, NO, NO, NO),
    ("1e309", NO, NO, NO, NO),
    ("1e-400", NO, NO, NO, NO),
    ("NaN", NO, NO, NO, NO),
    ("Infinity", NO, NO, NO, NO),
    ("0x10", NO, NO, NO, NO),
    ("٣", NO, NO, NO, NO),
    ("от 2000", NO, NO, NO, NO),
    ("100TEST100", NO, NO, NO, NO),
    (".", NO, NO, NO, NO),
    ("9" * 20, NO, NO, NO, NO),
    ("9" * 100_000, NO, NO, NO, NO),
]


@pytest.mark.parametrize("row", DECIMALS, ids=lambda row: ascii(row[0])[:20])
def test_decimals(row: tuple[str, ...]) -> None:
    field = make_field("decimal")
    for language, expected in zip(("az", "en", "ru", "tr"), row[1:], strict=True):
        found = read(field, row[0], language)
        assert found == (NO if expected == NO else Decimal(expected)), language


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("12", "en", 12),
        ("1.234", "az", 1234),
        ("1.234", "tr", 1234),
        ("1.234", "en", NO),
        ("1.234", "ru", NO),
        ("1,234", "en", 1234),
        ("1,234", "az", NO),
        ("0.123", "az", NO),
        ("375 000", "az", 375000),
        ("12.0", "en", 12),
        ("12,00", "ru", 12),
        ("1.5", "en", NO),
        ("9007199254740991", "en", 2**53 - 1),
        ("9007199254740992", "en", NO),
        ("-9223372036854775808", "en", NO),
        ("true", "en", NO),
    ],
)
def test_whole_numbers(text: str, language: str, expected: Any) -> None:
    assert read(make_field("integer"), text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.5", "12.5"), ("12,5 %", "12.5"), ("12.5\u00a0%", "12.5"), ("%12", "12"), ("нет", NO),
        ("12.345%", NO), ("1 000 %", "1000"),
    ],
)  # fmt: skip
def test_percents(text: str, expected: str) -> None:
    found = read(make_field("percent"), text, "ru")
    assert found == (NO if expected == NO else Decimal(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.50", "12.50 AZN"), ("₼ 12,5", "12.5 AZN"), ("12.5 AZN", "12.5 AZN"),
        ("$1,200", "1200 USD"), ("1200 USD", "1200 USD"), ("€ 5", "5 EUR"), ("500 ¥", "500 JPY"),
        ("500.5 JPY", NO), ("1.234 KWD", "1.234 KWD"), ("12 XQQ", NO), ("12 USD EUR", NO),
        ("12 azn", NO), ("A$ 5", NO), ("9999999999999999", "9999999999999999 AZN"),
        ("99999999999999999", NO),
    ],
)  # fmt: skip
def test_sums_with_a_currency_of_their_own(text: str, expected: str) -> None:
    found = read(make_field("money", per_record=True), text)
    shown = found if found == NO else f"{found.amount} {found.currency}"
    wanted = expected if expected == NO else Money(Decimal(expected[:-4]), expected[-3:])
    assert found == wanted, shown


def test_a_sum_in_another_currency_is_refused_where_there_is_one() -> None:
    assert read(make_field("money"), "12 USD") == NO
    assert read(make_field("money"), "12 AZN") == Money(Decimal(12), "AZN")


def day(year: int, month: int, number: int) -> dt.date:
    return dt.date(year, month, number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02", day(2026, 3, 2)), ("2026/3/2", day(2026, 3, 2)),
        ("02.03.2026", day(2026, 3, 2)),
        ("2/3/26", day(2026, 3, 2)), ("2-3-1968", day(1968, 3, 2)), ("2.3.69", day(1969, 3, 2)),
        ("22-7-2021", day(2021, 7, 22)), ("04/10/2020", day(2020, 10, 4)),
        ("07/22/2021", NO),  # a day always stands before its month, where the year stands last
        ("2 March 2026", day(2026, 3, 2)), ("2 mart 2026", day(2026, 3, 2)),
        ("2 марта 2026", day(2026, 3, 2)), ("2 мар. 2026", day(2026, 3, 2)),
        ("2 Mart 2026", day(2026, 3, 2)), ("1 iyn 2026", day(2026, 6, 1)),
        ("1 İyun 2026", day(2026, 6, 1)), ("5 Ağustos 2026", day(2026, 8, 5)),
        ("Dec 2, 2017", day(2017, 12, 2)), ("December 2 2017", day(2017, 12, 2)),
        ("2026-03-02 00:00:00", day(2026, 3, 2)), ("2026-03-02T00:00:00Z", day(2026, 3, 2)),
        ("2026-03-02 09:00:00", NO), ("2026-02-29", NO), ("29.02.2024", day(2024, 2, 29)),
        ("30.02.2024", NO), ("0000-00-00", NO), ("31.04.2026", NO), ("2026", NO), ("10", NO),
        ("tomorrow", NO), ("2026-W10-1", NO), ("20260302", NO), ("2 Brumaire 2026", NO),
        ("2222-2222-2222", NO), ("1.1.10000", NO), ("45000", NO),
    ],
)  # fmt: skip
def test_dates(text: str, expected: Any) -> None:
    for language in ("az", "en", "ru", "tr"):
        assert read(make_field("date"), text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:30", dt.time(9, 30)), ("09:30:15", dt.time(9, 30, 15)), ("9.30", dt.time(9, 30)),
        ("9:30 pm", dt.time(21, 30)), ("12:00 AM", dt.time(0)), ("12:30 p.m.", dt.time(12, 30)),
        ("24:00", NO), ("25:00", NO), ("9:60", NO), ("13:00 pm", NO), ("0:30 am", NO), ("9", NO),
        ("930", NO), ("09:30Z", NO),
    ],
)  # fmt: skip
def test_times(text: str, expected: Any) -> None:
    assert read(make_field("time"), text) == expected


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T09:00:00Z", utc(2026, 3, 2, 9)),
        ("2026-03-02T13:00+04:00", utc(2026, 3, 2, 9)),
        ("2026-03-02 13:00", utc(2026, 3, 2, 9)), ("02.03.2026 13:00", utc(2026, 3, 2, 9)),
        ("2/3/26 9:30", utc(2026, 3, 2, 5, 30)), ("2.3.26, 9:30", utc(2026, 3, 2, 5, 30)),
        ("22/07/2021 12:45 PM", utc(2021, 7, 22, 8, 45)),
        ("2021/7/22 7:45", utc(2021, 7, 22, 3, 45)), ("2 марта 2026 13:00", utc(2026, 3, 2, 9)),
        ("Dec 2, 2017 2:39:58 AM", utc(2017, 12, 1, 22, 39, 58)),
        ("2026-03-02T09:00:00.999Z", utc(2026, 3, 2, 9)),
        ("1900-01-01 00:00", utc(1899, 12, 31, 20, 40, 36)),  # Baku kept its own sun time then
        ("2026-03-02", NO), ("13:00", NO), ("2021/7/22 7:45:70", NO), ("2026-02-30 10:00", NO),
        ("20260302T0900", NO), ("2026-W10-1T09:00", NO), ("now", NO), ("0001-01-01 00:00", NO),
        ("9999-12-31 23:59", NO), ("2026-03-02T09:00:00+25:00", NO), ("2222-2222-2222", NO),
    ],
)  # fmt: skip
def test_moments_on_the_wall_of_baku(text: str, expected: Any) -> None:
    assert read(make_field("datetime"), text) == expected


def test_a_wall_that_skips_or_repeats_an_hour_still_has_moments() -> None:
    berlin = {"timezone": "Europe/Berlin"}
    field = make_field("datetime")
    assert read(field, "29.03.2026 02:30", **berlin) == utc(2026, 3, 29, 1, 30)
    assert read(field, "25.10.2026 02:30", **berlin) == utc(2026, 10, 25, 0, 30)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 5400), ("1:30", 5400), ("1:01:05", 3665), ("1 h 30 min", 5400), ("1h30m", 5400),
        ("1,5 saat", 5400), ("6 час.", 21600), ("45 dəq", 2700), ("45 dəqiqə", 2700),
        ("2 sa. 5 dk.", 7500), ("1 g 2 sa", 93600), ("1d 2h", 93600), ("1 день 2 часа", 93600),
        ("PT1H30M", 5400), ("pt90m", 5400), ("P1D", 86400), ("0", 0), ("30 san", 30),
        ("-5", NO), ("-1d 1h", NO), ("PT", NO), ("P1Y", NO), ("5 parsecs", NO), ("1:75", NO),
        ("1 h x", NO), ("999999999", NO), ("9" * 50 + " h", NO), ("PT" + "9" * 50 + "H", NO),
    ],
)  # fmt: skip
def test_lengths_of_time(text: str, seconds: Any) -> None:
    found = read(make_field("duration"), text)
    assert found == (NO if seconds == NO else dt.timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", True), ("YES", True), ("t", True), ("1", True), ("bəli", True), ("hə", True),
        ("да", True), ("Evet", True), ("var", True), ("+", True), ("x", True),
        ("no", False), ("f", False), ("0", False), ("xeyr", False), ("yox", False), ("нет", False),
        ("HAYIR", False), ("hayır", False), ("-", False),
        ("2", NO), ("maybe", NO), ("Random text", NO), ("не активен", NO),
    ],
)  # fmt: skip
def test_yes_and_no(text: str, expected: Any) -> None:
    assert read(make_field("boolean"), text) == expected


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("url", "example.az", "https://example.az"), ("url", " www.test.nl", "https://www.test.nl"),
        ("url", "ftp://example.az", NO), ("url", "javascript:alert(1)", NO),
        ("url", "mailto:a@b.az", NO), ("url", "https://user:pw@example.az/", NO),
        ("url", "JaVaScRiPt://x%0aalert(1)", NO), ("url", "data:text/html,x", NO),
        ("url", "//example.az", NO), ("url", "HTTPS://EXAMPLE.AZ", "HTTPS://EXAMPLE.AZ"),
        ("email", "用户@例子.广告", "用户@例子.广告"), ("email", "wierd@[1.1.1.1]", NO),
        ("email", "a@", NO), ("email", "bram.test.nl", NO), ("email", "a@b.az, c@d.az", NO),
        ("email", "\nhello@gmail.com", "hello@gmail.com"), ("email", "a@b.az\nBcc: x@y.az", NO),
        ("text", "a\tb", NO), ("text", "  a  b ", "a  b"), ("text", "a\u2028b", NO),
        ("long_text", "a\r\nb\rc\n", "a\nb\nc"), ("long_text", "a\x0bb", NO),
    ],
)  # fmt: skip
def test_texts_of_a_kind(kind: str, text: str, expected: Any) -> None:
    assert read(make_field(kind), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("050 212 34 56", "+994502123456"), ("+7 912 345-67-89", "+79123456789"),
        ("00994 50 212 34 56", "+994502123456"), ("mob. 050 212 34 56", "+994502123456"),
        ("tel: (012) 404-12-12", "+994124041212"),
        ("050 212 34 56 ext. 12", "+994502123456;ext=12"), ("Ali 050 212 34 56", NO),
        ("050 212 34 56 (mother)", NO), ("050 212 34 56 / 055 212 34 56", NO),
        ("+45(1424) 322314 324234", NO), ("12", NO), ("a@b.az", NO), ("9.94502E+11", NO),
    ],
)  # fmt: skip
def test_telephones(text: str, expected: str) -> None:
    assert read(make_field("phone"), text) == expected


@pytest.mark.skipif(not PHONES.is_file(), reason="the collection of spellings is not here")
def test_telephones_in_every_spelling_of_three_countries() -> None:
    with PHONES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if not row["raw"].strip():
            continue
        expected = row["e164_if_possible"] if row["possible"] == "1" else NO
        expected += f";ext={row['extension']}" if row["extension"] else ""
        assert read(make_field("phone", region=row["default_region"]), row["raw"]) == expected


def chosen(*titles: tuple[str, str]) -> Field:
    field = make_field("choices")
    options = tuple(Option(f"u.{key}", key, Label(title)) for key, title in titles)
    return Field(field.uid, field.key, field.entity, field.type, choices=options)


def test_an_option_is_known_by_its_key_before_any_title() -> None:
    field = chosen(("a", "B"), ("b", "A"))
    assert read(field, "a") == ("a",)
    assert read(field, "b") == ("b",)
    assert read(field, "A") == ("b",)
    assert read(field, "B") == ("a",)


def test_titles_with_commas_are_read_back() -> None:
    field = chosen(("a", "Red, big"), ("b", "Red"), ("c", "big; old, small"))
    assert read(field, "Red, big") == ("a",)
    assert read(field, "Red; Red, big; big; old, small") == ("a", "b", "c")
    assert read(field, "Red, small") == NO


def test_moments_before_time_zones_keep_their_seconds() -> None:
    """Baku's offset was +03:19:24 until 1924: no ISO text of it can be read back."""
    made = make_field("datetime").type.recast(
        make_field("datetime"), make_field("date"), day(1900, 1, 1), locale()
    )
    assert made.astimezone(ZoneInfo("Asia/Baku")).date() == day(1900, 1, 1)
