"""What the quick search finds a record by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.kernel.fold import words

# More would make the index larger than the table; nobody looks for the thousandth letter.
MAX_CHARACTERS = 2000


def search_fields(entity: Entity) -> tuple[Field, ...]:
    """The fields whose text is searched: names, addresses, phones, numbers."""
    return tuple(field for field in entity.fields if field.type.searchable)


def searcher(entity: Entity) -> Callable[[Mapping[str, Any]], str]:
    """Values by key -> the folded words that stand in `search_fold`."""
    keys = tuple(field.key for field in search_fields(entity))

    def text(values: Mapping[str, Any]) -> str:
        found = " ".join([value for key in keys if (value := values.get(key))])
        return words(found[:MAX_CHARACTERS])

    return text
