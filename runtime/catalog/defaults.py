"""What a screen shows where the author left the choice to us."""

from __future__ import annotations

from runtime.catalog.model import Entity, Section
from runtime.definitions.titles import paths

MAX_COLUMNS = 7
# In this order types earn a place in a list: contact, status, people, dates, money.
_WORTH = (
    "phone", "email", "status", "reference", "user", "date", "datetime", "choice", "money",
    "sequence", "integer", "decimal", "percent", "duration", "boolean", "time", "text", "choices",
)  # fmt: skip


def title_fields(entity: Entity) -> tuple[str, ...]:
    """The entity's own fields that its title is made of."""
    keys = [path[0] for template in entity.titled_by for path in paths(template)]
    return tuple(dict.fromkeys(keys))


def default_columns(entity: Entity) -> tuple[str, ...]:
    """Beside the title: the fields that tell records apart, never identifiers."""
    used = set(title_fields(entity))
    worth = [
        field for field in entity.fields if field.type.name in _WORTH and field.key not in used
    ]
    # A stable sort: fields of one type stay in the order of the definition.
    worth.sort(key=lambda field: _WORTH.index(field.type.name))
    return tuple(field.key for field in worth[: MAX_COLUMNS - 1])


def default_sections(entity: Entity) -> tuple[Section, ...]:
    """One untitled section with every field in the order of the definition."""
    return (Section(None, tuple(field.key for field in entity.fields if field.key != "status")),)
