"""The form of one filter: typed by its field, sent by GET, the same with and without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.kernel.errors import BadQuery, message
from runtime.kernel.i18n import say
from runtime.query.filters import read_filter
from runtime.query.search import search_words
from runtime.query.system_fields import find_field
from runtime.records import find
from runtime.records.context import Context
from runtime.records.find import Query
from runtime.views.base import Asked
from runtime.views.table.address import Address, Pairs, equals
from runtime.views.table.chips import bare, people

# Records offered at once; more are found by typing.
_OFFERED = 12
_REQUIRED = message("invalid.required")
_INPUTS = {"date": "date", "datetime": "datetime-local", "time": "time"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One box to tick."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Editor:
    """The form of the filter on one field. `kind` says which inputs it has: `text`, `range`,
    `choices`, `records` or `none`; `input` is their HTML type."""

    key: str
    title: str
    kind: str
    ways: tuple[str, ...]
    way: str
    several: str = "in"
    input: str = "text"
    value: str = ""
    to: str = ""
    choices: tuple[Choice, ...] = ()
    looked_for: str = ""
    currency: str = ""
    wrong: str = ""


def filterable(entity: Entity, first: Sequence[str]) -> list[Field]:
    """The fields that a person may filter by, those that the view names first."""
    keys = (*first, *entity.by_key, "created_at", "created_by", "updated_at")
    found = [find_field(entity, key) for key in dict.fromkeys(keys)]
    return [one for one in found if one and one.type.operators]


def open_editor(ctx: Context, entity: Entity, address: Address, asked: Asked) -> Editor | None:
    """The form that the address asks for (`_add`); prefilled with the filter that is there.

    Raises `BadQuery` for a field that is not there.
    """
    key = asked.get("_add")
    if not key:
        return None
    one = find_field(entity, key)
    if one is None or not one.type.operators:
        raise BadQuery("query.no_field", name=key, suggestion="-")
    way, values = _standing(one, address)
    if asked.get("_op"):
        way = asked.get("_op")
        values = tuple(value for name, value in asked.pairs if name == "_value")
    return _editor(ctx, one, address, asked, way, values)


def _editor(
    ctx: Context, one: Field, address: Address, asked: Asked, way: str, values: tuple[str, ...]
) -> Editor:
    language, ways = ctx.actor.language, _ways(one)
    kind = _kind(one)
    way = way if way in ways else ways[0]
    several = "has" if "has" in one.type.operators else "in"
    made = Editor(one.key, one.title(language), kind, ways, way, several)
    if kind == "choices":
        options = ((o.key, o.title(language)) for o in one.choices)
        return replace(made, choices=_ticked(options, values))
    if kind == "records":
        looked_for = asked.get("_find").strip()
        choices = _ticked(_candidates(ctx, one, looked_for, values), values)
        return replace(made, choices=choices, looked_for=looked_for)
    currency = ""
    if one.options.get("per_record"):
        named = dict(address.filters).get(f"{one.key}__currency", "")
        currency = asked.get("_currency") or named or one.options["currency"]
    value, to = (*values, "", "")[:2] if kind == "range" else ((*values, "")[0], "")
    return replace(
        made,
        input=_INPUTS.get(one.type.name, "text"),
        value=value,
        to=asked.get("_to") or to,
        currency=currency,
    )


def applied(
    ctx: Context, entity: Entity, address: Address, editor: Editor, asked: Asked
) -> Address | Editor:
    """The list with the filter as it was filled in; the form again when it does not fit."""
    values = [value.strip() for name, value in asked.pairs if name == "_value" and value.strip()]
    pairs = _pairs(editor, values, asked.get("_to").strip())
    if not pairs:
        return replace(editor, wrong=say(ctx.actor.language, _REQUIRED))
    if editor.currency:
        pairs = (*pairs, (f"{editor.key}__currency", editor.currency))
    try:
        for name, text in pairs:
            read_filter(ctx.catalog, entity, name, text, ctx.actor.locale)
    except BadQuery as error:
        why = error.message.params.get("why", error.message)
        return replace(editor, wrong=say(ctx.actor.language, why))
    mine = {name for name, _ in address.filters if bare(name) == editor.key}
    return address.without(mine).plus(pairs)


def _kind(one: Field) -> str:
    if one.choices:
        return "choices"
    if one.type.name in ("reference", "references", "user", "users"):
        return "records"
    if one.type.name == "boolean":
        return "none"
    return "range" if "gte" in one.type.operators else "text"


def _ways(one: Field) -> tuple[str, ...]:
    """What may be asked of the field, in words of the form (`filter.<way>`)."""
    kind = _kind(one)
    ways = {
        "choices": ("any",),
        "records": ("any",),
        "none": ("yes", "no"),
        "range": ("between", "eq", "ne"),
        "text": tuple(w for w in ("contains", "startswith", "eq", "ne") if w in one.type.operators),
    }[kind]
    return (*ways, "empty", "filled") if "isnull" in one.type.operators else ways


def _pairs(editor: Editor, values: list[str], to: str) -> Pairs:
    """The filled form as filters of an address; none when nothing was filled in."""
    key, way = editor.key, editor.way
    if way in ("empty", "filled"):
        return ((f"{key}__isnull", "true" if way == "empty" else "false"),)
    if way in ("yes", "no"):
        return ((equals(key), "true" if way == "yes" else "false"),)
    if way == "between":
        ends = ((f"{key}__gte", values[0] if values else ""), (f"{key}__lte", to))
        return tuple(pair for pair in ends if pair[1])
    if not values:
        return ()
    if way == "any":
        name = equals(key) if len(values) == 1 else f"{key}__{editor.several}"
        return ((name, ",".join(values)),)
    return ((equals(key) if way == "eq" else f"{key}__{way}", values[0]),)


def _standing(one: Field, address: Address) -> tuple[str, tuple[str, ...]]:
    """The way and the values of the filter that the address holds on this field."""
    mine = {
        name.partition("__")[2].removesuffix("eq"): text
        for name, text in address.filters
        if bare(name) == one.key
    }
    if "isnull" in mine:
        return ("empty" if mine["isnull"] == "true" else "filled"), ()
    if one.type.name == "boolean" and "" in mine:
        return ("yes" if mine[""] == "true" else "no"), ()
    if "gte" in mine or "lte" in mine:
        return "between", (mine.get("gte", ""), mine.get("lte", ""))
    for operator in ("in", "has", ""):
        if operator in mine and _kind(one) in ("choices", "records"):
            return "any", tuple(mine[operator].split(","))
    for operator in ("contains", "startswith", "ne"):
        if operator in mine:
            return operator, (mine[operator],)
    return ("eq", (mine[""],)) if "" in mine else ("", ())


def _ticked(options: Iterable[tuple[str, str]], values: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value in values) for value, label in options)


def _candidates(
    ctx: Context, one: Field, looked_for: str, values: Sequence[str]
) -> list[tuple[str, str]]:
    """The records or people to choose from: those ticked, then those that were looked for."""
    if one.type.name in ("user", "users"):
        return [(str(found), name) for found, name in people(ctx).items()]
    target = ctx.catalog.target(one)
    ids = [int(value) for value in values if value.isdecimal() and len(value) < 16]
    there = find.titles(ctx, target, ids) if ids else {}
    query = Query(target, search=search_words(looked_for), limit=_OFFERED)
    found = {r.id: r.title for r in find.find(ctx, query).records(ctx.actor.locale)}
    return [(str(number), title) for number, title in {**there, **found}.items()]
