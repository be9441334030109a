"""Yes or no; a box that nobody ticked is no."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from markupsafe import Markup

from runtime.fields.base import Field, FieldType, Json, Widget
from runtime.fields.html import span
from runtime.kernel.errors import Invalid
from runtime.kernel.fold import fold
from runtime.kernel.i18n import translate
from runtime.kernel.locale import Locale

_YES = ("1", "true", "yes", "y", "on", "x", "+", "t", "beli", "he", "var", "evet", "да", "есть")
_NO = ("0", "false", "no", "n", "off", "-", "f", "xeyr", "yox", "hayir", "yok", "нет")
_WORDS = {fold(word): True for word in _YES} | {fold(word): False for word in _NO}


class Boolean(FieldType):
    name = "boolean"
    operators = ("eq",)
    examples = (True, False)
    rejects = ("yes", 1, 0, "true", [])
    empty = False

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, sa.Boolean),)

    def load(self, field: Field, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Invalid("invalid.boolean")
        return value

    def dump(self, field: Field, value: bool) -> bool:
        return value

    def json_schema(self, field: Field) -> Json:
        return {"type": "boolean"}

    def plain(self, field: Field, value: bool) -> str:
        return "true" if value else "false"

    def convert(self, field: Field, text: str, locale: Locale) -> bool | None:
        word = fold(text.strip())
        if not word:
            return None
        if word not in _WORDS:
            raise Invalid("invalid.boolean")
        return _WORDS[word]

    def text(self, field: Field, value: bool, locale: Locale) -> str:
        return translate(locale.language, "value.yes" if value else "value.no")

    def cell(self, field: Field, value: bool, locale: Locale) -> Markup:
        kind = "yes" if value else "no"
        return span(kind, self.text(field, value, locale))

    def widget(self, field: Field) -> Widget:
        return Widget("checkbox")

    def unpack(self, field: Field, stored: tuple[Any, ...]) -> bool:
        return bool(stored[0])
