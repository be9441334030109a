"""The two families of types that point at other rows: ids in JSON, titles for people."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from runtime.fields.base import Field, FieldType, Json, Ref
from runtime.fields.numeric import MAX_INTEGER
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale

ID: Json = {"type": "integer", "minimum": 1, "maximum": MAX_INTEGER}


def load_id(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_INTEGER:
        raise Invalid("invalid.id")
    return value


def load_ids(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, list):
        raise Invalid("invalid.list")
    ids = [load_id(item) for item in value]
    if len(set(ids)) < len(ids):
        raise Invalid("invalid.repeated")
    return tuple(sorted(ids)) or None


def convert_id(text: str) -> int | None:
    """Only an id; names are matched by those who can look into the database."""
    bare = text.strip()
    if not bare:
        return None
    if not (bare.isascii() and bare.isdigit() and len(bare) < 17):
        raise Invalid("invalid.reference", text=bare[:80])
    return load_id(int(bare))


def convert_ids(text: str) -> tuple[int, ...] | None:
    parts = [part for part in text.replace(";", ",").split(",") if part.strip()]
    return tuple(sorted({convert_id(part) or 0 for part in parts})) or None


def id_of(value: Ref | int) -> int:
    return value.id if isinstance(value, Ref) else value


def title_of(value: Ref | int) -> str:
    return value.title if isinstance(value, Ref) else str(value)


class One(FieldType):
    """A field that holds the id of one row elsewhere."""

    examples = (1, 42.0)
    rejects = ("1", 0, -3, 1.5, True, [1])

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return (sa.Column(field.key, sa.BigInteger),)

    def load(self, field: Field, value: Any) -> int:
        return load_id(value)

    def dump(self, field: Field, value: Ref | int) -> int:
        return id_of(value)

    def json_schema(self, field: Field) -> Json:
        return {"type": "integer"}

    def wire_schema(self, field: Field) -> Json:
        return ID

    def convert(self, field: Field, text: str, locale: Locale) -> int | None:
        return convert_id(text)

    def text(self, field: Field, value: Ref | int, locale: Locale) -> str:
        return title_of(value)

    def pack(self, field: Field, value: Any) -> dict[str, Any]:
        return {field.key: None if value is None else id_of(value)}

    def sort_column(self, field: Field) -> None:
        # Sorting by id would mean nothing to people; by title it would need the other table.
        return None


class Many(FieldType):
    """A field that holds the ids of rows elsewhere, as pairs in a table of its own."""

    operators = ("has", "isnull")
    examples = ([1, 2], [])
    rejects = (1, ["1"], [1, 1], [0], {})
    empty = ()

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        return ()

    def load(self, field: Field, value: Any) -> tuple[int, ...] | None:
        return load_ids(value)

    def dump(self, field: Field, value: tuple[Ref | int, ...]) -> list[int]:
        return [id_of(item) for item in value]

    def json_schema(self, field: Field) -> Json:
        return {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}

    def wire_schema(self, field: Field) -> Json:
        return {"type": "array", "items": ID, "uniqueItems": True}

    def convert(self, field: Field, text: str, locale: Locale) -> tuple[int, ...] | None:
        return convert_ids(text)

    def text(self, field: Field, value: tuple[Ref | int, ...], locale: Locale) -> str:
        return ", ".join(title_of(item) for item in value)

    def plain(self, field: Field, value: tuple[Ref | int, ...]) -> str:
        return ",".join(str(id_of(item)) for item in value)

    def pack(self, field: Field, value: Any) -> dict[str, Any]:
        return {}

    def sort_column(self, field: Field) -> None:
        return None
