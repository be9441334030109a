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
    for code, zone in (*_own_zones(), *_zone_table()):
        paid_with = [one for one in get_territory_currencies(code) if one in currencies()]
        found.setdefault(code, (paid_with[-1] if paid_with else "USD", zone))
    return found | COUNTRIES


@cache
def _zone_table() -> tuple[tuple[str, str], ...]:
    """The table of the IANA: each country with its zones."""
    return tuple((row[0], row[2]) for row in _rows("zone.tab"))


def _own_zones() -> list[tuple[str, str]]:
    """The zones named after a place of the country itself: elsewhere a zone of several countries
    stands first (`RU,UA Europe/Simferopol`)."""
    there = set(_zone_table())
    rows = [(row[0].split(",")[0], row[2]) for row in _rows("zone1970.tab")]
    return [pair for pair in rows if pair in there]


def _rows(name: str) -> list[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
