"""The pages of an export, one after the other, in a single state of the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.query.system_fields import system_fields
from runtime.records import find
from runtime.records.context import Context
from runtime.records.find import Page, Query

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


def uids(page: Page) -> list[str]:
    """The uid of each record of a page that was asked for it."""
    place = page.selection.positions[page.selection.table.c.uid]
    return [row[place] for row in page.rows]
