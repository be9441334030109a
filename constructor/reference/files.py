"""Every file of `docs/reference/` by its path, and how it is compared with what is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from constructor.cli import main as program
from constructor.reference.commands import commands_page
from constructor.reference.fields import fields_page
from constructor.reference.filters import filters_page
from constructor.reference.icons import icons_page
from constructor.reference.plans import plans_page
from constructor.reference.reserved import reserved_page
from constructor.reference.settings import settings_page
from constructor.reference.words import definitions_page
from runtime.definitions.canonical import to_bytes
from runtime.definitions.schemas import KINDS, published_schema

_INDEX = """# Reference

Made from the code by `python -m constructor.reference`; a test fails when it is stale.
The [language guide](../guide/language.md) explains the same words with examples.

- [Definitions](definitions.md): every word of module, entity, workflow, view, role, texts, mapping
  and demo files
- [Field types](field-types.md): words, limits, JSON form, filters, storage of each
- [Filters](filters.md): operators of lists, views and REST
- [Reserved words](reserved-words.md): what cannot be a key
- [Icons](icons.md): names of pictures
- [Plans](plans.md): the steps of a publish and their risks
- [Commands](commands.md): the `qurucu` program
- [Settings](settings.md): environment and `qurucu.toml`
- [JSON Schemas](schemas/): for editors and validators
"""


def reference_files() -> dict[str, bytes]:
    """Path below `docs/reference/` -> content."""
    pages = {
        "README.md": _INDEX,
        "definitions.md": definitions_page(),
        "field-types.md": fields_page(),
        "filters.md": filters_page(),
        "reserved-words.md": reserved_page(),
        "icons.md": icons_page(),
        "plans.md": plans_page(),
        "commands.md": commands_page(program),
        "settings.md": settings_page(),
    }
    schemas = {f"schemas/{kind}.schema.json": to_bytes(published_schema(kind)) for kind in KINDS}
    return {path: text.encode() for path, text in pages.items()} | schemas


def stale(home: Path, files: Mapping[str, bytes]) -> list[str]:
    """Files that are missing, differ, or should not be there."""
    there = {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file()
    }
    return sorted(path for path in {*there, *files} if there.get(path) != files.get(path))


def write(home: Path, files: Mapping[str, bytes]) -> None:
    for path in stale(home, files):
        target = home / path
        if path not in files:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files[path])
