"""A length of time in whole seconds: of a service, a call, a lesson."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.fields.numeric import OPERATORS
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_duration

# RFC 3339 appendix A without years, months and weeks, whose length varies or hides days.
_TIME = "T([0-9]{1,6}H([0-9]{1,5}M([0-9]{1,6}S)?)?|[0-9]{1,5}M([0-9]{1,6}S)?|[0-9]{1,6}S)"
PATTERN = f"^P([0-9]{{1,4}}D({_TIME})?|{_TIME})$"
MAX_SECONDS = 10_000 * 86400


class Seconds(TypeDecorator[timedelta]):
    """A span kept as whole seconds."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value.total_seconds())

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(seconds=value)


class Duration(FieldType):
    name = "duration"
    operators = OPERATORS
    examples = ("PT30M", "PT1H30M", "P1D", "PT0S", "PT90M")
    rejects = ("30", "P1Y", "P2W", "PT", "P", "1:30", 30, "-PT5M", "PT5M\n")
    align = "end"

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, Seconds),)

    def load(self, field: Field, value: Any) -> timedelta:
        if not isinstance(value, str) or not re.fullmatch(PATTERN, value):
            raise Invalid("invalid.duration_json")
        return self.check(read_duration(value))

    def check(self, span: timedelta) -> timedelta:
        if not 0 <= span.total_seconds() <= MAX_SECONDS:
            raise Invalid("invalid.duration")
        return span

    def dump(self, field: Field, value: timedelta) -> str:
        total = int(value.total_seconds())
        hours, minutes, seconds = total // 3600, total // 60 % 60, total % 60
        if hours:
            tail = f"{minutes}M{seconds}S" if seconds else f"{minutes}M" if minutes else ""
            return f"PT{hours}H{tail}"
        if minutes:
            return f"PT{minutes}M{seconds}S" if seconds else f"PT{minutes}M"
        return f"PT{seconds}S"

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "format": "duration"}

    def wire_schema(self, field: Field) -> Json:
        return {"type": "string", "pattern": PATTERN}

    def convert(self, field: Field, text: str, locale: Locale) -> timedelta | None:
        return self.check(read_duration(text)) if text.strip() else None

    def text(self, field: Field, value: timedelta, locale: Locale) -> str:
        return locale.duration(value)

    def widget(self, field: Field) -> Widget:
        return Widget("duration")
