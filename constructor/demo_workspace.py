"""`make demo`: a workspace with the shipped trades, believable data and one login per role.

Every step is done once and looks first whether it was: a call after a killed one goes on where
that stood, and a call after a finished one only serves.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from constructor.commands.base import confirmation, fail, refusing
from constructor.demo import load_demo, was_loaded
from constructor.install import bundled_modules, install, is_installed
from constructor.publish import Act
from constructor.serving import serve_app
from constructor.workspace import make_workspace
from runtime.access.people import add_person, find_person
from runtime.definitions.index import OWNER
from runtime.kernel.clock import Clock, system_clock
from runtime.kernel.settings import Settings, load_settings
from runtime.storage.database import is_prepared
from runtime.storage.engine import make_engine, reading, writing
from runtime.storage.revisions import catalog_of, stamp_in_force
from runtime.storage.settings import load_workspace

TRADES = ("clinic", "realty", "salon")
PASSWORD = "demo"  # noqa: S105 - refused outside a demo workspace
HOST = "127.0.0.1"


def address_of(role: str) -> str:
    return f"{role}@demo.test"


def prepare_demo(engine: Engine, clock: Clock = system_clock) -> None:
    """Makes the demo workspace, or adds what it lacks: trades shipped since, logins of their roles.

    What people did in it stays, also what they took away.
    """
    with reading(engine) as connection:
        prepared = is_prepared(connection)
    if not prepared:
        make_workspace(engine, owner=(address_of(OWNER), PASSWORD), demo=True)
    for key in TRADES:
        if key in bundled_modules() and not was_loaded(engine, key):
            if not is_installed(engine, key):
                install(
                    engine, key, Act(note=f"install {key}", clock=clock), confirmation(yes=True)
                )
            _add_logins(engine, clock)
            load_demo(engine, [key], clock)


def _add_logins(engine: Engine, clock: Clock) -> None:
    with writing(engine) as connection:
        for role, title in _roles(connection):
            if find_person(connection, address_of(role)) is None:
                add_person(
                    connection,
                    email=address_of(role),
                    roles=[role],
                    password=PASSWORD,
                    name=title,
                    now=clock(),
                )


def _roles(connection: Connection) -> list[tuple[str, str]]:
    catalog = catalog_of(connection, stamp_in_force(connection).number)
    return [(key, role.title(catalog.workspace.language)) for key, role in catalog.roles.items()]


def demo_settings(folder: Path) -> Settings:
    """SQLite in the folder whatever the environment says: nothing else is installed or started."""
    return load_settings({}, data=folder)


def is_demo(engine: Engine) -> bool:
    """Whether the workspace may have logins that everybody knows; so may an empty folder."""
    with reading(engine) as connection:
        return not is_prepared(connection) or load_workspace(connection).demo


def logins(engine: Engine) -> list[str]:
    """The addresses that open the demo workspace, the owner's first."""
    with reading(engine) as connection:
        keys = [OWNER, *(key for key, _ in _roles(connection))]
        there = [find_person(connection, address_of(key)) for key in keys]
    return [one.email for one in there if one is not None and one.active]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _welcome(port: int, addresses: Sequence[str]) -> str:
    lines = [
        f"The demo is at http://{HOST}:{port}",
        f"Sign in with the password {PASSWORD} as one of:",
        *(f"  {address}" for address in addresses),
        "Stop with Ctrl+C; the data stays for the next time.",
    ]
    return "\n".join(lines)


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/demo"))
@click.option("--port", type=click.IntRange(1, 65535), default=8000)
@refusing
def main(folder: Path, port: int) -> None:
    """Prepare the demo workspace where it is missing, then serve it."""
    if not _is_free(port):
        fail(f"Port {port} is taken: call `make demo PORT={port + 1}`.")
    settings = demo_settings(folder)
    engine = make_engine(settings.database_url)
    try:
        if not is_demo(engine):
            fail(f"{folder} holds a workspace that is no demo; move it away first.")
        prepare_demo(engine)
        click.echo(_welcome(port, logins(engine)))
    except sa.exc.DatabaseError as error:
        fail(f"{folder} cannot be read ({error.orig}); move it away and call again.")
    finally:
        engine.dispose()
    serve_app(settings, host=HOST, port=port, workers=1)


if __name__ == "__main__":
    main()
