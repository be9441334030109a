"""Related records that stand in the rows of a file: found, or made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from runtime.fields.base import Field
from runtime.kernel.errors import Message, message
from runtime.records.context import Context
from runtime.transfer.bind import RelatedSide, Side
from runtime.transfer.refusals import Refusals
from runtime.transfer.sink import Sink, store


@dataclass(slots=True)
class Relating:
    """Gives rows their related records; `links` are the references of each row, by key."""

    ctx: Context
    own: Side
    sink: Sink
    cells: Sequence[Sequence[str]]
    refusals: Refusals
    links: dict[int, dict[str, int]] = field(default_factory=dict)
    # How many were made.
    made: int = 0

    def relate(self, sides: Sequence[RelatedSide], places: list[int]) -> list[int]:
        """The rows for which nothing is wrong."""
        for related in sides:
            match, reader = related.side.match, related.side.matching()
            if match is None or reader is None or not places:
                continue
            values, stored = reader.values([self.cells[p] for p in places]), store(match)
            waiting: dict[int, Any] = {}
            sound: set[int] = set()
            for place, value in zip(places, values, strict=True):
                if isinstance(value, Message):
                    self.refusals.refuse(place, [(reader.names, value)])
                elif value is not None:
                    waiting[place] = stored(value)
                elif self._says_more(related, place):
                    nothing = message("transfer.nothing_to_find_by")
                    self.refusals.refuse(place, [(reader.names, nothing)])
                else:
                    sound.add(place)
            found = self._find_or_make(related.side, match, waiting)
            for place, record in found.items():
                self.links.setdefault(place, {})[related.field.key] = record
            places = [place for place in places if place in sound or place in found]
        return places

    def _says_more(self, related: RelatedSide, place: int) -> bool:
        """Whether the row tells of a related record that it does not name."""
        own = {place for reader in self.own.all() for place in reader.places}
        return any(
            self.cells[place][column].strip()
            for reader in related.side.all()
            for column in reader.places
            if column not in own
        )

    def _find_or_make(self, side: Side, match: Field, waiting: dict[int, Any]) -> dict[int, int]:
        found: dict[int, int] = {}
        while waiting:
            keys = list(dict.fromkeys(waiting.values()))
            held = self.sink.holders(self.ctx, side.entity, match, keys)
            found |= {place: held[key] for place, key in waiting.items() if key in held}
            missing: dict[Any, int] = {}
            for place, key in waiting.items():
                if key not in held:
                    missing.setdefault(key, place)
            if not missing:
                break
            bad = self._make(side, list(missing.values()))
            # Another row may tell of the same record without the mistake.
            waiting = {p: key for p, key in waiting.items() if key in missing and p not in bad}
        return found

    def _make(self, side: Side, places: list[int]) -> set[int]:
        """Makes the record of each of these rows; gives the rows that could not."""
        made, faults = side.typed(
            self.ctx, [self.cells[place] for place in places], [False] * len(places)
        )
        for number, reasons in faults.items():
            self.refusals.refuse(places[number], reasons)
        sound = [number for number in range(len(places)) if number not in faults]
        bad = {places[number] for number in faults}
        if sound:
            states = [None] * len(sound) if side.entity.workflow else None
            rows = [made[number] for number in sound]
            created = self.sink.create(self.ctx, side.entity, rows, states, side.match)
            self.made += sum(one is not None for one in created.ids)
            own = [places[number] for number in sound]
            bad |= {own[error.index] for error in created.errors}
            self.refusals.refuse_all(own, created.errors, side.entity, side.names())
        return bad
