"""The filters of a list in words: what stands on its chips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.kernel.days import Day, read_day
from runtime.kernel.errors import Invalid
from runtime.kernel.i18n import translate
from runtime.query.filters import Condition, read_filter
from runtime.query.system_fields import find_field
from runtime.records import find
from runtime.records.context import Context
from runtime.views.table.address import Address, Pairs

# Field key -> id -> what people call it.
Names = Mapping[tuple[str, ...], Mapping[int, str]]
_SIGNS = {"gt": ">", "gte": "≥", "lt": "<", "lte": "≤"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter: its sentence, where it is changed, and the list without it."""

    text: str
    edit: str
    without: str


def read_conditions(ctx: Context, entity: Entity, filters: Pairs) -> tuple[Condition, ...]:
    """Raises `BadQuery` for a field, operator or value that means nothing."""
    locale = ctx.actor.locale
    return tuple(read_filter(ctx.catalog, entity, name, text, locale) for name, text in filters)


def chips(
    ctx: Context, entity: Entity, address: Address, conditions: tuple[Condition, ...]
) -> list[Chip]:
    """One for each filter of the address, in its order."""
    names = _names(ctx, entity, conditions)
    made = []
    for (name, text), condition in zip(address.filters, conditions, strict=True):
        together = _together(entity, address, condition, name)
        separator = "&" if "?" in address.url() else "?"
        edit = f"{address.url()}{separator}_add={condition.path[0]}"
        said = _sentence(ctx, entity, condition, text, names)
        made.append(Chip(said, edit if _own(entity, condition) else "", together))
    return made


def _own(entity: Entity, condition: Condition) -> bool:
    return len(condition.path) == 1


def _together(entity: Entity, address: Address, condition: Condition, name: str) -> str:
    """Sums of several currencies are compared within one: their filters go together."""
    one = entity.by_key.get(condition.path[0])
    if one is None or not one.options.get("per_record"):
        return address.without({name}).url()
    return address.without({key for key, _ in address.filters if bare(key) == one.key}).url()


def bare(name: str) -> str:
    """`balance__gte` -> `balance`."""
    return name.partition("__")[0]


def field_behind(ctx: Context, entity: Entity, path: tuple[str, ...]) -> Field:
    here = entity
    for key in path[:-1]:
        here = ctx.catalog.target(here.by_key[key])
    found = find_field(here, path[-1])
    assert found is not None  # noqa: S101 - `read_filter` found it
    return found


def _sentence(ctx: Context, entity: Entity, condition: Condition, text: str, names: Names) -> str:
    language, one = ctx.actor.language, field_behind(ctx, entity, condition.path)
    title = one.title(language)
    if len(condition.path) > 1:
        title = f"{entity.by_key[condition.path[0]].title(language)} · {title}"
    operator = condition.operator
    if operator == "isnull":
        return translate(
            language, f"filter.{'empty' if condition.operand else 'filled'}_said", field=title
        )
    if operator in ("contains", "startswith"):
        return translate(language, f"filter.{operator}_said", field=title, value=text.strip())
    value = _value(ctx, one, condition, text, names)
    if operator in _SIGNS:
        return f"{title} {_SIGNS[operator]} {value}"
    key = "filter.ne_said" if operator == "ne" else "filter.is_said"
    return translate(language, key, field=title, value=value)


def _value(ctx: Context, one: Field, condition: Condition, text: str, names: Names) -> str:
    """The operand as people read it; `in` and `has` list several."""
    if condition.operator == "currency":
        return text.strip().upper()
    known = names.get(condition.path)
    if known is not None:
        return ", ".join(known.get(found, f"#{found}") for found in _ids(condition))
    several = condition.operator in ("in", "has")
    parts = [part for part in text.split(",") if part.strip()] if several else [text]
    return ", ".join(_part(ctx, one, part) for part in parts)


def _part(ctx: Context, one: Field, part: str) -> str:
    locale = ctx.actor.locale
    day = read_day(part) if one.type.name in ("date", "datetime") else None
    if day is not None:
        return day_said(locale.language, day)
    try:
        value = one.type.convert(one, part.strip(), locale)
    except Invalid:
        return part.strip()
    return part.strip() if value is None else one.type.text(one, value, locale)


def day_said(language: str, day: Day) -> str:
    """`today`, `in 7 days`, `30 days ago`."""
    if day.after == 0:
        return translate(language, "filter.today")
    key = "filter.days_after" if day.after > 0 else "filter.days_before"
    return translate(language, key, n=abs(day.after))


def _ids(condition: Condition) -> tuple[int, ...]:
    operand = condition.operand
    return operand if isinstance(operand, tuple) else (operand,)


def _names(ctx: Context, entity: Entity, conditions: tuple[Condition, ...]) -> Names:
    """What the records and people are called that filters point at: a statement for each field."""
    found: dict[tuple[str, ...], Mapping[int, str]] = {}
    for condition in conditions:
        one = field_behind(ctx, entity, condition.path)
        if condition.operator == "isnull" or condition.path in found:
            continue
        if one.type.name in ("reference", "references"):
            wanted = [
                i
                for c in conditions
                if c.path == condition.path and c.operator != "isnull"
                for i in _ids(c)
            ]
            found[condition.path] = find.titles(ctx, ctx.catalog.target(one), wanted)
        elif one.type.name in ("user", "users"):
            found[condition.path] = people(ctx)
    return found


def people(ctx: Context) -> dict[int, str]:
    """Everybody of the workspace by id, in order of names."""
    users = ctx.model.metadata.tables["sys_user"]
    rows = ctx.run(sa.select(users.c.id, users.c.name).order_by(users.c.name).limit(500))
    return {row.id: row.name for row in rows}
