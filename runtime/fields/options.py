"""What the types with a closed list of keys share: options, their titles, their chips."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from runtime.fields.base import Field, Json, Option
from runtime.kernel.errors import Invalid
from runtime.kernel.fold import fold
from runtime.kernel.workspace import LANGUAGES

TONES = ("neutral", "info", "success", "warning", "danger", "muted")
KEY = "^[a-z0-9][a-z0-9_]{0,39}$"

OPTIONS_SCHEMA: Json = {
    "options": {
        "type": "array",
        "minItems": 1,
        "maxItems": 500,
        "description": "What can be chosen, in order",
        "items": {
            "type": "object",
            "required": ["key", "title"],
            "properties": {
                "key": {
                    "type": "string",
                    "pattern": KEY,
                    "description": "Stands in the records, in filters and imports",
                },
                "uid": {
                    "type": "string",
                    "description": "Never changes. Left out it is `<field uid>.<key>`",
                },
                "title": {"type": "string", "description": "What people read"},
                "tone": {
                    "enum": list(TONES),
                    "default": "neutral",
                    "description": "Colour of the chip",
                },
            },
            "additionalProperties": False,
        },
    }
}


def keys(field: Field) -> list[str]:
    return [option.key for option in field.choices]


def need_key(field: Field, value: Any) -> str:
    if not isinstance(value, str) or field.option(value) is None:
        raise Invalid("invalid.option", allowed=", ".join(keys(field)[:20]))
    return value


def find(field: Field, text: str) -> str:
    """The key whose key or title, in any language, is this text."""
    bare = text.strip()
    # The key first: it is what machines write, and a title may look like another option's key.
    if field.option(bare):
        return bare
    wanted = fold(bare)
    for option in field.choices:
        if any(wanted == fold(option.title(language)) for language in LANGUAGES):
            return option.key
    for option in field.choices:
        if wanted == fold(option.key):
            return option.key
    raise Invalid("invalid.option", allowed=", ".join(keys(field)[:20]))


def title(field: Field, key: str, language: str) -> str:
    """What people read; a key that the definition no longer has shows as it is."""
    option = field.option(key)
    return option.title(language) if option else key


def chip(option: Option | None, shown: str) -> Markup:
    tone = option.tone if option else "muted"
    return Markup('<span class="chip chip-{}">{}</span>').format(tone, shown)
