"""Reads what people type: numbers, dates, times and durations in four languages.

Forms, imports and retyping share these functions, so that one text means one value everywhere.
`dateutil` and `dateparser` were weighed and guess too much (`10` becomes a date); see
`docs/decisions/0006-reading-typed-values.md`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale as Cldr
from babel.dates import get_month_names

from runtime.kernel.errors import Invalid
from runtime.kernel.fold import fold
from runtime.kernel.workspace import LANGUAGES

_SPACES = re.compile(r"[\s\u00a0\u2007\u202f'’_]")
_NUMBER = re.compile(r"[+-]?[0-9.,]+(?:[eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")
# A number written out may not be longer than this: 1e999 is refused, not computed.
MAX_DIGITS = 40


def read_decimal(text: str, language: str, *, whole: bool = False) -> Decimal:
    """A number as typed: `1 234,50`, `1,234.50`, `1.234,50`, `-7`, `9377952927E-5`.

    A single point is the decimal point in every language, because machines write it so; where
    the number is known to be `whole` and the language groups by points, `1.234` is 1234.
    Raises `Invalid("invalid.number")`.
    """
    bare = _SPACES.sub("", text).replace("\u2212", "-")
    if not _NUMBER.fullmatch(bare) or len(bare) > MAX_DIGITS:
        raise Invalid("invalid.number")
    try:
        number = Decimal(_with_point(bare, language, whole))
    except InvalidOperation as error:
        raise Invalid("invalid.number") from error
    if abs(number.adjusted()) > MAX_DIGITS:
        raise Invalid("invalid.number")
    return number


def _with_point(bare: str, language: str, whole: bool) -> str:
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        decimal_mark = "." if bare.rfind(".") > bare.rfind(",") else ","
        group_mark = "," if decimal_mark == "." else "."
        head, _, tail = bare.rpartition(decimal_mark)
        if not _GROUPED.fullmatch(head.lstrip("+-")) or decimal_mark in head:
            raise Invalid("invalid.number")
        return head.replace(group_mark, "") + "." + tail
    mark = "." if points else ","
    if points + commas == 0:
        return bare
    digits = bare.lstrip("+-")
    grouped = bool(_GROUPED.fullmatch(digits))
    if points + commas > 1:
        if not grouped:
            raise Invalid("invalid.number")
        return bare.replace(mark, "")
    groups_by_mark = (language == "en") if mark == "," else (language in ("az", "tr") and whole)
    if grouped and groups_by_mark and not digits.startswith("0"):
        return bare.replace(mark, "")
    return bare.replace(",", ".")


_ISO_DATE = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})\s+([^\W\d_]+)\.?,?\s+(\d{4})")
_MONTH_DAY_YEAR = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2}),?\s+(\d{4})")


@cache
def _months() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, Cldr(language)).items():
                    names[fold(name).rstrip(".")] = number
    return names


def read_date(text: str) -> date:
    """`2026-03-02`, `02.03.2026`, `2/3/2026` (day first), `2 March 2026` in any of our languages.

    A date-time at midnight counts as its date: spreadsheets write dates so.
    Raises `Invalid("invalid.date")`.
    """
    bare = text.strip()
    if match := _ISO_DATE.fullmatch(bare):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(bare):
        day, month, year = (int(part) for part in match.groups())
        if len(match[3]) == 2:
            # POSIX: 00-68 is 2000-2068.
            year += 2000 if year < 69 else 1900
    elif match := _DAY_MONTH_YEAR.fullmatch(bare):
        day, month, year = int(match[1]), _month(match[2]), int(match[3])
    elif match := _MONTH_DAY_YEAR.fullmatch(bare):
        day, month, year = int(match[2]), _month(match[1]), int(match[3])
    else:
        raise Invalid("invalid.date")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Invalid("invalid.date") from error


def _month(name: str) -> int:
    number = _months().get(fold(name))
    if number is None:
        raise Invalid("invalid.date")
    return number


_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d{1,6})?)?\s*([aApP]\.?[mM]\.?)?")


def read_time(text: str) -> time:
    """`9:30`, `09:30:15`, `9.30`, `9:30 pm`. Raises `Invalid("invalid.time")`."""
    match = _CLOCK.fullmatch(text.strip())
    if not match:
        raise Invalid("invalid.time")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            raise Invalid("invalid.time")
        hour = hour % 12 + (12 if match[4][0] in "pP" else 0)
    try:
        return time(hour, minute, second)
    except ValueError as error:
        raise Invalid("invalid.time") from error


_ISO_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?", re.ASCII
)


def read_datetime(text: str, zone: ZoneInfo) -> datetime:
    """A moment in UTC: RFC 3339 with an offset, or a date and a time on the wall of `zone`.

    Raises `Invalid("invalid.datetime")`.
    """
    bare = text.strip()
    if _ISO_MOMENT.fullmatch(bare):
        try:
            moment = datetime.fromisoformat(bare)
        except ValueError as error:
            raise Invalid("invalid.datetime") from error
    else:
        moment = _local_moment(bare)
    return in_utc(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def in_utc(moment: datetime) -> datetime:
    """The aware moment in UTC, to the second. The first and the last day of the calendar are no
    moments of ours: somewhere on earth they have no date. Raises `Invalid("invalid.datetime")`."""
    try:
        utc = moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:
        raise Invalid("invalid.datetime") from error
    if not date.min < utc.date() < date.max:
        raise Invalid("invalid.datetime")
    return utc


def _local_moment(bare: str) -> datetime:
    day, separator, clock = bare.rpartition(" ")
    if clock.lower().rstrip(".") in ("am", "pm", "a.m", "p.m"):
        day, separator, hours = day.rpartition(" ")
        clock = f"{hours} {clock}"
    if not separator:
        raise Invalid("invalid.datetime")
    try:
        return datetime.combine(read_date(day.rstrip(",")), read_time(clock))
    except Invalid as error:
        raise Invalid("invalid.datetime") from error


_ISO_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_HOURS_MINUTES = re.compile(r"(\d+):([0-5]\d)(?::([0-5]\d))?")
_PARTS = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)\.?")
_UNITS = {
    86400: ("d", "day", "days", "gun", "g", "д", "дн", "день", "дня", "днеи", "сут"),
    3600: ("h", "hr", "hrs", "hour", "hours", "saat", "sa", "st", "ч", "час", "часа", "часов"),
    60: (
        *("m", "min", "mins", "minute", "minutes", "deq", "deqiqe", "dk", "dakika"),
        *("м", "мин", "минута", "минуты", "минут"),
    ),
    1: ("s", "sec", "secs", "second", "seconds", "san", "saniye", "sn", "с", "сек", "секунд"),
}
_SECONDS = {fold(name): seconds for seconds, names in _UNITS.items() for name in names}


def read_duration(text: str) -> timedelta:
    """`1 h 30 min`, `1:30`, `90` (minutes), `PT1H30M`, `6 час.`, `45 dəq`.

    Raises `Invalid("invalid.duration")`.
    """
    bare = text.strip()
    if bare.isascii() and bare.isdigit() and len(bare) <= 9:
        return timedelta(minutes=int(bare))
    if match := _HOURS_MINUTES.fullmatch(bare):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return _span(hours * 3600 + minutes * 60 + seconds)
    if bare.upper().startswith("P"):
        return _iso_duration(bare.upper())
    if not bare or _PARTS.sub("", bare).strip(" ,"):
        raise Invalid("invalid.duration")
    total = Decimal(0)
    for amount, unit in _PARTS.findall(bare):
        if len(amount) > 12 or fold(unit) not in _SECONDS:
            raise Invalid("invalid.duration")
        total += Decimal(amount.replace(",", ".")) * _SECONDS[fold(unit)]
    return _span(int(total))


def _iso_duration(bare: str) -> timedelta:
    match = _ISO_DURATION.fullmatch(bare)
    if not match or not any(match.groups()) or len(bare) > 40:
        raise Invalid("invalid.duration")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return _span(days * 86400 + hours * 3600 + minutes * 60 + seconds)


def _span(seconds: int) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except OverflowError as error:
        raise Invalid("invalid.duration") from error


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def read_line(text: str) -> str:
    """One line without control characters, bare of white space around it.

    Raises `Invalid("invalid.control")` or `Invalid("invalid.one_line")`.
    """
    bare = text.strip()
    if _CONTROL.search(bare):
        raise Invalid("invalid.control")
    if "\n" in bare or "\r" in bare or "\t" in bare:
        raise Invalid("invalid.one_line")
    return bare


def read_lines(text: str) -> str:
    """Several lines: line ends become `\\n`, tabs stay. Raises `Invalid("invalid.control")`."""
    bare = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if _CONTROL.search(bare):
        raise Invalid("invalid.control")
    return bare
