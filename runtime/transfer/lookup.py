"""Finds the records that texts of a file speak of: by unique fields, titles, or their numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.fields.textual import Line
from runtime.kernel.errors import Invalid, Message, message
from runtime.kernel.fold import fold, sort_key
from runtime.records import find
from runtime.records.context import Context
from runtime.storage import system
from runtime.storage.bulk import among
from runtime.transfer.layout import BY_ID, BY_UID

Found = int | Message
# Text -> the ids of the records that it may mean.
Hits = dict[str, set[int]]
_NUMBER = re.compile(r"#?(\d{1,15})", re.ASCII)
_TITLE_AND_NUMBER = re.compile(r"(.*\S)\s+#(\d{1,15})", re.ASCII | re.DOTALL)
# Titles made of several fields are compared one by one, where there are not more records.
_MAX_TITLES = 20_000
_MANY = re.compile(r"\s*[;\n]\s*")
_COMMAS = re.compile(r"\s*,\s*")


def resolve(
    ctx: Context, field: Field, texts: Iterable[str], by: str, *, ids_first: bool
) -> dict[str, Found]:
    """What each text means to a reference or person field: an id, or why there is none.

    `by` is the uid of the field that the file holds, `BY_ID`, `BY_UID`, or "" for whatever fits;
    `ids_first` where the file says itself that its bare numbers are those of records.
    """
    wanted = list(dict.fromkeys(texts))
    if field.type.name in ("user", "users"):
        return {text: _settled(text, hits) for text, hits in _people(ctx, wanted).items()}
    target = ctx.catalog.target(field)
    if by == BY_UID:
        living = {uid: {record} for uid, record in by_uid(ctx, target, wanted).items()}
        return {text: _settled(text, living.get(text, set())) for text in wanted}
    if by and by != BY_ID:
        called = _by_field(ctx, target, target.by_uid[by], wanted)
        return {text: _settled(text, called.get(text, set())) for text in wanted}
    found: dict[str, Found] = {}
    ways = _ways(ctx, target)
    if by == BY_ID or ids_first:
        ways.insert(0, lambda texts: _by_number(ctx, target, texts))
    for way in ways[:1] if by == BY_ID else ways:
        waiting = [text for text in wanted if text not in found]
        for text, hits in (way(waiting) if waiting else {}).items():
            if hits:
                found[text] = _settled(text, hits)
    return {text: found.get(text) or _settled(text, set()) for text in wanted}


def _settled(text: str, hits: set[int]) -> Found:
    if len(hits) == 1:
        return next(iter(hits))
    if not hits:
        return message("invalid.reference", text=text[:80])
    some = ", ".join(f"#{one}" for one in sorted(hits)[:5])
    return message("transfer.several", text=text[:80], records=some)


def _ways(ctx: Context, target: Entity) -> list[Callable[[Sequence[str]], Hits]]:
    """The ways to find a record of `target`, the surest first."""
    uniques = [one for one in target.fields if one.unique and not one.type.name == "reference"]
    ways: list[Callable[[Sequence[str]], Hits]] = [
        lambda texts, one=one: _by_field(ctx, target, one, texts)  # type: ignore[misc]
        for one in uniques
    ]
    ways.append(lambda texts: _by_title_and_number(ctx, target, texts))
    ways.append(lambda texts: _by_title(ctx, target, texts))
    ways.append(lambda texts: _by_number(ctx, target, texts))
    return ways


def _by_field(ctx: Context, target: Entity, field: Field, texts: Sequence[str]) -> Hits:
    """Records whose field has this value; a name is found whatever its case."""
    folded = isinstance(field.type, Line)
    asked: dict[Any, list[str]] = {}
    for text in texts:
        stored = sort_key(text) if field.type.name == "text" else _stored(ctx, field, text)
        if stored is not None:
            asked.setdefault(stored, []).append(text)
    if not asked:
        return {}
    name = ("by field", target.uid, field.uid, ctx.roles_key)
    statement = ctx.model.once(name, lambda: _statement(ctx, target, field, folded))
    hits: Hits = {}
    exact: Hits = {}
    for row in ctx.run(statement, {"keys": list(asked)}):
        stored, value, record = tuple(row)
        for text in asked.get(stored, ()):
            hits.setdefault(text, set()).add(record)
            if value == text:
                exact.setdefault(text, set()).add(record)
    # Of two that differ in case alone, the one that is written so is meant.
    return hits | exact


def _statement(ctx: Context, target: Entity, field: Field, folded: bool) -> sa.Select[Any]:
    table = ctx.table(target)
    column = table.c[f"{field.key}__fold" if folded else field.key]
    where: list[sa.ColumnElement[bool]] = [
        among(column, "keys", sqlite=ctx.sqlite),
        table.c.deleted_at.is_(None),
    ]
    granted = ctx.granted(target, table)
    if granted is not None:
        where.append(granted)
    return sa.select(column, table.c[field.key], table.c.id).where(*where)


def _stored(ctx: Context, field: Field, text: str) -> Any:
    """What the column of the field would hold; None for a text that is no such value."""
    try:
        value = field.type.convert(field, text, ctx.actor.locale)
    except Invalid:
        return None
    if value is None:
        return None
    packed = field.type.pack(field, value)
    return packed.get(f"{field.key}__fold", packed[field.key])


def _by_title(ctx: Context, target: Entity, texts: Sequence[str]) -> Hits:
    """Records that are called so."""
    hits: Hits = {}
    single = [
        target.by_key[part[0][0]]
        for part in target.titled_by
        if len(part) == 1 and isinstance(part[0], tuple) and len(part[0]) == 1
    ]
    for field in single:
        if isinstance(field.type, Line):
            for text, records in _by_field(ctx, target, field, texts).items():
                hits.setdefault(text, set()).update(records)
    if len(single) < len(target.titled_by) or not single:
        called = _titles(ctx, target)
        for text in texts:
            if text not in hits:
                hits[text] = called.get(fold(text), set())
    return hits


def _titles(ctx: Context, target: Entity) -> Hits:
    """Folded title -> records, of an entity that has not too many of them."""
    query = find.Query(target, sort="id", limit=1000)
    if not find.count(ctx, query).exact:
        return {}
    called: Hits = {}
    cursor: str | None = ""
    while cursor is not None and len(called) < _MAX_TITLES:
        page = find.find(ctx, find.Query(target, sort="id", limit=1000, cursor=cursor))
        for record in page.records(ctx.actor.locale):
            called.setdefault(fold(record.title.strip()), set()).add(record.id)
        cursor = page.next
    return called


def _by_title_and_number(ctx: Context, target: Entity, texts: Sequence[str]) -> Hits:
    """`Aygün Əliyeva #12`, as workbooks of ours have it: the number counts if the name agrees."""
    parted = {text: match for text in texts if (match := _TITLE_AND_NUMBER.fullmatch(text))}
    if not parted:
        return {}
    names = _names(ctx, target, {int(match[2]) for match in parted.values()})
    return {
        text: {int(match[2])}
        for text, match in parted.items()
        if fold(names.get(int(match[2]), "\0")).strip() == fold(match[1])
    }


def _by_number(ctx: Context, target: Entity, texts: Sequence[str]) -> Hits:
    numbers = {text: int(match[1]) for text in texts if (match := _NUMBER.fullmatch(text))}
    if not numbers:
        return {}
    there = _names(ctx, target, set(numbers.values()))
    return {text: {number} for text, number in numbers.items() if number in there}


def _names(ctx: Context, target: Entity, ids: set[int]) -> Mapping[int, str]:
    """Titles of those of these records that live and are the actor's to see."""
    table = ctx.table(target)
    some = among(table.c.id, "ids", sqlite=ctx.sqlite)
    living = sa.select(table.c.id).where(some, table.c.deleted_at.is_(None))
    return find.titles(ctx, target, [row[0] for row in ctx.run(living, {"ids": list(ids)})])


@dataclass(frozen=True, slots=True)
class Known:
    """A record that a uid leads to."""

    id: int
    born: datetime
    deleted: bool


def by_uid(ctx: Context, target: Entity, uids: Iterable[str]) -> dict[str, int]:
    """The living records of these uids."""
    found = every_uid(ctx, target, uids)
    return {uid: one.id for uid, one in found.items() if not one.deleted}


def every_uid(ctx: Context, target: Entity, uids: Iterable[str]) -> dict[str, Known]:
    """The records of these uids, also those in the bin."""
    wanted = list(uids)
    if not wanted:
        return {}

    def build() -> sa.Select[Any]:
        c = ctx.table(target).c
        some = among(c.uid, "uids", sqlite=ctx.sqlite)
        return sa.select(c.uid, c.id, c.created_at, c.deleted_at.is_not(None)).where(some)

    rows = ctx.run(ctx.model.once(("by uid", target.uid), build), {"uids": wanted})
    return {uid: Known(one, born, bool(gone)) for uid, one, born, gone in map(tuple, rows)}


def _people(ctx: Context, texts: Sequence[str]) -> Hits:
    """People of the workspace by address, name or number."""
    user = system.user
    active = sa.select(user.c.id, user.c.email, user.c.name).where(user.c.active)
    called: Hits = {}
    for person in ctx.run(active):
        for name in (fold(person.email), fold(person.name), str(person.id), f"#{person.id}"):
            called.setdefault(name, set()).add(person.id)
        called.setdefault(fold(f"{person.name} #{person.id}"), set()).add(person.id)
    return {text: called.get(fold(text), set()) for text in texts}


def name_alone(text: str) -> str | None:
    """The text without the number of a record, for rows of another workspace; None where it is a
    number and nothing else."""
    if _NUMBER.fullmatch(text):
        return None
    match = _TITLE_AND_NUMBER.fullmatch(text)
    return match[1] if match else text


def parts_of(text: str) -> list[str]:
    """The names in a cell that may hold several: parted by `;` or lines, else by commas."""
    pattern = _MANY if ";" in text or "\n" in text else _COMMAS
    return [part for part in pattern.split(text) if part]
