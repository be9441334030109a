"""A layout guessed from the header: columns named like fields, in any of our languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runtime.catalog.model import Catalog, Entity
from runtime.fields.base import Field
from runtime.kernel.errors import Refused
from runtime.kernel.fold import words
from runtime.kernel.workspace import LANGUAGES
from runtime.query.system_fields import system_fields
from runtime.transfer.layout import BY_ID, Column, Header, Layout

_LINKED = ("reference", "references")
# What an export says of links beside their numbers, which mean nothing in another workspace.
ABROAD = {"reference": "uid", "references": "uid", "user": "email", "users": "email"}


def guess(catalog: Catalog, entity: Entity, names: Sequence[str]) -> Layout:
    """Raises `Refused` when no column is called like a field, or a required one is missing."""
    columns: list[Column] = []
    status: Column | None = None
    identity: int | None = None
    kept: list[int] = []
    abroad: dict[str, int] = {}
    born: int | None = None
    for place, name in enumerate(names):
        linked = _abroad(entity, name)
        if linked:
            abroad[linked.uid] = place
            kept.append(place)
            continue
        column = _column(catalog, entity, place, name)
        if column is None:
            if _said(name) == "uid":
                identity = place
            system = "uid" if _said(name) == "uid" else _kept(name)
            if system == "created_at":
                born = place
            if system:
                kept.append(place)
            continue
        field = entity.by_uid[column.field]
        if field.type.name == "status":
            status = status or column
        elif field.type.read_only:
            kept.append(place)
        elif all(one.field != column.field for one in columns):
            columns.append(column)
    if not columns:
        fields = ", ".join(one.key for one in entity.fields if not one.type.read_only)
        raise Refused("transfer.nothing_matches", columns=", ".join(names[:20]), fields=fields)
    taken = [column.place for column in columns] + ([status.place] if status else [])
    return Layout(
        entity=entity.uid,
        match=_match(entity, columns),
        identity=identity,
        born=born if identity is not None else None,
        columns=tuple(replace(one, abroad=abroad.get(one.field)) for one in columns),
        status=status,
        left_out=Header(names).rest([*taken, *kept]),
        kept=tuple(names[place] for place in kept if place not in abroad.values()),
    )


def require_fields(entity: Entity, layout: Layout) -> None:
    """Raises `Refused` where new records would all lack a required field."""
    filled = {column.field for column in layout.columns}
    filled |= {one.field for one in layout.related}
    for one in entity.fields:
        fillable = one.type.name != "boolean" and not one.type.read_only and one.default is None
        if one.required and fillable and one.uid not in filled:
            raise Refused("transfer.no_column_for", field=one.key)


def _said(name: str) -> str:
    return words(name).strip()


def _column(catalog: Catalog, entity: Entity, place: int, name: str) -> Column | None:
    field = _field(entity, name)
    if field:
        return Column(place, name, field.uid)
    # `patient.phone`: the reference, and the field of the record behind it.
    left, point, right = name.partition(".")
    field = _field(entity, left) if point else None
    if field is None or field.type.name not in _LINKED:
        return None
    if _said(right) == BY_ID:
        return Column(place, name, field.uid, by=BY_ID)
    behind = _field(catalog.target(field), right)
    if behind is None or behind.type.links or behind.type.name in ("reference", "user"):
        return None
    return Column(place, name, field.uid, by=behind.uid)


def _abroad(entity: Entity, name: str) -> Field | None:
    """The link of which an export of ours says here what other workspaces know it by."""
    left, _, right = name.rpartition(".")
    field = _field(entity, left) if left else None
    return field if field and ABROAD.get(field.type.name) == right else None


def _field(entity: Entity, name: str) -> Field | None:
    """The one field that is called so: its key decides, then its titles."""
    said = _said(name)
    if not said:
        return None
    for one in entity.fields:
        if _said(one.key) == said:
            return one
    titled = [one for one in entity.fields if said in _titles(one)]
    return titled[0] if len(titled) == 1 else None


def _titles(field: Field) -> set[str]:
    return {_said(field.title(language)) for language in LANGUAGES} | {_said(field.title.source)}


def _kept(name: str) -> str:
    """The key of the column that every record has and that is called so; "" for others."""
    said = _said(name)
    for key, one in system_fields().items():
        if said == _said(key) or said in _titles(one):
            return key
    return ""


def _match(entity: Entity, columns: Sequence[Column]) -> str:
    filled = {column.field for column in columns}
    for one in entity.fields:
        if one.unique and one.uid in filled and one.type.name not in ("reference", "user"):
            return one.uid
    return ""
