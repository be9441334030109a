"""Does each file have the shape of its kind? The errors of the meta-schemas, made readable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runtime.definitions.bundle import Bundle, File, ModuleSource
from runtime.definitions.checks.salvage import Place, extra_words, faults, is_name, salvage
from runtime.definitions.report import joined, listed, nearest, shown
from runtime.definitions.schemas import meta_schema, options_schema
from runtime.fields.registry import field_types
from runtime.fields.types.sequence import PATTERN
from runtime.kernel.errors import DefinitionProblem

# Patterns of the meta-schemas in words.
MEANINGS = {
    "^[a-z][a-z0-9_]{0,39}$": (
        "a key: small Latin letters, digits and _, a letter first, at most 40"
    ),
    "^[a-z0-9][a-z0-9_]{0,39}$": "a key: small Latin letters, digits and _, at most 40",
    "^[A-Za-z0-9_]+([.][A-Za-z0-9_]+)*$": "a uid: Latin letters, digits and _, joined by points",
    "^[0-9]+[.][0-9]+[.][0-9]+$": "a version such as 1.0.0",
    "^[A-Z]{3}$": "a currency code such as AZN",
    "^[A-Z]{2}$": "a country code such as AZ",
    "[{]n[}]": "a text with {n} where the number stands",
    PATTERN: "a text with {counter} or {counter:4} last, {year} and {month} before it",
}
# What people call the types of JSON.
_KINDS = {
    "object": "an object { }",
    "array": "a list [ ]",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "null",
}


def check_structure(bundle: Bundle) -> tuple[Bundle, list[DefinitionProblem], set[str]]:
    """What can be looked at further, what is wrong, and the names that stand in what is broken."""
    sound: dict[str, ModuleSource] = {}
    problems: list[DefinitionProblem] = []
    hidden: set[str] = set()
    for key, module in bundle.items():
        files = []
        for file in module.files:
            found = list(_file_problems(module.place(file), file))
            problems += found
            if found:
                kept, names = salvage(file)
                hidden |= names
                files += [kept] if kept else []
            else:
                files.append(file)
        sound[key] = ModuleSource(key, tuple(files))
    return sound, problems, hidden


def _file_problems(place: str, file: File) -> Iterator[DefinitionProblem]:
    for fault in faults(file.kind, file.content):
        path = joined("$", *fault.place)
        if fault.error is None:
            yield _unknown_type(place, path, file, fault.place)
        elif is_name(fault.error):
            yield from _bad_key(place, path, fault.error)
        else:
            explain = _EXPLAINERS.get(fault.error.validator, _plain)
            yield from explain(place, path, fault.error)


def _unknown_type(place: str, path: str, file: File, where: Place) -> DefinitionProblem:
    name = file.content["properties"][where[1]]["x-field"]["type"]
    names = list(field_types())
    problem, allowed = "there is no such field type", ", ".join(names)
    return DefinitionProblem(place, path, problem, shown(name), allowed, nearest(name, names))


def _extra_words(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    known = list(error.schema.get("properties", {}))
    for word in extra_words(error):
        problem = _elsewhere(path, word) or "this word is not part of the language here"
        yield DefinitionProblem(
            place, joined(path, word), problem, shown(word), listed(known), nearest(word, known)
        )


def _elsewhere(path: str, word: str) -> str:
    """Where an entity file has this word, when the author put it into the wrong object."""
    schema = meta_schema("entity")
    beside = schema["$defs"]["property"]["properties"]
    if path.endswith(".x-field") and word == "required":
        return "required fields are listed by key in `required`, beside `properties`"
    if path.endswith(".x-field") and word in beside:
        return "this word stands beside `x-field`, not inside it"
    in_field = path.startswith("$.properties.") and path.count(".") == 2
    if in_field and any(word in options_schema(name)["properties"] for name in field_types()):
        return "this word stands inside `x-field`"
    if path == "$" and word in schema["properties"]["x-entity"]["properties"]:
        return "this word of an entity stands inside `x-entity`"
    return ""


def _missing_word(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    # jsonschema reports one error per missing word; the word is quoted in its message.
    word = error.message.split("'")[1]
    yield DefinitionProblem(place, path, f"the word {word!r} is missing")


def _bad_key(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    meaning = MEANINGS.get(str(error.validator_value), str(error.validator_value))
    yield DefinitionProblem(
        place, joined(path, error.instance), "not a key", shown(error.instance), meaning
    )


def _pattern(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    meaning = MEANINGS.get(error.validator_value, f"matches {error.validator_value}")
    yield DefinitionProblem(
        place, path, "not written as it must be", shown(error.instance), meaning
    )


def _enum(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    allowed = [str(value) for value in error.validator_value]
    yield DefinitionProblem(
        place, path, "not one of the allowed words", shown(error.instance), ", ".join(allowed),
        nearest(error.instance, allowed),
    )  # fmt: skip


def _const(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    yield DefinitionProblem(
        place, path, "not the word that must stand here", shown(error.instance),
        shown(error.validator_value),
    )  # fmt: skip


def _type(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    allowed = error.validator_value
    names = [allowed] if isinstance(allowed, str) else allowed
    problem = "of the wrong kind"
    if path.startswith("$.properties.") and path.endswith(".required"):
        problem = "required fields are listed by key in `required`, beside `properties`"
    if path.endswith(".x-field"):
        problem = 'write the field type as {"type": "text"}'
    yield DefinitionProblem(
        place, path, problem, shown(error.instance), " or ".join(_KINDS[name] for name in names)
    )


def _too_many(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    yield DefinitionProblem(
        place,
        path,
        "too many entries",
        f"{len(error.instance):,}",
        f"at most {error.validator_value}",
    )


def _either(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    """`oneOf` of an entity: a whole one or an extension."""
    if error.validator == "oneOf" and path == "$":
        problem = "an entity needs title and x-entity; a file that adds to one needs x-extends"
        yield DefinitionProblem(place, path, problem)
        return
    yield DefinitionProblem(
        place, path, "fits none of the forms allowed here", shown(error.instance)
    )


def _bounds(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    limit, length = error.validator_value, len(error.instance) if _sized(error.instance) else 0
    problem, allowed = {
        "minItems": ("too few entries", f"at least {limit}"),
        "minProperties": ("too few entries", f"at least {limit}"),
        "minLength": ("too short", "a text that says something" if limit == 1 else f"{limit}"),
        "maxLength": (f"too long: {length:,} characters", f"at most {limit:,}"),
        "minimum": ("too small", f"at least {limit}"),
        "maximum": ("too large", f"at most {limit}"),
    }[error.validator]
    yield DefinitionProblem(place, path, problem, shown(error.instance), allowed)


def _sized(value: Any) -> bool:
    return isinstance(value, str | list | dict)


def _repeated(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    yield DefinitionProblem(place, path, "an entry stands twice", shown(error.instance))


def _plain(place: str, path: str, error: Any) -> Iterator[DefinitionProblem]:
    yield DefinitionProblem(
        place, path, f"does not fit {error.validator!r}", shown(error.instance),
        shown(error.validator_value),
    )  # fmt: skip


_EXPLAINERS = {
    "additionalProperties": _extra_words,
    "required": _missing_word,
    "pattern": _pattern,
    "enum": _enum,
    "const": _const,
    "type": _type,
    "maxProperties": _too_many,
    "maxItems": _too_many,
    "uniqueItems": _repeated,
    "anyOf": _either,
    "oneOf": _either,
    **dict.fromkeys(
        ("minItems", "minProperties", "minLength", "maxLength", "minimum", "maximum"), _bounds
    ),
}
