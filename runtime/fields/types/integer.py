"""A whole number."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from runtime.fields import numeric
from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_decimal


class Integer(FieldType):
    name = "integer"
    keywords = ("minimum", "maximum")
    operators = numeric.OPERATORS
    examples = (0, -7, 2_147_483_648, 12.0)
    rejects = ("5", 1.5, True, 2**63, [1], float("inf"))
    align = "end"

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, sa.BigInteger),)

    def load(self, field: Field, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Invalid("invalid.integer")
        if isinstance(value, float) and not value.is_integer():
            raise Invalid("invalid.integer")
        return self.check(field, int(value))

    def check(self, field: Field, number: int) -> int:
        if abs(number) > numeric.MAX_INTEGER:
            raise Invalid("invalid.too_big", limit=numeric.MAX_INTEGER)
        numeric.check_range(field.keywords, number)
        return number

    def dump(self, field: Field, value: int) -> int:
        return value

    def json_schema(self, field: Field) -> Json:
        return {"type": "integer"}

    def wire_schema(self, field: Field) -> Json:
        limits = {"minimum": -numeric.MAX_INTEGER, "maximum": numeric.MAX_INTEGER}
        own = {word: field.keywords[word] for word in self.keywords if word in field.keywords}
        return {"type": "integer"} | limits | own

    def convert(self, field: Field, text: str, locale: Locale) -> int | None:
        bare = text.strip()
        if not bare:
            return None
        if bare.isascii() and bare.isdigit() and len(bare) < 19:
            return self.check(field, int(bare))
        number = read_decimal(bare, locale.language, whole=True)
        if number != int(number):
            raise Invalid("invalid.integer")
        return self.check(field, int(number))

    def text(self, field: Field, value: int, locale: Locale) -> str:
        return locale.integer(value)

    def widget(self, field: Field) -> Widget:
        return Widget("number", {"inputmode": "numeric"})
