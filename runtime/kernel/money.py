"""An exact sum of money: a decimal and the ISO 4217 code of its currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from babel.numbers import get_currency_precision, list_currencies

# Signs that say one currency and no other; the rest is written by its code.
SIGNS = {
    "AZN": "₼", "EUR": "€", "GBP": "£", "GEL": "₾", "JPY": "¥", "KZT": "₸", "RUB": "₽", "TRY": "₺",
    "UAH": "₴", "USD": "$",
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`amount` has at most as many decimals as the currency has minor digits."""

    amount: Decimal
    currency: str


@cache
def minor_digits(currency: str) -> int:
    """Digits after the point of a currency (CLDR): 2 for AZN, 0 for JPY."""
    return int(get_currency_precision(currency))


@cache
def currencies() -> frozenset[str]:
    """Every code that CLDR knows."""
    return frozenset(list_currencies())


def to_minor(amount: Decimal, currency: str) -> int:
    """The sum in the smallest unit; the amount must fit the currency's digits exactly."""
    return int(amount.scaleb(minor_digits(currency)))


def from_minor(units: int, currency: str) -> Decimal:
    return Decimal(units).scaleb(-minor_digits(currency))
