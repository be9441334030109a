"""Real databases for tests: SQLite files, and a PostgreSQL server of our own on loopback."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

_numbers = itertools.count(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_bin() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, the newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def _as_postgres(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid() != 0:
        return list(command)
    return ["runuser", "-u", "postgres", "--", *command]


@contextlib.contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[str | None]:
    """The address of a server, without the name of a database; None where there is no server.

    `durable` keeps the flushes to disk that tests do without: for what is measured.
    """
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    programs = postgres_bin()
    if programs is None:
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="qurucu-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    data, port = str(home / "data"), free_port()
    options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c max_connections=60"
    if not durable:
        options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    initdb = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8")
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    try:
        subprocess.run(_as_postgres(str(programs / "initdb"), "-D", data, *initdb), **quiet)
        start = ("-D", data, "-o", options, "-l", str(home / "log"), "-w", "start")
        subprocess.run(_as_postgres(str(programs / "pg_ctl"), *start), **quiet)
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}"
    finally:
        stop = ("-D", data, "-m", "immediate", "stop")
        subprocess.run(
            _as_postgres(str(programs / "pg_ctl"), *stop),
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """A database of its own, gone afterwards."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    admin = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield f"{server}/{name}"
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()
