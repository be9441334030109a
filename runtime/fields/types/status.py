"""The state of a record in its workflow. It changes by transitions, never by an edit."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from markupsafe import Markup

from runtime.fields import options
from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.fields.columns import key_text
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale


class Status(FieldType):
    name = "status"
    examples = ()
    rejects = ("one", 1)
    read_only = True

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, key_text()),)

    def load(self, field: Field, value: Any) -> str:
        raise Invalid("invalid.status_moves")

    def dump(self, field: Field, value: str) -> str:
        return value

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "enum": options.keys(field), "readOnly": True}

    def convert(self, field: Field, text: str, locale: Locale) -> str | None:
        return options.find(field, text) if text.strip() else None

    def text(self, field: Field, value: str, locale: Locale) -> str:
        return options.title(field, value, locale.language)

    def cell(self, field: Field, value: str, locale: Locale) -> Markup:
        return options.chip(field.option(value), self.text(field, value, locale))

    def widget(self, field: Field) -> Widget:
        return Widget("none")
