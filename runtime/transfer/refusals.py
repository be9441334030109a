"""Rows that were not taken, each with its reason in the words of the person with the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from runtime.catalog.model import Entity
from runtime.kernel.errors import Message, RowErrors
from runtime.kernel.i18n import say, translate

# The name of a column and what is wrong there; no name for what is wrong with the whole row.
Reason = tuple[str, Message]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: its number in the file, its cells, the reason in words."""

    number: int
    cells: Sequence[str]
    reason: str


@dataclass(slots=True)
class Refusals:
    """Of one batch. The first reason of a row stands: what followed came of it."""

    language: str
    numbers: Sequence[int]
    cells: Sequence[Sequence[str]]
    by_place: dict[int, Refusal] = field(default_factory=dict)

    def refuse(self, place: int, reasons: Iterable[Reason]) -> None:
        self.say(place, [self._told(name, reason) for name, reason in reasons])

    def refuse_all(
        self,
        places: Sequence[int],
        errors: Iterable[RowErrors],
        entity: Entity,
        names: Mapping[str, str],
    ) -> None:
        """Errors stand beside fields; `names` leads from them to columns."""
        for error in errors:
            reasons = []
            for key, texts in error.fields.items():
                one = entity.by_key.get(key)
                name = names.get(key) or (one.title(self.language) if one else key)
                reasons += [(name, text) for text in texts]
            self.refuse(places[error.index], reasons)

    def say(self, place: int, texts: Iterable[str]) -> None:
        said = "; ".join(dict.fromkeys(texts))
        self.by_place.setdefault(place, Refusal(self.numbers[place], self.cells[place], said))

    def _told(self, name: str, reason: Message) -> str:
        text = say(self.language, reason)
        if not name:
            return text
        return translate(self.language, "transfer.at_column", column=name, reason=text)

    def listed(self) -> list[Refusal]:
        return sorted(self.by_place.values(), key=lambda one: one.number)
