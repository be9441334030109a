"""`filters.md`: the operators of lists, views and REST, and which types have them."""

from __future__ import annotations

from constructor.reference.markdown import page, table
from runtime.definitions.checks.views import SYSTEM_TYPES
from runtime.fields.registry import field_types

_MEANINGS = {
    "eq": ("equal; the operator that need not be written", "`status=new`"),
    "ne": ("different, or empty", "`status__ne=done`"),
    "gt": ("greater, later", "`price__gt=100`"),
    "gte": ("greater or equal", "`day__gte=2026-03-02`"),
    "lt": ("less, earlier", "`price__lt=100`"),
    "lte": ("less or equal", "`day__lte=2026-03-31`"),
    "in": ("one of several, parted by commas, at most 200", "`status__in=new,paid`"),
    "isnull": ("`true`: empty; `false`: filled", "`phone__isnull=true`"),
    "contains": ("has this text in it, without regard to case and marks", "`name__contains=ali`"),
    "startswith": (
        "begins with this text, without regard to case and marks",
        "`name__startswith=a`",
    ),
    "has": ("holds one of these, parted by commas", "`tags__has=vip,new`"),
    "currency": ("of money whose records name their own currency", "`worth__currency=USD`"),
}
_INTRO = """
A filter is `field=value` or `field__operator=value`: in the address of a list, in the `filter` of
a view, in a REST call. Several filters all hold. One step over a reference is written with a point:
`customer.city=Baku`. An unknown field or operator, and a value that does not fit the field, are
errors; they are never ignored.

Values are written as people type them or as JSON has them: a day as `2026-03-02`, a moment as
`2026-03-02T09:00:00Z`, a choice by its key, a record by its number. Days are counted from today as
`today`, `today-30`, `today+7`; a date-time is compared with the beginning of that day.
"""


def filters_page() -> str:
    """`filters.md`."""
    used: dict[str, list[str]] = {}
    for name, kind in field_types().items():
        for operator in kind.operators:
            used.setdefault(operator, []).append(name)
    used["currency"] = ["money"]
    rows = [
        (f"`{name}`", _MEANINGS[name][0], _MEANINGS[name][1], ", ".join(types))
        for name, types in sorted(used.items())
    ]
    system = table(
        ("Column", "Filtered as"),
        [(f"`{key}`", f"[{kind}](field-types.md#{kind})") for key, kind in SYSTEM_TYPES.items()],
    )
    return page(
        "Filters",
        _INTRO,
        table(("Operator", "Keeps records that are", "Example", "Field types"), rows),
        "## Columns that every record has",
        system,
    )
