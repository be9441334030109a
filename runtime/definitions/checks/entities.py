"""Do the fields of an entity agree with their types, and does everything they name exist?"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import re2

from runtime.definitions import titles
from runtime.definitions.build import Texts, build_field, default_fault, with_states
from runtime.definitions.index import EntitySource, Index, Source
from runtime.definitions.report import Report, shown
from runtime.fields.base import Field
from runtime.kernel.errors import Invalid
from runtime.kernel.i18n import say
from runtime.kernel.money import currencies
from runtime.kernel.workspace import Workspace

# Words of JSON Schema that say something to people or to us, whatever the type.
_ALWAYS = {"title", "description", "$comment", "default", "examples", "x-field", "readOnly"}

# Field types whose values cannot be held apart, and those that an author cannot fill in advance.
NEVER_UNIQUE = ("references", "users", "choices", "long_text")
NO_DEFAULT = ("reference", "references", "user", "users", "sequence", "status")
# More than any type holds: what a field's own limit is compared with is that of its type.
_BOUNDLESS = 10**9
# As many as one file may hold. PostgreSQL has 1,600 columns, and a text takes two.
MAX_FIELDS = 500
# Escapes and groups that RE2, Python and ECMA-262 do not share.
_FOREIGN = re.compile(r"(?<!\\)(?:\\\\)*(?:\\[pPzZAaQECGvhNKRX]|\(\?(?!:)|\[\[:)")
# What a file that adds to another module's entity may hold.
_EXTENSION = ("$schema", "$comment", "type", "x-extends", "properties")


def check_entities(found: Index, report: Report) -> None:
    for extension in found.extensions:
        _extension(found, extension, report)
    _inverses(found, report)
    for entity in found.entities.values():
        _entity(found, entity, report)
        for source in entity.fields.values():
            _field(found, entity, source, report)


def _extension(found: Index, extension: Source, report: Report) -> None:
    if extension.uid not in found.entities:
        report.unknown(extension, ".x-extends", "entity", extension.uid, found.entities)
    for word in extension.content:
        if word not in _EXTENSION:
            report.add(
                extension, f".{word}", "a file that adds to an entity holds its fields alone",
                found=word, allowed=_EXTENSION,
            )  # fmt: skip


def _entity(found: Index, entity: EntitySource, report: Report) -> None:
    source, words = entity.source, entity.words
    keys = list(entity.fields)
    for number, key in enumerate(source.content.get("required", ())):
        if key not in entity.fields:
            report.unknown(source, f".required[{number}]", "field", key, keys)
        elif _type(entity.fields[key]) in ("sequence", "status"):
            report.add(source, f".required[{number}]", "the product fills this field", found=key)
    for number, choice in enumerate(source.content.get("anyOf", ())):
        if choice["required"][0] not in entity.fields:
            place = f".anyOf[{number}].required[0]"
            report.unknown(source, place, "field", choice["required"][0], keys)
    for number, group in enumerate(words.get("unique", ())):
        _unique_group(entity, f".x-entity.unique[{number}]", group, report)
    for text in titles.templates(words):
        _template(found, entity, text, report)
    flow = words.get("status")
    if flow is not None and flow not in found.workflows:
        report.unknown(source, ".x-entity.status", "workflow", flow, found.workflows)
    elif flow is not None and found.workflows[flow].content["entity"] != source.uid:
        own = [uid for uid, one in found.workflows.items() if one.content["entity"] == source.uid]
        problem = f"{found.workflows[flow].file} is the workflow of another entity"
        report.add(source, ".x-entity.status", problem, found=flow, allowed=own)
    if len(entity.fields) > MAX_FIELDS:
        report.add(
            source, ".properties", "too many fields, with those that other files add",
            found=len(entity.fields), allowed=(f"at most {MAX_FIELDS}",),
        )  # fmt: skip


def _type(field: Source) -> str:
    return str(field.content["x-field"]["type"])


def _unique_group(entity: EntitySource, path: str, group: list[str], report: Report) -> None:
    for key in group:
        if key not in entity.fields:
            report.unknown(entity.source, path, "field", key, list(entity.fields))
        elif _type(entity.fields[key]) in NEVER_UNIQUE:
            report.add(entity.source, path, "fields of this type cannot be unique", found=key)


def _template(found: Index, entity: EntitySource, text: str, report: Report) -> None:
    path = ".x-entity.titled_by"
    try:
        template = titles.parse_template(text)
    except ValueError as error:
        report.add(entity.source, path, "not a field in braces", found=str(error))
        return
    if not titles.paths(template):
        report.add(entity.source, path, "a title names at least one field", found=text)
    for steps in titles.paths(template):
        fault = titles.path_fault(found, entity, steps)
        if fault and not any(report.hides(step) for step in steps):
            report.add(entity.source, path, fault[0], found=".".join(steps), allowed=fault[1])


def _field(found: Index, entity: EntitySource, source: Source, report: Report) -> None:
    words = source.content["x-field"]
    flow = found.workflows.get(entity.words.get("status", ""))
    field = with_states(build_field(source, entity, Texts({}), Workspace()), flow, Texts({}))
    _target(found, source, words, report)
    if words["type"] == "status" and source.key != "status":
        report.add(
            source, ".x-field.type",
            "the status of a record is the field `status`; name its workflow in x-entity.status",
            found=source.key,
        )  # fmt: skip
    elif words["type"] == "status" and "status" not in entity.words:
        report.add(source, ".x-field", "the entity has no workflow: x-entity.status names it")
    if words.get("unique") and field.type.name in NEVER_UNIQUE:
        report.add(source, ".x-field.unique", "fields of this type cannot be unique")
    _keywords(source, field, report)
    _options(source, words, report)
    if "{month}" in words.get("pattern", "") and "{year}" not in words["pattern"]:
        report.add(
            source, ".x-field.pattern", "a number with {month} needs {year}: it would come again",
            found=words["pattern"],
        )  # fmt: skip
    if words.get("currency", "AZN") not in currencies():
        report.add(
            source, ".x-field.currency", "there is no such currency", found=words["currency"]
        )
    _default(source, field, report)


def _inverses(found: Index, report: Report) -> None:
    """The other end of a reference has a name that no other list there has."""
    seen: dict[tuple[str, str], Source] = {}
    for entity in found.entities.values():
        for source in entity.fields.values():
            words = source.content["x-field"]
            if "inverse" not in words:
                continue
            earlier = seen.setdefault((words["to"], words["inverse"]), source)
            if earlier is not source:
                problem = f"{earlier.file} {earlier.path} has this name at the other end already"
                report.add(source, ".x-field.inverse", problem, found=words["inverse"])


def _target(found: Index, source: Source, words: dict[str, Any], report: Report) -> None:
    if "to" in words and words["to"] not in found.entities:
        report.unknown(source, ".x-field.to", "entity", words["to"], found.entities)
    if words.get("on_delete") == "clear" and source.key in found_required(found, source):
        report.add(
            source, ".x-field.on_delete", "a required field cannot be cleared", found="clear",
            allowed=("restrict", "cascade"),
        )  # fmt: skip


def found_required(found: Index, source: Source) -> list[str]:
    """The required keys of the entity that owns the field."""
    for entity in found.entities.values():
        if entity.fields.get(source.key) is source:
            required: list[str] = entity.source.content.get("required", [])
            return required
    return []


def _keywords(source: Source, field: Field, report: Report) -> None:
    implied = field.type.json_schema(field)
    for word, value in source.content.items():
        if word in implied and value != implied[word]:
            report.add(
                source, f".{word}", f"contradicts the field type {field.type.name}", found=value,
                allowed=(shown(implied[word]),),
            )  # fmt: skip
        elif word == "readOnly" and not field.type.read_only:
            report.add(
                source, ".readOnly", f"a field of type {field.type.name} is written by people"
            )
        elif word not in implied and word not in _ALWAYS and word not in field.type.keywords:
            problem = f"this word means nothing for the field type {field.type.name}"
            allowed = sorted({*implied, *field.type.keywords, *_ALWAYS} - {"x-field"})
            if word in field.type.options_schema:
                problem = f"a field of type {field.type.name} has this word inside `x-field`"
                allowed = []
            report.add(source, f".{word}", problem, found=word, allowed=allowed)
    _limits(source, report)
    _length(source, field, report)
    pattern = source.content.get("pattern")
    if pattern and "pattern" in field.type.keywords and not _compiles(pattern):
        report.add(
            source, ".pattern", "not a pattern that RE2 and JSON Schema both understand",
            found=pattern,
        )  # fmt: skip


def _limits(source: Source, report: Report) -> None:
    words = source.content["x-field"]
    pairs = (
        (source.content, "minLength", "maxLength", "."),
        (source.content, "minimum", "maximum", "."),
        (words, "minimum", "maximum", ".x-field."),
    )
    for holder, low, high, path in pairs:
        if low in holder and high in holder and _number(holder[low]) > _number(holder[high]):
            report.add(source, f"{path}{low}", f"is above {high}", found=holder[low])


def _number(written: Any) -> Decimal:
    return Decimal(str(written))


def _length(source: Source, field: Field, report: Report) -> None:
    """A limit that the type cannot hold is no limit."""
    own = {"maxLength": _BOUNDLESS} if "maxLength" in field.keywords else {}
    boundless = replace(field, keywords=own)
    most = field.type.wire_schema(boundless).get("maxLength")
    kind = f"unique {field.type.name}" if field.unique else field.type.name
    for word in ("minLength", "maxLength"):
        asked = field.keywords.get(word, 0)
        if most is not None and asked > most:
            problem, allowed = f"a {kind} holds less", (f"at most {most:,}",)
            report.add(source, f".{word}", problem, found=asked, allowed=allowed)


def _compiles(pattern: str) -> bool:
    """Whether the pattern means the same here (RE2) and to any validator of JSON Schema: no
    flags, no named groups, no classes that only one of them has."""
    if _FOREIGN.search(pattern):
        return False
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        re2.compile(pattern, quiet)
        re.compile(pattern)
    except (re2.error, re.error, OverflowError, RecursionError):
        return False
    return True


def _options(source: Source, words: dict[str, Any], report: Report) -> None:
    keys = [option["key"] for option in words.get("options", ())]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            path = f".x-field.options[{number}].key"
            report.add(source, path, "this option stands already in the list", found=key)


def _default(source: Source, field: Field, report: Report) -> None:
    if source.content.get("default") is None:
        return
    if field.type.name in NO_DEFAULT:
        report.add(source, ".default", f"a field of type {field.type.name} has no fixed default")
        return
    fault: Invalid | None = default_fault(field, source.content)
    if fault:
        why = say("en", fault.message)
        report.add(
            source, ".default", f"does not fit the field: {why}", found=source.content["default"]
        )
