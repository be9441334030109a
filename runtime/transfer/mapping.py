"""Mappings by name: those that installed modules bring, or a file that is checked like any
definition."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from runtime.catalog.model import Catalog, Entity
from runtime.definitions.bundle import Bundle, from_json
from runtime.definitions.check import problems_of_mapping
from runtime.definitions.load import load_file
from runtime.definitions.report import nearest
from runtime.kernel.errors import DefinitionErrors, Refused
from runtime.storage.revisions import bundle_of


def find_mapping(
    connection: Connection, catalog: Catalog, entity: Entity, named: str
) -> Mapping[str, Any]:
    """The mapping in the file of this name, else of this uid, else the one called so.

    Raises `DefinitionErrors` with every mistake of a file, `Refused` where there is no such
    mapping or it is for another entity.
    """
    path = Path(named)
    if path.is_file():
        content = _checked(from_json(bundle_of(connection, catalog.revision)), path)
    else:
        content = _brought(catalog, named)
    if content["entity"] != entity.uid:
        raise Refused("transfer.other_entity", mapping=named, entity=content["entity"])
    return content


def _brought(catalog: Catalog, named: str) -> Mapping[str, Any]:
    if named in catalog.imports:
        return catalog.imports[named]
    called = [uid for uid in catalog.imports if uid.rpartition(".")[2] == named]
    if len(called) == 1:
        return catalog.imports[called[0]]
    known = list(catalog.imports)
    raise Refused(
        "transfer.no_mapping",
        mapping=named,
        suggestion=nearest(named, known) or ", ".join(called or known) or "-",
    )


def _checked(bundle: Bundle, path: Path) -> Mapping[str, Any]:
    """The file as it would be checked inside a module; places name the file itself."""
    content, problems = load_file(path)
    problems = problems or problems_of_mapping(bundle, str(path), content)
    if problems:
        raise DefinitionErrors(problems)
    return content
