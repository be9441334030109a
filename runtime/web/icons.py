"""The names of our icons: those of `assets/icons.svg`; definitions may name others."""

from __future__ import annotations

import re
from functools import cache

from runtime.web.assets import OWN


@cache
def known_icons() -> frozenset[str]:
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', (OWN / "icons.svg").read_text("utf-8")))


def icon_name(wanted: str) -> str:
    """The icon if we have it, else a plain mark."""
    return wanted if wanted in known_icons() else "dot"
