"""`reserved-words.md`: what cannot be a key, and why."""

from __future__ import annotations

from constructor.reference.markdown import page
from runtime.definitions.checks.identity import RESERVED, RESERVED_MODULES, SYSTEM
from runtime.definitions.index import OWNER


def reserved_page() -> str:
    """`reserved-words.md`."""
    return page(
        "Reserved words",
        "A key has small Latin letters, digits and `_`, a letter first, at most 40 characters. Two"
        " underscores in a row are kept for operators (`price__gte`). These words are taken:",
        "## As keys of entities and fields",
        "Columns that every record has: " + _listed(SYSTEM) + ".",
        "Words of addresses, of conditions and of SQL: "
        + _listed(sorted(RESERVED - set(SYSTEM)))
        + ".",
        "The field `status` of an entity with a workflow may be written down to give it a title;"
        " its type is then `status`.",
        "## As keys of modules",
        _listed(sorted(RESERVED_MODULES)) + ".",
        "## As keys of roles",
        f"`{OWNER}`: every workspace has it, and it may do everything.",
    )


def _listed(words: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)
