"""What the types that hold text share: folded sort columns, lengths, patterns."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import re2
import sqlalchemy as sa

from runtime.fields.base import Field, FieldType, Json
from runtime.fields.columns import key_text
from runtime.kernel.errors import Invalid
from runtime.kernel.fold import sort_key
from runtime.kernel.locale import Locale

OPERATORS = ("contains", "eq", "ne", "startswith", "in", "isnull")
# Without an own `maxLength` a line may have so many characters, with one at most so many ...
MAX_LINE = 1000
LONGEST_LINE = 10_000
# ... and a unique one so many: PostgreSQL's index entries hold 2,704 bytes.
MAX_UNIQUE = 500
# Every character but the control characters that `reading.read_line` refuses.
NO_CONTROL = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"


def fold_column(field: Field) -> str:
    return f"{field.key}__fold"


def need_string(value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid("invalid.string")
    return value


def max_length(field: Field) -> int:
    ceiling = MAX_UNIQUE if field.unique else LONGEST_LINE
    return min(int(field.keywords.get("maxLength", MAX_LINE)), ceiling)


def check_text(field: Field, text: str, limit: int) -> str:
    """The text if its length and pattern fit; `""` stays for the caller to read as empty."""
    if len(text) > limit:
        raise Invalid("invalid.too_long", limit=limit, length=len(text))
    if text and len(text) < field.keywords.get("minLength", 0):
        raise Invalid("invalid.too_short", limit=field.keywords["minLength"])
    pattern = field.keywords.get("pattern")
    if text and pattern and not compiled(pattern).search(text):
        raise Invalid("invalid.pattern", pattern=pattern)
    return text


@cache
def compiled(pattern: str) -> Any:
    """An expression in linear time (RE2): an author's pattern can never hang a worker."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def line_schema(field: Field, limit: int) -> Json:
    """What a request may send: no control characters, and something in it when required."""
    schema: Json = {"type": "string", "maxLength": limit}
    if field.required:
        schema["pattern"] = rf"^{NO_CONTROL}*[^\s\x00-\x1f\x7f-\x9f]{NO_CONTROL}*$"
    else:
        schema["pattern"] = rf"^{NO_CONTROL}*$"
    for word in ("minLength", "pattern"):
        if word in field.keywords:
            schema[word] = field.keywords[word]
    return schema


class Line(FieldType):
    """A text that lists sort and search: beside it stands its folded sort key."""

    operators: ClassVar[tuple[str, ...]] = OPERATORS
    searchable = True

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return sa.Column(field.key, sa.Text), sa.Column(fold_column(field), key_text())

    def pack(self, field: Field, value: Any) -> dict[str, Any]:
        folded = None if value is None else sort_key(value)
        return {field.key: value, fold_column(field): folded}

    def sort_column(self, field: Field) -> str | None:
        return fold_column(field)

    def dump(self, field: Field, value: str) -> str:
        return value

    def text(self, field: Field, value: str, locale: Locale) -> str:
        return value

    def recast(self, field: Field, other: Field, value: Any, locale: Locale) -> str | None:
        # A text keeps what people read: the title of an option, not its key.
        return self.convert(field, other.type.text(other, value, locale), locale)

    def convert(self, field: Field, text: str, locale: Locale) -> str | None:
        loaded: str | None = self.load(field, text)
        return loaded
