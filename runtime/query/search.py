"""Quick search: folded words, from two letters on, over the record and what titles it."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    found = words(bare).split()
    return tuple(word[:MAX_LETTERS] if len(word) > 2 else f" {word}" for word in found[:MAX_WORDS])


def search_expression(
    model: Model, entity: Entity, table: FromClause, count: int, sight: Sight, *, sqlite: bool
) -> sa.ColumnElement[bool]:
    """Every word is found in the record or in a record that its title names; bound as `q0`..."""
    references = _title_references(entity)
    found = []
    for number in range(count):
        places = [_matches(model, entity, table, f"q{number}", sqlite=sqlite)]
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


def _title_references(entity: Entity) -> list[str]:
    steps = [path[0] for template in entity.titled_by for path in paths(template) if len(path) > 1]
    return list(dict.fromkeys(steps))


def _matches(
    model: Model, entity: Entity, table: FromClause, name: str, *, sqlite: bool
) -> sa.ColumnElement[bool]:
    if not sqlite:
        folded: sa.ColumnElement[bool] = table.c.search_fold.like(sa.bindparam(name))
        return folded
    index = sa.table(search_name(model.table(entity.uid).name), sa.column("rowid"))
    # FTS5 is asked by the name of its table; the name comes from checked keys.
    whole: sa.ColumnClause[str] = sa.column(index.name)
    asked = sa.select(index.c.rowid).where(whole.match(sa.bindparam(name)))
    found: sa.ColumnElement[bool] = table.c.id.in_(asked)
    return found


def search_bounds(asked: Sequence[str], *, sqlite: bool) -> dict[str, str]:
    """The values of `q0`...: a quoted string for FTS5, a pattern for LIKE."""
    if sqlite:
        return {f"q{number}": f'"{word}"' for number, word in enumerate(asked)}
    return {f"q{number}": f"%{word}%" for number, word in enumerate(asked)}
