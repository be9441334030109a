"""The rows that both sides hold: 100,000 contacts with twelve fields and 10,000 companies."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

CONTACTS = 100_000
COMPANIES = 10_000
# Contacts whose page is measured have so many rows in each of the related lists.
RELATED = 5
RELATED_ROWS = 5
MEASURED = 200

CITIES = ("Baku", "Ganja", "Sumqayit", "Lankaran", "Shaki", "Quba", "Mingachevir", "Shirvan")
STATES = ("new", "active", "paused", "lost")
SOURCES = ("site", "call", "friend", "advert")
_FIRST = ("Aygün", "Əli", "Leyla", "Murad", "Nigar", "Orxan", "Sevinc", "Tural", "Ülviyyə", "Zaur")
_LAST = ("Əliyev", "Məmmədov", "Hüseynova", "Quliyev", "İsmayılova", "Rzayev", "Şərifov", "Kərimli")

FIELDS = (
    "name", "email", "phone", "city", "status", "balance", "birth_date", "company",
    "active", "rating", "source", "note",
)  # fmt: skip


def company_names() -> list[str]:
    return [f"Company {number:05d}" for number in range(1, COMPANIES + 1)]


def contacts(count: int = CONTACTS) -> Iterator[dict[str, str]]:
    """Rows as a CSV holds them; the same on every run."""
    dice = random.Random(7)  # noqa: S311 - test data
    first_day = date(1950, 1, 1)
    for number in range(1, count + 1):
        name = f"{dice.choice(_FIRST)} {dice.choice(_LAST)} {number}"
        yield {
            "name": name,
            "email": f"person{number}@example.az",
            "phone": f"+99450{number % 10_000_000:07d}".replace("+994500", "+994502"),
            "city": dice.choice(CITIES),
            "status": dice.choice(STATES),
            "balance": f"{dice.randrange(0, 1_000_000) / 100:.2f}",
            "birth_date": (first_day + timedelta(days=dice.randrange(20_000))).isoformat(),
            "company": f"Company {dice.randrange(1, COMPANIES + 1):05d}",
            "active": dice.choice(("true", "false")),
            "rating": str(dice.randrange(1, 6)),
            "source": dice.choice(SOURCES),
            "note": f"Called on day {number % 365}, asked for an offer",
        }


def write_csv(path: Path, count: int = CONTACTS) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(contacts(count))
