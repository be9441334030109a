"""Which revision is in force, and what each one holds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from runtime.catalog.compile import compile_catalog
from runtime.catalog.model import Catalog
from runtime.definitions.bundle import Bundle, from_json, to_json
from runtime.kernel.errors import NotFound
from runtime.kernel.workspace import Workspace
from runtime.storage import system
from runtime.storage.engine import is_sqlite
from runtime.storage.settings import load_workspace

_IN_FORCE = sa.select(system.published.c.number, system.published.c.settings_version)
_IN_FORCE_SHARED = _IN_FORCE.with_for_update(read=True)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a compiled catalog depends on; two equal stamps mean the same catalog."""

    number: int
    settings: int


@dataclass(frozen=True, slots=True)
class Revision:
    """One published bundle, as `definitions history` lists it."""

    number: int
    parent: int | None
    created_at: datetime
    author: str | None
    note: str
    sha256: str
    plan: list[dict[str, Any]]


def stamp_in_force(connection: Connection) -> Stamp:
    number, settings = connection.execute(_IN_FORCE).one()
    return Stamp(number, settings)


def stamp_held(connection: Connection) -> Stamp:
    """The stamp inside a write transaction; on PostgreSQL no publish can pass it until commit."""
    statement = _IN_FORCE if is_sqlite(connection) else _IN_FORCE_SHARED
    number, settings = connection.execute(statement).one()
    return Stamp(number, settings)


def bundle_of(connection: Connection, number: int) -> dict[str, Any]:
    """The stored JSON of a revision; number 0 is the empty workspace."""
    if number == 0:
        return {}
    statement = sa.select(system.revision.c.bundle).where(system.revision.c.number == number)
    stored = connection.execute(statement).scalar()
    if stored is None:
        raise NotFound("error.no_revision", number=number)
    loaded: dict[str, Any] = json.loads(stored)
    return loaded


def catalog_of(connection: Connection, number: int, workspace: Workspace | None = None) -> Catalog:
    """The revision compiled with the settings of the workspace."""
    workspace = workspace or load_workspace(connection)
    return compile_catalog(from_json(bundle_of(connection, number)), workspace, number)


def store_revision(
    connection: Connection,
    bundle: Bundle,
    *,
    number: int,
    plan: list[dict[str, Any]],
    author: int | None,
    note: str,
    now: datetime,
    runtime_version: str,
) -> None:
    """Keeps the bundle under `number` and puts it in force."""
    stored = json.dumps(to_json(bundle), ensure_ascii=False)
    connection.execute(
        system.revision.insert().values(
            number=number,
            parent=number - 1 or None,
            created_at=now,
            author=author,
            note=note,
            sha256=hashlib.sha256(stored.encode()).hexdigest(),
            runtime_version=runtime_version,
            bundle=stored,
            plan=json.dumps(plan, ensure_ascii=False),
        )
    )
    connection.execute(system.published.update().values(number=number))


def last_number(connection: Connection) -> int:
    found = connection.execute(sa.select(sa.func.max(system.revision.c.number))).scalar()
    return int(found or 0)


def history(connection: Connection) -> list[Revision]:
    """Every revision, newest last."""
    rows = connection.execute(
        sa.select(system.revision, system.user.c.name.label("author_name"))
        .outerjoin(system.user, system.user.c.id == system.revision.c.author)
        .order_by(system.revision.c.number)
    )
    return [
        Revision(
            row.number,
            row.parent,
            row.created_at,
            row.author_name,
            row.note,
            row.sha256,
            json.loads(row.plan),
        )
        for row in rows
    ]
