"""`icons.md`: the names that `icon` may have."""

from __future__ import annotations

from constructor.reference.markdown import page
from runtime.web.icons import known_icons


def icons_page() -> str:
    """`icons.md`."""
    return page(
        "Icons",
        "`icon` of a module or an entity is one of these names; another one shows a plain dot.",
        ", ".join(f"`{name}`" for name in sorted(known_icons())) + ".",
    )
