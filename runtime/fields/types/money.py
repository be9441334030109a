"""An exact sum: whole minor units of one currency, or of a currency per record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.fields.columns import key_text
from runtime.fields.numeric import (
    LIMIT,
    OPERATORS,
    check_range,
    decimal_pattern,
    fit_decimal,
    load_decimal,
)
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.money import SIGNS, currencies, from_minor, minor_digits, to_minor
from runtime.kernel.money import Money as Sum
from runtime.kernel.reading import read_decimal

CODE = "^[A-Z]{3}$"
_BY_SIGN = {sign: code for code, sign in SIGNS.items()}


class Money(FieldType):
    name = "money"
    options_schema = {
        "currency": {
            "type": "string",
            "pattern": CODE,
            "description": "Three letters of ISO 4217; left out it is the workspace's",
        },
        "per_record": {
            "type": "boolean",
            "default": False,
            "description": "Each record names its own currency; `currency` is what it begins with",
        },
        "minimum": {**LIMIT, "description": "Smallest amount"},
        "maximum": {**LIMIT, "description": "Largest amount"},
    }
    operators = OPERATORS
    examples = ({"amount": "12.50", "currency": "AZN"}, {"amount": "-3", "currency": "AZN"})
    rejects = (
        "12.50",
        5,
        {},
        {"amount": 12.5},
        {"amount": "1.234", "currency": "AZN"},
        {"amount": "1.5\n", "currency": "AZN"},
        {"amount": "1", "currency": "XXXX"},
        {"amount": "1", "currency": ["AZN"]},
        {"amount": "1", "currency": "AZN", "tax": "0"},
    )
    align = "end"

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        amount: sa.Column[Any] = sa.Column(field.key, sa.BigInteger)
        if not field.options.get("per_record"):
            return (amount,)
        return amount, sa.Column(f"{field.key}__currency", key_text())

    def load(self, field: Field, value: Any) -> Sum:
        if not isinstance(value, dict) or set(value) - {"amount", "currency"}:
            raise Invalid("invalid.money_json")
        currency = self._currency(field, value.get("currency", field.options["currency"]))
        return self._check(
            field, load_decimal(value.get("amount"), minor_digits(currency)), currency
        )

    def _currency(self, field: Field, code: Any) -> str:
        own = field.options["currency"]
        if not isinstance(code, str):
            raise Invalid("invalid.no_currency")
        if code != own and not field.options.get("per_record"):
            raise Invalid("invalid.currency", currency=own)
        if code not in currencies():
            raise Invalid("invalid.no_currency")
        return str(code)

    def _check(self, field: Field, number: Decimal, currency: str) -> Sum:
        check_range(field.options, number)
        return Sum(fit_decimal(number, minor_digits(currency)), currency)

    def dump(self, field: Field, value: Sum) -> Json:
        places = minor_digits(value.currency)
        return {"amount": f"{value.amount:.{places}f}", "currency": value.currency}

    def json_schema(self, field: Field) -> Json:
        return {
            "type": "object",
            "required": ["amount"],
            "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
        }

    def wire_schema(self, field: Field) -> Json:
        own = field.options["currency"]
        if not field.options.get("per_record"):
            return _wire([own], own)
        # Which decimals an amount may have depends on its currency.
        alike: dict[int, list[str]] = {}
        for code in sorted(currencies()):
            alike.setdefault(minor_digits(code), []).append(code)
        return {"anyOf": [_wire(codes, own) for _, codes in sorted(alike.items())]}

    def convert(self, field: Field, text: str, locale: Locale) -> Sum | None:
        """`1 234,50`, `₼ 12`, `12 USD` where the currency is the record's own."""
        bare = text.strip()
        if not bare:
            return None
        currency = field.options["currency"]
        for sign, code in (*_BY_SIGN.items(), *((code, code) for code in _codes(bare))):
            if sign in bare:
                bare, currency = bare.replace(sign, "", 1).strip(), code
                break
        whole = minor_digits(currency) == 0
        number = read_decimal(bare, locale.language, whole=whole)
        return self._check(field, number, self._currency(field, currency))

    def recast(self, field: Field, other: Field, value: Any, locale: Locale) -> Any:
        if not isinstance(value, Sum):
            return super().recast(field, other, value, locale)
        own = field.options["currency"]
        several = field.options.get("per_record") or other.options.get("per_record")
        # From one field with one currency to another such field the number stays.
        return self._check(
            field, value.amount, self._currency(field, value.currency if several else own)
        )

    def plain(self, field: Field, value: Sum) -> str:
        written = self.dump(field, value)
        amount = str(written["amount"])
        return f"{amount} {value.currency}" if field.options.get("per_record") else amount

    def text(self, field: Field, value: Sum, locale: Locale) -> str:
        return locale.money(value)

    def widget(self, field: Field) -> Widget:
        kind = "money" if field.options.get("per_record") else "number"
        return Widget(kind, {"inputmode": "decimal", "suffix": field.options["currency"]})

    def pack(self, field: Field, value: Any) -> dict[str, Any]:
        stored = {field.key: None if value is None else to_minor(value.amount, value.currency)}
        if field.options.get("per_record"):
            stored[f"{field.key}__currency"] = None if value is None else value.currency
        return stored

    def unpack(self, field: Field, stored: tuple[Any, ...]) -> Sum | None:
        if stored[0] is None:
            return None
        currency = stored[1] if len(stored) > 1 else field.options["currency"]
        return Sum(from_minor(stored[0], currency), currency)


def _wire(codes: list[str], own: str) -> Json:
    """A sum in one of these currencies, which have as many decimals; `own` goes without saying."""
    return {
        "type": "object",
        "required": ["amount"] if own in codes else ["amount", "currency"],
        "properties": {
            "amount": {"type": "string", "pattern": decimal_pattern(minor_digits(codes[0]))},
            "currency": {"type": "string", "enum": codes},
        },
        "additionalProperties": False,
    }


def _codes(bare: str) -> list[str]:
    """The code that stands at the head or the tail of the text, if it is a currency."""
    return [code for code in (bare[:3], bare[-3:]) if code in currencies()]
