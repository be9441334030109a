"""A day of the calendar, the same for everybody."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa

from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.fields.numeric import OPERATORS
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_date

_FULL_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Date(FieldType):
    name = "date"
    operators = OPERATORS
    examples = ("2026-03-02", "0001-01-01", "2024-02-29")
    rejects = ("2026-02-29", "0000-00-00", "02.03.2026", "2026-3-2", "tomorrow", 20260302, "")

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, sa.Date),)

    def load(self, field: Field, value: Any) -> dt.date:
        if not isinstance(value, str) or not _FULL_DATE.fullmatch(value):
            raise Invalid("invalid.date_json")
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            raise Invalid("invalid.date") from error

    def dump(self, field: Field, value: dt.date) -> str:
        return value.isoformat()

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "format": "date"}

    def convert(self, field: Field, text: str, locale: Locale) -> dt.date | None:
        return read_date(text) if text.strip() else None

    def recast(self, field: Field, other: Field, value: Any, locale: Locale) -> dt.date | None:
        if isinstance(value, dt.datetime):
            return value.astimezone(locale.zone).date()
        return super().recast(field, other, value, locale)  # type: ignore[no-any-return]

    def text(self, field: Field, value: dt.date, locale: Locale) -> str:
        return locale.date(value)

    def widget(self, field: Field) -> Widget:
        return Widget("date")
