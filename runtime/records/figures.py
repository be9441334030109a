"""Grouped figures: counts and sums by a field, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from runtime.access.policy import require_sight
from runtime.catalog.model import Entity
from runtime.definitions.report import nearest
from runtime.fields.base import Field
from runtime.kernel.errors import BadQuery
from runtime.kernel.money import Money, from_minor
from runtime.query.filters import check_currencies
from runtime.query.system_fields import find_field
from runtime.records.context import Context
from runtime.records.find import Query, _bounds, _shape, _where

MEASURES = ("count", "sum", "avg", "min", "max")
SUMMED = ("integer", "decimal", "percent", "money", "duration")
GROUPED = (
    "choice", "status", "boolean", "reference", "user", "date", "text", "integer", "email",
)  # fmt: skip
MAX_GROUPS = 1_000


@dataclass(frozen=True, slots=True)
class Measure:
    """`count`, or a function over a field; `name` is what the answer calls it."""

    name: str
    function: str
    field: Field | None = None


def read_measures(entity: Entity, text: str) -> tuple[Measure, ...]:
    """`count,sum:balance` -> measures. Raises `BadQuery`."""
    measures = []
    for part in dict.fromkeys(part.strip() for part in text.split(",") if part.strip()):
        function, _, key = part.partition(":")
        if function not in MEASURES or (function == "count") == bool(key):
            raise BadQuery("query.no_measure", name=part, allowed=", ".join(MEASURES))
        field = entity.by_key.get(key) if key else None
        if key and (field is None or field.type.name not in SUMMED):
            known = [one.key for one in entity.fields if one.type.name in SUMMED]
            suggestion = nearest(key, known) or ", ".join(known) or "-"
            raise BadQuery("query.no_field", name=key, suggestion=suggestion)
        measures.append(Measure(part, function, field))
    return tuple(measures) or (Measure("count", "count"),)


def read_group(entity: Entity, text: str) -> Field | None:
    if not text:
        return None
    field = find_field(entity, text)
    if field is None or field.type.name not in GROUPED:
        known = [one.key for one in entity.fields if one.type.name in GROUPED]
        raise BadQuery("query.no_field", name=text, suggestion=nearest(text, known) or "-")
    return field


def aggregate(
    ctx: Context, query: Query, group: Field | None, measures: tuple[Measure, ...]
) -> list[dict[str, Any]]:
    """Rows of the answer; sums of several currencies come one row a currency, never added."""
    require_sight(ctx.catalog, ctx.actor, query.entity)
    check_currencies(ctx.catalog, query.entity, query.conditions)
    _check_names(group, measures)
    name = (
        "aggregate",
        query.entity.uid,
        ctx.roles_key,
        _shape(query),
        group.key if group else "",
        tuple(measure.name for measure in measures),
    )
    statement = ctx.model.once(name, lambda: _statement(ctx, query, group, measures))
    rows = ctx.run(statement, _bounds(ctx, query))
    several = _several(measures)
    answer = []
    for row in rows:
        place = 0
        said: dict[str, Any] = {}
        if group:
            said[group.key] = _group_value(group, row[place])
            place += 1
        currency = row[place] if several else None
        if several:
            said["currency"] = currency
            place += 1
        for measure, value in zip(measures, row[place:], strict=True):
            said[measure.name] = _measured(measure, value, currency)
        answer.append(said)
    return answer


def _check_names(group: Field | None, measures: tuple[Measure, ...]) -> None:
    """Every column of the answer has a name of its own, and one currency."""
    names = [measure.name for measure in measures] + [group.key if group else ""]
    names += ["currency"] if _several(measures) else []
    several = {one.field.key for one in measures if one.field and _per_record(one.field)}
    if len(set(names)) < len(names) or len(several) > 1:
        raise BadQuery("query.measures_clash", names=", ".join(name for name in names if name))


def _per_record(field: Field) -> bool:
    return bool(field.options.get("per_record"))


def _several(measures: tuple[Measure, ...]) -> Field | None:
    """The measured field whose currency is each record's own."""
    return next((one.field for one in measures if one.field and _per_record(one.field)), None)


def _statement(
    ctx: Context, query: Query, group: Field | None, measures: tuple[Measure, ...]
) -> sa.Select[Any]:
    table = ctx.table(query.entity)
    keys: list[Any] = [_group_column(table, group)] if group else []
    several = _several(measures)
    if several:
        keys.append(table.c[f"{several.key}__currency"])
    figures = [_figure(table, measure) for measure in measures]
    statement = sa.select(*keys, *figures).select_from(table).where(*_where(ctx, query, table))
    if keys:
        statement = statement.group_by(*keys).order_by(*keys).limit(MAX_GROUPS)
    return statement


def _group_column(table: sa.Table, group: Field) -> Any:
    column = table.c[group.key]
    # A box that nobody ticked is no, like one that was cleared.
    return sa.func.coalesce(column, sa.false()) if group.type.name == "boolean" else column


def _figure(table: sa.Table, measure: Measure) -> Any:
    if measure.field is None:
        return sa.func.count()
    # On the stored integers: exact on both databases.
    column = sa.type_coerce(table.c[measure.field.key], sa.BigInteger)
    function = getattr(sa.func, measure.function)
    return sa.type_coerce(function(column), sa.Numeric)


def _group_value(group: Field, value: Any) -> Any:
    if group.type.name == "boolean":
        return bool(value)
    return None if value is None else group.type.dump(group, value)


def _measured(measure: Measure, value: Any, currency: str | None) -> Any:
    field = measure.field
    if field is None or value is None:
        return value if field is None else None
    if field.type.name == "money":
        code = currency if currency and _per_record(field) else field.options["currency"]
        units = round(value)
        return field.type.dump(field, Money(from_minor(units, code), code))
    if field.type.name in ("decimal", "percent"):
        places = int(field.options.get("places", 2))
        return f"{value.scaleb(-places):.{places}f}"
    if field.type.name == "duration":
        return field.type.dump(field, timedelta(seconds=round(value)))
    return int(value) if measure.function != "avg" else f"{value:.2f}"
