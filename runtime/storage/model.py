"""A catalog with its tables: what one revision means to the layers above."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from runtime.catalog.model import Catalog
from runtime.storage.tables import EntityTable, build_metadata

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Model:
    """Immutable but for `memo`, where the layers above keep what they compile once a revision."""

    catalog: Catalog
    metadata: sa.MetaData
    tables: Mapping[str, EntityTable]
    memo: dict[Hashable, Any] = field(default_factory=dict)

    def table(self, entity_uid: str) -> sa.Table:
        return self.tables[entity_uid].table

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The value under `key`, made at the first call. Two threads may both make it: the
        values are equal, and the later one is dropped."""
        found = self.memo.get(key)
        if found is None:
            found = self.memo.setdefault(key, make())
        return cast(Made, found)


def make_model(catalog: Catalog) -> Model:
    metadata, tables = build_metadata(catalog)
    return Model(catalog, metadata, tables)
