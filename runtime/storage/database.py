"""A new database: the product's own tables and an empty revision."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from runtime.kernel.workspace import Workspace
from runtime.storage import search, system
from runtime.storage.settings import save_workspace


def is_prepared(connection: Connection) -> bool:
    return sa.inspect(connection).has_table(system.published.name)


def prepare(connection: Connection, workspace: Workspace) -> None:
    """Everything that a workspace has before its first module; once, in one transaction."""
    search.prepare_database(connection)
    system.metadata.create_all(connection)
    connection.execute(system.published.insert().values(id=1, number=0))
    save_workspace(connection, workspace)
