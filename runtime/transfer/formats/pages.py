"""The pages of an export, one after the other, in a single state of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.query.system_fields import system_fields
from runtime.records import find
from runtime.records.context import Context
from runtime.records.find import Page, Query
from runtime.storage import system
from runtime.storage.bulk import among
from runtime.transfer.guess import ABROAD

# A record is known by its number first and by its uid last; an import finds it by the latter.
FIRST, LAST = ("id",), ("created_at", "updated_at")


def pages(ctx: Context, query: Query) -> Iterator[Page]:
    cursor: str | None = ""
    while cursor is not None:
        page = find.find(ctx, replace(query, cursor=cursor))
        yield page
        cursor = page.next


def exported_fields(entity: Entity) -> list[Field]:
    """The columns of a file, but for the uid."""
    known = system_fields()
    return [*(known[key] for key in FIRST), *entity.fields, *(known[key] for key in LAST)]


def uids(ctx: Context, entity: Entity, page: Page) -> list[str]:
    """The uid of each record of a page."""
    known = _uids(ctx, entity, [row[0] for row in page.rows])
    return [known[row[0]] for row in page.rows]


def abroad_name(one: Field) -> str:
    """The heading of what other workspaces know a link by; "" for fields that are none."""
    word = ABROAD.get(one.type.name)
    return f"{one.key}.{word}" if word else ""


def known_abroad(ctx: Context, one: Field, ids: Iterable[int]) -> dict[int, str]:
    """Id -> uid of these records, or address of these people."""
    if ABROAD[one.type.name] == "uid":
        return _uids(ctx, ctx.catalog.target(one), ids)
    user = system.user
    people = sa.select(user.c.id, user.c.email).where(user.c.id.in_(list(ids)))
    return dict(map(tuple, ctx.run(people)))


def _uids(ctx: Context, entity: Entity, ids: Iterable[int]) -> dict[int, str]:
    table = ctx.table(entity)
    some = sa.select(table.c.id, table.c.uid).where(among(table.c.id, "ids", sqlite=ctx.sqlite))
    return dict(map(tuple, ctx.run(some, {"ids": list(ids)})))
