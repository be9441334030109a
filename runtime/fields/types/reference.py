"""A link to one record of another entity, with a delete rule and the name of its other end."""

from __future__ import annotations

from markupsafe import Markup

from runtime.fields.base import Field, Ref, Widget
from runtime.fields.html import link
from runtime.fields.links import One, id_of, title_of
from runtime.kernel.locale import Locale


class Reference(One):
    name = "reference"
    options_schema = {
        "to": {"type": "string", "description": "uid of the entity that it points at"},
        "inverse": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]{0,39}$",
            "description": "Name of the other end: the list of these records on its page",
        },
        "on_delete": {
            "enum": ["restrict", "cascade", "clear"],
            "default": "restrict",
            "description": "When the other record goes into the bin: restrict refuses,"
            " cascade takes this record along, clear empties the field",
        },
    }

    def cell(self, field: Field, value: Ref | int, locale: Locale) -> Markup:
        return link(f"/e/{field.options['to_key']}/{id_of(value)}", title_of(value))

    def widget(self, field: Field) -> Widget:
        return Widget("picker")
