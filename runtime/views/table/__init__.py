"""The table view: a list with saved views, filters, search, sorting and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from runtime.access.policy import may_create
from runtime.catalog.defaults import default_columns, title_fields
from runtime.catalog.model import Entity, View
from runtime.fields.base import Field, Label
from runtime.kernel.i18n import translate
from runtime.kernel.workspace import LANGUAGES
from runtime.query.filters import Condition
from runtime.query.search import search_words
from runtime.query.system_fields import find_field
from runtime.records.context import Context
from runtime.records.counts import kept_count
from runtime.records.find import Count, Page, Query, find
from runtime.views.base import Asked, ViewKind
from runtime.views.table.address import Address, read_address
from runtime.views.table.chips import Chip, chips, read_conditions
from runtime.views.table.editor import Editor, applied, filterable, open_editor
from runtime.views.table.rows import ON_CARD, Column, row_writer

ROWS = 50


@dataclass(frozen=True, slots=True)
class Tab:
    """A saved view of the entity that the actor may use."""

    title: str
    key: str
    current: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What no record changes: columns, tabs, filters that are offered, rights."""

    entity: Entity
    view: View | None
    title: str
    title_column: str
    title_sort: str
    columns: tuple[Column, ...]
    sort: str
    where: tuple[Condition, ...]
    tabs: tuple[Tab, ...]
    offered: tuple[tuple[str, str], ...]
    may_create: bool
    may_delete: bool


@dataclass(frozen=True, slots=True)
class Header:
    """A column's head: its state for `aria-sort` and the address that sorts by it."""

    key: str
    title: str
    classes: str
    sorted: str
    url: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What the template shows of one request."""

    table: Table
    address: Address
    url: str
    # The same list with a filter's form open, but for the field's key at the end.
    add_url: str
    bare_url: str
    headers: tuple[Header, ...]
    rows: Markup
    shown: int
    total: str
    count_url: str
    chips: tuple[Chip, ...]
    editor: Editor | None
    first_url: str
    previous_url: str
    next_url: str
    narrowed: bool


class TableKind(ViewKind[Table, Asked]):
    """Lists."""

    name = "table"
    template = "table/view.html"

    def prepare(self, ctx: Context, entity: Entity, view: View | None) -> Table:
        language, actor = ctx.actor.language, ctx.actor
        title_key = _title_field(entity)
        title = find_field(entity, title_key) if title_key else None
        columns = view.columns if view and view.columns else default_columns(entity)
        where = tuple((view.where if view else {}).items())
        first = view.filters if view and view.filters else columns
        return Table(
            entity,
            view,
            entity.list_title(language),
            title.title(language) if title else entity.title(language),
            title_key if title and title.type.sort_column(title) else "",
            tuple(_columns(entity, [key for key in columns if key != title_key], language)),
            view.sort if view else "",
            read_conditions(ctx, entity, where),
            tuple(_tabs(ctx, entity, view)),
            tuple((one.key, one.title(language)) for one in filterable(entity, first)),
            may_create(ctx.catalog, actor, entity),
            ctx.scope(entity, "delete") != "none",
        )

    def context(self, ctx: Context, prepared: Table, given: Asked) -> Mapping[str, Any]:
        return {"list": listing(ctx, prepared, given)}


TABLE = TableKind()


def views_for(ctx: Context, entity: Entity) -> list[View]:
    """The saved lists that the actor's roles may use. The first one shows every record: the first
    that has no filter, or one that is made for it; the others follow as defined."""
    actor = ctx.actor
    found = [
        view
        for view in ctx.catalog.views_of(entity, "table")
        if view.roles is None or actor.is_owner or actor.roles & set(view.roles)
    ]
    whole = next((view for view in found if not view.where), None)
    if whole:
        return [whole, *(view for view in found if view is not whole)]
    return [_whole(found[0]), *found] if found else []


def _whole(view: View) -> View:
    """The list like `view` without its filter."""
    title = Label("", {language: translate(language, "list.all") for language in LANGUAGES})
    return replace(view, uid=f"{view.uid}|all", key="", title=title, where={})


def filled_in(ctx: Context, table: Table, asked: Asked) -> str | None:
    """Where a sent filter form leads; None while there is none, or when it does not fit."""
    if not asked.get("_apply"):
        return None
    address = read_address(asked)
    editor = open_editor(ctx, table.entity, address, asked)
    made = applied(ctx, table.entity, address, editor, asked) if editor else address
    return made.url() if isinstance(made, Address) else None


def listing(ctx: Context, table: Table, asked: Asked) -> Listing:
    """Raises `BadQuery` for an unknown filter, sort key, value or cursor."""
    address = read_address(asked)
    url = address.url()
    own = read_conditions(ctx, table.entity, address.filters)
    query = Query(
        table.entity,
        conditions=(*table.where, *own),
        search=search_words(address.search),
        sort=address.sort or table.sort,
        limit=ROWS,
        cursor=address.cursor,
        fields=tuple(column.field.key for column in table.columns),
    )
    page = find(ctx, query)
    count = _count(ctx, query, page, address)
    shown = len(page.rows)
    editor = open_editor(ctx, table.entity, address, asked)
    if editor and asked.get("_apply"):
        wrong = applied(ctx, table.entity, address, editor, asked)
        editor = wrong if isinstance(wrong, Editor) else editor
    return Listing(
        table,
        address,
        url,
        f"{url}{'&' if '?' in url else '?'}_add=",
        address.bare().url(),
        tuple(_headers(table, address)),
        _writer(ctx, table, page, query.sort)(page),
        shown,
        _total(ctx, table.entity, count, shown),
        "" if count.exact else address.counted().url(),
        tuple(chips(ctx, table.entity, address, own)),
        editor,
        address.at("").url() if address.cursor else "",
        address.at(page.previous).url() if page.previous else "",
        address.at(page.next).url() if page.next else "",
        bool(address.search or address.filters),
    )


def _writer(ctx: Context, table: Table, page: Page, sort: str) -> Any:
    view = table.view.uid if table.view else ""
    name = ("rows", table.entity.uid, view, sort, ctx.roles_key, ctx.actor.language)
    return ctx.model.once(
        name, lambda: row_writer(table.entity, table.columns, page.selection, ctx.actor.locale)
    )


def _count(ctx: Context, query: Query, page: Page, address: Address) -> Count:
    """Counted only where the page itself does not tell."""
    if not (page.next or page.previous or address.cursor):
        return Count(len(page.rows), True)
    if page.count and (page.count.exact or not address.exact):
        return page.count
    return kept_count(ctx, query, exact=address.exact)


def _total(ctx: Context, entity: Entity, count: Count, shown: int) -> str:
    """`50 of 12,480 patients`, `more than 10,000 patients`."""
    language = ctx.actor.language
    total = ctx.actor.locale.integer(count.value)
    if entity.plurals.get(language):
        total = entity.counted(language, count.value, total)
    if not count.exact:
        return translate(language, "list.more_than", shown=shown, total=total)
    if count.value == shown:
        return total
    return translate(language, "list.of", shown=shown, total=total)


def _title_field(entity: Entity) -> str:
    """The field that alone makes the title, as its first template says; "" where several do."""
    own = title_fields(entity)
    template = entity.titled_by[0] if entity.titled_by else ()
    alone = len(template) == 1 and isinstance(template[0], tuple) and len(template[0]) == 1
    return own[0] if alone and own else ""


def _columns(entity: Entity, keys: list[str], language: str) -> list[Column]:
    """A phone's card shows the state and the first few others."""
    fields: list[Field] = [one for key in keys if (one := find_field(entity, key))]
    cards = [one.key for one in fields if one.type.name != "status"][:ON_CARD]
    return [
        Column(
            one,
            one.title(language),
            one.key if one.type.sort_column(one) else "",
            one.key in cards or one.type.name == "status",
        )
        for one in fields
    ]


def _tabs(ctx: Context, entity: Entity, view: View | None) -> list[Tab]:
    language = ctx.actor.language
    shown = view.uid if view else ""
    return [Tab(one.title(language), one.key, one.uid == shown) for one in views_for(ctx, entity)]


def _headers(table: Table, address: Address) -> list[Header]:
    by = address.sort or table.sort
    titled = [(table.title_column, table.title_sort, "")]
    titled += [(column.title, column.sort, column.classes) for column in table.columns]
    return [_header(title, key, classes, by, address) for title, key, classes in titled]


def _header(title: str, key: str, classes: str, by: str, address: Address) -> Header:
    if not key:
        return Header(key, title, classes, "", "")
    first = by.split(",")[0].strip()
    state = {key: "ascending", f"-{key}": "descending"}.get(first, "")
    turned = f"-{key}" if state == "ascending" else key
    return Header(key, title, classes, state, address.sorted_by(turned).url())
