"""What must change in the database between two catalogs: matched by uid, so a rename is never a
delete. Pure: the rows are looked at by `plan`, the work is done by `migrate`."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace

from runtime.catalog.model import Catalog, Entity
from runtime.catalog.searching import search_fields
from runtime.fields.base import Field
from runtime.storage.park import Parked, newest
from runtime.storage.steps.base import Step, physical, renamed
from runtime.storage.steps.columns import (
    AddColumn,
    ParkColumn,
    ParkReturned,
    RenameColumn,
    RestoreColumn,
    in_free_order,
)
from runtime.storage.steps.fills import NumberRows, StartRows
from runtime.storage.steps.options import RemoveOption, RenameOption, RestoreOption
from runtime.storage.steps.retype import Retype
from runtime.storage.steps.rules import (
    AddIndex,
    AddUnique,
    DropIndex,
    Narrow,
    RebuildSearch,
    Require,
)
from runtime.storage.steps.tables import CreateTable, ParkTable, RenameTable, RestoreTable, is_link
from runtime.storage.tables import IndexSpec, index_specs, storage_of

ParkedByUid = Mapping[str, list[Parked]]


@dataclass(frozen=True, slots=True)
class _Pair:
    """An entity before and after. `before` is None for a new table; for one that returns from the
    parking place it is the entity as it was, `source` the table where its rows are now."""

    before: Entity | None
    after: Entity
    source: str | None
    returning: bool = False


def changes(
    old: Catalog, new: Catalog, parked: ParkedByUid, moves: Mapping[str, str]
) -> list[Step]:
    """Every step, in the order in which they are carried out."""
    steps: list[Step] = []
    steps += _table_steps(old, new, parked)
    for pair in _pairs(old, new, parked):
        steps += _field_steps(old, pair, parked, moves)
        steps += _search_steps(pair)
    steps += _index_steps(old, new)
    return sorted(steps, key=lambda step: step.phase)


def _pairs(old: Catalog, new: Catalog, parked: ParkedByUid) -> Iterator[_Pair]:
    for entity in new.entities.values():
        before = old.entities.get(entity.uid)
        aside = newest(parked, entity.uid, "table")
        if before:
            yield _Pair(before, entity, physical(before))
        elif aside and aside.entity:
            yield _Pair(aside.entity, entity, aside.physical, returning=True)
        else:
            yield _Pair(None, entity, None)


def _table_steps(old: Catalog, new: Catalog, parked: ParkedByUid) -> Iterator[Step]:
    for gone in old.entities.values():
        if gone.uid not in new.entities:
            yield ParkTable(gone, old.revision)
    renames = {}
    for entity in new.entities.values():
        before = old.entities.get(entity.uid)
        aside = newest(parked, entity.uid, "table")
        if before is None and aside:
            yield RestoreTable(entity, aside)
        elif before is None:
            yield CreateTable(entity)
        elif physical(before) != physical(entity):
            renames[physical(before)] = (before, entity)
    order = in_free_order((name, physical(after)) for name, (_, after) in renames.items())
    for name, _ in order:
        if name in renames:
            before, entity = renames[name]
            yield RenameTable(entity, before)


def _field_steps(
    old: Catalog, pair: _Pair, parked: ParkedByUid, moves: Mapping[str, str]
) -> Iterator[Step]:
    before, after = pair.before, pair.after
    if before is None or pair.source is None:
        yield from _new_table_fields(after)
        return
    kept = _kept(pair)
    for field in kept.values():
        if field.uid not in after.by_uid and pair.returning:
            yield ParkReturned(after, field, old.revision)
        elif field.uid not in after.by_uid:
            yield ParkColumn(before, field, old.revision)
    yield from _renames(pair, kept)
    for field in after.fields:
        held = kept.get(field.uid)
        if held is None:
            held = yield from _arrival(pair, field, parked)
        holder = _holder(kept, field, held, parked)
        if held is not None and holder is not None:
            yield from _alterations(old, pair, field, held, holder, parked, moves)
        if field.required and not (held and held.required):
            yield Require(after, field, pair.source, holder)


def _kept(pair: _Pair) -> dict[str, Field]:
    """The fields whose columns stand in the table. What pointed elsewhere left a returning one."""
    before = pair.before.fields if pair.before else ()
    return {f.uid: f for f in before if not (pair.returning and is_link(f.type.name))}


def _holder(
    kept: Mapping[str, Field], field: Field, held: Field | None, parked: ParkedByUid
) -> Field | None:
    """The field under the name that its columns have while the plan is made."""
    if held is None or field.uid in kept:
        return held
    aside = newest(parked, field.uid, "column", "values")
    return renamed(held, aside.physical) if aside and aside.kind == "column" else None


def _new_table_fields(entity: Entity) -> Iterator[Step]:
    """Plain columns come with the table; what points elsewhere once all tables are there."""
    for field in entity.fields:
        if is_link(field.type.name):
            yield AddColumn(entity, field)


def _renames(pair: _Pair, kept: Mapping[str, Field]) -> Iterator[Step]:
    wanted = {
        field.key: pair.after.by_uid[uid]
        for uid, field in kept.items()
        if uid in pair.after.by_uid and pair.after.by_uid[uid].key != field.key
    }
    holders = {field.key: field for field in kept.values()}
    for name, new_name in in_free_order((key, field.key) for key, field in wanted.items()):
        holder = holders[name]
        target = renamed(holder, new_name)
        holders[new_name] = target
        yield RenameColumn(pair.after, target, holder)


def _arrival(pair: _Pair, field: Field, parked: ParkedByUid) -> Generator[Step, None, Field | None]:
    """A field that the table has not: new, or back from the parking place (then it is returned,
    for its type may have to change)."""
    aside = newest(parked, field.uid, "column", "values")
    if aside and aside.field and aside.entity_uid == pair.after.uid:
        returning = renamed(aside.field, field.key)
        if aside.kind == "column" or storage_of(aside.field) == storage_of(field):
            yield RestoreColumn(pair.after, returning, aside)
            return returning
    yield AddColumn(pair.after, field)
    if field.type.name == "sequence":
        yield NumberRows(pair.after, field, pair.source)
    if field.type.name == "status" and pair.after.workflow:
        yield StartRows(pair.after, field, pair.source, pair.after.workflow.start)
    return None


def _alterations(
    old: Catalog,
    pair: _Pair,
    field: Field,
    held: Field,
    holder: Field,
    parked: ParkedByUid,
    moves: Mapping[str, str],
) -> Iterator[Step]:
    source = pair.source or ""
    if storage_of(held) != storage_of(field):
        original = _original(parked, field)
        yield Retype(pair.after, field, held, source, holder, old.revision, original)
        return
    yield from _option_steps(old, pair, field, held, holder, parked, moves)
    if held.type.name not in ("status", "sequence") and _tighter(held, field):
        yield Narrow(pair.after, field, held, source, holder)


def _original(parked: ParkedByUid, field: Field) -> Parked | None:
    """What an earlier retyping set aside in just the form that is wanted again."""
    for one in reversed(parked.get(field.uid, [])):
        if one.kind == "retyped" and one.field and storage_of(one.field) == storage_of(field):
            return one
    return None


def _tighter(before: Field, after: Field) -> bool:
    """Whether the limits differ; which way, the rows will tell."""
    words = ("minimum", "maximum", "region")
    limits = [
        {word: f.options[word] for word in words if word in f.options} for f in (before, after)
    ]
    return before.keywords != after.keywords or limits[0] != limits[1]


def _option_steps(
    old: Catalog,
    pair: _Pair,
    field: Field,
    held: Field,
    holder: Field,
    parked: ParkedByUid,
    moves: Mapping[str, str],
) -> Iterator[Step]:
    now = {option.uid: option for option in field.choices}
    before = {option.uid: option for option in held.choices}
    source = pair.source or ""
    for uid, option in before.items():
        # A state of another workflow with the same key is the same to the rows.
        if uid not in now and field.option(option.key) is None:
            move = moves.get(uid)
            yield RemoveOption(pair.after, field, option, holder, source, old.revision, move)
    renames = {o.key: now[uid] for uid, o in before.items() if uid in now and now[uid].key != o.key}
    by_key = {option.key: option for option in before.values()}
    for name, new_name in in_free_order((key, option.key) for key, option in renames.items()):
        held_option = by_key.get(name) or replace(field.choices[0], key=name)
        target = replace(held_option, key=new_name)
        by_key[new_name] = target
        yield RenameOption(pair.after, field, held_option, target)
    for uid, option in now.items():
        aside = newest(parked, uid, "option")
        if uid not in before and aside:
            yield RestoreOption(pair.after, field, option, aside)


def _search_steps(pair: _Pair) -> Iterator[Step]:
    if pair.before is None:
        return
    before = [(field.uid, storage_of(field)) for field in search_fields(pair.before)]
    after = [(field.uid, storage_of(field)) for field in search_fields(pair.after)]
    if before != after:
        yield RebuildSearch(pair.after, pair.source)


def _index_steps(old: Catalog, new: Catalog) -> Iterator[Step]:
    before = {spec.name: (spec, entity) for entity, spec in _specs(old)}
    after = {spec.name: (spec, entity) for entity, spec in _specs(new)}
    for name, (spec, entity) in before.items():
        if name not in after:
            yield DropIndex(entity, spec)
    for name, (spec, entity) in after.items():
        if name in before:
            continue
        if spec.unique:
            held = old.entities.get(entity.uid)
            yield AddUnique(entity, spec, *_unique_source(held, entity, spec))
        else:
            yield AddIndex(entity, spec)


def _specs(catalog: Catalog) -> Iterator[tuple[Entity, IndexSpec]]:
    for entity in catalog.entities.values():
        for spec in index_specs(catalog, entity):
            yield entity, spec


def _unique_source(
    held: Entity | None, entity: Entity, spec: IndexSpec
) -> tuple[str, tuple[str, ...]]:
    """Where the values stand before the change; nowhere when a field is new or changes its type,
    for then the index itself is the judge."""
    if held is None:
        return "", ()
    columns = []
    for key, column in zip(spec.fields, spec.columns, strict=True):
        field = entity.by_key[key]
        before = held.by_uid.get(field.uid)
        if before is None or storage_of(before) != storage_of(field):
            return "", ()
        columns.append(before.key + column.removeprefix(key))
    return physical(held), tuple(columns)
