"""Links to many records of another entity, which may have many of these in turn."""

from __future__ import annotations

from markupsafe import Markup

from runtime.fields.base import Field, Ref, Widget
from runtime.fields.html import link
from runtime.fields.links import Many, id_of, title_of
from runtime.kernel.locale import Locale


class References(Many):
    name = "references"
    options_schema = {
        "to": {"type": "string", "description": "uid of the entity that it points at"},
        "inverse": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]{0,39}$",
            "description": "Name of the other end: the list of these records on its page",
        },
        "on_delete": {
            "enum": ["restrict", "clear"],
            "default": "clear",
            "description": "When one of the others goes into the bin: restrict refuses,"
            " clear leaves it out of the list",
        },
    }
    links = "entity"

    def cell(self, field: Field, value: tuple[Ref | int, ...], locale: Locale) -> Markup:
        to_key = field.options["to_key"]
        return Markup(", ").join(
            link(f"/e/{to_key}/{id_of(item)}", title_of(item)) for item in value
        )

    def widget(self, field: Field) -> Widget:
        return Widget("pickers")
