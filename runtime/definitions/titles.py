"""Templates of record titles: `{patient.full_name}, {service.name}`."""

from __future__ import annotations

import re

from runtime.definitions.bundle import Json
from runtime.definitions.index import EntitySource, Index

Path = tuple[str, ...]
# A literal text or the path of a field; of a path at most two steps lead over references.
Part = str | Path
Template = tuple[Part, ...]

MAX_STEPS = 3
_HOLE = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


def parse_template(text: str) -> Template:
    """Raises ValueError with the hole that is no path."""
    parts: list[Part] = []
    end = 0
    for match in _HOLE.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        if not _PATH.fullmatch(match[1]):
            raise ValueError(match[0])
        parts.append(tuple(match[1].split(".")))
        end = match.end()
    if text[end:]:
        parts.append(text[end:])
    return tuple(parts)


def templates(words: Json) -> list[str]:
    """`titled_by` as a list; empty when the author left it to us."""
    written = words.get("titled_by", [])
    return [written] if isinstance(written, str) else list(written)


def paths(template: Template) -> list[Path]:
    return [part for part in template if isinstance(part, tuple)]


def path_fault(found: Index, entity: EntitySource, path: Path) -> tuple[str, list[str]] | None:
    """Why the path leads nowhere, and what could stand there; None when it leads to a text."""
    if len(path) > MAX_STEPS:
        return f"a title looks at most {MAX_STEPS - 1} references far", []
    here: EntitySource | None = entity
    for step, key in enumerate(path):
        if here is None or key not in here.fields:
            return f"there is no field {key!r}", list(here.fields) if here else []
        words = here.fields[key].content["x-field"]
        last = step == len(path) - 1
        if words["type"] == "reference" and last:
            target = found.entities.get(words.get("to", ""))
            inner = [f"{'.'.join(path)}.{name}" for name in (target.fields if target else ())]
            return f"{key!r} is a reference: name a field of the record behind it", inner
        if words["type"] in ("references", "users", "user") or (
            not last and words["type"] != "reference"
        ):
            return f"{key!r} cannot stand in a title", []
        here = found.entities.get(words.get("to", ""))
    return None
