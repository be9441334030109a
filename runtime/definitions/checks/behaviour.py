"""Do workflows, views, roles and mappings speak of states, fields and roles that exist?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from runtime.definitions.index import EntitySource, Index, Source
from runtime.definitions.report import Report
from runtime.fields.registry import field_types

# System columns that a list may show and sort by, beside the fields.
SHOWN_SYSTEM = ("id", "status", "created_at", "updated_at")


def check_behaviour(found: Index, report: Report) -> None:
    for flow in found.workflows.values():
        _workflow(found, flow, report)
    for view in found.views.values():
        _view(found, view, report)
    for role in found.roles.values():
        _role(found, role, report)
    for mapping in found.imports:
        _mapping(found, mapping, report)
    _starts(found, report)


def _workflow(found: Index, flow: Source, report: Report) -> None:
    entity = found.entities.get(flow.content["entity"])
    if entity is None:
        report.unknown(flow, ".entity", "entity", flow.content["entity"], found.entities)
    elif entity.words.get("status") != flow.uid:
        report.add(
            flow, ".entity", "the entity does not name this workflow in x-entity.status",
            found=entity.words.get("status"), allowed=(flow.uid,),
        )  # fmt: skip
    states = [state["key"] for state in flow.content["states"]]
    _repeats(flow, ".states", states, report)
    _member(flow, ".start", flow.content["start"], states, "state", report)
    for number, state in enumerate(flow.content["states"]):
        _fields(flow, f".states[{number}].requires", state.get("requires", ()), entity, report)
    steps = flow.content["transitions"]
    _repeats(flow, ".transitions", [step["key"] for step in steps], report)
    for number, step in enumerate(steps):
        path = f".transitions[{number}]"
        for source_state in step["from"]:
            _member(flow, f"{path}.from", source_state, states, "state", report)
        _member(flow, f"{path}.to", step["to"], states, "state", report)
        for role in step.get("roles", ()):
            _member(flow, f"{path}.roles", role, found.role_keys(), "role", report)
        _fields(flow, f"{path}.ask", step.get("ask", ()), entity, report)


def _repeats(source: Source, path: str, keys: list[str], report: Report) -> None:
    for number, key in enumerate(keys):
        if key in keys[:number]:
            report.add(source, f"{path}[{number}].key", "this key stands already", found=key)


def _member(
    source: Source, path: str, name: str, allowed: Collection[str], what: str, report: Report
) -> None:
    if name not in allowed:
        report.unknown(source, path, what, name, allowed)


def _fields(
    source: Source, path: str, keys: Iterable[str], entity: EntitySource | None, report: Report
) -> None:
    if entity is None:
        return
    for key in keys:
        if key not in entity.fields:
            report.unknown(source, path, "field", key, list(entity.fields))
        elif field_types()[entity.fields[key].content["x-field"]["type"]].read_only:
            report.add(source, path, "people do not fill this field", found=key)


def _view(found: Index, view: Source, report: Report) -> None:
    entity = found.entities.get(view.content["entity"])
    if entity is None:
        report.unknown(view, ".entity", "entity", view.content["entity"], found.entities)
        return
    for role in view.content.get("roles", ()):
        _member(view, ".roles", role, found.role_keys(), "role", report)
    settings = view.content.get("settings", {})
    shown = [*entity.fields, *SHOWN_SYSTEM]
    for word in ("columns", "filters"):
        for key in settings.get(word, ()):
            _member(view, f".settings.{word}", key, shown, "field", report)
    for key in settings.get("sort", "").split(",") if settings.get("sort") else ():
        _member(view, ".settings.sort", key.strip().lstrip("-"), shown, "field", report)
    for number, section in enumerate(settings.get("sections", ())):
        path = f".settings.sections[{number}].fields"
        for key in section["fields"]:
            _member(view, path, key, list(entity.fields), "field", report)
    for key in view.content.get("filter", {}):
        _filter(view, entity, key, shown, report)


def _filter(
    view: Source, entity: EntitySource, name: str, shown: list[str], report: Report
) -> None:
    key, _, operator = name.partition("__")
    if key not in shown:
        report.unknown(view, f".filter.{name}", "field", key, shown)
    elif key in entity.fields and operator:
        operators = field_types()[entity.fields[key].content["x-field"]["type"]].operators
        _member(view, f".filter.{name}", operator, operators, "operator", report)


def _role(found: Index, role: Source, report: Report) -> None:
    twin = next(r for r in found.roles.values() if r.key == role.key)
    if twin is not role:
        report.add(role, ".key", f"{twin.file} has a role of this key", found=role.key)
    if role.key == "owner":
        report.add(
            role, ".key", "every workspace has an owner, who may do everything", found="owner"
        )
    for uid in role.content["rights"]:
        if uid not in found.entities:
            report.unknown(role, f".rights.{uid}", "entity", uid, found.entities)


def _mapping(found: Index, mapping: Source, report: Report) -> None:
    content = mapping.content
    entity = found.entities.get(content["entity"])
    if entity is None:
        report.unknown(mapping, ".entity", "entity", content["entity"], found.entities)
        return
    _columns(mapping, ".columns", content["columns"], entity, report)
    _keys(mapping, ".match", content.get("match", ()), entity, report)
    for number, related in enumerate(content.get("related", ())):
        path = f".related[{number}]"
        _keys(mapping, f"{path}.field", [related["field"]], entity, report)
        target = _behind(found, entity, related["field"])
        if target:
            _columns(mapping, f"{path}.columns", related["columns"], target, report)
            _keys(mapping, f"{path}.match", related["match"], target, report)
    _mapped_states(found, mapping, entity, report)


def _behind(found: Index, entity: EntitySource, key: str) -> EntitySource | None:
    if key not in entity.fields:
        return None
    return found.entities.get(entity.fields[key].content["x-field"].get("to", ""))


def _columns(
    mapping: Source, path: str, columns: dict[str, Any], entity: EntitySource, report: Report
) -> None:
    for column, target in columns.items():
        key = target if isinstance(target, str) else target["field"]
        _keys(mapping, f"{path}.{column}", [key], entity, report)


def _keys(
    mapping: Source, path: str, keys: Iterable[str], entity: EntitySource, report: Report
) -> None:
    for key in keys:
        _member(mapping, path, key, list(entity.fields), "field", report)


def _mapped_states(found: Index, mapping: Source, entity: EntitySource, report: Report) -> None:
    status = mapping.content.get("status")
    if status is None:
        return
    flow = found.workflows.get(entity.words.get("status", ""))
    if flow is None:
        report.add(mapping, ".status", "the entity has no workflow")
        return
    states = [state["key"] for state in flow.content["states"]]
    for state in status["values"].values():
        _member(mapping, ".status.values", state, states, "state", report)


def _starts(found: Index, report: Report) -> None:
    for key, module in found.bundle.items():
        start = module.manifest.get("start")
        if start and start not in found.views and start not in found.entities:
            source = Source(key, key, key, f"{key}/module.json", "$", module.manifest)
            report.unknown(
                source, ".start", "view or entity", start, [*found.entities, *found.views]
            )
