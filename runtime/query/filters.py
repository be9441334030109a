"""Filters: `balance__gte=100` -> a condition -> an expression of Core with bound values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.sql import FromClause

from runtime.catalog.model import Catalog, Entity
from runtime.definitions.report import nearest
from runtime.fields.base import Field
from runtime.fields.links import Many, One
from runtime.fields.numeric import fit_decimal
from runtime.fields.options import need_key
from runtime.fields.textual import MAX_LINE, Line
from runtime.kernel.days import Day, read_day
from runtime.kernel.errors import BadQuery, Invalid, Message
from runtime.kernel.fold import fold, sort_key
from runtime.kernel.locale import Locale
from runtime.kernel.money import currencies, from_minor, minor_digits, to_minor
from runtime.kernel.reading import read_lines
from runtime.query.page import wide
from runtime.query.system_fields import find_field, system_fields
from runtime.storage.model import Model

# The condition that rows of a table behind a reference are the actor's to see.
Sight = Callable[[Entity, FromClause], sa.ColumnElement[bool] | None]
_MAX_LIST = 200
_COMPARING = ("gt", "gte", "lt", "lte")
_INTEGER = re.compile("-?[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter. `path` is a field, or a reference and a field behind it."""

    path: tuple[str, ...]
    operator: str
    operand: Any

    @property
    def shape(self) -> tuple[Any, ...]:
        """What the statement depends on; the operand is bound when it runs."""
        kind = self.operand if self.operator == "isnull" else None
        if self.operator == "eq" and isinstance(self.operand, bool):
            kind = self.operand
        return (self.path, self.operator, kind)


# How one value is read: as people type it (`typed`), or as programs write it (`exact`).
Reading = Callable[[Field, str, Locale], Any]


def typed(field: Field, text: str, locale: Locale) -> Any:
    return field.type.convert(field, text, locale)


def exact(field: Field, text: str, locale: Locale) -> Any:
    """The JSON of the value without its quotes: `12`, `2026-03-02`, `true`, `PT1H30M`."""
    kind = field.type
    if kind.name == "status":
        return need_key(field, text)
    if kind.read_only or kind.links or isinstance(kind, One):
        return kind.convert(field, text, locale)
    if kind.name == "integer":
        if not _INTEGER.fullmatch(text):
            raise Invalid("invalid.integer")
        return kind.load(field, int(text))
    if kind.name == "boolean":
        return _yes_no(text)
    if kind.name == "choices":
        return kind.load(field, [text])
    return kind.load(field, {"amount": text} if kind.name == "money" else text)


def read_filter(
    catalog: Catalog,
    entity: Entity,
    name: str,
    text: str,
    locale: Locale,
    reading: Reading = typed,
) -> Condition:
    """`city__in`, `Baku,Ganja` -> a condition. Raises `BadQuery` naming what could stand there."""
    bare, _, operator = name.partition("__")
    operator = operator or "eq"
    path = tuple(bare.split("."))
    field = _field_at(catalog, entity, path, name)
    if operator == "currency" and field.options.get("per_record"):
        if text not in currencies():
            why = Message("invalid.no_currency")
            raise BadQuery("query.bad_value", field=bare, value=text[:80], why=why)
        return Condition(path, "currency", text)
    if operator == "eq" and "eq" not in field.type.operators and "has" in field.type.operators:
        operator = "has"
    if operator not in field.type.operators:
        allowed = ", ".join(field.type.operators)
        raise BadQuery("query.no_operator", field=bare, operator=operator, allowed=allowed)
    try:
        operand = _operand(field, operator, text, locale, reading)
    except Invalid as error:
        raise BadQuery("query.bad_value", field=bare, value=text[:80], why=error.message) from error
    return Condition(path, operator, operand)


def _field_at(catalog: Catalog, entity: Entity, path: tuple[str, ...], name: str) -> Field:
    here, steps = entity, list(path)
    if len(steps) == 2:
        step = here.by_key.get(steps[0])
        if step is None or step.type.name != "reference":
            raise BadQuery("query.no_relation", name=name, relation=steps[0])
        here, steps = catalog.target(step), steps[1:]
    field = find_field(here, steps[0]) if len(steps) == 1 else None
    if field is None:
        known = [*here.by_key, *system_fields()]
        raise BadQuery("query.no_field", name=name, suggestion=nearest(steps[-1], known) or "-")
    return field


def _operand(field: Field, operator: str, text: str, locale: Locale, reading: Reading) -> Any:
    if operator == "isnull":
        return _yes_no(text)
    if operator in ("contains", "startswith"):
        if not read_lines(text):
            raise Invalid("invalid.required")
        if len(text) > MAX_LINE:
            raise Invalid("invalid.too_long", limit=MAX_LINE, length=len(text))
        return fold(text if operator == "contains" else text.lstrip())
    if operator in ("in", "has"):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if not 0 < len(parts) <= _MAX_LIST:
            raise Invalid("invalid.list")
        return tuple(_single(field, reading(field, part, locale)) for part in parts)
    return relative(field, operator, text) or _single(field, reading(field, text, locale))


def relative(field: Field, operator: str, text: str) -> Day | None:
    """`today+7` as a day, or as the moment at which it begins, which nothing is equal to."""
    if field.type.name == "date" or (field.type.name == "datetime" and operator in _COMPARING):
        return read_day(text)
    return None


def _single(field: Field, value: Any) -> Any:
    if value is None:
        raise Invalid("invalid.required")
    if isinstance(field.type, Many) or field.type.name == "choices":
        return value[0]
    return field.type.pack(field, value)[field.key] if field.type.name == "money" else value


def _yes_no(text: str) -> bool:
    if text not in ("true", "false"):
        raise Invalid("invalid.boolean")
    return text == "true"


def check_currencies(catalog: Catalog, entity: Entity, conditions: Sequence[Condition]) -> None:
    """Sums of several currencies are compared only within one of them."""
    named = {condition.path for condition in conditions if condition.operator == "currency"}
    for condition in conditions:
        if condition.operator in ("currency", "isnull") or condition.path in named:
            continue
        if _field_at(catalog, entity, condition.path, "").options.get("per_record"):
            raise BadQuery("query.name_currency", field=".".join(condition.path))


def in_their_currency(
    catalog: Catalog, entity: Entity, conditions: Sequence[Condition]
) -> tuple[Condition, ...]:
    """Sums of a field with several currencies, counted in the smallest unit of the named one."""
    named = {one.path: one.operand for one in conditions if one.operator == "currency"}
    return tuple(
        _recounted(_field_at(catalog, entity, one.path, ""), one, named[one.path])
        if one.path in named and one.operator not in ("currency", "isnull")
        else one
        for one in conditions
    )


def _recounted(field: Field, condition: Condition, currency: str) -> Condition:
    def recount(units: int) -> int:
        amount = from_minor(units, field.options["currency"])
        return to_minor(fit_decimal(amount, minor_digits(currency)), currency)

    operand = condition.operand
    try:
        counted = tuple(map(recount, operand)) if isinstance(operand, tuple) else recount(operand)
    except Invalid as error:
        name = ".".join(condition.path)
        raise BadQuery("query.bad_value", field=name, value=currency, why=error.message) from error
    return Condition(condition.path, condition.operator, counted)


def expression(
    model: Model, entity: Entity, table: FromClause, condition: Condition, name: str, sight: Sight
) -> sa.ColumnElement[bool]:
    """The condition on `table`; its operand is bound under `name`."""
    if len(condition.path) == 1:
        field = find_field(entity, condition.path[0])
        assert field is not None  # noqa: S101 - `read_filter` found it
        return _on_field(model, entity, table, field, condition, name)
    reference = entity.by_key[condition.path[0]]
    target = model.catalog.target(reference)
    behind = model.table(target.uid).alias()
    inner = Condition(condition.path[1:], condition.operator, condition.operand)
    where = [expression(model, target, behind, inner, name, sight), behind.c.deleted_at.is_(None)]
    seen = sight(target, behind)
    if seen is not None:
        where.append(seen)
    found: sa.ColumnElement[bool] = table.c[reference.key].in_(sa.select(behind.c.id).where(*where))
    return found


def _on_field(
    model: Model, entity: Entity, table: FromClause, field: Field, condition: Condition, name: str
) -> sa.ColumnElement[bool]:
    if isinstance(field.type, Many):
        return _on_links(model, entity, table, field, condition, name)
    column: sa.ColumnElement[Any] = table.c[field.key]
    operator = condition.operator
    if operator == "isnull":
        return column.is_(None) if condition.operand else column.is_not(None)
    if operator == "currency":
        return table.c[f"{field.key}__currency"] == sa.bindparam(name)
    if operator == "has":
        return sa.or_(*(
            sa.type_coerce(column, sa.Text).like(sa.bindparam(f"{name}_{number}", type_=sa.Text))
            for number in range(len(condition.operand))
        ))  # fmt: skip
    if isinstance(field.type, Line):
        return _on_line(table.c[f"{field.key}__fold"], condition, name)
    if operator == "in":
        return column.in_(sa.bindparam(name, expanding=True, type_=wide(column.type)))
    return _compared(column, condition, name)


def _on_line(
    folded: sa.ColumnElement[str], condition: Condition, name: str
) -> sa.ColumnElement[bool]:
    """Texts are compared folded: without regard to case and marks, and by their index alone."""
    if condition.operator in ("contains", "startswith"):
        return folded.like(sa.bindparam(name), escape="\\")
    if condition.operator == "in":
        return folded.in_(sa.bindparam(name, expanding=True, type_=folded.type))
    if condition.operator == "ne":
        return sa.or_(folded != sa.bindparam(name), folded.is_(None))
    return folded == sa.bindparam(name)


def _compared(
    column: sa.ColumnElement[Any], condition: Condition, name: str
) -> sa.ColumnElement[bool]:
    if isinstance(condition.operand, bool):
        yes: sa.ColumnElement[bool] = column.is_(sa.true())
        return yes if condition.operand else sa.or_(column.is_(None), column.is_(sa.false()))
    bound = sa.bindparam(name, type_=wide(column.type))
    if condition.operator == "ne":
        return sa.or_(column != bound, column.is_(None))
    compare = {"eq": "__eq__", "gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__"}
    compared: sa.ColumnElement[bool] = getattr(column, compare[condition.operator])(bound)
    return compared


def _on_links(
    model: Model, entity: Entity, table: FromClause, field: Field, condition: Condition, name: str
) -> sa.ColumnElement[bool]:
    pairs = model.tables[entity.uid].links[field.key]
    linked = sa.select(pairs.c.source)
    if condition.operator == "isnull":
        outside = table.c.id.not_in(linked) if condition.operand else table.c.id.in_(linked)
        return outside
    linked = linked.where(pairs.c.target.in_(sa.bindparam(name, expanding=True)))
    found: sa.ColumnElement[bool] = table.c.id.in_(linked)
    return found


def bound(
    condition: Condition, field: Field, name: str, now: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    """The values that `expression` left open. `field` is the one at the end of the path; a day
    counted from today is that of `now` in `zone`."""
    operand, operator = condition.operand, condition.operator
    if isinstance(operand, Day):
        whole = field.type.name == "date"
        return {name: operand.date(now, zone) if whole else operand.begins(now, zone)}
    line = isinstance(field.type, Line)
    if operator == "isnull" or (isinstance(operand, bool) and operator == "eq"):
        return {}
    if operator == "contains":
        return {name: f"%{_escaped(operand)}%"}
    if operator == "startswith":
        return {name: f"{_escaped(operand)}%"}
    if operator == "has" and isinstance(operand[0], str):
        return {f"{name}_{number}": f"%,{key},%" for number, key in enumerate(operand)}
    if line and operator == "in":
        return {name: [sort_key(one) for one in operand]}
    if operator in ("in", "has"):
        return {name: list(operand)}
    return {name: sort_key(operand) if line else operand}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
