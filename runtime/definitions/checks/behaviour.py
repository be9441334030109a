"""Do workflows and roles speak of states, fields and roles that exist?"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from runtime.definitions.checks.imports import check_mapping
from runtime.definitions.index import EntitySource, Index, Source
from runtime.definitions.report import Report, joined
from runtime.fields.registry import field_types


def check_behaviour(found: Index, report: Report) -> None:
    for flow in found.workflows.values():
        _workflow(found, flow, report)
    for role in found.roles.values():
        _role(found, role, report)
    for mapping in found.imports:
        check_mapping(found, mapping, report)
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


def _starts(found: Index, report: Report) -> None:
    for key, module in found.bundle.items():
        source = Source(key, key, key, f"{key}/module.json", "$", module.manifest)
        start = module.manifest.get("start")
        if start and start not in found.views and start not in found.entities:
            report.unknown(
                source, ".start", "view or entity", start, [*found.entities, *found.views]
            )
        own = [uid for uid, entity in found.entities.items() if entity.source.module == key]
        for number, uid in enumerate(module.manifest.get("menu", ())):
            _member(source, f".menu[{number}]", uid, own, "entity", report)
