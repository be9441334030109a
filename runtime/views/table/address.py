"""The state of a list lives in its address: reads it, and writes the addresses of its links."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from runtime.views.base import Asked

# Words of an address that are no filters. Those of the filter's form begin with an underscore,
# which no key of a field does.
WORDS = frozenset({"view", "q", "sort", "cursor", "count"})
# Words of REST addresses, too: a filter reads the same in both.
_TAKEN = WORDS | {"limit", "fields", "expand"}
FORM = frozenset({"_apply", "_add", "_op", "_value", "_to", "_find", "_currency"})
MAX_SEARCH = 200
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Address:
    """What a list is asked; `filters` keeps names and texts as they stand there."""

    path: str
    view: str = ""
    search: str = ""
    sort: str = ""
    cursor: str = ""
    exact: bool = False
    filters: Pairs = ()

    def url(self) -> str:
        """The address in one fixed order; empty words are left out."""
        words = [("view", self.view), ("q", self.search), ("sort", self.sort)]
        words += [*self.filters, ("cursor", self.cursor), ("count", "1" if self.exact else "")]
        query = urlencode([pair for pair in words if pair[1]], safe=",:")
        return f"{self.path}?{query}" if query else self.path

    def sorted_by(self, sort: str) -> Address:
        return replace(self, sort=sort, cursor="", exact=False)

    def at(self, cursor: str) -> Address:
        return replace(self, cursor=cursor, exact=False)

    def counted(self) -> Address:
        return replace(self, exact=True)

    def bare(self) -> Address:
        """Without search and filters: the whole view."""
        return replace(self, search="", filters=(), cursor="", exact=False)

    def without(self, names: Collection[str]) -> Address:
        kept = tuple(pair for pair in self.filters if pair[0] not in names)
        return replace(self, filters=kept, cursor="", exact=False)

    def plus(self, pairs: Iterable[tuple[str, str]]) -> Address:
        """With these filters in the place of their namesakes."""
        added = tuple(pairs)
        rest = self.without({name for name, _ in added})
        return replace(rest, filters=(*rest.filters, *added))

    def kept(self) -> Pairs:
        """What a form of this list carries along, hidden: all but the position and the search."""
        words = (("view", self.view), ("sort", self.sort))
        return (*((name, text) for name, text in words if text), *self.filters)


def equals(key: str) -> str:
    """The name of the filter "is": the field's key, told apart from the words of an address."""
    return f"{key}__eq" if key in _TAKEN else key


def read_address(asked: Asked) -> Address:
    """Everything that is no known word is taken for a filter; whether there is such a field is
    for `read_filter` to say."""
    filters = [(k, v) for k, v in asked.pairs if k not in WORDS and k not in FORM]
    return Address(
        asked.path,
        view=asked.get("view"),
        search=asked.get("q").strip()[:MAX_SEARCH],
        sort=asked.get("sort"),
        cursor=asked.get("cursor"),
        exact=asked.get("count") == "1",
        filters=tuple(filters),
    )
