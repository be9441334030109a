"""Do demo records name entities, fields, states and records that exist, with values that fit?"""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from runtime.definitions import demo
from runtime.definitions.build import Texts, build_field
from runtime.definitions.bundle import File, ModuleSource
from runtime.definitions.index import EntitySource, Index, Source
from runtime.definitions.report import Report
from runtime.fields.registry import field_types
from runtime.kernel.errors import Invalid
from runtime.kernel.i18n import say
from runtime.kernel.workspace import Workspace

# Any record will do: whether it is there is asked apart.
_SOMEBODY = 1


def check_demo(found: Index, report: Report) -> None:
    for module in found.bundle.values():
        names = _names(found, module, report)
        for file in module.of_kind("demo"):
            source = Source("", "", module.key, module.place(file), "$", file.content)
            entity = found.entities.get(file.content["entity"])
            if entity is None:
                report.unknown(source, ".entity", "entity", file.content["entity"], found.entities)
                continue
            _records(found, source, entity, names, report)


def _names(found: Index, module: ModuleSource, report: Report) -> dict[str, str]:
    """Every name that the module's demo may use, with its entity; repeats are reported."""
    names: dict[str, str] = {}
    for key in reversed(demo.required_by(found.bundle, module.key)):
        names |= demo.named(found.bundle[key])
    seen: set[str] = set()
    for file in module.of_kind("demo"):
        for number, record in enumerate(file.content["records"]):
            if record.get("as") in seen:
                path = f".records[{number}].as"
                source = _source(module, file)
                report.add(source, path, "another record has this name", found=record["as"])
            seen |= {record["as"]} if "as" in record else set()
    return names


def _source(module: ModuleSource, file: File) -> Source:
    return Source("", "", module.key, module.place(file), "$", file.content)


def _records(
    found: Index, source: Source, entity: EntitySource, names: dict[str, str], report: Report
) -> None:
    flow = found.workflows.get(entity.words.get("status", ""))
    states = [state["key"] for state in flow.content["states"]] if flow else []
    for number, record in enumerate(source.content["records"]):
        path = f".records[{number}]"
        if "status" in record and record["status"] not in states:
            report.unknown(source, f"{path}.status", "state", record["status"], states)
        for key, value in record["values"].items():
            place = f"{path}.values.{key}"
            if key not in entity.fields:
                report.unknown(source, place, "field", key, list(entity.fields))
                continue
            _links(found, source, place, entity.fields[key], value, names, report)
            _value(source, place, entity, entity.fields[key], value, report)


def _links(
    found: Index,
    source: Source,
    place: str,
    field: Source,
    value: Any,
    names: dict[str, str],
    report: Report,
) -> None:
    words = field.content["x-field"]
    for name in demo.names_in(words["type"], value):
        if name in names:
            if names[name] != words["to"]:
                report.add(source, place, f"@{name} is a {names[name]}", allowed=(words["to"],))
        elif _at_hand(found, source.module, words["to"]):
            report.unknown(source, place, "demo record", name, names)


def _at_hand(found: Index, module: str, uid: str) -> bool:
    """Whether the demo of the entity's own module is here to be looked at: that of an installed
    module stayed in its folder."""
    target = found.entities.get(uid)
    owner = found.bundle.get(target.source.module) if target else None
    return owner is not None and (owner.key == module or any(owner.of_kind("demo")))


def _value(
    source: Source, place: str, entity: EntitySource, field: Source, value: Any, report: Report
) -> None:
    kind = field_types()[field.content["x-field"]["type"]]
    names = dict.fromkeys(demo.names_in(kind.name, value), _SOMEBODY)
    here = demo.Place(date(2026, 1, 1), ZoneInfo("UTC"), names, {})
    if kind.links and isinstance(value, list):
        value = value[:1]
    try:
        resolved = demo.resolve(kind.name, value, here)
        if resolved is not None:
            kind.load(build_field(field, entity, Texts({}), Workspace()), resolved)
    except Invalid as error:
        why = say("en", error.message)
        report.add(source, place, f"does not fit the field: {why}", found=value)
