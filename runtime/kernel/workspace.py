"""What a workspace is set to: language, country, currency, time zone."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("az", "en", "ru", "tr")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Settings kept in the database; a change of them starts a new compilation of the catalog."""

    name: str = "Qurucu"
    language: str = "en"
    country: str = "AZ"
    currency: str = "AZN"
    timezone: str = "Asia/Baku"
    demo: bool = False


# What follows from the country and can be changed (currency, zone).
COUNTRIES: dict[str, tuple[str, str]] = {
    "AZ": ("AZN", "Asia/Baku"),
    "RU": ("RUB", "Europe/Moscow"),
    "TR": ("TRY", "Europe/Istanbul"),
    "GE": ("GEL", "Asia/Tbilisi"),
    "KZ": ("KZT", "Asia/Almaty"),
    "UZ": ("UZS", "Asia/Tashkent"),
    "GB": ("GBP", "Europe/London"),
    "DE": ("EUR", "Europe/Berlin"),
    "US": ("USD", "America/New_York"),
}
