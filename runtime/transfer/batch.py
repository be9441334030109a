"""One batch of a file: duplicates found, related records made once, rows written or refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from runtime.kernel.errors import Invalid, Message, message
from runtime.kernel.reading import read_datetime
from runtime.records.context import Context
from runtime.records.write import Edit
from runtime.transfer.bind import Binding, Faults
from runtime.transfer.lookup import Known, by_uid, every_uid
from runtime.transfer.refusals import Reason, Refusal, Refusals
from runtime.transfer.related import Relating
from runtime.transfer.sheet import Row
from runtime.transfer.sink import Sink, store

_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
# ("match", stored value) or ("uid", uid): what a row's record is found by.
Key = tuple[str, Any]


class OnDuplicate(StrEnum):
    """What becomes of a row whose record is there already."""

    SKIP = "skip"
    UPDATE = "update"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class Manner:
    """How rows are taken. `strict`: a row shorter than the header is broken. `seen`: this very
    file was loaded before, so rows that nothing can be found by are there already."""

    on_duplicate: OnDuplicate
    width: int
    strict: bool
    seen: bool


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a batch."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    related: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def load_batch(
    ctx: Context, binding: Binding, rows: Sequence[Row], manner: Manner, sink: Sink
) -> Outcome:
    """Takes the rows in, or refuses them one by one."""
    width = manner.width
    # A spreadsheet leaves out empty cells at the end of a row, and may have some too many.
    cells = [one if len(one) == width else (one + [""] * width)[:width] for _, one in rows]
    refusals = Refusals(ctx.actor.language, [number for number, _ in rows], cells)
    relating = Relating(ctx, binding.own, sink, cells, refusals)
    work = _Work(ctx, binding, manner, sink, cells, refusals, relating)
    work.take(rows)
    work.outcome.related = relating.made
    work.outcome.refusals = refusals.listed()
    return work.outcome


@dataclass(slots=True)
class _Work:
    """A batch under way. Rows are named by their place in it."""

    ctx: Context
    binding: Binding
    manner: Manner
    sink: Sink
    cells: list[list[str]]
    refusals: Refusals
    relating: Relating
    outcome: Outcome = field(default_factory=Outcome)
    # Rows of another workspace with the uid that their record has in both: numbers of other
    # records that they hold are not ours.
    foreign: dict[int, str] = field(default_factory=dict)

    def take(self, rows: Sequence[Row]) -> None:
        whole = [place for place, (_, cells) in enumerate(rows) if self._fits(place, cells)]
        waiting = self._keyed([place for place in whole if self._allowed(place)])
        # A related record stands for itself: a row that is refused may still bring one.
        refused = [place for place in whole if place not in waiting]
        self.relating.relate(self.binding.related, refused)
        while waiting:
            waiting = self._wave(waiting)

    def _fits(self, place: int, cells: Sequence[str]) -> bool:
        width = self.manner.width
        if any(cells[width:]) or (len(cells) < width and self.manner.strict):
            said = message("transfer.wrong_width", found=len(cells), expected=width)
            self.refusals.refuse(place, [("", said)])
            return False
        return True

    def _allowed(self, place: int) -> bool:
        reasons = [one.because for one in self.binding.limits if one.hits(self.cells[place])]
        if reasons:
            self.refusals.say(place, reasons)
        return not reasons

    def _keyed(self, places: list[int]) -> dict[int, Key | None]:
        """Rows with what their record is found by; None where there is nothing."""
        keys: dict[int, Key | None] = dict.fromkeys(places)
        own = self.binding.own
        reader = own.matching()
        if self.manner.on_duplicate is OnDuplicate.CREATE:
            return keys
        if reader and own.match:
            values, stored = reader.values([self.cells[p] for p in places]), store(own.match)
            for place, value in zip(places, values, strict=True):
                if isinstance(value, Message):
                    self.refusals.refuse(place, [(reader.names, value)])
                    del keys[place]
                elif value is not None:
                    keys[place] = ("match", stored(value))
        self._identify(keys)
        return keys

    def _identify(self, keys: dict[int, Key | None]) -> None:
        """Rows that carry the uid of a record: of one that is there, of one in the bin, which
        are refused, or of one from another workspace, which will keep it."""
        column = self.binding.layout.identity
        if column is None:
            return
        named = {p: c for p in keys if _ULID.fullmatch(c := self.cells[p][column].strip())}
        there = every_uid(self.ctx, self.binding.own.entity, set(named.values()))
        for place, uid in named.items():
            known = there.get(uid)
            if known and known.deleted:
                self.refusals.refuse(place, [("", message("transfer.in_bin"))])
                del keys[place]
                continue
            if known is None or not self._born_here(place, known):
                self.foreign[place] = uid
            if known or keys[place] is None:
                keys[place] = ("uid", uid)

    def _born_here(self, place: int, known: Known) -> bool:
        """Whether the row tells of this record as it began in this workspace."""
        column = self.binding.layout.born
        if column is None:
            return True
        try:
            born = read_datetime(self.cells[place][column], self.ctx.actor.locale.zone)
        except Invalid:
            return False
        return born == known.born.replace(microsecond=0)

    def _wave(self, waiting: dict[int, Key | None]) -> dict[int, Key | None]:
        """Takes the first row of each key; gives the rows that wait for what became of it."""
        first: dict[Key, int] = {}
        for place, key in waiting.items():
            if key is not None:
                first.setdefault(key, place)
        held = self._held(first)
        there = {place for place, key in waiting.items() if self._is_there(key, held)}
        self.outcome.skipped += len(there)
        now, later, owners = [], dict[int, Key | None](), dict[int, int]()
        taken: set[int] = set()
        for place, key in waiting.items():
            if place in there:
                continue
            record = held.get(key) if key else None
            if (key and first[key] != place) or record in taken:
                later[place] = key
                continue
            now.append(place)
            if record is not None:
                owners[place] = record
                taken.add(record)
        deferred = self._write(now, owners)
        return {**{place: waiting[place] for place in deferred}, **later}

    def _is_there(self, key: Key | None, held: Mapping[Key, int]) -> bool:
        """Whether the row is left alone, for its record is there."""
        if key is None:
            return self.manner.seen and self.manner.on_duplicate is not OnDuplicate.CREATE
        return key in held and self.manner.on_duplicate is OnDuplicate.SKIP

    def _held(self, keys: Iterable[Key]) -> dict[Key, int]:
        """Keys whose record is there."""
        own = self.binding.own
        held: dict[Key, int] = {}
        values = [value for kind, value in keys if kind == "match"]
        if values and own.match:
            found = self.sink.holders(self.ctx, own.entity, own.match, values)
            held |= {("match", value): record for value, record in found.items()}
        uids = by_uid(self.ctx, own.entity, [uid for kind, uid in keys if kind == "uid"])
        return held | {("uid", uid): record for uid, record in uids.items()}

    def _write(self, places: list[int], owners: Mapping[int, int]) -> Iterable[int]:
        """Creates and updates; gives the rows that point at rows of this file not yet made."""
        places = self.relating.relate(self.binding.related, places)
        if not places:
            return ()
        cells, foreign = [self.cells[p] for p in places], [p in self.foreign for p in places]
        made, faults = self.binding.own.typed(self.ctx, cells, foreign)
        deferred = self._deferred(places, made, faults)
        rows: dict[int, dict[str, Any]] = {}
        for number, place in enumerate(places):
            if number in faults:
                self.refusals.refuse(place, faults[number])
            elif place not in deferred:
                rows[place] = made[number] | self.relating.links.get(place, {})
        before = self.outcome.created
        self._create({place: row for place, row in rows.items() if place not in owners})
        self._update({place: row for place, row in rows.items() if place in owners}, owners)
        if self.outcome.created == before:
            # Nothing new came that they could point at.
            for place, reasons in deferred.items():
                self.refusals.refuse(place, reasons)
            return ()
        return deferred

    def _deferred(
        self, places: Sequence[int], made: list[dict[str, Any]], faults: Faults
    ) -> dict[int, list[Reason]]:
        """Rows whose only fault is a reference to their own entity: its record may come yet."""
        own = {
            link.reader.names: link.reader.field.key
            for link in self.binding.own.links
            if link.reader.field.options.get("to") == self.binding.own.entity.uid
        }
        deferred = {}
        for number in [n for n, found in faults.items() if all(name in own for name, _ in found)]:
            found = faults.pop(number)
            if self.sink.promises:
                made[number] |= {own[name]: None for name, _ in found}
            else:
                deferred[places[number]] = found
        return deferred

    def _create(self, rows: dict[int, dict[str, Any]]) -> None:
        own, states = self.binding.own, self._states(rows)
        if rows:
            values = list(rows.values())
            uids = [self.foreign.get(place) for place in rows] if self.foreign else None
            created = self.sink.create(self.ctx, own.entity, values, states, own.match, uids)
            self.outcome.created += sum(one is not None for one in created.ids)
            names = self.binding.names()
            self.refusals.refuse_all(list(rows), created.errors, own.entity, names)

    def _states(self, rows: dict[int, dict[str, Any]]) -> list[str | None] | None:
        """The state in which each row enters; rows that name none that there is leave `rows`."""
        if self.binding.own.entity.workflow is None:
            return None
        state_of, column = self.binding.state_of, self.binding.layout.status
        if state_of is None or column is None:
            return [None] * len(rows)
        states: list[str | None] = []
        for place in list(rows):
            state = state_of(self.cells[place][column.place])
            if isinstance(state, Message):
                self.refusals.refuse(place, [(column.name, state)])
                del rows[place]
            else:
                states.append(state)
        return states

    def _update(self, rows: Mapping[int, dict[str, Any]], owners: Mapping[int, int]) -> None:
        if rows:
            entity = self.binding.own.entity
            edits = [Edit(owners[place], values) for place, values in rows.items()]
            touched, errors = self.sink.update(self.ctx, entity, edits)
            self.outcome.updated += len(touched)
            self.outcome.skipped += len(edits) - len(touched) - len(errors)
            self.refusals.refuse_all(list(rows), errors, entity, self.binding.names())
