"""The words of each kind of file, from the meta-schemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from constructor.reference.markdown import code, page, sentence, table
from runtime.definitions.bundle import FOLDERS
from runtime.definitions.checks.structure import MEANINGS
from runtime.definitions.schemas import KINDS, meta_schema, options_schema

Json = dict[str, Any]
_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
}

# What stands in the place of a name that the author chooses.
_NAMES = {
    "": "<uid>",
    "properties": "<key>",
    "rights": "<entity uid>",
    "columns": "<heading>",
    "modules": "<key>",
    "values": "<text>",
    "filter": "<condition>",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a file: where it stands, what may stand behind it, what it means."""

    path: str
    value: str
    required: bool
    default: str
    meaning: str


def words_of(kind: str) -> list[Word]:
    """Every word of a kind of file, in the order of the canonical form."""
    schema = meta_schema(kind)
    return list(_members(schema, schema, ""))


def definitions_page() -> str:
    """`definitions.md`."""
    folders = {kind: folder for folder, kind in FOLDERS.items()}
    files = table(
        ("Folder", "Holds"),
        [
            (f"`{folders[kind]}/*.json`" if kind in folders else "`module.json`", _plain(kind))
            for kind in KINDS
        ],
    )
    intro = (
        "A module is a folder of JSON files. Each file says one thing; its folder says of which"
        " kind it is. The name of the file is free but for `module.json` and `i18n/`, whose files"
        " are named after their language."
    )
    return page("Definitions", intro, files, *(_section(kind) for kind in KINDS))


def _plain(kind: str) -> str:
    return str(meta_schema(kind)["title"]).partition(":")[0]


def _section(kind: str) -> str:
    schema = meta_schema(kind)
    parts = [f"## {schema['title']}", sentence(schema.get("description", ""))]
    parts.append(words_table(words_of(kind)))
    if kind == "entity":
        parts += ["### Words of `x-field` of every type", words_table(common_words()), _OWN_WORDS]
    for condition in schema.get("allOf", ()):
        parts += _conditional(schema, condition)
    return "\n\n".join(part for part in parts if part)


def _conditional(schema: Json, condition: Json) -> list[str]:
    """Settings of the kinds of views."""
    chosen = condition["if"]["properties"]["kind"]
    names = chosen.get("enum") or [chosen["const"]]
    settings = condition["then"]["properties"]["settings"]
    title = " and ".join(f"`{name}`" for name in names)
    return [f"### Settings of {title}", words_table(list(_members(settings, schema, "settings.")))]


_OWN_WORDS = "What each type has beside them stands in [Field types](field-types.md)."


def common_words() -> list[Word]:
    """What may stand under `x-field` whatever the type."""
    schema = options_schema("date")
    words = _members(schema, schema, "x-field.")
    return [replace(one, value="word") if one.path == "x-field.type" else one for one in words]


def words_table(words: list[Word]) -> str:
    rows = []
    for word in words:
        meaning = sentence(word.meaning)
        if word.default:
            meaning = f"{meaning} Default: {word.default}.".strip()
        rows.append((f"`{word.path}`", word.value, "required" if word.required else "", meaning))
    return table(("Word", "Value", "", "Meaning"), rows)


def _members(schema: Json, root: Json, prefix: str) -> Iterator[Word]:
    required = schema.get("required", ())
    for name, written in schema.get("properties", {}).items():
        if not isinstance(written, dict):
            continue
        inner = resolved(written, root)
        yield _word(f"{prefix}{name}", inner, root, name in required)
        yield from _below(inner, root, f"{prefix}{name}")
    rest = schema.get("additionalProperties")
    if isinstance(rest, dict):
        inner = resolved(rest, root)
        place = prefix.removesuffix(".")
        name = _NAMES[place.rpartition(".")[2]]
        yield from _below(inner, root, f"{place}.{name}" if place else name)


def _below(inner: Json, root: Json, path: str) -> Iterator[Word]:
    """Words inside a word: of an object, or of the objects of a list."""
    if inner.get("type") == "array" and isinstance(inner.get("items"), dict):
        yield from _members(resolved(inner["items"], root), root, f"{path}[].")
    elif "anyOf" in inner:
        for choice in inner["anyOf"]:
            yield from _members(resolved(choice, root), root, f"{path}.")
    else:
        yield from _members(inner, root, f"{path}.")


def _word(path: str, schema: Json, root: Json, required: bool) -> Word:
    default = code(schema["default"]) if "default" in schema else ""
    return Word(path, value_of(schema, root), required, default, schema.get("description", ""))


def resolved(schema: Json, root: Json) -> Json:
    """The schema with what its `$ref` names; words beside the reference win."""
    pointer = schema.get("$ref", "")
    if not pointer.startswith("#/$defs/"):
        return schema
    target: Json = root["$defs"][pointer.removeprefix("#/$defs/")]
    return target | {word: value for word, value in schema.items() if word != "$ref"}


def value_of(schema: Json, root: Json) -> str:
    """What may stand behind a word, in a few words."""
    schema = resolved(schema, root)
    if "const" in schema:
        return code(schema["const"])
    if "enum" in schema:
        return ", ".join(code(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(value_of(one, root) for one in schema["anyOf"]))
    kind = schema.get("type", "")
    if isinstance(kind, list):
        return " or ".join(_KINDS[name] for name in kind)
    if kind == "array":
        return _list_of(schema, root)
    if kind == "string":
        return _text(schema)
    return _KINDS.get(kind, "any JSON value") + _bounds(schema, "minimum", "maximum", "")


def _list_of(schema: Json, root: Json) -> str:
    inner = value_of(schema["items"], root) if "items" in schema else "values"
    return f"list of {inner}" + _bounds(schema, "minItems", "maxItems", " entries")


def _text(schema: Json) -> str:
    pattern = schema.get("pattern")
    if pattern in MEANINGS:
        return MEANINGS[pattern].partition(": ")[0]
    if pattern:
        return f"text like `{pattern}`"
    return "text" + _bounds(schema, "", "maxLength", " characters")


def _bounds(schema: Json, low: str, high: str, unit: str) -> str:
    least, most = schema.get(low), schema.get(high)
    if least == most == 1:
        return ", just one"
    if least and most:
        return f", {least:,} to {most:,}{unit}"
    if most is not None:
        return f", at most {most:,}{unit}"
    return f", at least {least:,}{unit}" if least and least > 1 else ""
