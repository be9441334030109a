"""What holds for every value of a type: shown and typed again it is the same, in any language."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runtime.fields.base import Field
from runtime.fields.registry import field_types
from runtime.kernel.errors import Invalid
from runtime.kernel.fold import SORT_KEY_BYTES, fold, sort_key, words
from runtime.kernel.locale import locale_of
from runtime.kernel.money import Money, currencies, minor_digits
from runtime.kernel.reading import read_line
from runtime.kernel.workspace import COUNTRIES, LANGUAGES, Workspace
from tests.kit.fields import make_field

languages = st.sampled_from(LANGUAGES)
texts = st.text(max_size=60)
WRITABLE = [name for name, kind in field_types().items() if not kind.read_only]
zones = st.sampled_from([zone for _, zone in COUNTRIES.values()])


def scaled(places: int) -> st.SearchStrategy[Decimal]:
    most = 10**18 - 1
    return st.integers(-most, most).map(lambda units: Decimal(units).scaleb(-places))


def fits(field: Field, value: Any, language: str, zone: str = "Asia/Baku") -> None:
    """Through text, through plain, through JSON, through columns."""
    locale = locale_of(Workspace(timezone=zone), language)
    kind = field.type
    shown = kind.text(field, value, locale)
    assert kind.convert(field, shown, locale) == value, shown
    assert kind.convert(field, kind.plain(field, value), locale) == value
    assert kind.recast(field, field, value, locale) == value
    assert kind.load(field, kind.dump(field, value)) == value
    packed = kind.pack(field, value)
    assert kind.unpack(field, tuple(packed[column.name] for column in kind.columns(field))) == value


@given(st.integers(-(2**53) + 1, 2**53 - 1), languages)
def test_integers(value: int, language: str) -> None:
    fits(make_field("integer"), value, language)


@given(st.data(), st.integers(0, 8), languages)
def test_decimals_and_percents(data: st.DataObject, places: int, language: str) -> None:
    value = data.draw(scaled(places))
    fits(make_field("decimal", places=places), value, language)
    fits(make_field("percent", places=places), value, language)


@given(st.data(), st.sampled_from(sorted(currencies())), languages, st.booleans())
def test_sums(data: st.DataObject, code: str, language: str, per_record: bool) -> None:
    amount = data.draw(scaled(minor_digits(code)))
    field = make_field("money", currency=code, per_record=per_record)
    fits(field, Money(amount, code), language)


@given(st.dates(), languages)
def test_days(value: dt.date, language: str) -> None:
    fits(make_field("date"), value, language)


@given(st.times().map(lambda value: value.replace(microsecond=0)), languages)
def test_times(value: dt.time, language: str) -> None:
    fits(make_field("time"), value, language)


@given(
    st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30), timezones=st.just(dt.UTC)),
    languages,
    zones,
)
def test_moments(value: dt.datetime, language: str, zone: str) -> None:
    value = value.replace(microsecond=0)
    # The second of two equal hours on the wall cannot be typed; it can be sent and kept.
    assume(value.astimezone(locale_of(Workspace(timezone=zone)).zone).fold == 0)
    fits(make_field("datetime"), value, language, zone)


@given(st.integers(0, 10_000 * 86400), languages)
def test_lengths_of_time(seconds: int, language: str) -> None:
    fits(make_field("duration"), dt.timedelta(seconds=seconds), language)


@given(st.booleans(), languages)
def test_yes_and_no(value: bool, language: str) -> None:
    fits(make_field("boolean"), value, language)


@given(st.sampled_from(["one", "two"]), languages)
def test_options(value: str, language: str) -> None:
    fits(make_field("choice"), value, language)
    fits(make_field("choices"), (value,), language)


@pytest.mark.parametrize("name", ["text", "long_text"])
@given(value=texts, language=languages)
def test_texts(name: str, value: str, language: str) -> None:
    field = make_field(name)
    try:
        loaded = field.type.load(field, value)
    except Invalid:
        return
    if loaded is not None:
        assert loaded == value.replace("\r\n", "\n").replace("\r", "\n").strip()
        fits(field, loaded, language)


@given(
    st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)),
    st.sampled_from(sorted(COUNTRIES)),
    languages,
)
def test_telephones(region: str, home: str, language: str) -> None:
    number = phonenumbers.example_number(region)
    assume(number is not None and phonenumbers.is_possible_number(number))
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    fits(make_field("phone", region=home), value, language)
    fits(make_field("phone", region=home), f"{value};ext=12", language)


@pytest.mark.parametrize("name", WRITABLE)
@given(text=texts, language=languages)
def test_whatever_is_typed_is_a_value_or_refused(name: str, text: str, language: str) -> None:
    field, locale = make_field(name), locale_of(Workspace(), language)
    try:
        value = field.type.convert(field, text, locale)
    except Invalid:
        return
    if value is not None and not field.type.links:
        assert field.type.load(field, field.type.dump(field, value)) == value


@pytest.mark.parametrize("target", WRITABLE)
@given(data=st.data(), language=languages)
def test_a_value_of_any_type_becomes_one_of_any_other_or_is_refused(
    target: str, data: st.DataObject, language: str
) -> None:
    source = data.draw(st.sampled_from(WRITABLE))
    before, after = make_field(source), make_field(target)
    value = before.type.load(before, data.draw(st.sampled_from(before.type.examples)))
    if value is None:
        return
    try:
        made = after.type.recast(after, before, value, locale_of(Workspace(), language))
    except Invalid:
        return
    if made is not None and not after.type.read_only:
        assert after.type.load(after, after.type.dump(after, made)) == made


@given(languages, st.integers(0, 8), st.integers(-(10**9), 10**9))
def test_a_number_stays_the_number_it_is_whatever_its_type(
    language: str, places: int, units: int
) -> None:
    """1.234 with three decimals is no 1,234 to an Azerbaijani reader."""
    locale = locale_of(Workspace(), language)
    value = Decimal(units).scaleb(-places)
    before = make_field("decimal", places=places)
    for name, made in (("integer", int), ("decimal", Decimal), ("percent", Decimal)):
        after = make_field(name) if name == "integer" else make_field(name, places=2)
        try:
            found = after.type.recast(after, before, value, locale)
        except Invalid:
            continue
        assert made(value) == found == value


# Folding


@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert words(words(text)) == words(text)


@given(texts)
def test_case_does_not_matter_to_folded_text(text: str) -> None:
    try:
        line = read_line(text)
    except Invalid:
        return
    for other in (line.upper(), line.lower(), line.swapcase()):
        # ß and its like grow when they are made upper case: casefold knows.
        assert fold(other).replace(" ", "") == fold(line).replace(" ", "")


@given(st.text(min_size=0, max_size=3000))
def test_a_sort_key_fits_into_an_index(text: str) -> None:
    assert len(sort_key(text).encode("utf-8", "surrogatepass")) <= SORT_KEY_BYTES
