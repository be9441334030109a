"""Definitions -> Catalog. Expects a bundle that `definitions.check` found sound."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from runtime.catalog.model import (
    Catalog,
    Entity,
    Module,
    Relation,
    Rights,
    Role,
    Section,
    State,
    Transition,
    View,
    Workflow,
)
from runtime.definitions.build import Texts, build_field, spoken, texts_of, with_default
from runtime.definitions.bundle import Bundle, Json
from runtime.definitions.checks.modules import in_order
from runtime.definitions.index import EntitySource, Index, Source, index, option_uid, transition_uid
from runtime.definitions.titles import Template, parse_template, templates
from runtime.fields.base import Field, Label
from runtime.fields.registry import field_types
from runtime.kernel.workspace import LANGUAGES, Workspace

# Types whose text can stand for the record when the author names no title, best first.
_TITLES = ("text", "sequence", "email", "phone", "url")


def compile_catalog(bundle: Bundle, workspace: Workspace, revision: int) -> Catalog:
    """The whole revision; what the order of modules decides (menus) follows their requirements."""
    found, texts = index(bundle), texts_of(bundle)
    workflows = {flow.uid: _workflow(flow, texts) for flow in found.workflows.values()}
    entities = {}
    for module in in_order(found):
        for entity in _in_menu_order(found, module):
            uid = entity.source.uid
            entities[uid] = _entity(entity, found, texts, workspace, workflows)
    entities = _with_relations(entities, texts)
    return Catalog(
        revision=revision,
        workspace=workspace,
        modules={key: _module(key, found, texts) for key in in_order(found)},
        entities=MappingProxyType(entities),
        by_key=MappingProxyType({entity.key: entity for entity in entities.values()}),
        workflows=workflows,
        views={view.uid: _view(view, texts) for view in found.views.values()},
        roles={role.key: _role(role, texts) for role in found.roles.values()},
        imports={mapping.uid: mapping.content for mapping in found.imports},
    )


def _in_menu_order(found: Index, module: str) -> list[EntitySource]:
    """The module's entities, first those that its `menu` names."""
    own = {e.source.uid: e for e in found.entities.values() if e.source.module == module}
    first = [uid for uid in found.bundle[module].manifest.get("menu", ()) if uid in own]
    return [own[uid] for uid in dict.fromkeys([*first, *own])]


def _module(key: str, found: Index, texts: Texts) -> Module:
    manifest = found.bundle[key].manifest
    return Module(
        key,
        manifest["version"],
        texts.label(key, "title", manifest["title"]),
        texts.label(key, "summary", manifest.get("summary", "")),
        manifest.get("start", ""),
    )


def _entity(
    entity: EntitySource,
    found: Index,
    texts: Texts,
    workspace: Workspace,
    workflows: dict[str, Workflow],
) -> Entity:
    source, words = entity.source, entity.words
    flow = workflows.get(words.get("status", ""))
    fields = [
        _field(one, entity, found, texts, workspace)
        for one in entity.fields.values()
        if one.key != "status"
    ]
    if flow:
        fields.append(_status(entity, flow, texts, workspace))
    title = texts.label(source.uid, "title", source.content["title"])
    list_title = words.get("list_title")
    return Entity(
        uid=source.uid,
        key=source.key,
        module=source.module,
        icon=words.get("icon", ""),
        title=title,
        list_title=texts.label(source.uid, "list_title", list_title or source.content["title"]),
        plurals=texts.plural(source.uid),
        fields=tuple(fields),
        titled_by=_titles(words, fields),
        unique=tuple(tuple(group) for group in words.get("unique", ())),
        one_of=tuple(choice["required"][0] for choice in source.content.get("anyOf", ())),
        workflow=flow,
        in_menu=words.get("in_menu", True),
        by_key=MappingProxyType({field.key: field for field in fields}),
        by_uid=MappingProxyType({field.uid: field for field in fields}),
    )


def _field(
    source: Source, entity: EntitySource, found: Index, texts: Texts, workspace: Workspace
) -> Field:
    field = with_default(build_field(source, entity, texts, workspace), source.content)
    if "to" not in field.options:
        return field
    target = found.entities[field.options["to"]].source
    rule = field.type.options_schema["on_delete"]["default"]
    return replace(field, options={"on_delete": rule, **field.options, "to_key": target.key})


def _status(entity: EntitySource, flow: Workflow, texts: Texts, workspace: Workspace) -> Field:
    """The status: titled by its own property if the author wrote one."""
    written = entity.fields.get("status")
    choices = flow.options()
    if written:
        return replace(build_field(written, entity, texts, workspace), choices=choices)
    uid = f"{entity.source.uid}.status"
    title = texts.label(uid, "title", "")
    return Field(
        uid=uid,
        key="status",
        entity=entity.source.uid,
        type=field_types()["status"],
        title=title if title.texts else Label("Status", _STATUS),
        choices=choices,
        module=entity.source.module,
    )


_STATUS = {"az": "Status", "en": "Status", "ru": "Статус", "tr": "Durum"}


def _titles(words: Json, fields: list[Field]) -> tuple[Template, ...]:
    written = templates(words)
    if written:
        return tuple(parse_template(text) for text in written)
    for name in _TITLES:
        for field in fields:
            if field.type.name == name:
                return (((field.key,),),)
    return ()


def _with_relations(entities: dict[str, Entity], texts: Texts) -> dict[str, Entity]:
    incoming: dict[str, list[Relation]] = {uid: [] for uid in entities}
    for entity in entities.values():
        pointing = [field for field in entity.fields if "to" in field.options]
        targets = [field.options["to"] for field in pointing]
        for field, target in zip(pointing, targets, strict=True):
            name = field.options.get("inverse", entity.key)
            # Two lists of one entity on one page need headings of their own; so does a list of
            # a kind on a page of the same kind.
            alone = targets.count(target) == 1 and target != entity.uid
            label = _inverse(entity, field, texts, alone=alone)
            incoming[target].append(
                Relation(entity.uid, field, name, field.options["on_delete"], label)
            )
    return {
        uid: replace(entity, relations=tuple(incoming[uid])) for uid, entity in entities.items()
    }


def _inverse(entity: Entity, field: Field, texts: Texts, *, alone: bool) -> Label | None:
    """The heading at the other end; None where the title of the list says enough."""
    written = field.options.get("inverse")
    label = texts.label(field.uid, "inverse", spoken(written or entity.key))
    if label.texts or (written and not alone):
        return label
    return None if alone else _told_apart(entity, field)


def _told_apart(entity: Entity, field: Field) -> Label:
    """`Enrolments: Payer`, in every language."""
    said = {
        language: f"{entity.list_title(language)}: {field.title(language)}"
        for language in LANGUAGES
    }
    return Label(f"{entity.list_title.source}: {field.title.source}", said)


def _workflow(flow: Source, texts: Texts) -> Workflow:
    states = [_state(flow.uid, state, texts) for state in flow.content["states"]]
    steps = [_transition(flow.uid, step, texts) for step in flow.content["transitions"]]
    return Workflow(
        flow.uid,
        flow.content["entity"],
        flow.content["start"],
        MappingProxyType({state.key: state for state in states}),
        MappingProxyType({step.key: step for step in steps}),
    )


def _state(flow: str, state: Json, texts: Texts) -> State:
    uid = option_uid(flow, state)
    return State(
        uid,
        state["key"],
        texts.label(uid, "title", state["title"]),
        state.get("tone", "neutral"),
        tuple(state.get("requires", ())),
        state.get("final", ""),
    )


def _transition(flow: str, step: Json, texts: Texts) -> Transition:
    uid = transition_uid(flow, step)
    return Transition(
        uid,
        step["key"],
        texts.label(uid, "title", step["title"]),
        tuple(step["from"]),
        step["to"],
        tuple(step["roles"]) if "roles" in step else None,
        tuple(step.get("ask", ())),
    )


def _view(view: Source, texts: Texts) -> View:
    settings: Json = view.content.get("settings", {})
    return View(
        uid=view.uid,
        key=view.uid.rpartition(".")[2],
        entity=view.content["entity"],
        kind=view.content["kind"],
        title=texts.label(view.uid, "title", view.content["title"]),
        roles=tuple(view.content["roles"]) if "roles" in view.content else None,
        columns=tuple(settings.get("columns", ())),
        sort=settings.get("sort", ""),
        filters=tuple(settings.get("filters", ())),
        where={key: _plain(value) for key, value in view.content.get("filter", {}).items()},
        sections=tuple(_section(view.uid, part, texts) for part in settings.get("sections", ())),
    )


def _plain(value: Any) -> str:
    """A value of a filter as it would stand in an address."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _section(view: str, part: Json, texts: Texts) -> Section:
    if "title" not in part:
        return Section(None, tuple(part["fields"]))
    uid = f"{view}.{part['key']}" if "key" in part else ""
    return Section(texts.label(uid, "title", part["title"]), tuple(part["fields"]))


def _role(role: Source, texts: Texts) -> Role:
    rights = {uid: Rights(**words) for uid, words in role.content["rights"].items()}
    return Role(role.uid, role.key, texts.label(role.uid, "title", role.content["title"]), rights)
