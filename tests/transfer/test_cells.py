"""How cells become texts for fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.kernel.reading import read_date
from runtime.transfer.cells import (
    day_first,
    day_of,
    guarded,
    guarded_cell,
    number_as_text,
    read_day,
    unguarded,
)


@pytest.mark.parametrize(
    ("cell", "identifier"),
    [
        ("29872499824296", "29872499824296"),
        ("29872499824296.0", "29872499824296"),
        ("29872499824296,0", "29872499824296"),
        ("2.9872499824296E13", "29872499824296"),
        ("2.9872499824296e+13", "29872499824296"),
        ("9377952927E-5", "93779.52927"),
        ("93779.52927", "93779.52927"),
        ("9.377952927E4", "93779.52927"),
        ("0", "0"),
        ("-7.50", "-7.5"),
        # A zero in front is part of an identifier, and a number would have lost it.
        ("00123", "00123"),
        ("007.0", "007.0"),
        ("A-12", "A-12"),
        ("1e999", "1e999"),
        ("12 345", "12 345"),
        ("", ""),
    ],
)
def test_an_identifier_is_the_same_however_a_program_wrote_the_number(
    cell: str, identifier: str
) -> None:
    assert number_as_text(cell) == identifier


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2016-04-29", "2016-04-29"),
        ("2016-04-29T00:00:00Z", "2016-04-29"),
        # No zone moves the day: it is what the file says.
        ("2016-04-29T23:38:08Z", "2016-04-29"),
        ("2016-04-29 18:38", "2016-04-29"),
        ("29.04.2016 18:38:08", "2016-04-29"),
        ("29/04/2016", "2016-04-29"),
        ("29 April 2016 18:38", "2016-04-29"),
    ],
)
def test_the_day_of_a_moment_is_read_as_it_stands(cell: str, day: str) -> None:
    assert read_date(day_of(cell)).isoformat() == day
    found = read_day(cell)
    assert found is not None
    assert found.isoformat() == day


@pytest.mark.parametrize("cell", ["", "tomorrow", "2016-02-30T10:00:00Z", "12", "T12:00"])
def test_what_holds_no_day_has_none(cell: str) -> None:
    assert read_day(cell) is None


@pytest.mark.parametrize(
    ("cell", "turned"),
    [
        ("4/29/2016", "29.4.2016"),
        ("04/29/2016 18:38", "29.04.2016 18:38"),
        ("4-29-16", "29.4.16"),
        ("2016-04-29", "2016-04-29"),
        ("29 April 2016", "29 April 2016"),
    ],
)
def test_a_date_with_the_month_first_is_turned_around(cell: str, turned: str) -> None:
    assert day_first(cell) == turned


HOSTILE = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "'=1", "''=1", "-",
    "+994502123456",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_csv_begins_like_a_formula_and_every_text_comes_back(text: str) -> None:
    assert guarded(text)[0] == "'"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["plain", "'quoted'", "O'Neil", "", "'", "1=1", "a@b.az"])
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


@given(st.text(alphabet="'=+-@\t\ra1", max_size=8))
def test_guarding_is_undone_by_reading(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(("cell", "written"), [("-1", "-1"), ("+5,5", "+5,5"), ("-1+2", "'-1+2")])
def test_a_number_of_unknown_type_stays_a_number(cell: str, written: str) -> None:
    assert guarded_cell(cell) == written
