"""Query strings -> questions. What is not known is refused, never ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from runtime.access.policy import require_sight
from runtime.catalog.model import Entity, View
from runtime.definitions.report import nearest
from runtime.fields.base import Field
from runtime.kernel.errors import BadQuery, NotFound
from runtime.kernel.locale import Locale, locale_of
from runtime.query.filters import Condition, exact, in_their_currency, read_filter
from runtime.query.page import SortKey, read_sort
from runtime.query.search import search_words
from runtime.query.system_fields import find_field, system_fields
from runtime.records.context import Context
from runtime.records.find import MAX_LIMIT, Query
from runtime.records.wire import Shape, is_known, record_keys

Args = MultiDict[str, str]
# Conditions of one question, and references that come as objects: both cost statements.
MAX_CONDITIONS = 200
# Values of all conditions together: SQLite binds 32,766, and nobody writes so many by hand.
MAX_VALUES = 2_000
MAX_EXPANDED = 5
DEFAULT_LIMIT = 50
LIST_WORDS = ("limit", "cursor", "sort", "q", "fields", "expand", "view", "count", "bin")
ONE_WORDS = ("expand",)
FIGURE_WORDS = ("group", "measure", "q")
HISTORY_WORDS = ("limit", "cursor")
# Letters of a question, and a name in a list of names.
MAX_SEARCH = 200
_WORD = re.compile("-?[a-z][a-z0-9_]*")
# What every record shows, whatever it is asked for.
ALWAYS = ("id", "version")


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as it was asked for."""

    query: Query
    shape: Shape
    count: bool


def visible_entity(ctx: Context, key: str) -> Entity:
    """Raises `NotFound` for a key that is none, or whose records the actor may not see."""
    entity = ctx.catalog.by_key.get(key)
    if entity is None:
        raise NotFound
    require_sight(ctx.catalog, ctx.actor, entity)
    return entity


def read_list(ctx: Context, entity: Entity, args: Args) -> Asked:
    """`limit`, `cursor`, `sort`, `q`, `fields`, `expand`, `view`, `count`, `bin` and filters."""
    _once(args, ("limit", "cursor", "view", "count", "bin", "q"))
    view = _view(ctx, entity, args["view"]) if "view" in args else None
    in_bin = _flag(args, "bin")
    shape = _shape(ctx, entity, args, view, in_bin=in_bin)
    conditions = [*_view_conditions(ctx, entity, view), *_filters(ctx, entity, args, LIST_WORDS)]
    sort = ",".join(_words(args, "sort")) or (view.sort if view else "")
    _check_sort(entity, read_sort(entity, sort), conditions)
    query = Query(
        entity,
        conditions=_limited(ctx, entity, conditions),
        search=_search(args),
        sort=sort,
        limit=read_limit(args),
        cursor=args.get("cursor", ""),
        fields=shape.keys,
        titled=False,
        bare=True,
        bin=in_bin,
    )
    return Asked(query, shape, _flag(args, "count"))


def read_one(ctx: Context, entity: Entity, args: Args) -> Shape:
    """A whole record, with the references that shall come as objects."""
    check_words(args, ONE_WORDS)
    return _shape(ctx, entity, args, None, in_bin=False)


def read_figures(ctx: Context, entity: Entity, args: Args) -> Query:
    """The records of which figures are asked."""
    _once(args, FIGURE_WORDS)
    conditions = _limited(ctx, entity, _filters(ctx, entity, args, FIGURE_WORDS))
    for name in ("group", "measure"):
        for part in args.get(name, "-").split(","):
            if not part:
                raise BadQuery("rest.bad_word", name=name, word=part)
    return Query(entity, conditions=conditions, search=_search(args))


def _search(args: Args) -> tuple[str, ...]:
    text = args.get("q", "")
    if len(text) > MAX_SEARCH:
        raise BadQuery("rest.long_search", limit=MAX_SEARCH)
    return search_words(text)


def read_limit(args: Args) -> int:
    text = args.get("limit", str(DEFAULT_LIMIT))
    limit = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise BadQuery("rest.bad_limit", limit=MAX_LIMIT)
    return limit


def check_words(args: Args, known: Iterable[str]) -> None:
    """Only these parameters, each known to the address."""
    known = tuple(known)
    for name in args:
        if name not in known:
            suggestion = nearest(name, known) or ", ".join(known) or "-"
            raise BadQuery("rest.no_parameter", name=name[:80], suggestion=suggestion)


def _once(args: Args, names: Iterable[str]) -> None:
    for name in names:
        if len(args.getlist(name)) > 1:
            raise BadQuery("rest.repeated", name=name)


def _words(args: Args, name: str) -> list[str]:
    """`a,b` or `a` and `b` in a parameter sent twice: clients write lists both ways."""
    parts = [part for text in args.getlist(name) for part in text.split(",")]
    for part in parts:
        if not _WORD.fullmatch(part):
            raise BadQuery("rest.bad_word", name=name, word=part[:80])
    return list(dict.fromkeys(parts))


def _flag(args: Args, name: str) -> bool:
    text = args.get(name, "0")
    if text not in ("0", "1"):
        raise BadQuery("rest.bad_flag", name=name)
    return text == "1"


def _shape(ctx: Context, entity: Entity, args: Args, view: View | None, *, in_bin: bool) -> Shape:
    expand = tuple(_words(args, "expand"))
    for key in expand:
        _check_expandable(ctx, entity, key)
    if len(expand) > MAX_EXPANDED:
        raise BadQuery("rest.many_expanded", limit=MAX_EXPANDED)
    wanted = _words(args, "fields")
    for key in wanted:
        if not is_known(entity, key):
            raise _no_field(entity, key)
    if not wanted and view:
        wanted = list(view.columns)
    if wanted:
        return Shape(entity, tuple(dict.fromkeys((*ALWAYS, *wanted, *expand))), expand)
    keys = record_keys(entity)
    return Shape(entity, (*keys, "deleted_at") if in_bin else keys, expand)


def _no_field(entity: Entity, key: str) -> BadQuery:
    suggestion = nearest(key, [*entity.by_key, "uid", *system_fields()]) or "-"
    return BadQuery("query.no_field", name=key[:80], suggestion=suggestion)


def _check_expandable(ctx: Context, entity: Entity, key: str) -> None:
    one = find_field(entity, key)
    if one is None:
        raise _no_field(entity, key)
    if not is_pointing(one):
        raise BadQuery("rest.not_expandable", name=key)
    if "to" in one.options:
        require_sight(ctx.catalog, ctx.actor, ctx.catalog.target(one))


def is_pointing(one: Field) -> bool:
    """Whether the field holds ids of something that could come as an object."""
    return one.type.name in ("reference", "references", "user", "users")


def _filters(ctx: Context, entity: Entity, args: Args, words: Sequence[str]) -> list[Condition]:
    """Every other parameter, its value written as in JSON; one sent twice is two conditions."""
    locale = ctx.actor.locale
    return [
        _filter(ctx, entity, name, text, locale)
        for name, texts in args.lists()
        if name not in words
        for text in texts
    ]


def _filter(ctx: Context, entity: Entity, name: str, text: str, locale: Locale) -> Condition:
    relation, dot, _ = name.partition(".")
    one = entity.by_key.get(relation)
    if dot and one and one.type.name == "reference":
        # Before the name behind it is looked at: an unseen entity has no fields to be found.
        require_sight(ctx.catalog, ctx.actor, ctx.catalog.target(one))
    return read_filter(ctx.catalog, entity, name, text, locale, exact)


def _limited(
    ctx: Context, entity: Entity, conditions: Sequence[Condition]
) -> tuple[Condition, ...]:
    values = sum(len(one.operand) for one in conditions if isinstance(one.operand, tuple))
    if len(conditions) > MAX_CONDITIONS or values > MAX_VALUES:
        raise BadQuery("rest.many_filters", limit=MAX_CONDITIONS, values=MAX_VALUES)
    return in_their_currency(ctx.catalog, entity, conditions)


def _check_sort(entity: Entity, keys: Sequence[SortKey], conditions: Sequence[Condition]) -> None:
    """Sums of several currencies are put in order only within one of them."""
    named = {condition.path for condition in conditions if condition.operator == "currency"}
    for key in keys:
        one = find_field(entity, key.key)
        if one and one.options.get("per_record") and (key.key,) not in named:
            raise BadQuery("query.name_currency", field=key.key)


def _view(ctx: Context, entity: Entity, key: str) -> View:
    """A table of this entity that the actor's roles may open."""
    found = [view for view in table_views(ctx, entity) if view.key == key]
    if not found:
        known = [view.key for view in table_views(ctx, entity)]
        suggestion = nearest(key, known) or ", ".join(known) or "-"
        raise BadQuery("rest.no_view", name=key[:80], suggestion=suggestion)
    return found[0]


def table_views(ctx: Context, entity: Entity) -> list[View]:
    """The tables of the entity that the actor's roles may open."""
    actor = ctx.actor
    return [
        view
        for view in ctx.catalog.views_of(entity, "table")
        if view.roles is None or actor.is_owner or actor.roles & set(view.roles)
    ]


def _view_conditions(ctx: Context, entity: Entity, view: View | None) -> list[Condition]:
    locale = locale_of(ctx.catalog.workspace, "en")
    where = view.where.items() if view else ()
    return [read_filter(ctx.catalog, entity, name, text, locale) for name, text in where]
