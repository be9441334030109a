"""The meta-schemas: read once, with a validator that never leaves this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

from runtime.fields.registry import field_types

_FOLDER = Path(__file__).parent / "schemas"
KINDS = ("module", "entity", "workflow", "view", "role", "texts", "import", "demo")


def _pattern(
    _validator: Any, pattern: str, instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    """`pattern` as ECMA-262 means it: in Python a `$` would let a line end slip in behind it."""
    strict = pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern
    if isinstance(instance, str) and not re.search(strict, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


# Like any other validator of JSON Schema 2020-12, but for that `$`.
Validator = extend(Draft202012Validator, {"pattern": _pattern})


@cache
def meta_schema(kind: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((_FOLDER / f"{kind}.schema.json").read_text("utf-8"))
    return loaded


@cache
def validator(kind: str) -> Any:
    # An empty registry: jsonschema would otherwise fetch a remote $ref over HTTP.
    return Validator(meta_schema(kind), registry=Registry())


def options_schema(type_name: str) -> dict[str, Any]:
    """What may stand under `x-field` of one type."""
    kind = field_types()[type_name]
    own = {
        "type": {"const": type_name, "description": "The field type"},
        "uid": {
            "type": "string",
            "pattern": r"^[A-Za-z0-9_]+([.][A-Za-z0-9_]+)*$",
            "description": "Never changes. Left out it is `<entity uid>.<key>`; write it down when"
            " the key changes",
        },
        "unique": {
            "type": "boolean",
            "default": False,
            "description": "No two records outside the bin have the same value",
        },
    }
    required = ["type"]
    if "to" in kind.options_schema:
        required.append("to")
    if "options" in kind.options_schema:
        required.append("options")
    return {
        "type": "object",
        "required": required,
        "properties": own | dict(kind.options_schema),
        "additionalProperties": False,
    }


@cache
def options_validator(type_name: str) -> Any:
    return Validator(options_schema(type_name), registry=Registry())


def published_schema(kind: str) -> dict[str, Any]:
    """The meta-schema with the words of every field type: for editors and for `docs/reference`."""
    schema: dict[str, Any] = json.loads(json.dumps(meta_schema(kind)))
    if kind == "entity":
        schema["$defs"]["property"]["properties"]["x-field"] = {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"enum": list(field_types())}},
            "allOf": [
                {
                    "if": {"properties": {"type": {"const": name}}},
                    "then": options_schema(name),
                }
                for name in field_types()
            ],
        }
    return schema
