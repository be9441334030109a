"""Who is who in a bundle: every entity, field, workflow, view and role by its uid.

Built from files that passed the structural check; the semantic checks and the compiler share it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from runtime.definitions.bundle import Bundle, File, Json, ModuleSource


@dataclass(frozen=True, slots=True)
class Source:
    """A definition with its place: module, file, JSON path from the root of the file."""

    uid: str
    key: str
    module: str
    file: str
    path: str
    content: Json


@dataclass(slots=True)
class EntitySource:
    """An entity with all its fields, also those that other modules add to it."""

    source: Source
    fields: dict[str, Source] = field(default_factory=dict)
    # Fields whose key was taken already: (the later one, the earlier one).
    clashes: list[tuple[Source, Source]] = field(default_factory=list)

    @property
    def words(self) -> Json:
        """What stands under `x-entity`."""
        words: Json = self.source.content["x-entity"]
        return words

    def add(self, found: Source) -> None:
        earlier = self.fields.setdefault(found.key, found)
        if earlier is not found:
            self.clashes.append((found, earlier))


@dataclass(slots=True)
class Index:
    """A bundle, looked up."""

    bundle: Bundle
    entities: dict[str, EntitySource] = field(default_factory=dict)
    workflows: dict[str, Source] = field(default_factory=dict)
    views: dict[str, Source] = field(default_factory=dict)
    roles: dict[str, Source] = field(default_factory=dict)
    imports: list[Source] = field(default_factory=list)
    extensions: list[Source] = field(default_factory=list)
    # Every definition that claims a uid, in order of appearance: repeats are found here.
    claims: list[Source] = field(default_factory=list)

    def role_keys(self) -> set[str]:
        return {role.key for role in self.roles.values()} | {OWNER}


# The role that every workspace has: everything, everywhere.
OWNER = "owner"


def index(bundle: Bundle) -> Index:
    """Looks through the modules in order of their keys."""
    found = Index(bundle)
    for key in sorted(bundle):
        module = bundle[key]
        for file in module.of_kind("entity"):
            if "x-entity" in file.content:
                _add_entity(found, module, file)
        for kind, place in _BY_UID.items():
            for file in module.of_kind(kind):
                source = _source(module, file)
                getattr(found, place).setdefault(source.uid, source)
                found.claims.append(source)
        mappings = [_source(module, file) for file in module.of_kind("import")]
        found.imports += mappings
        found.claims += mappings
    for key in sorted(bundle):
        for file in bundle[key].of_kind("entity"):
            if "x-extends" in file.content:
                _add_extension(found, bundle[key], file)
    return found


_BY_UID = {"workflow": "workflows", "view": "views", "role": "roles"}


def _source(module: ModuleSource, file: File) -> Source:
    uid = str(file.content.get("uid") or f"{module.key}.{file.name}")
    key = str(file.content.get("key") or uid.rpartition(".")[2])
    return Source(uid, key, module.key, module.place(file), "$", file.content)


def _add_entity(found: Index, module: ModuleSource, file: File) -> None:
    words = file.content["x-entity"]
    uid = words.get("uid") or f"{module.key}.{words['key']}"
    source = Source(uid, words["key"], module.key, module.place(file), "$", file.content)
    found.claims.append(source)
    if uid in found.entities:
        return
    entity = found.entities[uid] = EntitySource(source)
    for one in _fields(source, uid):
        entity.add(one)
        found.claims.append(one)


def _add_extension(found: Index, module: ModuleSource, file: File) -> None:
    target = str(file.content["x-extends"])
    entity = found.entities.get(target)
    key = target.rpartition(".")[2]
    source = Source(target, key, module.key, module.place(file), "$", file.content)
    found.extensions.append(source)
    for one in _fields(source, f"{module.key}.{key}"):
        found.claims.append(one)
        if entity:
            entity.add(one)


def _fields(owner: Source, prefix: str) -> Iterator[Source]:
    properties: dict[str, Any] = owner.content["properties"]
    for key, content in properties.items():
        uid = content["x-field"].get("uid") or f"{prefix}.{key}"
        yield Source(uid, key, owner.module, owner.file, f"$.properties.{key}", content)


def option_uid(owner: str, option: Json) -> str:
    """The uid of a choice or a state: written, or made from the uid above it."""
    return str(option.get("uid") or f"{owner}.{option['key']}")


def transition_uid(workflow: str, transition: Json) -> str:
    # Apart from the states, which may well have the same keys.
    return str(transition.get("uid") or f"{workflow}.transitions.{transition['key']}")
