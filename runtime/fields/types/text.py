"""One line of text."""

from __future__ import annotations

from typing import Any

from runtime.fields import textual
from runtime.fields.base import Field, Json, Widget
from runtime.kernel.reading import read_line


class Text(textual.Line):
    name = "text"
    keywords = ("maxLength", "minLength", "pattern")
    examples = ("Aygün", "  padded  ", "=1+1", "<b>", "😀")
    rejects = (5, True, ["a"], "two\nlines", "nul\x00", "x" * 1001)
    widening = frozenset({"email", "url", "phone", "sequence"})

    def load(self, field: Field, value: Any) -> str | None:
        line = read_line(textual.need_string(value))
        return textual.check_text(field, line, textual.max_length(field)) or None

    def json_schema(self, field: Field) -> Json:
        return {"type": "string"}

    def wire_schema(self, field: Field) -> Json:
        return textual.line_schema(field, textual.max_length(field))

    def widget(self, field: Field) -> Widget:
        return Widget("text", {"maxlength": textual.max_length(field)})
