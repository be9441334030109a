"""Several lines of text: notes, descriptions, conclusions."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from runtime.fields import textual
from runtime.fields.base import Field, Json, Widget
from runtime.fields.html import span
from runtime.kernel.fold import fold
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_lines

# Characters when the author sets no `maxLength`; more belongs in a file.
MAX_LENGTH = 100_000


class LongText(textual.Line):
    name = "long_text"
    keywords = ("maxLength", "minLength")
    operators = ("contains", "isnull")
    examples = ("One\nTwo", "tab\there", "ə" * 5000)
    rejects = (5, False, {}, "nul\x00", "x" * 100_001)
    searchable = False
    widening = frozenset({"text", "email", "url", "phone", "sequence"})

    def limit(self, field: Field) -> int:
        return min(int(field.keywords.get("maxLength", MAX_LENGTH)), MAX_LENGTH)

    def load(self, field: Field, value: Any) -> str | None:
        lines = read_lines(textual.need_string(value))
        return textual.check_text(field, lines, self.limit(field)) or None

    def json_schema(self, field: Field) -> Json:
        return {"type": "string"}

    def wire_schema(self, field: Field) -> Json:
        allowed = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
        something = rf"[^\s\x00-\x1f\x7f-\x9f]{allowed}*" if field.required else ""
        schema: Json = {
            "type": "string",
            "maxLength": self.limit(field),
            "pattern": f"^{allowed}*{something}$",
        }
        if "minLength" in field.keywords:
            schema["minLength"] = field.keywords["minLength"]
        return schema

    def cell(self, field: Field, value: str, locale: Locale) -> Markup:
        return span("lines", value)

    def widget(self, field: Field) -> Widget:
        return Widget("long_text", {"maxlength": self.limit(field)})

    def pack(self, field: Field, value: Any) -> dict[str, Any]:
        # Not a sort key: "contains" must find a word at the end of a long note.
        folded = None if value is None else fold(value)
        return {field.key: value, textual.fold_column(field): folded}

    def sort_column(self, field: Field) -> None:
        return None
