"""One page of a list by keyset: the position is a value and an id, never a count of rows.

Empty values come last in both directions. For one sort key the filled and the empty rows are two
ranges of one plain index, read one after the other; that is why no expression index is needed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import FromClause

from runtime.catalog.model import Entity
from runtime.definitions.report import nearest
from runtime.fields.numeric import MAX_DIGITS, places_of
from runtime.kernel.errors import BadQuery
from runtime.query.system_fields import find_field, system_fields

MAX_KEYS = 3


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by, its physical column, the direction, the letter of its values."""

    key: str
    column: str
    descending: bool
    letter: str = "i"
    # Decimals of an exact number: what a cursor brings must fit the column.
    places: int = 0

    @property
    def nullable(self) -> bool:
        return self.column != "id"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a sorted list. `values` are those of the sort keys, None for an empty one."""

    values: tuple[Any, ...]
    id: int
    backward: bool = False


def read_sort(entity: Entity, text: str) -> tuple[SortKey, ...]:
    """`-balance,name` -> keys; the newest record first where nothing is asked.

    Raises `BadQuery` for a field that is not there or cannot be sorted by.
    """
    keys: list[SortKey] = []
    for part in [part.strip() for part in text.split(",") if part.strip()]:
        key = part.lstrip("-+")
        field = find_field(entity, key)
        column = field.type.sort_column(field) if field else None
        if field is None or (column is None and field.type.name != "user"):
            known = [*(f.key for f in entity.fields if f.type.sort_column(f)), *system_fields()]
            raise BadQuery("query.no_sort", name=key, suggestion=nearest(key, known) or "-")
        letter = _LETTERS.get(field.type.name, "x")
        places = places_of(field) if letter == "n" else 0
        keys.append(SortKey(key, column or key, part.startswith("-"), letter, places))
    if len(keys) > MAX_KEYS:
        raise BadQuery("query.many_sorts", limit=MAX_KEYS)
    return tuple(keys) or (SortKey("id", "id", True),)


@dataclass(frozen=True, slots=True)
class Range:
    """One stretch of the sorted list: a condition, an order, and whether a cursor lies in it."""

    where: tuple[sa.ColumnElement[bool], ...]
    order: tuple[Any, ...]
    after: bool


def ranges(
    table: FromClause, keys: Sequence[SortKey], cursor: Cursor | None, *, backward: bool
) -> Iterator[Range]:
    """The stretches to read, in reading order, until the page is full. Values of the cursor are
    bound as `k0`, `k1`, ... and `kid`."""
    if len(keys) == 1 and keys[0].nullable:
        yield from _two_ranges(table, keys[0], cursor, backward)
        return
    where = (_beyond(table, keys, cursor, backward),) if cursor else ()
    yield Range(where, tuple(_ordering(table, keys, backward)), cursor is not None)


def _two_ranges(
    table: FromClause, key: SortKey, cursor: Cursor | None, backward: bool
) -> Iterator[Range]:
    column, identity = table.c[key.column], table.c.id
    down = key.descending != backward
    filled, empty = column.is_not(None), column.is_(None)
    in_empty = cursor is not None and cursor.values[0] is None
    in_filled = cursor is not None and not in_empty
    pair, place = sa.tuple_(column, identity), sa.tuple_(_key(0, column), _id(identity))
    beyond = (pair < place) if down else (pair > place)
    beyond_id = (identity < _id(identity)) if down else (identity > _id(identity))
    first = Range(
        (filled, beyond) if in_filled else (filled,),
        (column.desc(), identity.desc()) if down else (column.asc(), identity.asc()),
        in_filled,
    )
    last = Range(
        (empty, beyond_id) if in_empty else (empty,),
        (identity.desc(),) if down else (identity.asc(),),
        in_empty,
    )
    if backward:
        # From among the filled no step back leads to the empty, which come last.
        yield from ((last, first) if in_empty else (first,))
    else:
        yield from ((last,) if in_empty else (first, last))


def _key(number: int, column: Any) -> Any:
    return sa.bindparam(f"k{number}", type_=wide(column.type))


def wide(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """The type of a value that is compared with a column: any number is a number to compare with,
    though the column may hold 32 bits only."""
    return sa.BigInteger() if type(kind) is sa.Integer else kind


def _id(identity: Any) -> Any:
    return sa.bindparam("kid", type_=identity.type)


def _ordering(table: FromClause, keys: Sequence[SortKey], backward: bool) -> Iterator[Any]:
    for key in keys:
        column = table.c[key.column]
        if key.nullable:
            rank = sa.case((column.is_(None), 1), else_=0)
            yield rank.desc() if backward else rank.asc()
        yield column.desc() if key.descending != backward else column.asc()
    if keys[-1].column != "id":
        yield table.c.id.desc() if keys[-1].descending != backward else table.c.id.asc()


def _beyond(
    table: FromClause, keys: Sequence[SortKey], cursor: Cursor | None, backward: bool
) -> sa.ColumnElement[bool]:
    """Lexicographic "after the cursor": equal so far, and further in the next key."""
    assert cursor is not None  # noqa: S101
    steps: list[sa.ColumnElement[bool]] = []
    equal: list[sa.ColumnElement[bool]] = []
    for number, key in enumerate(keys):
        column, bound = table.c[key.column], _key(number, table.c[key.column])
        down = key.descending != backward
        empty = cursor.values[number] is None
        if empty:
            further: Any = column.is_not(None) if backward else sa.false()
            same = column.is_(None)
        else:
            further = (column < bound) if down else (column > bound)
            if key.nullable and not backward:
                further = sa.or_(further, column.is_(None))
            same = column == bound
        steps.append(sa.and_(*equal, further))
        equal.append(same)
    if keys[-1].column != "id":
        down = keys[-1].descending != backward
        identity = table.c.id
        further = (identity < _id(identity)) if down else (identity > _id(identity))
        steps.append(sa.and_(*equal, further))
    return sa.or_(*steps)


def cursor_bounds(keys: Sequence[SortKey], cursor: Cursor) -> dict[str, Any]:
    values = {f"k{n}": value for n, value in enumerate(cursor.values) if value is not None}
    return values | {"kid": cursor.id}


def cursor_shape(cursor: Cursor | None) -> tuple[Any, ...]:
    """What the statement depends on: which of the keys are empty."""
    if cursor is None:
        return ()
    return (cursor.backward, *(value is None for value in cursor.values))


# Letter of a value in a cursor -> how it is read.
_CODES: dict[str, Any] = {
    "m": datetime.fromisoformat,
    "d": date.fromisoformat,
    "t": time.fromisoformat,
    "n": Decimal,
    "s": lambda text: timedelta(seconds=float(text)),
    "i": int,
    "b": lambda text: {"True": True, "False": False}[text],
    "x": str,
}
# Field type -> letter; the others sort by text.
_LETTERS = {
    "integer": "i",
    "money": "i",
    "user": "i",
    "decimal": "n",
    "percent": "n",
    "date": "d",
    "datetime": "m",
    "time": "t",
    "duration": "s",
    "boolean": "b",
}


def write_cursor(cursor: Cursor, keys: Sequence[SortKey]) -> str:
    """A cursor for addresses: opaque, safe in a URL."""
    values = [_coded(value, key) for value, key in zip(cursor.values, keys, strict=True)]
    raw = json.dumps([1 if cursor.backward else 0, cursor.id, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _coded(value: Any, key: SortKey) -> str | None:
    if value is None:
        return None
    if isinstance(value, timedelta):
        return f"{key.letter}{value.total_seconds()}"
    return key.letter + (value.isoformat() if hasattr(value, "isoformat") else str(value))


def read_cursor(text: str, keys: Sequence[SortKey]) -> Cursor:
    """Raises `BadQuery` for anything that `write_cursor` would not have written for these keys."""
    try:
        raw = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
        backward, identity, *values = raw
        if type(identity) is not int or type(backward) is not int or abs(identity) >= 2**63:
            raise ValueError
        read = tuple(_decoded(value, key) for value, key in zip(values, keys, strict=True))
    except (ArithmeticError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise BadQuery("query.bad_cursor") from error
    return Cursor(read, identity, bool(backward))


def _decoded(value: Any, key: SortKey) -> Any:
    if value is None:
        return None
    if value[0] != key.letter:
        raise ValueError
    found: Any = _CODES[key.letter](value[1:])
    if isinstance(found, str) and "\0" in found:
        raise ValueError
    if isinstance(found, Decimal) and abs(found) >= Decimal(10) ** (MAX_DIGITS - key.places):
        raise ValueError
    if isinstance(found, int) and abs(found) >= 2**63:
        raise ValueError
    if isinstance(found, time) and found.tzinfo is not None:
        raise ValueError
    if isinstance(found, datetime):
        if found.tzinfo is None:
            raise ValueError
        found = found.astimezone(UTC)
    str(found).encode()  # a lone surrogate is no text
    return found
