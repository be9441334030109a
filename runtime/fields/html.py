"""The few elements that cells are made of. A list writes hundreds of them: one f-string over
escaped parts costs a quarter of `Markup.format`."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_SPECIAL = re.compile("[&<>\"']")


def escaped(text: str) -> str:
    """`markupsafe.escape` for a plain text; most have nothing to escape, and to see that is
    quicker than to copy them."""
    return str(escape(text)) if _SPECIAL.search(text) else text


def link(address: str, text: str) -> Markup:
    """`<a>`; both parts are escaped. The caller vouches for the scheme of the address."""
    return Markup(f'<a href="{escaped(address)}">{escaped(text)}</a>')  # noqa: S704 - both


def link_outside(address: str, text: str) -> Markup:
    """A link to another site, in a window of its own, which learns nothing of ours."""
    rel = "noopener noreferrer nofollow"
    return Markup(  # noqa: S704 - both escaped
        f'<a href="{escape(address)}" rel="{rel}" target="_blank">{escape(text)}</a>'
    )


def span(css_class: str, text: str) -> Markup:
    """`<span>`; both parts are escaped."""
    return Markup(f'<span class="{escape(css_class)}">{escape(text)}</span>')  # noqa: S704
