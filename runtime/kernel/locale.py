"""A person's language and the workspace's region: how values are written for people.

Babel's patterns are read once per language; a cell then costs a string format, not a CLDR look-up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from datetime import datetime as Moment
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale as Cldr
from babel.dates import get_month_names
from babel.units import format_unit

from runtime.kernel.money import SIGNS, Money, minor_digits
from runtime.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Locale:
    """Everything that reading and writing a value needs to know about its reader."""

    language: str
    country: str
    currency: str
    zone: ZoneInfo
    group: str = field(repr=False)
    point: str = field(repr=False)
    months: tuple[str, ...] = field(repr=False)
    units: tuple[str, str, str, str] = field(repr=False)

    def date(self, value: date) -> str:
        if self.language == "en":
            return f"{value.day} {self.months[value.month]} {value.year:04d}"
        return f"{value.day:02d}.{value.month:02d}.{value.year:04d}"

    def time(self, value: time) -> str:
        if value.second:
            return f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
        return f"{value.hour:02d}:{value.minute:02d}"

    def datetime(self, value: Moment) -> str:
        local = value.astimezone(self.zone)
        return f"{self.date(local)} {self.time(local.time())}"

    def minute(self, value: Moment) -> str:
        """A moment to the minute: when something happened, not how exactly."""
        return self.datetime(value.replace(second=0, microsecond=0))

    def integer(self, value: int) -> str:
        return f"{value:,}".replace(",", self.group)

    def decimal(self, value: Decimal, places: int) -> str:
        whole, _, rest = f"{value:,.{places}f}".partition(".")
        whole = whole.replace(",", self.group)
        return f"{whole}{self.point}{rest}" if rest else whole

    def money(self, value: Money) -> str:
        number = self.decimal(value.amount, minor_digits(value.currency))
        before, after = _currency_marks(self.language, value.currency)
        sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
        return f"{sign}{before}{digits}{after}"

    def duration(self, value: timedelta) -> str:
        """`1 h 30 min`; days are hours of 24, as staff reckon a service."""
        total = int(value.total_seconds())
        hours, minutes, seconds = total // 3600, total // 60 % 60, total % 60
        _, hour, minute, second = self.units
        parts = [
            pattern.format(number)
            for number, pattern in ((hours, hour), (minutes, minute), (seconds, second))
            if number
        ]
        return " ".join(parts) or minute.format(0)


def locale_of(workspace: Workspace, language: str | None = None) -> Locale:
    """The locale of a person who works in `workspace` and reads `language`."""
    return _locale(
        language or workspace.language, workspace.country, workspace.currency, workspace.timezone
    )


@cache
def _locale(language: str, country: str, currency: str, timezone: str) -> Locale:
    cldr = Cldr(language)
    symbols = cldr.number_symbols["latn"]
    months = get_month_names("abbreviated", "format", cldr)
    return Locale(
        language,
        country,
        currency,
        ZoneInfo(timezone),
        group=symbols["group"],
        point=symbols["decimal"],
        months=("", *(months[number] for number in range(1, 13))),
        units=tuple(_unit(unit, language) for unit in ("day", "hour", "minute", "second")),  # type: ignore[arg-type]
    )


def _unit(unit: str, language: str) -> str:
    return re.sub(r"\d+", "{}", format_unit(7, f"duration-{unit}", "short", locale=language))


def _currency_marks(language: str, currency: str) -> tuple[str, str]:
    """What stands before and after the number; a sign leads only where English is used to it."""
    sign = SIGNS.get(currency, currency)
    if language == "en" and sign in ("$", "€", "£", "¥"):
        return sign, ""
    return "", f"\u00a0{sign}"
