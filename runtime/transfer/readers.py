"""Cells by the thousand -> values of one field; equal cells are read once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.fields.base import Field
from runtime.kernel.errors import Invalid, message
from runtime.kernel.locale import Locale
from runtime.records.context import Context
from runtime.transfer.layout import BY_UID
from runtime.transfer.lookup import name_alone, parts_of, resolve

# A column repeats its texts, or it does not and nothing is gained by keeping them.
KEPT = 20_000

Cells = Sequence[str]


@dataclass(slots=True)
class Reader:
    """One field and the columns that fill it. Equal cells are read once."""

    field: Field
    names: str
    places: tuple[int, ...]
    text_of: Callable[[Any], str]
    locale: Locale
    known: dict[Any, Any] = dataclasses.field(default_factory=dict)

    def raw(self, rows: Sequence[Cells]) -> list[Any]:
        """The cells that matter here, row by row: a text, or several."""
        if len(self.places) == 1:
            place = self.places[0]
            return [row[place] for row in rows]
        return [tuple([row[place] for place in self.places]) for row in rows]

    def values(self, rows: Sequence[Cells]) -> list[Any]:
        """Values of the field; a `Message` where a text is none."""
        raw, known = self.raw(rows), self.known
        if len(known) > KEPT:
            known.clear()
        for cell in {cell for cell in raw if cell not in known}:
            known[cell] = self.read(self.text_of(cell))
        return [known[cell] for cell in raw]

    def read(self, text: str) -> Any:
        try:
            return self.field.type.convert(self.field, text, self.locale) if text else None
        except Invalid as error:
            return error.message

    def texts(self, rows: Sequence[Cells]) -> list[str]:
        return [self.text_of(cell) for cell in self.raw(rows)]


@dataclass(slots=True)
class LinkReader:
    """A reference or person field: its texts are looked up, many at once."""

    reader: Reader
    by: str
    ids_first: bool
    # The column for rows of another workspace, whose numbers mean nothing here.
    abroad: int | None = None
    # (how it was looked up, text) -> id, of batches that are committed, and of the one under way.
    kept: dict[tuple[str, str], int] = dataclasses.field(default_factory=dict)
    fresh: dict[tuple[str, str], int] = dataclasses.field(default_factory=dict)

    def values(self, ctx: Context, rows: Sequence[Cells], foreign: Sequence[bool]) -> list[Any]:
        """`foreign` says of each row whether it came from another workspace."""
        texts = self.reader.texts(rows)
        if not any(foreign):
            return self._read(ctx, texts, self.by)
        home = iter(self._read(ctx, _chosen(texts, foreign, False), self.by))
        if self.abroad is None:
            away = iter(self._read_names(ctx, _chosen(texts, foreign, True)))
        else:
            known = [row[self.abroad].strip() for row in _chosen(rows, foreign, True)]
            away = iter(self._read(ctx, known, BY_UID))
        return [next(away if far else home) for far in foreign]

    def _read_names(self, ctx: Context, texts: Sequence[str]) -> list[Any]:
        names = [name_alone(text) for text in texts]
        values = iter(self._read(ctx, [name for name in names if name is not None], self.by))
        return [
            message("transfer.foreign_number", text=text) if name is None else next(values)
            for text, name in zip(texts, names, strict=True)
        ]

    def _read(self, ctx: Context, texts: Sequence[str], by: str) -> list[Any]:
        if not self.reader.field.type.links:
            known = self._meanings(ctx, {text for text in texts if text}, by)
            return [known[text] if text else None for text in texts]
        parted = {text: parts_of(text) for text in set(texts) if text}
        wanted = {part for parts in parted.values() for part in parts} | parted.keys()
        known = self._meanings(ctx, wanted, by)
        several = {text: self._several(text, parts, known) for text, parts in parted.items()}
        return [several[text] if text else None for text in texts]

    def _meanings(self, ctx: Context, texts: set[str], by: str) -> Mapping[str, Any]:
        known: dict[str, Any] = {}
        for text in texts:
            hit = self.fresh.get((by, text)) or self.kept.get((by, text))
            if hit:
                known[text] = hit
        missing = [text for text in texts if text not in known]
        one = self.reader.field
        found = resolve(ctx, one, missing, by, ids_first=self.ids_first) if missing else {}
        self.fresh |= {(by, text): hit for text, hit in found.items() if isinstance(hit, int)}
        return known | found

    def _several(self, text: str, parts: Sequence[str], known: Mapping[str, Any]) -> Any:
        # A name may hold a comma: the whole cell is tried before its parts.
        if isinstance(known[text], int):
            return (known[text],)
        hits = [known[part] for part in parts]
        wrong = next((hit for hit in hits if not isinstance(hit, int)), None)
        return wrong or tuple(sorted(set(hits))) or None

    def keep(self) -> None:
        """What was found stands now: the transaction is over."""
        if len(self.kept) > KEPT:
            self.kept.clear()
        self.kept |= self.fresh
        self.fresh = {}

    def forget(self) -> None:
        self.fresh = {}


def _chosen(items: Sequence[Any], foreign: Sequence[bool], wanted: bool) -> list[Any]:
    return [item for item, far in zip(items, foreign, strict=True) if far is wanted]
