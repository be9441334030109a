"""One person of the workspace: who is responsible, who did it."""

from __future__ import annotations

from runtime.fields.base import Field, Widget
from runtime.fields.links import One


class User(One):
    name = "user"

    def widget(self, field: Field) -> Widget:
        return Widget("person")
