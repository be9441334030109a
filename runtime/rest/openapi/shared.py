"""Schemas that are the same in every workspace: errors, counts, linked records, changes."""

from __future__ import annotations

from runtime.fields.base import Json
from runtime.rest.openapi.schemas import ref

TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer"}


def schemas() -> dict[str, Json]:
    """Name of the component -> schema."""
    return {
        "Problem": _problem(),
        "Count": _object({"value": NUMBER, "exact": {"type": "boolean"}}),
        "Linked": _object({"id": NUMBER, "title": {"type": ["string", "null"]}}),
        "Change": _change(),
    }


def _object(properties: Json) -> Json:
    return {"type": "object", "required": list(properties), "properties": properties}


def _problem() -> Json:
    messages = {"type": "array", "items": TEXT}
    of_a_row = {"type": "object", "additionalProperties": messages}
    errors = {"type": "object", "additionalProperties": {"anyOf": [messages, of_a_row]}}
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": NUMBER,
            "detail": TEXT,
            "instance": TEXT,
            "version": NUMBER,
            "errors": errors,
        },
    }


def _change() -> Json:
    change = _object({"field": TEXT, "from": {}, "to": {}})
    return _object(
        {
            "id": NUMBER,
            "operation": NUMBER,
            "at": {"type": "string", "format": "date-time"},
            "by": {"anyOf": [ref("Linked"), {"type": "null"}]},
            "kind": TEXT,
            "origin": TEXT,
            "version": NUMBER,
            "changes": {"type": "array", "items": change},
        }
    )
