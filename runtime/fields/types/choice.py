"""One of a few coloured options."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from markupsafe import Markup

from runtime.fields import options
from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.fields.columns import key_text
from runtime.kernel.locale import Locale


class Choice(FieldType):
    name = "choice"
    options_schema = options.OPTIONS_SCHEMA
    examples = ("one", "two")
    rejects = ("three", "", 1, ["one"])

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, key_text()),)

    def load(self, field: Field, value: Any) -> str:
        return options.need_key(field, value)

    def dump(self, field: Field, value: str) -> str:
        return value

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "enum": options.keys(field)}

    def convert(self, field: Field, text: str, locale: Locale) -> str | None:
        return options.find(field, text) if text.strip() else None

    def text(self, field: Field, value: str, locale: Locale) -> str:
        return options.title(field, value, locale.language)

    def cell(self, field: Field, value: str, locale: Locale) -> Markup:
        return options.chip(field.option(value), self.text(field, value, locale))

    def widget(self, field: Field) -> Widget:
        return Widget("select", choices=field.choices)
