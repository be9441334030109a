"""Where a file has not the shape of its kind, and what of it can be looked at all the same."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from runtime.definitions.bundle import File, Json
from runtime.definitions.schemas import options_validator, validator
from runtime.fields.registry import field_types

Place = tuple[str | int, ...]
# Cutting one part out may leave its owner without a word that it needs, and so on upwards.
_PASSES = 8
_CUT = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of jsonschema at a place of the file; None where the field type is unknown."""

    place: Place
    error: Any


def faults(kind: str, content: Json) -> Iterator[Fault]:
    for error in validator(kind).iter_errors(content):
        yield Fault(tuple(error.absolute_path), error)
    properties = content.get("properties") if kind == "entity" else None
    for key, described in properties.items() if isinstance(properties, dict) else ():
        words = described.get("x-field") if isinstance(described, dict) else None
        name = words.get("type") if isinstance(words, dict) else None
        if not isinstance(name, str):
            continue  # said by the meta-schema
        place: Place = ("properties", key, "x-field")
        if name not in field_types():
            yield Fault((*place, "type"), None)
            continue
        for error in options_validator(name).iter_errors(words):
            yield Fault((*place, *error.absolute_path), error)


def extra_words(error: Any) -> list[str]:
    """The members that an `additionalProperties` error is about."""
    known = error.schema.get("properties", {})
    return [word for word in error.instance if word not in known]


def is_name(error: Any) -> bool:
    """Whether the error speaks of the name of a member, not of a value."""
    return "propertyNames" in error.absolute_schema_path


def salvage(file: File) -> tuple[File | None, set[str]]:
    """The file without its broken parts, None when nothing is left; and every name that stood in
    what was cut out, so that nobody is told that such a thing does not exist."""
    content: Any = copy.deepcopy(file.content)
    hidden: set[str] = set()
    for _ in range(_PASSES):
        found = list(faults(file.kind, content))
        if not found:
            return File(file.path, file.kind, content), hidden
        for fault in found:
            if not all(_cut(content, place, hidden) for place in _broken(fault)):
                return None, _names(file.content) | {file.name}
        content = _without_cuts(content)
    return None, _names(file.content) | {file.name}


def _broken(fault: Fault) -> list[Place]:
    error = fault.error
    if error is not None and error.validator == "additionalProperties":
        return [(*fault.place, word) for word in extra_words(error)]
    if error is not None and is_name(error):
        return [(*fault.place, error.instance)]
    return [fault.place]


def _cut(content: Any, place: Place, hidden: set[str]) -> bool:
    """Marks what stands at the place; False when that is the whole file."""
    if not place:
        return False
    for step in place[:-1]:
        content = content[step]
        if content is _CUT:
            return True
    last = place[-1]
    if content[last] is not _CUT:
        hidden |= _names(content[last]) | ({last} if isinstance(last, str) else set())
        content[last] = _CUT
    return True


def _without_cuts(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_cuts(value) for key, value in node.items() if value is not _CUT}
    if isinstance(node, list):
        return [_without_cuts(value) for value in node if value is not _CUT]
    return node


def _names(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set(node).union(*(_names(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_names(value) for value in node))
    return {node} if isinstance(node, str) else set()
