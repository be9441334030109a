"""How the text of a cell becomes the text that a field reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from runtime.kernel.errors import Invalid
from runtime.kernel.fold import fold
from runtime.kernel.reading import read_date

Step = Callable[[str], str]

# A spreadsheet runs what begins so; in a CSV such a text stands behind an apostrophe.
_RISKY = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*", re.ASCII)
# Digits of an identifier; 1e99 is none.
_MAX_DIGITS = 40
_CLOCK = re.compile(r"(.+?)(?:T|\s+)\d{1,2}:\d{2}.*", re.ASCII)
_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+\-Z]*", re.ASCII)
_MONTH_FIRST = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})(?!\d)(.*)", re.ASCII)


def guarded(text: str) -> str:
    """Text for a CSV that no spreadsheet takes for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def guarded_cell(text: str) -> str:
    """The same for a cell of which we do not know the type: a number stays one."""
    return text if _PLAIN_NUMBER.fullmatch(text) else guarded(text)


def unguarded(text: str) -> str:
    """The inverse of `guarded`."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def number_as_text(text: str) -> str:
    """`2.9872499824296E13`, `29872499824296.0` and `29872499824296` are one identifier; what is
    no number, or begins with a zero that a number would have lost, stays as it is."""
    if (text.isdigit() and text.isascii()) or not _NUMBER.fullmatch(text):
        return text
    number = Decimal(text.replace(",", "."))
    if number and abs(number.adjusted()) > _MAX_DIGITS:
        return text
    written = f"{number:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def day_of(text: str) -> str:
    """The day of a moment as it stands in the file: no zone moves it."""
    match = _CLOCK.fullmatch(text)
    return match[1] if match else text


def day_first(text: str) -> str:
    """`4/29/2016 18:38` -> `29.4.2016 18:38`."""
    match = _MONTH_FIRST.fullmatch(text)
    return f"{match[3]}.{match[1]}.{match[4]}{match[5]}" if match else text


def read_day(text: str) -> date | None:
    """The day that the cell speaks of; None where it holds none."""
    if _ISO_MOMENT.fullmatch(text):
        text = text[:10]
    try:
        return read_date(day_of(text))
    except Invalid:
        return None


def _midnight(text: str) -> str:
    day = read_day(text)
    return f"{day.isoformat()}T00:00:00" if day else text


def steps(read: str, kind: str) -> tuple[Step, ...]:
    """What the word `read` of a mapping does before a field of type `kind` reads the text."""
    if read == "number_as_text":
        return (number_as_text,)
    found: list[Step] = [day_first] if read == "month_first" else []
    if kind == "date" and read != "text":
        found.append(day_of)
    if kind == "datetime" and read == "date":
        found.append(_midnight)
    return tuple(found)


def compose(
    *, guarded: bool, values: Mapping[str, str | None] | None, then: tuple[Step, ...]
) -> Step:
    """One function from the raw cell to the text for the field."""

    def text_of(raw: str) -> str:
        text = raw.strip()
        if guarded:
            text = unguarded(text)
        if values is not None:
            meant = values.get(folded := fold(text))
            if meant is not None or folded in values:
                return meant or ""
        for step in then:
            text = step(text)
        return text

    return text_of
