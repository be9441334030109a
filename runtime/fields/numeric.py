"""What the types that hold numbers share: limits, and the family of exact decimals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.fields.columns import Scaled
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_decimal

OPERATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "isnull")
# What both a 64-bit column and a JSON number (RFC 8259: 2^53) carry exactly.
MAX_INTEGER = 2**53 - 1
# Digits of a 64-bit integer that are always free to use.
MAX_DIGITS = 18

_DIGITS: Json = {"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?$"}
LIMIT: Json = {"anyOf": [{"type": "number"}, _DIGITS]}
DECIMAL_OPTIONS: Json = {
    "places": {
        "type": "integer",
        "minimum": 0,
        "maximum": 8,
        "default": 2,
        "description": "Digits after the point",
    },
    "minimum": {**LIMIT, "description": 'Smallest number; exact as a text: "0.05"'},
    "maximum": {**LIMIT, "description": "Largest number"},
}


def check_range(limits: Mapping[str, Any], number: int | Decimal) -> None:
    if "minimum" in limits and number < Decimal(str(limits["minimum"])):
        raise Invalid("invalid.below", limit=str(limits["minimum"]))
    if "maximum" in limits and number > Decimal(str(limits["maximum"])):
        raise Invalid("invalid.above", limit=str(limits["maximum"]))


def places_of(field: Field) -> int:
    return int(field.options.get("places", 2))


def decimal_pattern(places: int, *, sign: str = "-?") -> str:
    whole = f"^{sign}[0-9]{{1,{MAX_DIGITS - places}}}"
    return f"{whole}([.][0-9]{{1,{places}}})?$" if places else f"{whole}$"


def load_decimal(value: Any, places: int) -> Decimal:
    """A JSON string of digits with at most `places` after the point."""
    if not isinstance(value, str):
        raise Invalid("invalid.decimal_string")
    if not re.fullmatch(decimal_pattern(places), value):
        raise Invalid("invalid.decimal", places=places)
    return Decimal(value)


def fit_decimal(number: Decimal, places: int) -> Decimal:
    """The number with just `places` decimals; refused when anything would be cut off."""
    if not number.is_finite() or abs(number) >= Decimal(10) ** (MAX_DIGITS - places):
        raise Invalid("invalid.decimal", places=places)
    fitted = number.quantize(Decimal(1).scaleb(-places))
    if fitted != number:
        raise Invalid("invalid.decimal", places=places)
    return fitted


class ExactNumber(FieldType):
    """A decimal with a fixed count of places; its JSON is a string of digits."""

    options_schema = DECIMAL_OPTIONS
    operators = OPERATORS
    align = "end"

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, Scaled(places_of(field))),)

    def load(self, field: Field, value: Any) -> Decimal:
        return self.check(field, load_decimal(value, places_of(field)))

    def check(self, field: Field, number: Decimal) -> Decimal:
        check_range(field.options, number)
        return number

    def dump(self, field: Field, value: Decimal) -> str:
        return f"{value:.{places_of(field)}f}"

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "pattern": decimal_pattern(places_of(field))}

    def convert(self, field: Field, text: str, locale: Locale) -> Decimal | None:
        bare, places = text.strip(), places_of(field)
        if not bare:
            return None
        number = read_decimal(bare, locale.language, whole=places == 0)
        return self.check(field, fit_decimal(number, places))

    def text(self, field: Field, value: Decimal, locale: Locale) -> str:
        return locale.decimal(value, places_of(field))

    def widget(self, field: Field) -> Widget:
        return Widget("number", {"inputmode": "decimal"})
