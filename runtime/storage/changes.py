"""What must change in the database between two catalogs: matched by uid, so a rename is never a
delete. Pure: the rows are looked at by `plan`, the work is done by `migrate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runtime.catalog.model import Catalog, Entity
from runtime.catalog.searching import search_fields
from runtime.fields.base import Field
from runtime.storage.index_changes import Home, index_steps
from runtime.storage.option_changes import Place, option_steps
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
from runtime.storage.steps.fills import AlignCounter, NumberRows, StartRows
from runtime.storage.steps.retype import Retype, convertible
from runtime.storage.steps.rules import ChangeCurrency, Narrow, RebuildSearch, Require
from runtime.storage.steps.tables import CreateTable, ParkTable, RenameTable, RestoreTable, is_link
from runtime.storage.tables import storage_of

ParkedByUid = Mapping[str, list[Parked]]


@dataclass(frozen=True, slots=True)
class _Pair:
    """An entity before and after. `before` is None for a new table; for one that returns from the
    parking place it is the entity as it was, `source` the table where its rows are now and
    `revision` the last one that knew it."""

    before: Entity | None
    after: Entity
    source: str
    revision: int
    returning: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A field whose values are there: as it was, under today's key. `holder` has the name under
    which its columns stand while the plan is made (None for links that are set aside), `revision`
    is the last one that knew it, `aside` its parking place."""

    field: Field
    holder: Field | None
    revision: int
    aside: Parked | None = None


def changes(
    old: Catalog, new: Catalog, parked: ParkedByUid, moves: Mapping[str, str]
) -> list[Step]:
    """Every step, in the order in which they are carried out."""
    steps: list[Step] = [*_table_steps(old, new, parked)]
    homes: dict[str, Home] = {}
    for pair in _pairs(old, new, parked):
        held = _held_fields(pair, parked)
        steps += _field_steps(pair, held, parked, moves)
        homes[pair.after.uid] = Home(pair.source, {uid: one.holder for uid, one in held.items()})
    steps += index_steps(old, new, homes, [one for one in steps if isinstance(one, Retype)])
    return sorted(steps, key=lambda step: step.phase)


def _pairs(old: Catalog, new: Catalog, parked: ParkedByUid) -> Iterator[_Pair]:
    for entity in new.entities.values():
        before = old.entities.get(entity.uid)
        aside = newest(parked, entity.uid, "table")
        if before:
            yield _Pair(before, entity, physical(before), old.revision)
        elif aside and aside.entity:
            yield _Pair(aside.entity, entity, aside.physical, aside.revision, returning=True)
        else:
            yield _Pair(None, entity, "", old.revision)


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
    for name, new_name in order:
        before, entity = renames.pop(name)
        if new_name != physical(entity):
            renames[new_name] = (before, entity)
        yield RenameTable(entity, before, name, new_name)


def _held_fields(pair: _Pair, parked: ParkedByUid) -> dict[str, Held]:
    """By uid, those fields of the entity that have values already: in its table or set aside."""
    kept = _kept(pair)
    held: dict[str, Held] = {}
    for field in pair.after.fields if pair.before else ():
        there = kept.get(field.uid)
        if there and (convertible(there, field) or not _aside(parked, pair, field)):
            held[field.uid] = Held(there, there, pair.revision)
        elif aside := _aside(parked, pair, field):
            assert aside.field is not None  # noqa: S101 - `_aside` has looked
            returning = renamed(aside.field, field.key)
            holder = renamed(returning, aside.physical) if aside.kind == "column" else None
            held[field.uid] = Held(returning, holder, aside.revision, aside)
    return held


def _aside(parked: ParkedByUid, pair: _Pair, field: Field) -> Parked | None:
    """The newest values of the field that were set aside and that it can take."""
    for one in reversed(parked.get(field.uid, [])):
        if one.field is None or one.entity_uid != pair.after.uid:
            continue
        # Links come back as they were or not at all; a column may be converted.
        as_it_was = storage_of(one.field) == storage_of(field)
        if as_it_was if one.kind == "values" else one.kind == "column":
            if as_it_was or convertible(one.field, field):
                return one
    return None


def _field_steps(
    pair: _Pair, held: Mapping[str, Held], parked: ParkedByUid, moves: Mapping[str, str]
) -> Iterator[Step]:
    before, after = pair.before, pair.after
    if before is None:
        yield from _new_table_fields(after)
        return
    kept = _kept(pair)
    # What goes, and what cannot become what is wanted, but has been that before.
    leaving = [
        field for uid, field in kept.items()
        if uid not in after.by_uid or (uid in held and held[uid].aside)
    ]  # fmt: skip
    for field in leaving:
        if pair.returning:
            yield ParkReturned(after, field, pair.revision)
        else:
            yield ParkColumn(before, field, pair.revision)
    yield from _renames(pair, {f.uid: f for f in kept.values() if f not in leaving})
    for field in after.fields:
        there = held.get(field.uid)
        yield from _arrival(pair, field, there)
        if there and there.holder:
            yield from _alterations(pair, field, there, there.holder, parked, moves)
        if field.required and not (there and there.field.required):
            yield Require(after, field, pair.source, there.holder if there else None)
    yield from _search_steps(pair, held)


def _kept(pair: _Pair) -> dict[str, Field]:
    """The fields whose columns stand in the table. What pointed elsewhere left a returning one."""
    before = pair.before.fields if pair.before else ()
    return {f.uid: f for f in before if not (pair.returning and is_link(f.type.name))}


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


def _arrival(pair: _Pair, field: Field, there: Held | None) -> Iterator[Step]:
    """A field that the table has not: new, or back from the parking place."""
    if there and there.aside:
        yield RestoreColumn(pair.after, there.field, there.aside)
    elif there is None:
        yield AddColumn(pair.after, field)
    else:
        return
    # What the product itself writes into rows that have no value, or came while it was away.
    holder = there.holder if there else None
    if field.type.name == "sequence":
        yield NumberRows(pair.after, field, pair.source, holder)
    if field.type.name == "status" and pair.after.workflow:
        yield StartRows(pair.after, field, pair.source, pair.after.workflow.start, holder)


def _alterations(
    pair: _Pair,
    field: Field,
    there: Held,
    holder: Field,
    parked: ParkedByUid,
    moves: Mapping[str, str],
) -> Iterator[Step]:
    entity, before, source = pair.after, there.field, pair.source
    if storage_of(before) != storage_of(field):
        original = _original(parked, field)
        yield Retype(entity, field, before, source, holder, there.revision, original)
        if field.type.name == "sequence" and convertible(before, field):
            yield NumberRows(entity, field, source, holder)
        return
    if field.type.name == "sequence" and field.options != before.options:
        yield AlignCounter(entity, field)
    if _currency(field) != _currency(before):
        yield ChangeCurrency(entity, field, before, source, holder)
    found = Place(entity, field, holder, source, there.revision)
    yield from option_steps(found, before, parked, moves)
    if before.type.name not in ("status", "sequence") and _tighter(before, field):
        yield Narrow(entity, field, before, source, holder)


def _currency(field: Field) -> str:
    """The one currency of a field's sums."""
    one = field.type.name == "money" and not field.options.get("per_record")
    return str(field.options["currency"]) if one else ""


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


def _search_steps(pair: _Pair, held: Mapping[str, Held]) -> Iterator[Step]:
    """Search text is written anew where a field leaves it or enters it with values."""
    if pair.before is None:
        return
    before, after = search_fields(pair.before), search_fields(pair.after)
    stayed = {(field.uid, storage_of(field)) for field in before}
    entered = [field for field in after if (field.uid, storage_of(field)) not in stayed]
    filled = [field for field in entered if field.uid in held or field.type.name == "sequence"]
    left = stayed - {(field.uid, storage_of(field)) for field in after}
    if left or filled or any(one.aside for one in held.values() if one.field.type.searchable):
        yield RebuildSearch(pair.after, pair.source)
