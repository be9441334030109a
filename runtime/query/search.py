"""Quick search: folded words, from two letters on, over the record and what titles it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import FromClause

from runtime.catalog.model import Entity
from runtime.definitions.titles import paths
from runtime.kernel.fold import words
from runtime.query.filters import Sight
from runtime.storage.model import Model
from runtime.storage.search import search_name

MAX_WORDS = 6
MAX_LETTERS = 60
_PHONE = re.compile(r"[\d\s()+.\-/]+")
_TRUNK = re.compile(r"^(00|0|8(?=\d{10}$))")


def search_words(text: str) -> tuple[str, ...]:
    """What each word of the question must be found as: three characters or more.

    ` ab` stands for words that begin with `ab`; single letters say too little and are left out.
    A number typed with spaces, brackets or the prefix of a call at home is one word of digits.
    """
    bare = text.strip()[:200]
    digits = re.sub(r"\D", "", bare)
    if len(digits) >= 5 and _PHONE.fullmatch(bare):
        return (_TRUNK.sub("", digits)[:MAX_LETTERS],)
    # The index knows three characters in a row: a letter alone would find nothing.
    found = [word for word in words(bare).split() if len(word) > 1]
    return tuple(word[:MAX_LETTERS] if len(word) > 2 else f" {word}" for word in found[:MAX_WORDS])


def search_expression(
    model: Model,
    entity: Entity,
    table: FromClause,
    count: int,
    sight: Sight,
    *,
    sqlite: bool,
    scan: bool = False,
) -> sa.ColumnElement[bool]:
    """Every word is found in the record or in a record that its title names.

    By the index the words are bound as `q0`...; with `scan` the record's own text is compared row
    by row (`s0`...), which is quicker for words that are everywhere: a page is full soon.
    """
    references = _title_references(entity)
    found = []
    for number in range(count):
        own = _matches(model, entity, table, f"q{number}", sqlite=sqlite and not scan)
        if scan:
            own = _contains(table, f"s{number}")
        places = [own]
        for key in references:
            target = model.catalog.target(entity.by_key[key])
            behind = model.table(target.uid).alias()
            where = [_matches(model, target, behind, f"q{number}", sqlite=sqlite)]
            seen = sight(target, behind)
            if seen is not None:
                where.append(seen)
            places.append(table.c[key].in_(sa.select(behind.c.id).where(*where)))
        found.append(sa.or_(*places))
    return sa.and_(*found)


def first_matches(
    model: Model, entity: Entity, where: Sequence[sa.ColumnElement[bool]], limit: int
) -> sa.Select[Any] | None:
    """On SQLite: ids that the index meets first, read one by one until there are enough.

    An `IN (...)` would collect all of them before the first is looked at. None where titles lead
    to other records, whose own indexes must be asked, too. `where` is on the entity's table.
    """
    if _title_references(entity):
        return None
    table = model.table(entity.uid)
    index = sa.table(search_name(table.name), sa.column("rowid"))
    whole: sa.ColumnClause[str] = sa.column(index.name)
    source = index.join(table, table.c.id == index.c.rowid)
    asked = whole.match(sa.bindparam("every"))
    return sa.select(table.c.id).select_from(source).where(asked, *where).limit(limit)


def _title_references(entity: Entity) -> list[str]:
    steps = [path[0] for template in entity.titled_by for path in paths(template) if len(path) > 1]
    return list(dict.fromkeys(steps))


def _contains(table: FromClause, name: str) -> sa.ColumnElement[bool]:
    contained: sa.ColumnElement[bool] = table.c.search_fold.like(sa.bindparam(name))
    return contained


def _matches(
    model: Model, entity: Entity, table: FromClause, name: str, *, sqlite: bool
) -> sa.ColumnElement[bool]:
    if not sqlite:
        return _contains(table, name)
    index = sa.table(search_name(model.table(entity.uid).name), sa.column("rowid"))
    # FTS5 is asked by the name of its table; the name comes from checked keys.
    whole: sa.ColumnClause[str] = sa.column(index.name)
    asked = sa.select(index.c.rowid).where(whole.match(sa.bindparam(name)))
    found: sa.ColumnElement[bool] = table.c.id.in_(asked)
    return found


def search_bounds(asked: Sequence[str], *, sqlite: bool) -> dict[str, str]:
    """The values of `q0`... (a quoted string for FTS5, a pattern for LIKE) and of `s0`..."""
    patterns = {f"s{number}": f"%{word}%" for number, word in enumerate(asked)}
    if sqlite:
        quoted = {f"q{number}": f'"{word}"' for number, word in enumerate(asked)}
        return patterns | quoted | {"every": " ".join(quoted.values())}
    return patterns | {f"q{number}": f"%{word}%" for number, word in enumerate(asked)}
