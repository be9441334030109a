"""The workspace's own settings, kept as rows."""

from __future__ import annotations

import json
from dataclasses import asdict, fields

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from runtime.kernel.workspace import Workspace
from runtime.storage import system

_KNOWN = {field.name for field in fields(Workspace)}


def load_workspace(connection: Connection) -> Workspace:
    rows = connection.execute(sa.select(system.setting.c.key, system.setting.c.value))
    return Workspace(**{key: json.loads(value) for key, value in rows if key in _KNOWN})


def save_workspace(connection: Connection, workspace: Workspace) -> None:
    """Writes every setting and tells all processes to compile the catalog anew."""
    connection.execute(system.setting.delete().where(system.setting.c.key.in_(_KNOWN)))
    connection.execute(
        system.setting.insert(),
        [{"key": key, "value": json.dumps(value)} for key, value in asdict(workspace).items()],
    )
    version = system.published.c.settings_version
    connection.execute(system.published.update().values(settings_version=version + 1))
