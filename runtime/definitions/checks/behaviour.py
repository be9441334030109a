"""Do workflows, roles and mappings speak of states, fields and roles that exist?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from runtime.definitions.index import EntitySource, Index, Source
from runtime.definitions.report import Report, joined
from runtime.fields.registry import field_types


def check_behaviour(found: Index, report: Report) -> None:
    for flow in found.workflows.values():
        _workflow(found, flow, report)
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


def _role(found: Index, role: Source, report: Report) -> None:
    twin = next(r for r in found.roles.values() if r.key == role.key)
    if twin is not role:
        report.add(role, ".key", f"{twin.file} has a role of this key", found=role.key)
    if role.key == "owner":
        report.add(
            role, ".key", "every workspace has an owner, who may do everything", found="owner"
        )
    for uid, rights in role.content["rights"].items():
        path = joined(".rights", uid)
        if uid not in found.entities:
            report.unknown(role, path, "entity", uid, found.entities)
        if rights.get("see", "none") == "none":
            for word in ("edit", "delete", "export"):
                if rights.get(word, "none") not in ("none", False):
                    problem = "what cannot be seen cannot be changed: say what the role may see"
                    report.add(role, f"{path}.{word}", problem, found=rights[word])


def _mapping(found: Index, mapping: Source, report: Report) -> None:
    content = mapping.content
    entity = found.entities.get(content["entity"])
    if entity is None:
        report.unknown(mapping, ".entity", "entity", content["entity"], found.entities)
        return
    _columns(found, mapping, ".columns", content["columns"], entity, report)
    _keys(mapping, ".match", content.get("match", ()), entity, report)
    for number, related in enumerate(content.get("related", ())):
        path = f".related[{number}]"
        _keys(mapping, f"{path}.field", [related["field"]], entity, report)
        target = _behind(found, entity, related["field"])
        if target is None and related["field"] in entity.fields:
            report.add(
                mapping, f"{path}.field", "this field is no reference to another record",
                found=related["field"], allowed=_references(found, entity),
            )  # fmt: skip
        if target:
            _columns(found, mapping, f"{path}.columns", related["columns"], target, report)
            _keys(mapping, f"{path}.match", related["match"], target, report)
    _mapped_states(found, mapping, entity, report)


def _behind(found: Index, entity: EntitySource, key: str) -> EntitySource | None:
    if key not in entity.fields:
        return None
    return found.entities.get(entity.fields[key].content["x-field"].get("to", ""))


def _references(found: Index, entity: EntitySource) -> list[str]:
    return [key for key in entity.fields if _behind(found, entity, key)]


def _columns(
    found: Index,
    mapping: Source,
    path: str,
    columns: dict[str, Any],
    entity: EntitySource,
    report: Report,
) -> None:
    for column, target in columns.items():
        place = joined(path, column)
        key = target if isinstance(target, str) else target["field"]
        _keys(mapping, place, [key], entity, report)
        if isinstance(target, dict) and "by" in target and key in entity.fields:
            behind = _behind(found, entity, key)
            if behind:
                _keys(mapping, f"{place}.by", [target["by"]], behind, report)
            else:
                problem = "only a reference is found by a field of another record"
                report.add(mapping, f"{place}.by", problem, found=target["by"])


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
