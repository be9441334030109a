"""Definitions as plain data: the files of a module, the modules of a bundle."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# What a module, an entity, a field may be called.
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Folder of a module -> kind of definition that stands in it.
FOLDERS = {
    "entities": "entity",
    "workflows": "workflow",
    "views": "view",
    "roles": "role",
    "imports": "import",
    "i18n": "texts",
    "demo": "demo",
}
# Demo records are data, not definitions: they are read from the folder when they are installed.
NOT_PUBLISHED = frozenset({"demo"})


@dataclass(frozen=True, slots=True)
class File:
    """One definition: its path inside the module's folder, its kind, its JSON."""

    path: str
    kind: str
    content: Json

    @property
    def name(self) -> str:
        """The last part of the path without its ending."""
        return self.path.rpartition("/")[2].removesuffix(".json")


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """The files of one module, `module.json` among them."""

    key: str
    files: tuple[File, ...]

    @property
    def manifest(self) -> Json:
        return next((file.content for file in self.files if file.kind == "module"), {})

    def of_kind(self, kind: str) -> Iterator[File]:
        return (file for file in self.files if file.kind == kind)

    def place(self, file: File) -> str:
        """How messages name the file: `clinic/entities/patient.json`."""
        return f"{self.key}/{file.path}"


Bundle = Mapping[str, ModuleSource]


def kind_of(path: str) -> str | None:
    """`entities/patient.json` -> `entity`; None for what is no definition."""
    if path == "module.json":
        return "module"
    folder, _, name = path.partition("/")
    return FOLDERS.get(folder) if name.endswith(".json") and "/" not in name else None


def to_json(bundle: Bundle) -> dict[str, dict[str, Json]]:
    """A bundle as it is stored with a revision: module -> path -> content."""
    return {
        key: {file.path: file.content for file in bundle[key].files if file.kind != "demo"}
        for key in sorted(bundle)
    }


def from_json(stored: Mapping[str, Mapping[str, Json]]) -> dict[str, ModuleSource]:
    """The inverse of `to_json`."""
    return {
        key: ModuleSource(
            key, tuple(File(path, kind_of(path) or "", content) for path, content in files.items())
        )
        for key, files in stored.items()
    }
