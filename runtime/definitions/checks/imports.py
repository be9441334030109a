"""Do mappings speak of fields, states and options that exist, and can they be carried out?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.definitions.index import EntitySource, Index, Source
from runtime.definitions.report import Report, joined
from runtime.fields.registry import field_types
from runtime.kernel.fold import fold

# Types of which several columns make one value: lists add up, texts are joined.
JOINED = ("choices", "references", "users", "text", "long_text")
_DATES = ("date", "datetime")
_LINKED = ("reference", "references", "user", "users")
_BOUNDS = ("below", "above", "day_before")


@dataclass(frozen=True, slots=True)
class _Side:
    """Columns of a mapping that fill one entity, and where they stand."""

    found: Index
    mapping: Source
    report: Report
    entity: EntitySource
    path: str
    columns: Mapping[str, Any]

    def kind(self, key: str) -> str:
        name: str = self.entity.fields[key].content["x-field"]["type"]
        return name

    def behind(self, key: str) -> EntitySource | None:
        if key not in self.entity.fields:
            return None
        to = self.entity.fields[key].content["x-field"].get("to", "")
        return self.found.entities.get(to)

    def filled(self) -> list[str]:
        return [_target(words) for words in self.columns.values()]


def check_mapping(found: Index, mapping: Source, report: Report) -> None:
    """Everything beyond the shape of the file."""
    content = mapping.content
    entity = found.entities.get(content["entity"])
    if entity is None:
        report.unknown(mapping, ".entity", "entity", content["entity"], found.entities)
        return
    side = _Side(found, mapping, report, entity, ".columns", content["columns"])
    _columns(side)
    _match(side, ".match", content.get("match", ()))
    for number, related in enumerate(content.get("related", ())):
        _related(side, f".related[{number}]", related)
    _states(side)
    for number, rule in enumerate(content.get("refuse", ())):
        if not any(word in rule for word in _BOUNDS):
            problem = "a rule that refuses nothing"
            report.add(mapping, f".refuse[{number}]", problem, allowed=_BOUNDS)
    _ignored(mapping, report)


def _target(words: Any) -> str:
    return str(words if isinstance(words, str) else words["field"])


def _columns(side: _Side) -> None:
    filled: list[str] = []
    for column, words in side.columns.items():
        place, key = joined(side.path, column), _target(words)
        if not _known(side, place, key):
            continue
        kind = side.kind(key)
        if kind == "status":
            problem = "the state has its own word: `status`"
            side.report.add(side.mapping, place, problem, found=key)
        elif field_types()[kind].read_only:
            side.report.add(side.mapping, place, "the product fills this field", found=key)
        elif key in filled and kind not in JOINED:
            problem = "another column fills this field already"
            side.report.add(side.mapping, place, problem, found=key)
        filled.append(key)
        if isinstance(words, dict):
            _reading(side, place, key, kind, words)


def _known(side: _Side, place: str, key: str) -> bool:
    if key in side.entity.fields:
        return True
    side.report.unknown(side.mapping, place, "field", key, list(side.entity.fields))
    return False


def _reading(side: _Side, place: str, key: str, kind: str, words: Mapping[str, Any]) -> None:
    if "by" in words:
        target = side.behind(key)
        if target is None:
            problem = "only a reference is found by a field of another record"
            side.report.add(side.mapping, f"{place}.by", problem, found=words["by"])
        elif words["by"] not in target.fields:
            names = list(target.fields)
            side.report.unknown(side.mapping, f"{place}.by", "field", words["by"], names)
    read = words.get("read", "text")
    if (read in ("date", "day_first", "month_first") and kind not in _DATES) or (
        read == "number_as_text" and kind in (*_DATES, "boolean")
    ):
        problem = f"a field of type {kind} is not read so"
        side.report.add(side.mapping, f"{place}.read", problem, found=read)
    options = side.entity.fields[key].content["x-field"].get("options")
    for text, meant in words.get("values", {}).items() if options else ():
        known = [name for option in options for name in (option["key"], option["title"])]
        if meant is not None and fold(meant) not in map(fold, known):
            keys = [option["key"] for option in options]
            path = joined(f"{place}.values", text)
            side.report.unknown(side.mapping, path, "option", meant, keys)


def _match(side: _Side, path: str, keys: Iterable[str]) -> None:
    """By this field a row finds its record: it must lead to one, and stand in the file."""
    for key in keys:
        if not _known(side, path, key):
            continue
        field = side.entity.fields[key].content["x-field"]
        if not field.get("unique") or field["type"] in _LINKED:
            problem = "a row finds its record by a unique field that holds a value of its own"
            side.report.add(side.mapping, path, problem, found=key, allowed=_uniques(side.entity))
        elif key not in side.filled():
            problem = "no column fills this field"
            side.report.add(side.mapping, path, problem, found=key, allowed=set(side.filled()))


def _uniques(entity: EntitySource) -> list[str]:
    fields = {key: one.content["x-field"] for key, one in entity.fields.items()}
    return [k for k, one in fields.items() if one.get("unique") and one["type"] not in _LINKED]


def _related(side: _Side, path: str, related: Mapping[str, Any]) -> None:
    key = related["field"]
    if not _known(side, f"{path}.field", key):
        return
    if side.kind(key) != "reference":
        references = [k for k in side.entity.fields if side.kind(k) == "reference"]
        problem = "this field is no reference to another record"
        side.report.add(side.mapping, f"{path}.field", problem, found=key, allowed=references)
        return
    if key in side.filled():
        problem = "a column fills this field already"
        side.report.add(side.mapping, f"{path}.field", problem, found=key)
    target = side.behind(key)
    if target is None:
        return
    columns = related["columns"]
    other = _Side(side.found, side.mapping, side.report, target, f"{path}.columns", columns)
    _columns(other)
    _match(other, f"{path}.match", related["match"])


def _states(side: _Side) -> None:
    status = side.mapping.content.get("status")
    if status is None:
        return
    flow = side.found.workflows.get(side.entity.words.get("status", ""))
    if flow is None:
        side.report.add(side.mapping, ".status", "the entity has no workflow")
        return
    states: Collection[str] = [state["key"] for state in flow.content["states"]]
    for text, state in status["values"].items():
        if state not in states:
            path = joined(".status.values", text)
            side.report.unknown(side.mapping, path, "state", state, states)


def _ignored(mapping: Source, report: Report) -> None:
    content = mapping.content
    used = set(content["columns"])
    for related in content.get("related", ()):
        used |= set(related["columns"])
    for number, column in enumerate(content.get("ignore", ())):
        if column in used:
            problem = "this column is mapped and cannot be left out"
            report.add(mapping, f".ignore[{number}]", problem, found=column)
