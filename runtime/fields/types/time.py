"""A time of day on the wall of the workplace, without a date or a zone."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa

from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.fields.numeric import OPERATORS
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_time

# Not `format: time`: that of JSON Schema (RFC 3339 full-time) asks for an offset.
PATTERN = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
_WALL = re.compile(PATTERN, re.ASCII)


class Time(FieldType):
    name = "time"
    operators = OPERATORS
    examples = ("09:30", "23:59:59", "00:00")
    rejects = ("25:00", "9:30", "24:00", "09:60", "", 930, "09:30Z", "09:30\n")

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, sa.Time),)

    def load(self, field: Field, value: Any) -> dt.time:
        if not isinstance(value, str) or not _WALL.fullmatch(value):
            raise Invalid("invalid.time")
        return dt.time.fromisoformat(value)

    def dump(self, field: Field, value: dt.time) -> str:
        return value.isoformat("seconds")

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "pattern": PATTERN}

    def convert(self, field: Field, text: str, locale: Locale) -> dt.time | None:
        return read_time(text) if text.strip() else None

    def recast(self, field: Field, other: Field, value: Any, locale: Locale) -> dt.time | None:
        if isinstance(value, dt.datetime):
            return value.astimezone(locale.zone).time()
        return super().recast(field, other, value, locale)  # type: ignore[no-any-return]

    def text(self, field: Field, value: dt.time, locale: Locale) -> str:
        return locale.time(value)

    def widget(self, field: Field) -> Widget:
        return Widget("time")
