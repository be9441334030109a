"""An e-mail address, kept as typed and compared without regard to case."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

from runtime.fields import textual
from runtime.fields.base import Field, Json, Widget
from runtime.fields.html import link
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_line

# RFC 5321 4.5.3.1: 64 octets before the @, 255 after; 254 for the whole path.
MAX_LENGTH = 254
_LOCAL = r"[^\s@,;:<>()\[\]\\\"\x00-\x20\x7f-\x9f\u2028\u2029]{1,64}"
_NAME = r"[^\s@,;:<>()\[\]\\\"\x00-\x2c./\x7f-\x9f\u2028\u2029_!-,]{1,63}"
PATTERN = rf"^{_LOCAL}@{_NAME}([.]{_NAME})+$"


class Email(textual.Line):
    name = "email"
    examples = ("aygun@example.az", "A.B+c@mail.example.com", "əli@məktəb.az")
    rejects = ("aygun", "a@b", "a b@c.az", "a@b..az", "<a@b.az>", 5, "x" * 250 + "@a.az")

    def load(self, field: Field, value: Any) -> str | None:
        line = read_line(textual.need_string(value))
        if not line:
            return None
        textual.check_text(field, line, MAX_LENGTH)
        if not re.match(PATTERN, line):
            raise Invalid("invalid.email")
        return line

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "format": "email"}

    def wire_schema(self, field: Field) -> Json:
        return {"type": "string", "maxLength": MAX_LENGTH, "pattern": PATTERN}

    def cell(self, field: Field, value: str, locale: Locale) -> Markup:
        return link(f"mailto:{value}", value)

    def widget(self, field: Field) -> Widget:
        return Widget("email", {"maxlength": MAX_LENGTH, "autocomplete": "off"})
