"""Which column of one file fills which field: a mapping brought together with a header."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from runtime.catalog.model import Catalog, Entity
from runtime.definitions.report import nearest
from runtime.fields.base import Field
from runtime.kernel.errors import Refused
from runtime.kernel.fold import fold

# Columns of our own making, in lists of refused rows; they are never data.
OWN = "qurucu:"
# What a reference is found `by` when the file holds the numbers of records, or their uids.
BY_ID, BY_UID = "id", "uid"


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the field (by uid, so that a rename does not matter) that its cells fill."""

    place: int
    name: str
    field: str
    read: str = "text"
    # Folded text of the file -> text of the field; None leaves it empty.
    values: Mapping[str, str | None] | None = None
    # Uid of the field by which a reference is found, or `BY_ID`; "" tries all that is unique.
    by: str = ""
    # The column that says the same in a way that other workspaces understand.
    abroad: int | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """Another record that stands in the same row, and the reference that leads to it."""

    field: str
    match: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that are not taken."""

    place: int
    because: str
    below: float | None = None
    above: float | None = None
    # The column whose day must not come before this one's.
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """`match` is the uid of the field by which a row finds its record; `identity` the column with
    uids of records, as an export of ours has it."""

    entity: str
    match: str = ""
    identity: int | None = None
    # The column that says when the record was made: here, or in another workspace.
    born: int | None = None
    columns: tuple[Column, ...] = ()
    related: tuple[Related, ...] = ()
    status: Column | None = None
    rules: tuple[Rule, ...] = ()
    # Names of columns that nothing takes, to be said aloud; and of those the product keeps itself.
    left_out: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def from_json(stored: str) -> Layout:
    """The inverse of `Layout.to_json`."""
    raw: dict[str, Any] = json.loads(stored)
    raw["columns"] = tuple(Column(**one) for one in raw["columns"])
    raw["related"] = tuple(
        Related(one["field"], one["match"], tuple(Column(**c) for c in one["columns"]))
        for one in raw["related"]
    )
    raw["status"] = Column(**raw["status"]) if raw["status"] else None
    raw["rules"] = tuple(Rule(**one) for one in raw["rules"])
    raw["left_out"], raw["kept"] = tuple(raw["left_out"]), tuple(raw["kept"])
    return Layout(**raw)


class Header:
    """The header of a file, to be asked for columns by name."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.missing: list[str] = []

    def place(self, name: str) -> int:
        """Where the column stands; case and marks of letters do not matter unless two columns
        differ in nothing else. A name that is not there is noted in `missing`."""
        wanted = fold(name.strip())
        places = [place for place, one in enumerate(self.names) if one == name.strip()]
        places = places or [place for place, one in enumerate(self.names) if fold(one) == wanted]
        if len(places) > 1:
            raise Refused("transfer.repeated_column", column=name)
        if not places:
            self.missing.append(name)
            return 0
        return places[0]

    def require_all(self) -> None:
        if self.missing:
            near = [nearest(name, self.names) for name in self.missing]
            raise Refused(
                "transfer.missing_columns",
                columns=", ".join(self.missing),
                suggestion=", ".join(name for name in near if name) or ", ".join(self.names[:20]),
            )

    def rest(self, taken: Iterable[int]) -> tuple[str, ...]:
        """Names of the columns at other places; those without a name by their number."""
        used = set(taken)
        return tuple(
            name or f"#{place + 1}"
            for place, name in enumerate(self.names)
            if place not in used and not name.startswith(OWN)
        )


def lay_out(content: Mapping[str, Any], catalog: Catalog, names: Sequence[str]) -> Layout:
    """A checked mapping on the header of a file. Raises `Refused` where columns are missing."""
    entity, header = catalog.entities[content["entity"]], Header(names)
    columns = _columns(content["columns"], catalog, entity, header)
    related = tuple(_related(one, catalog, entity, header) for one in content.get("related", ()))
    status = None
    if words := content.get("status"):
        values = {fold(text.strip()): key for text, key in words["values"].items()}
        place = header.place(words["column"])
        status = Column(place, words["column"], entity.by_key["status"].uid, values=values)
    rules = tuple(_rule(one, header) for one in content.get("refuse", ()))
    ignored = [header.place(name) for name in content.get("ignore", ())]
    header.require_all()
    match = content.get("match", ())
    taken = [column.place for column in columns]
    taken += [column.place for one in related for column in one.columns]
    taken += [rule.place for rule in rules]
    return Layout(
        entity=entity.uid,
        match=entity.by_key[match[0]].uid if match else "",
        columns=columns,
        related=related,
        status=status,
        rules=rules,
        left_out=header.rest([*taken, *ignored, *([status.place] if status else [])]),
    )


def _columns(
    written: Mapping[str, Any], catalog: Catalog, entity: Entity, header: Header
) -> tuple[Column, ...]:
    columns = []
    for name, words in written.items():
        if isinstance(words, str):
            words = {"field": words}
        field = entity.by_key[words["field"]]
        values = {fold(text.strip()): meant for text, meant in words.get("values", {}).items()}
        columns.append(
            Column(
                header.place(name),
                name,
                field.uid,
                words.get("read", "text"),
                values or None,
                _by(catalog, field, words.get("by", "")),
            )
        )
    return tuple(columns)


def _by(catalog: Catalog, field: Field, key: str) -> str:
    return catalog.target(field).by_key[key].uid if key else ""


def _related(words: Mapping[str, Any], catalog: Catalog, entity: Entity, header: Header) -> Related:
    field = entity.by_key[words["field"]]
    target = catalog.target(field)
    return Related(
        field.uid,
        target.by_key[words["match"][0]].uid,
        _columns(words["columns"], catalog, target, header),
    )


def _rule(words: Mapping[str, Any], header: Header) -> Rule:
    other = words.get("day_before")
    return Rule(
        header.place(words["column"]),
        words["because"],
        words.get("below"),
        words.get("above"),
        None if other is None else header.place(other),
    )
