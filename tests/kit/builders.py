"""Definitions in a line: `module("shop", entity("customer", name="text"))`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runtime.definitions.bundle import File, ModuleSource
from runtime.definitions.canonical import to_bytes

Json = dict[str, Any]

OPTIONS = [
    {"key": "one", "title": "One", "tone": "info"},
    {"key": "two", "title": "Two", "tone": "success"},
]


def field(kind: str | Json, **words: Any) -> Json:
    """A property: `field("text")`, `field("reference", to="shop.customer")`; words of JSON Schema
    (title, maxLength, default, ...) go beside `x-field`."""
    if isinstance(kind, dict):
        return kind
    beside = {
        "title", "description", "minimum", "maximum", "minLength", "maxLength", "pattern",
        "default", "format", "type",
    } - ({"minimum", "maximum"} if kind in ("decimal", "percent", "money") else set())  # fmt: skip
    if kind == "sequence" and "pattern" in words:
        beside -= {"pattern"}
    content: Json = {word: words.pop(word) for word in list(words) if word in beside}
    if kind in ("choice", "choices"):
        words.setdefault("options", OPTIONS)
    return {**content, "x-field": {"type": kind, **words}}


def entity(
    key: str, /, *, words: Json | None = None, required: tuple[str, ...] = (), **fields: Any
) -> File:
    """An entity file; each keyword is a field: a type name or what `field` gives. `words` go
    under `x-entity`, other words of the file with `_top` as key."""
    own = dict(words or {})
    top = own.pop("_top", {})
    content: Json = {"title": key.replace("_", " ").capitalize(), "x-entity": {"key": key, **own}}
    if required:
        content["required"] = list(required)
    content |= top
    content["properties"] = {name: field(kind) for name, kind in fields.items()}
    return File(f"entities/{key}.json", "entity", content)


def workflow(
    uid: str, entity_uid: str, states: list[Any], transitions: list[Json], **words: Any
) -> File:
    """`states` are keys or whole definitions; the first is the start."""
    whole = [
        {"key": state, "title": state.capitalize()} if isinstance(state, str) else state
        for state in states
    ]
    steps = [{"title": step["key"].capitalize(), **step} for step in transitions]
    content = {
        "uid": uid,
        "entity": entity_uid,
        "start": whole[0]["key"],
        "states": whole,
        "transitions": steps,
        **words,
    }
    return File(f"workflows/{uid}.json", "workflow", content)


def role(key: str, rights: dict[str, Json], module_key: str = "shop") -> File:
    content = {
        "uid": f"{module_key}.{key}",
        "key": key,
        "title": key.capitalize(),
        "rights": rights,
    }
    return File(f"roles/{key}.json", "role", content)


def view(uid: str, entity_uid: str, kind: str = "table", **words: Any) -> File:
    content = {"uid": uid, "entity": entity_uid, "kind": kind, "title": uid, **words}
    return File(f"views/{uid}.json", "view", content)


def texts(language: str, content: Json) -> File:
    return File(f"i18n/{language}.json", "texts", content)


def module(key: str, *files: File, requires: Json | None = None, **words: Any) -> ModuleSource:
    manifest: Json = {"key": key, "version": "1.0.0", "title": key.capitalize(), **words}
    if requires:
        manifest["requires"] = {"modules": requires}
    return ModuleSource(key, (File("module.json", "module", manifest), *files))


def write_module(folder: Path, source: ModuleSource) -> Path:
    """The module as a folder, for commands; gives the module's own folder."""
    for file in source.files:
        path = folder / source.key / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(to_bytes(json.loads(json.dumps(file.content))))
    return folder / source.key


def everything(key: str = "all") -> ModuleSource:
    """One entity with a field of every type, beside a small one to point at."""
    thing = entity(
        "thing",
        words={"status": f"{key}.thing.flow", "titled_by": "{name}"},
        required=("name",),
        name="text",
        note="long_text",
        count="integer",
        weight=field("decimal", places=3),
        share="percent",
        price="money",
        worth=field("money", per_record=True),
        ready="boolean",
        day="date",
        hour="time",
        moment="datetime",
        length="duration",
        kind="choice",
        tags="choices",
        mail="email",
        phone="phone",
        site="url",
        owner=field("reference", to=f"{key}.box", inverse="things"),
        boxes=field("references", to=f"{key}.box", inverse="contents"),
        person="user",
        team="users",
        number=field("sequence", pattern="T-{year}-{counter:4}"),
    )
    flow = workflow(
        f"{key}.thing.flow",
        f"{key}.thing",
        ["new", {"key": "packed", "title": "Packed", "requires": ["owner"]}, "sent"],
        [
            {"key": "pack", "from": ["new"], "to": "packed"},
            {"key": "send", "from": ["packed"], "to": "sent", "ask": ["note"]},
        ],
    )
    return module(key, entity("box", name="text"), thing, flow)
