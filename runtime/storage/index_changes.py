"""Which indexes come and go between two catalogs, and where unique rules look before they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from runtime.catalog.model import Catalog, Entity
from runtime.fields.base import Field
from runtime.storage.steps.base import Step
from runtime.storage.steps.retype import Retype
from runtime.storage.steps.rules import AddIndex, AddUnique, DropIndex
from runtime.storage.tables import IndexSpec, index_specs


@dataclass(frozen=True, slots=True)
class Home:
    """Where the values of an entity stand while the plan is made: its table ("" for none yet) and
    its fields by uid, under the names of their columns there."""

    table: str
    fields: Mapping[str, Field | None]


def index_steps(
    old: Catalog, new: Catalog, homes: Mapping[str, Home], retypes: Sequence[Retype]
) -> Iterator[Step]:
    before = {spec.name: (spec, entity) for entity, spec in _specs(old)}
    after = {spec.name: (spec, entity) for entity, spec in _specs(new)}
    for name, (spec, entity) in before.items():
        if name not in after:
            yield DropIndex(entity, spec)
    for name, (spec, entity) in after.items():
        if name in before:
            continue
        if spec.unique:
            yield _add_unique(entity, spec, homes[entity.uid], retypes)
        else:
            yield AddIndex(entity, spec)


def _specs(catalog: Catalog) -> Iterator[tuple[Entity, IndexSpec]]:
    for entity in catalog.entities.values():
        for spec in index_specs(catalog, entity):
            yield entity, spec


def _add_unique(
    entity: Entity, spec: IndexSpec, home: Home, retypes: Sequence[Retype]
) -> AddUnique:
    fields = [entity.by_key[key] for key in spec.fields]
    changing = [one for one in retypes if one.field.uid in {field.uid for field in fields}]
    if changing and len(fields) == 1:
        return AddUnique(entity, spec, home.table, (), changing[0])
    columns = []
    for field, column in zip(fields, spec.columns, strict=True):
        holder = home.fields.get(field.uid)
        if holder is None or changing:
            # New fields repeat nothing; of several that change, the index itself is the judge.
            return AddUnique(entity, spec, "", ())
        columns.append(holder.key + column.removeprefix(field.key))
    return AddUnique(entity, spec, home.table, tuple(columns))
