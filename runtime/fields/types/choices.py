"""Several coloured options at once."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup

from runtime.fields import options
from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.fields.columns import TokenList
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale

_SEPARATOR = re.compile(r"([,;\n])")
# A title may hold commas of its own, but not more than these.
_COMMAS = 5


class Choices(FieldType):
    name = "choices"
    options_schema = options.OPTIONS_SCHEMA
    operators = ("has", "isnull")
    examples = (["one"], ["one", "two"], [])
    rejects = ("one", ["three"], ["one", "one"], [1], {})
    widening = frozenset({"choice"})
    empty = ()

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, TokenList),)

    def load(self, field: Field, value: Any) -> tuple[str, ...] | None:
        if not isinstance(value, list):
            raise Invalid("invalid.list")
        chosen = [options.need_key(field, key) for key in value]
        if len(set(chosen)) < len(chosen):
            raise Invalid("invalid.repeated")
        return self._ordered(field, chosen) or None

    def _ordered(self, field: Field, chosen: list[str]) -> tuple[str, ...]:
        return tuple(key for key in options.keys(field) if key in chosen)

    def dump(self, field: Field, value: tuple[str, ...]) -> list[str]:
        return list(value)

    def json_schema(self, field: Field) -> Json:
        item = {"type": "string", "enum": options.keys(field)}
        return {"type": "array", "items": item, "uniqueItems": True}

    def plain(self, field: Field, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def convert(self, field: Field, text: str, locale: Locale) -> tuple[str, ...] | None:
        parts = [part for part in _SEPARATOR.split(text) if part]
        chosen = []
        while parts:
            taken, key = _longest(field, parts)
            chosen += [key] if key else []
            parts = parts[taken:]
        return self._ordered(field, chosen) or None

    def text(self, field: Field, value: tuple[str, ...], locale: Locale) -> str:
        return ", ".join(options.title(field, key, locale.language) for key in value)

    def cell(self, field: Field, value: tuple[str, ...], locale: Locale) -> Markup:
        chips = (
            options.chip(field.option(key), options.title(field, key, locale.language))
            for key in value
        )
        return Markup(" ").join(chips)

    def widget(self, field: Field) -> Widget:
        return Widget("checkboxes", choices=field.choices)

    def sort_column(self, field: Field) -> None:
        return None


def _longest(field: Field, parts: list[str]) -> tuple[int, str | None]:
    """The option at the head of the text and how many parts, separators among them, it takes."""
    if not parts[0].strip() or _SEPARATOR.fullmatch(parts[0]):
        return 1, None
    for taken in range(min(len(parts), 2 * _COMMAS + 1), 1, -2):
        try:
            return taken, options.find(field, "".join(parts[:taken]))
        except Invalid:
            continue
    return 1, options.find(field, parts[0])
