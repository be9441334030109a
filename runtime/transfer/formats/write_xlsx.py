"""Writes records as a workbook for people: titles above, typed cells, no text run as a formula."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from runtime.fields.base import Field, Ref
from runtime.kernel.errors import Refused
from runtime.kernel.fold import words
from runtime.kernel.locale import Locale
from runtime.kernel.money import minor_digits
from runtime.records.context import Context
from runtime.records.find import Query, Record
from runtime.transfer.formats.pages import (
    abroad_name,
    exported_fields,
    known_abroad,
    pages,
    uids,
)

MAX_ROWS = 1_048_575
MAX_CHARACTERS = 32_767
# A cell holds a binary number: so many digits of a decimal are surely kept.
_EXACT_DIGITS = 15
# The calendar of workbooks begins in 1900 and counts a day that never was.
_FIRST_YEAR = 1901
# What parts the names in a cell.
_PARTING = re.compile(r"[;\n]")
_WIDTHS = {"long_text": 40, "text": 24, "reference": 28, "references": 28, "email": 24, "url": 28}
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}
# How a value goes into a cell: (row, column, value of the field).
Put = Callable[[int, int, Any], None]


def write_xlsx(ctx: Context, query: Query, path: Path) -> Iterator[int]:
    fields = exported_fields(query.entity)
    query = replace(query, fields=tuple(one.key for one in fields), titled=False)
    locale, count = ctx.actor.locale, 0
    links = [one for one in fields if abroad_name(one)]
    book = xlsxwriter.Workbook(str(path), dict(_OPTIONS))
    try:
        sheet = _Sheet(book, _sheet_name(query.entity.list_title(locale.language)), locale)
        sheet.head(fields, [*(abroad_name(one) for one in links), "uid"])
        puts = [(one.key, sheet.put(one)) for one in fields]
        for page in pages(ctx, query):
            records = page.records(locale)
            known = [(one.key, _abroad(ctx, one, records)) for one in links]
            for record, uid in zip(records, uids(ctx, query.entity, page), strict=True):
                count += 1
                if count > MAX_ROWS:
                    raise Refused("transfer.many_for_workbook", limit=MAX_ROWS)
                sheet.row(count, record, puts)
                texts = [
                    ",".join(texts.get(ref.id, "") for ref in _refs(record.values[key]))
                    for key, texts in known
                ]
                sheet.hidden(count, len(puts), [*texts, uid])
            yield count
    finally:
        book.close()


def _abroad(ctx: Context, one: Field, records: list[Record]) -> dict[int, str]:
    ids = {ref.id for record in records for ref in _refs(record.values[one.key])}
    return known_abroad(ctx, one, ids) if ids else {}


def _refs(value: Any) -> tuple[Ref, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:31] or "Data"


@dataclass(slots=True)
class _Sheet:
    """One sheet under way, and the formats of its cells."""

    book: Any
    name: str
    locale: Locale
    page: Any = field(init=False)
    formats: dict[str, Any] = field(default_factory=dict)
    record: int = 0

    def __post_init__(self) -> None:
        self.page = self.book.add_worksheet(self.name)

    def format(self, pattern: str) -> Any:
        if pattern not in self.formats:
            self.formats[pattern] = self.book.add_format({"num_format": pattern})
        return self.formats[pattern]

    def head(self, fields: list[Field], hidden: list[str]) -> None:
        """`hidden` columns stand last: they are for an import, not for people."""
        bold = self.book.add_format({"bold": True, "bottom": 1})
        for place, one in enumerate(fields):
            self.page.set_column(place, place, _WIDTHS.get(one.type.name, 16))
        last = len(fields) + len(hidden) - 1
        self.page.set_column(len(fields), last, 28, None, {"hidden": True})
        for place, name in enumerate([*_names(fields, self.locale.language), *hidden]):
            self.page.write_string(0, place, name, bold)
        self.page.freeze_panes(1, 0)

    def hidden(self, number: int, first: int, texts: list[str]) -> None:
        for place, text in enumerate(texts, first):
            if text:
                self.page.write_string(number, place, text)

    def row(self, number: int, record: Record, puts: list[tuple[str, Put]]) -> None:
        self.record = record.id
        for place, (key, put) in enumerate(puts):
            value = record.values[key]
            if value is not None and value != ():
                put(number, place, value)

    def put(self, one: Field) -> Put:
        """How values of the field are written."""
        made = _TYPED.get(one.type.name)
        return made(self, one) if made else self.text(one, lambda value: one.type.plain(one, value))

    def text(self, one: Field, text_of: Callable[[Any], str]) -> Put:
        def put(row: int, column: int, value: Any) -> None:
            text = text_of(value)
            if len(text) > MAX_CHARACTERS:
                name = one.title(self.locale.language)
                raise Refused(
                    "transfer.long_for_workbook",
                    field=name, record=self.record, limit=MAX_CHARACTERS,
                )  # fmt: skip
            self.page.write_string(row, column, text)

        return put

    def number(self, one: Field, pattern: str, number_of: Callable[[Any], Decimal]) -> Put:
        """A number, or its digits as text where a cell would lose some of them."""
        shown, plain = self.format(pattern), self.text(one, lambda v: one.type.plain(one, v))

        def put(row: int, column: int, value: Any) -> None:
            number = number_of(value)
            if len(number.normalize().as_tuple().digits) > _EXACT_DIGITS:
                plain(row, column, value)
            else:
                self.page.write_number(row, column, float(number), shown)

        return put

    def moment(self, one: Field, pattern: str, wall: Callable[[Any], Any]) -> Put:
        """A date or time; what the calendar of a workbook lacks is text."""
        shown, plain = self.format(pattern), self.text(one, lambda v: one.type.plain(one, v))

        def put(row: int, column: int, value: Any) -> None:
            local = wall(value)
            if local is None or getattr(local, "year", _FIRST_YEAR) < _FIRST_YEAR:
                plain(row, column, value)
            else:
                self.page.write_datetime(row, column, local, shown)

        return put


def _names(fields: list[Field], language: str) -> list[str]:
    """Titles, or keys where an import could not tell two titles apart."""
    said = [words(one.title(language)) for one in fields]
    keys = {words(one.key): one for one in fields}
    names = []
    for one, title in zip(fields, said, strict=True):
        unclear = said.count(title) > 1 or keys.get(title, one) is not one or not title
        names.append(one.key if unclear else one.title(language))
    return names


def _integer(sheet: _Sheet, one: Field) -> Put:
    return sheet.number(one, "0", Decimal)


def _decimal(sheet: _Sheet, one: Field) -> Put:
    return sheet.number(one, _digits(int(one.options.get("places", 2))), Decimal)


def _percent(sheet: _Sheet, one: Field) -> Put:
    pattern = f"{_digits(int(one.options.get('places', 2)))}%"
    return sheet.number(one, pattern, lambda value: value / 100)


def _money(sheet: _Sheet, one: Field) -> Put:
    if one.options.get("per_record"):
        return sheet.text(one, lambda value: one.type.plain(one, value))
    return sheet.number(
        one, _digits(minor_digits(one.options["currency"])), lambda value: Decimal(value.amount)
    )


def _digits(places: int) -> str:
    return f"#,##0.{'0' * places}" if places else "#,##0"


def _boolean(sheet: _Sheet, one: Field) -> Put:
    def put(row: int, column: int, value: bool) -> None:
        sheet.page.write_boolean(row, column, value)

    return put


def _date(sheet: _Sheet, one: Field) -> Put:
    return sheet.moment(one, "yyyy-mm-dd", lambda day: dt.datetime.combine(day, dt.time()))


def _datetime(sheet: _Sheet, one: Field) -> Put:
    zone = sheet.locale.zone

    def wall(value: dt.datetime) -> dt.datetime | None:
        local = value.astimezone(zone).replace(tzinfo=None, fold=0)
        # In the hour that autumn repeats, the clock on the wall does not say which one it is.
        return local if local.replace(tzinfo=zone).astimezone(dt.UTC) == value else None

    return sheet.moment(one, "yyyy-mm-dd hh:mm:ss", wall)


def _time(sheet: _Sheet, one: Field) -> Put:
    return sheet.moment(one, "hh:mm:ss", lambda value: value)


def _duration(sheet: _Sheet, one: Field) -> Put:
    return sheet.moment(one, "[h]:mm:ss", lambda value: value)


def _option(sheet: _Sheet, one: Field) -> Put:
    said = _option_texts(one, sheet.locale.language)
    return sheet.text(one, lambda key: said.get(key, key))


def _options(sheet: _Sheet, one: Field) -> Put:
    said = _option_texts(one, sheet.locale.language)
    return sheet.text(one, lambda chosen: ", ".join(said.get(key, key) for key in chosen))


def _option_texts(one: Field, language: str) -> Mapping[str, str]:
    """Titles of the options; their keys where an import could not read the titles back."""
    said = {option.key: option.title(language) for option in one.choices}
    folded = [words(title) for title in said.values()]
    clear = len(set(folded)) == len(folded)
    clear = clear and not any(mark in title for title in said.values() for mark in ",;\n")
    return said if clear else {}


def _link(sheet: _Sheet, one: Field) -> Put:
    return sheet.text(one, _called)


def _links(sheet: _Sheet, one: Field) -> Put:
    return sheet.text(one, lambda refs: "; ".join(_called(ref, alone=False) for ref in refs))


def _called(ref: Ref, *, alone: bool = True) -> str:
    """`Aygün Əliyeva #12`: a name for people and the number for an import."""
    number = f"#{ref.id}"
    if ref.title == number or (not alone and _PARTING.search(ref.title)):
        return number
    return f"{ref.title} {number}"


_TYPED: Mapping[str, Callable[[_Sheet, Field], Put]] = {
    "integer": _integer,
    "decimal": _decimal,
    "percent": _percent,
    "money": _money,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "duration": _duration,
    "choice": _option,
    "status": _option,
    "choices": _options,
    "reference": _link,
    "user": _link,
    "references": _links,
    "users": _links,
}
