"""A field of any type, without a workspace around it."""

from __future__ import annotations

from typing import Any

from runtime.fields.base import Field, Label, Option
from runtime.fields.registry import field_types


def make_field(name: str, *, hostile: str = "", required: bool = False, **options: Any) -> Field:
    """`hostile` becomes the title of everything that has one. Words of JSON Schema (`minimum` of
    an integer, `maxLength`) are sorted out from `options` by the type itself."""
    kind = field_types()[name]
    keywords = {word: options.pop(word) for word in list(options) if word in kind.keywords}
    if "currency" in kind.options_schema:
        options.setdefault("currency", "AZN")
    if "region" in kind.options_schema:
        options.setdefault("region", "AZ")
    if "to" in kind.options_schema:
        options |= {"to": "shop.customer", "to_key": "customer"}
    choices = tuple(
        Option(f"shop.thing.value.{key}", key, Label(hostile or key.capitalize()))
        for key in ("one", "two")
    )
    has_choices = "options" in kind.options_schema or name == "status"
    return Field(
        uid="shop.thing.value",
        key="value",
        entity="shop.thing",
        type=kind,
        title=Label(hostile or "Value"),
        options=options,
        keywords=keywords,
        choices=choices if has_choices else (),
        required=required,
    )
