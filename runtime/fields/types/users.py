"""Several persons of the workspace: a team on one record."""

from __future__ import annotations

from runtime.fields.base import Field, Widget
from runtime.fields.links import Many


class Users(Many):
    name = "users"
    links = "user"

    def widget(self, field: Field) -> Widget:
        return Widget("people")
