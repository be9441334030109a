"""Countries with what follows from them: currency and time zone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.numbers import get_territory_currencies

from runtime.kernel.fold import sort_key
from runtime.kernel.money import currencies
from runtime.kernel.workspace import COUNTRIES


@dataclass(frozen=True, slots=True)
class Region:
    """A country as the list of countries shows it."""

    code: str
    name: str
    currency: str
    timezone: str


@cache
def regions(language: str) -> tuple[Region, ...]:
    """Those that we know well first, then all others by name."""
    names = Locale(language).territories
    made = [
        Region(code, names[code], currency, zone)
        for code, (currency, zone) in _known().items()
        if code in names
    ]
    made.sort(key=lambda one: (one.code not in COUNTRIES, sort_key(one.name)))
    return tuple(made)


@cache
def zones() -> tuple[str, ...]:
    """Every time zone that people live in."""
    return tuple(sorted(zone for _, zone in _zone_table()))


def region(code: str) -> tuple[str, str]:
    """Currency and zone of a country; those of no country where it is not known."""
    return _known().get(code, ("USD", "UTC"))


@cache
def _known() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for code, zone in _zone_table():
        paid_with = [one for one in get_territory_currencies(code) if one in currencies()]
        found.setdefault(code, (paid_with[-1] if paid_with else "USD", zone))
    return found | COUNTRIES


@cache
def _zone_table() -> tuple[tuple[str, str], ...]:
    """The table of the IANA: country, place, zone, the most populous zones first."""
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return tuple((row[0], row[2]) for row in rows)
