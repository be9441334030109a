"""A web address: http or https, nothing that a browser would run."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

from runtime.fields import textual
from runtime.fields.base import Field, Json, Widget
from runtime.fields.html import link_outside
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_line

MAX_LENGTH = 2000
_BLANK = r"\s\x00-\x20\x7f-\x9f\u2028\u2029"
PATTERN = rf"^[Hh][Tt][Tt][Pp][Ss]?://[^{_BLANK}/?#@]+([/?#][^{_BLANK}]*)?$"


class Url(textual.Line):
    name = "url"
    examples = ("https://example.az", "http://example.az:8080/a?b=c#d", "https://məktəb.az/ə")
    rejects = ("javascript:alert(1)", "example", "ftp://example.az", "https://", "https://a b", 5)

    def load(self, field: Field, value: Any) -> str | None:
        line = read_line(textual.need_string(value))
        if not line:
            return None
        textual.check_text(field, line, MAX_LENGTH)
        if not re.match(PATTERN, line):
            raise Invalid("invalid.url")
        return line

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "format": "uri"}

    def wire_schema(self, field: Field) -> Json:
        return {"type": "string", "maxLength": MAX_LENGTH, "pattern": PATTERN}

    def convert(self, field: Field, text: str, locale: Locale) -> str | None:
        bare = text.strip()
        if bare and "://" not in bare and "." in bare and ":" not in bare.split("/")[0]:
            bare = f"https://{bare}"
        return self.load(field, bare)

    def cell(self, field: Field, value: str, locale: Locale) -> Markup:
        shown = value.partition("://")[2].rstrip("/")
        return link_outside(value, shown)

    def widget(self, field: Field) -> Widget:
        return Widget("url", {"maxlength": MAX_LENGTH})
