"""Moments as people speak of them."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date

from runtime.kernel.i18n import translate
from runtime.kernel.locale import Locale


def spoken(locale: Locale, moment: datetime, now: datetime) -> str:
    """`today 14:30`, `yesterday 09:05`, and the day itself when that is longer ago."""
    there, here = moment.astimezone(locale.zone), now.astimezone(locale.zone)
    days = (here.date() - there.date()).days
    clock = f"{there.hour:02d}:{there.minute:02d}"
    if days in (0, 1):
        return translate(locale.language, f"time.{'yesterday' if days else 'today'}", time=clock)
    return locale.date(there.date())


def today(locale: Locale, now: datetime) -> str:
    """`Monday, 2 March`."""
    pattern = "EEEE, d MMMM"
    text = format_date(now.astimezone(locale.zone).date(), pattern, locale=locale.language)
    return text[:1].upper() + text[1:]
