"""A moment: kept in UTC, shown on the wall of the workspace's zone."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa

from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.fields.columns import UtcDateTime
from runtime.fields.numeric import OPERATORS
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.reading import in_utc, read_datetime

# RFC 3339 5.6: the offset is not optional.
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


class DateTime(FieldType):
    name = "datetime"
    operators = OPERATORS
    examples = ("2026-03-02T09:00:00Z", "2026-03-02T13:00:00+04:00", "2026-03-02t09:00:00.5z")
    rejects = (
        "2026-03-02T09:00:00",
        "2026-03-02",
        "2026-02-30T09:00:00Z",
        "now",
        5,
        "",
        "0001-01-01T00:00:00Z",
    )

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, UtcDateTime),)

    def load(self, field: Field, value: Any) -> dt.datetime:
        if not isinstance(value, str) or not _RFC3339.fullmatch(value):
            raise Invalid("invalid.datetime_json")
        try:
            moment = dt.datetime.fromisoformat(value.upper())
        except ValueError as error:
            raise Invalid("invalid.datetime") from error
        return in_utc(moment)

    def dump(self, field: Field, value: dt.datetime) -> str:
        return value.isoformat("T", "seconds")[:19] + "Z"

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "format": "date-time"}

    def convert(self, field: Field, text: str, locale: Locale) -> dt.datetime | None:
        return read_datetime(text, locale.zone) if text.strip() else None

    def recast(self, field: Field, other: Field, value: Any, locale: Locale) -> Any:
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return in_utc(dt.datetime.combine(value, dt.time(), tzinfo=locale.zone))
        return super().recast(field, other, value, locale)

    def text(self, field: Field, value: dt.datetime, locale: Locale) -> str:
        return locale.datetime(value)

    def widget(self, field: Field) -> Widget:
        return Widget("datetime")
