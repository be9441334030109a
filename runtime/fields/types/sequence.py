"""An automatic number: a pattern with the year and a counter, without gaps or repeats.

The number is given by `records.numbers` in the transaction that creates the record.
"""

from __future__ import annotations

from typing import Any

from runtime.fields import textual
from runtime.fields.base import Field, Json, Widget
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_line

PATTERN = r"^[^{}]*(\{year\}|\{month\}|[^{}])*\{counter(:[1-9])?\}[^{}]*$"


class Sequence(textual.Line):
    name = "sequence"
    options_schema = {
        "pattern": {
            "type": "string",
            "pattern": PATTERN,
            "maxLength": 60,
            "default": "{counter}",
            "description": "{counter} or {counter:4} (four digits) last; before it {year} and"
            " {month}, with which the counter begins anew",
        }
    }
    examples = ()
    rejects = ("A-1", 5)
    read_only = True

    def load(self, field: Field, value: Any) -> str | None:
        raise Invalid("invalid.read_only")

    def convert(self, field: Field, text: str, locale: Locale) -> str | None:
        """Only retyping comes here: numbers that stood in another field stay what they are."""
        return textual.check_text(field, read_line(text), 100) or None

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "readOnly": True}

    def widget(self, field: Field) -> Widget:
        return Widget("none")
