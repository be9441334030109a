"""Automatic numbers: a counter row per field and period, moved inside the writing transaction.

The row is locked until commit, so two writers never get one number, and a number whose record
was rolled back is given again: no gaps.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from runtime.fields.base import Field
from runtime.storage import system
from runtime.storage.engine import insert_into

_HOLE = re.compile(r"\{(year|month|counter)(?::(\d))?\}")


def take_numbers(connection: Connection, field: Field, moments: Sequence[datetime]) -> list[str]:
    """One number for each moment (on the wall of the workspace), in their order."""
    pattern = field.options.get("pattern", "{counter}")
    periods = [_period(pattern, moment) for moment in moments]
    following = {
        period: _advance(connection, field.uid, period, count) - count
        for period, count in Counter(periods).items()
    }
    numbers = []
    for moment, period in zip(moments, periods, strict=True):
        following[period] += 1
        numbers.append(_written(pattern, moment, following[period]))
    return numbers


def _advance(connection: Connection, field_uid: str, period: str, count: int) -> int:
    """Moves the counter by `count` and gives its new value."""
    counter = system.counter
    values = {"field_uid": field_uid, "period": period, "value": count}
    moved = (
        insert_into(connection, counter)
        .values(values)
        .on_conflict_do_update(
            index_elements=["field_uid", "period"], set_={"value": counter.c.value + count}
        )
    )
    return int(connection.execute(moved.returning(counter.c.value)).scalar_one())


def _period(pattern: str, moment: datetime) -> str:
    """The counter starts again with each year or month that the pattern names."""
    if "{month" in pattern:
        return f"{moment.year:04d}-{moment.month:02d}"
    return f"{moment.year:04d}" if "{year" in pattern else ""


def _written(pattern: str, moment: datetime, number: int) -> str:
    def fill(hole: re.Match[str]) -> str:
        if hole[1] == "year":
            return f"{moment.year:04d}"
        if hole[1] == "month":
            return f"{moment.month:02d}"
        return f"{number:0{hole[2] or 1}d}"

    return _HOLE.sub(fill, pattern)


def read_number(field: Field, number: str) -> tuple[str, int] | None:
    """(period, counter) of a number that the field's pattern could have given; None for others."""
    match = _reader(field.options.get("pattern", "{counter}")).fullmatch(number)
    if match is None:
        return None
    found = match.groupdict()
    period = "-".join(found[part] for part in ("year", "month") if found.get(part))
    return period, int(found["counter"])


@cache
def _reader(pattern: str) -> re.Pattern[str]:
    parts = {"year": r"\d{4}", "month": r"\d{2}", "counter": r"\d{1,18}"}
    written, end = "", 0
    for hole in _HOLE.finditer(pattern):
        named = hole[1] if f"?P<{hole[1]}>" not in written else ""
        group = f"(?P<{named}>" if named else "(?:"
        written += re.escape(pattern[end : hole.start()]) + f"{group}{parts[hole[1]]})"
        end = hole.end()
    return re.compile(written + re.escape(pattern[end:]), re.ASCII)


def raise_counter(connection: Connection, field: Field, period: str, value: int) -> None:
    """The counter stands at `value` at least."""
    counter = system.counter
    there = sa.and_(counter.c.field_uid == field.uid, counter.c.period == period)
    connection.execute(
        insert_into(connection, counter)
        .values(field_uid=field.uid, period=period, value=0)
        .on_conflict_do_nothing()
    )
    connection.execute(counter.update().where(there, counter.c.value < value).values(value=value))
