"""The one way to write a definition: the order of the meta-schema, the implied words, two spaces.

Equal definitions are equal bytes, whoever wrote them.
"""

from __future__ import annotations

import json
from typing import Any

from runtime.definitions.build import Texts, build_field, with_states
from runtime.definitions.bundle import Bundle, File, Json, ModuleSource
from runtime.definitions.index import EntitySource, Index, Source, index
from runtime.definitions.schemas import meta_schema, options_schema
from runtime.kernel.workspace import Workspace


def canonical_bundle(bundle: Bundle) -> dict[str, ModuleSource]:
    """Every file in canonical form under its canonical path; expects a sound bundle."""
    found = index(bundle)
    return {
        key: ModuleSource(key, tuple(_sorted(_canonical(found, module))))
        for key, module in sorted(bundle.items())
    }


def _canonical(found: Index, module: ModuleSource) -> list[File]:
    return [_canonical_file(found, module, file) for file in module.files]


def _sorted(files: list[File]) -> list[File]:
    return sorted(files, key=lambda file: (file.path != "module.json", file.path))


def _canonical_file(found: Index, module: ModuleSource, file: File) -> File:
    content = file.content
    if file.kind == "entity":
        content = _with_implied(found, module, file)
    if file.kind == "texts":
        content = dict(sorted(content.items()))
    if file.kind != "demo":
        content = {"$schema": f"urn:qurucu:schema:{file.kind}:1"} | content
        content = ordered(content, meta_schema(file.kind), meta_schema(file.kind))
    return File(canonical_path(module, file), file.kind, content)


def canonical_path(module: ModuleSource, file: File) -> str:
    """Where an export puts the file, whatever its author called it."""
    content = file.content
    if file.kind == "entity" and "x-extends" in content:
        return f"entities/{_extension_name(module, content['x-extends'])}.extends.json"
    if file.kind == "entity":
        return f"entities/{content['x-entity']['key']}.json"
    if file.kind == "role":
        return f"roles/{content['key']}.json"
    if file.kind in ("workflow", "view"):
        # The whole uid below the module: two entities may both have a view `mine`.
        return f"{file.kind}s/{content['uid'].removeprefix(f'{module.key}.')}.json"
    return file.path


def _extension_name(module: ModuleSource, target: str) -> str:
    """`client` for `crm.client`; the whole uid where the module extends another `client`, too."""
    name = target.rpartition(".")[2]
    targets = {file.content.get("x-extends", "") for file in module.of_kind("entity")}
    alike = [one for one in targets if one.rpartition(".")[2] == name]
    return name if len(alike) == 1 else target


def _with_implied(found: Index, module: ModuleSource, file: File) -> Json:
    """The entity with uids and the standard keywords that its field types imply."""
    content = dict(file.content)
    uid = _entity_uid(module, content)
    entity = found.entities[uid]
    if "x-entity" in content:
        content["type"] = "object"
        content["x-entity"] = {"uid": uid} | content["x-entity"]
    place = module.place(file)
    # What an extension adds has uids of its own module.
    prefix = f"{module.key}.{uid.rpartition('.')[2]}" if "x-extends" in content else uid
    content["properties"] = {
        key: _property(found, entity, _field_source(entity, place, key), prefix, written)
        for key, written in content["properties"].items()
    }
    return content


def _entity_uid(module: ModuleSource, content: Json) -> str:
    if "x-extends" in content:
        return str(content["x-extends"])
    words = content["x-entity"]
    return str(words.get("uid") or f"{module.key}.{words['key']}")


def _field_source(entity: EntitySource, file: str, key: str) -> Source:
    source = entity.fields[key]
    assert source.file == file, "keys are unique: the check has passed"  # noqa: S101
    return source


def _property(
    found: Index, entity: EntitySource, source: Source, prefix: str, written: Json
) -> Json:
    flow = found.workflows.get(entity.words.get("status", ""))
    field = with_states(build_field(source, entity, Texts({}), Workspace()), flow, Texts({}))
    full = {**written, **field.type.json_schema(field)}
    words = dict(written["x-field"])
    type_schema = options_schema(field.type.name)
    if words.get("uid") == f"{prefix}.{source.key}":
        del words["uid"]
    full["x-field"] = ordered(words, type_schema, type_schema)
    return full


def ordered(node: Any, schema: Any, root: Json) -> Any:
    """The same JSON with the members of each object in the order of its schema.

    Objects whose members the schema does not name (fields, rights) keep their own order.
    """
    schema = _resolved(schema, root)
    if isinstance(node, list):
        return [ordered(item, schema.get("items", {}), root) for item in node]
    if not isinstance(node, dict):
        return node
    named = schema.get("properties", {})
    rest = schema.get("additionalProperties")
    keys = [key for key in named if key in node] + [key for key in node if key not in named]
    return {key: ordered(node[key], named.get(key, rest), root) for key in keys}


def _resolved(schema: Any, root: Json) -> Json:
    if not isinstance(schema, dict):
        return {}
    pointer = schema.get("$ref", "")
    if pointer.startswith("#/$defs/"):
        target: Json = root["$defs"][pointer.removeprefix("#/$defs/")]
        return target
    return schema


def to_bytes(content: Json) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
