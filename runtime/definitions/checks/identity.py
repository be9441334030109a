"""Is every uid and key used once, and is none of them taken by the product?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runtime.definitions.bundle import File, Json
from runtime.definitions.canonical import canonical_path
from runtime.definitions.index import Index, Source, option_uid, transition_uid
from runtime.definitions.report import Report

# Columns that every record has.
SYSTEM = (
    "id", "uid", "status", "stage", "version",
    "created_at", "created_by", "updated_at", "updated_by", "deleted_at",
)  # fmt: skip
# Words of addresses (`?sort=`), of conditions to come, and of SQL, whose tables stay readable.
_WORDS = (
    "limit", "cursor", "sort", "q", "fields", "expand", "view", "group", "measure", "bin",
    "and", "or", "not", "in", "is", "if", "true", "false", "null", "me", "now", "today",
    "select", "insert", "delete", "where", "join", "union", "having", "create", "alter", "drop",
    "grant",
)  # fmt: skip
RESERVED = frozenset((*SYSTEM, *_WORDS))
RESERVED_MODULES = frozenset({"sys", "sqlite", "pg", "local", "information_schema"})


def check_identity(found: Index, report: Report) -> None:
    _modules(found, report)
    _uids(found, report)
    _paths(found, report)
    _entity_keys(found, report)
    _table_names(found, report)
    for entity in found.entities.values():
        for field in entity.fields.values():
            _field_key(field, report)
        for later, earlier in entity.clashes:
            report.add(
                later, "", f"{earlier.file} has a field of this key already", found=later.key
            )


def _modules(found: Index, report: Report) -> None:
    for key, module in found.bundle.items():
        if key in RESERVED_MODULES:
            source = Source(key, key, key, f"{key}/module.json", "$", module.manifest)
            report.add(source, ".key", "this name is reserved", found=key)
        elif "__" in f"{key}_":
            source = Source(key, key, key, f"{key}/module.json", "$", module.manifest)
            report.add(source, ".key", _reserved("__"), found=key)


def _uids(found: Index, report: Report) -> None:
    seen: dict[str, Source] = {}
    for claim in [*found.claims, *_inner_claims(found)]:
        earlier = seen.setdefault(claim.uid, claim)
        if earlier is not claim:
            where = f"{earlier.file} {earlier.path}"
            report.add(claim, "", f"the uid stands already at {where}", found=claim.uid)


def _inner_claims(found: Index) -> list[Source]:
    """Options, states and transitions have uids by the same rule as fields."""
    claims = []
    for entity in found.entities.values():
        for field in entity.fields.values():
            options = field.content["x-field"].get("options", ())
            claims += [
                _inside(field, f".x-field.options[{number}]", option_uid(field.uid, option))
                for number, option in _once(options)
            ]
    for flow in found.workflows.values():
        claims += [
            _inside(flow, f".states[{number}]", option_uid(flow.uid, state))
            for number, state in _once(flow.content["states"])
        ]
        claims += [
            _inside(flow, f".transitions[{number}]", transition_uid(flow.uid, step))
            for number, step in _once(flow.content["transitions"])
        ]
    return claims


def _once(members: list[Json]) -> Iterator[tuple[int, Json]]:
    """Members with their number, but for those whose key came before: that is said of the key."""
    seen: set[Any] = set()
    for number, member in enumerate(members):
        if member["key"] not in seen or "uid" in member:
            yield number, member
        seen.add(member["key"])


def _inside(source: Source, path: str, uid: str) -> Source:
    return Source(uid, "", source.module, source.file, source.path + path, {})


def _paths(found: Index, report: Report) -> None:
    """An export writes each file under a name of its own, on any file system."""
    for module in found.bundle.values():
        seen: dict[str, File] = {}
        for file in module.files:
            path = canonical_path(module, file)
            earlier = seen.setdefault(path.casefold(), file)
            if earlier is not file and _may_share(earlier, file):
                source = Source("", "", module.key, module.place(file), "$", file.content)
                problem = f"{module.place(earlier)} would be exported under the same name"
                report.add(source, "", problem, found=path)


def _may_share(one: File, other: File) -> bool:
    """Whether two files of one name are said to clash by no other check."""
    if "x-extends" in one.content and "x-extends" in other.content:
        return True
    uids = (one.content.get("uid"), other.content.get("uid"))
    return one.kind in ("view", "workflow") and uids[0] != uids[1]


def _table_names(found: Index, report: Report) -> None:
    """`a` with `b_c` and `a_b` with `c` would share a table."""
    seen: dict[str, Source] = {}
    for entity in found.entities.values():
        source = entity.source
        earlier = seen.setdefault(f"{source.module}_{source.key}", source)
        if earlier is not source and earlier.key != source.key:
            problem = f"its table would be that of {earlier.file}"
            report.add(source, ".x-entity.key", problem, found=source.key)


def _entity_keys(found: Index, report: Report) -> None:
    by_key: dict[str, Source] = {}
    for entity in found.entities.values():
        source = entity.source
        earlier = by_key.setdefault(source.key, source)
        if earlier is not source:
            report.add(
                source,
                ".x-entity.key",
                f"{earlier.file} has an entity of this key: addresses need one owner",
                found=source.key,
            )
        if source.key in RESERVED or "__" in f"{source.key}_":
            report.add(source, ".x-entity.key", _reserved(source.key), found=source.key)


def _field_key(field: Source, report: Report) -> None:
    # The one property that may be called `status` is the status, to give it a title.
    if field.key == "status" and field.content["x-field"]["type"] == "status":
        return
    if field.key in RESERVED or "__" in field.key:
        report.add(field, "", _reserved(field.key), found=field.key)


def _reserved(key: str) -> str:
    if "__" in f"{key}_":
        return "two underscores part the names of tables and operators; none may end a key"
    return "this word is reserved and cannot be a key"
