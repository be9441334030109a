"""The columns that every record has, as fields, so that lists sort and filter by them alike."""

from __future__ import annotations

from functools import cache

from runtime.catalog.model import Entity
from runtime.fields.base import Field, Label
from runtime.fields.registry import field_types

_COLUMNS = {
    "id": "integer",
    "version": "integer",
    "created_at": "datetime",
    "updated_at": "datetime",
    "deleted_at": "datetime",
    "created_by": "user",
    "updated_by": "user",
}
_TITLES = {
    "id": {"az": "Nömrə", "en": "Number", "ru": "Номер", "tr": "Numara"},
    "version": {"az": "Versiya", "en": "Version", "ru": "Версия", "tr": "Sürüm"},
    "created_at": {"az": "Yaradılıb", "en": "Created", "ru": "Создано", "tr": "Oluşturuldu"},
    "updated_at": {"az": "Dəyişdirilib", "en": "Changed", "ru": "Изменено", "tr": "Değiştirildi"},
    "deleted_at": {"az": "Silinib", "en": "Deleted", "ru": "Удалено", "tr": "Silindi"},
    "created_by": {"az": "Yaradan", "en": "Created by", "ru": "Кем создано", "tr": "Oluşturan"},
    "updated_by": {"az": "Dəyişən", "en": "Changed by", "ru": "Кем изменено", "tr": "Değiştiren"},
}


@cache
def system_fields() -> dict[str, Field]:
    types = field_types()
    return {
        key: Field(f"sys.{key}", key, "", types[name], Label(_TITLES[key]["en"], _TITLES[key]))
        for key, name in _COLUMNS.items()
    }


def find_field(entity: Entity, key: str) -> Field | None:
    """A field of the entity or a column that every record has."""
    return entity.by_key.get(key) or system_fields().get(key)
