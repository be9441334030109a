"""Schemas of records: what an answer holds, and what a client may send."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from runtime.catalog.model import Entity, Transition
from runtime.fields.base import Field, Json
from runtime.kernel.errors import Invalid
from runtime.kernel.i18n import translate
from runtime.query.system_fields import system_fields
from runtime.records.wire import HEAD, record_keys
from runtime.rest.asking import ALWAYS, is_pointing
from runtime.rest.bodies import MAX_ROWS

ULID = "^[0-9A-HJKMNP-TV-Z]{26}$"
# Formats that are narrower in the standard than in the world: `ə` stands in real addresses.
_LOOSE = ("email", "uri")


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def record(entity: Entity, language: str) -> Json:
    """One record, whole."""
    keys = record_keys(entity)
    return _object(_properties(entity, keys, language), keys)


def part(entity: Entity, language: str) -> Json:
    """A record of a list: `fields` chooses what it shows."""
    keys = (*record_keys(entity), "deleted_at")
    return _object(_properties(entity, keys, language), ALWAYS)


def create(entity: Entity, language: str) -> Json:
    """A new record as a client sends it."""
    needed = needed_fields(entity)
    properties = {
        one.key: _sent(one, language, needed=one.key in needed) for one in _writable(entity)
    }
    without_default = [key for key in needed if entity.by_key[key].default is None]
    made = {**_object(properties, without_default), "additionalProperties": False}
    if entity.one_of:
        made["anyOf"] = [_filled(entity, key) for key in entity.one_of]
    return made


def change(entity: Entity, language: str) -> Json:
    """What a client may send to change a record: null empties a field."""
    properties = {
        one.key: _sent(one, language, needed=_is_required(one)) for one in _writable(entity)
    }
    return {**_object(properties, ()), "additionalProperties": False}


def step(entity: Entity, one: Transition, language: str) -> Json:
    """What a step asks for; a field that the record has already may be left out."""
    assert entity.workflow is not None  # noqa: S101 - the step comes from it
    keys = dict.fromkeys((*one.ask, *entity.workflow.states[one.target].requires))
    fields = [entity.by_key[key] for key in keys if not entity.by_key[key].type.read_only]
    properties = {field.key: _sent(field, language, needed=True) for field in fields}
    return {**_object(properties, ()), "additionalProperties": False}


def bulk(name: str) -> Json:
    """One of these, or a list of them."""
    many = {"type": "array", "items": ref(name), "minItems": 1, "maxItems": MAX_ROWS}
    return {"oneOf": [ref(name), many]}


def needed_fields(entity: Entity) -> list[str]:
    """What a new record cannot do without: required fields, and those of the first state."""
    needed = [one.key for one in entity.fields if _is_required(one)]
    if entity.workflow:
        needed += entity.workflow.states[entity.workflow.start].requires
    return [key for key in dict.fromkeys(needed) if not entity.by_key[key].type.read_only]


def _is_required(one: Field) -> bool:
    # A box that nobody ticked is no.
    return one.required and one.type.name != "boolean"


def _writable(entity: Entity) -> list[Field]:
    return [one for one in entity.fields if not one.type.read_only]


def _filled(entity: Entity, key: str) -> Json:
    return {"required": [key], "properties": {key: {"not": {"type": "null"}}}}


def _object(properties: Json, required: Iterable[str]) -> Json:
    made: Json = {"type": "object", "properties": properties}
    if names := list(required):
        made["required"] = names
    return made


def _properties(entity: Entity, keys: Iterable[str], language: str) -> Json:
    return {key: _shown(entity, key, language) for key in keys}


def _shown(entity: Entity, key: str, language: str) -> Json:
    if key == "uid":
        return {"type": "string", "pattern": ULID, "readOnly": True}
    own = entity.by_key.get(key)
    one = own or system_fields()[key]
    schema = {word: what for word, what in one.type.json_schema(one).items() if word != "readOnly"}
    if schema.get("format") in _LOOSE:
        del schema["format"]
    if one.type.name == "money":
        schema["required"] = ["amount", "currency"]
    if is_pointing(one):
        schema = _pointing(one)
    elif key not in HEAD[:4] and one.type.empty is None:
        schema = nullable(schema)
    schema["title"] = one.title(language)
    if own is None or one.type.read_only:
        schema["readOnly"] = True
    return schema


def _pointing(one: Field) -> Json:
    """An id, or the object that `expand` makes of it."""
    if one.type.links:
        return {"type": "array", "items": {"anyOf": [{"type": "integer"}, ref("Linked")]}}
    return {"anyOf": [{"type": ["integer", "null"]}, ref("Linked")]}


def nullable(schema: Json) -> Json:
    if "type" not in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    made = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        made["enum"] = [*schema["enum"], None]
    return made


def _sent(one: Field, language: str, *, needed: bool) -> Json:
    schema = dict(one.type.wire_schema(one))
    if "pattern" in schema:
        schema["pattern"] = portable(schema["pattern"])
    if not needed:
        schema = nullable(_emptied(one, schema))
    elif schema.get("type") == "array":
        schema["minItems"] = 1
    schema["title"] = one.title(language)
    about = one.help(language)
    if is_pointing(one):
        about = about or translate(language, "rest.about_id")
    if about:
        schema["description"] = about
    if one.default is not None:
        schema["default"] = one.type.dump(one, one.default)
    example = _example(one)
    if example is not None:
        schema["examples"] = [example]
    return schema


def portable(pattern: str) -> str:
    """Without lone surrogates, which UTF-8 cannot carry and many engines cannot name."""
    return pattern.replace(r"\ud800-\udfff", "")


def _emptied(one: Field, schema: Json) -> Json:
    """An empty text empties the field, like null."""
    if schema.get("type") != "string" or not _takes_nothing(one):
        return schema
    if "pattern" in schema and not re.search(schema["pattern"], ""):
        schema = {**schema, "pattern": f"^$|{schema['pattern']}"}
    if "minLength" in schema:
        least = schema["minLength"]
        schema = {word: what for word, what in schema.items() if word != "minLength"}
        schema["anyOf"] = [{"maxLength": 0}, {"minLength": least}]
    return schema


def _takes_nothing(one: Field) -> bool:
    try:
        return one.type.load(one, "") is None
    except Invalid:
        return False


def _example(one: Field) -> Any:
    """An example of the type that this field takes, too."""
    choices = [option.key for option in one.choices]
    own: Any = [choices[:1]] if one.type.name == "choices" else choices
    for example in own or one.type.examples:
        try:
            value = one.type.load(one, example)
        except Invalid:
            continue
        if value is not None and not is_pointing(one):
            return one.type.dump(one, value)
    return None
