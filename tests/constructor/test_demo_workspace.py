"""`make demo`: the workspace that a newcomer gets, whatever happened to the call before."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from constructor.app import create_app
from constructor.demo_workspace import demo_settings, logins, prepare_demo
from constructor.doctor import examine
from constructor.workspace import make_workspace
from runtime.access.people import add_person, check_password
from runtime.kernel.clock import system_clock
from runtime.storage.engine import make_engine, reading, writing
from tests.kit.databases import free_port
from tests.kit.faults import moments
from tests.kit.visitor import Visitor

ROOT = Path(__file__).parents[2]
LOGINS = ["owner@demo.test", "doctor@demo.test", "manager@demo.test", "receptionist@demo.test"]
TABLES = ("crm_client", "crm_contact", "clinic_patient", "clinic_appointment", "clinic_visit")
PREPARE = """
import sys
from pathlib import Path
from constructor.demo_workspace import demo_settings, prepare_demo
from runtime.storage.engine import make_engine
prepare_demo(make_engine(demo_settings(Path(sys.argv[1])).database_url))
"""


@contextlib.contextmanager
def engine_of(folder: Path) -> Iterator[sa.Engine]:
    engine = make_engine(demo_settings(folder).database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def contents(engine: sa.Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {
            name: connection.execute(
                sa.select(sa.func.count()).select_from(sa.table(name))
            ).scalar()
            for name in (*TABLES, "sys_user", "sys_revision")
        }  # type: ignore[return-value]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo workspace that nobody has touched."""
    folder = tmp_path_factory.mktemp("demo")
    with engine_of(folder) as engine:
        prepare_demo(engine)
    return folder


def test_every_login_opens_its_home_page(ready: Path) -> None:
    app = create_app(demo_settings(ready))
    with engine_of(ready) as engine:
        assert logins(engine) == LOGINS
    for email in LOGINS:
        visitor = Visitor(app).sign_in(email, "demo")
        assert visitor.get("/").status_code == 200
    app.extensions["qurucu"].service.engine.dispose()


def test_a_second_call_adds_nothing_and_keeps_what_people_did(ready: Path) -> None:
    with engine_of(ready) as engine:
        before = contents(engine)
        with writing(engine) as connection:
            connection.execute(sa.text("UPDATE clinic_patient SET full_name = 'Mine' WHERE id = 1"))
        prepare_demo(engine)
        assert contents(engine) == before
        with reading(engine) as connection:
            kept = connection.execute(sa.text("SELECT full_name FROM clinic_patient WHERE id = 1"))
            assert kept.scalar() == "Mine"
        assert examine(engine) == []


def steps_of_a_call(folder: Path) -> int:
    """How many statements and commits one whole call makes."""
    with engine_of(folder) as engine:
        steps = 0

        def count(*_: object) -> None:
            nonlocal steps
            steps += 1

        sa.event.listen(engine, "before_cursor_execute", count)
        sa.event.listen(engine, "commit", count)
        prepare_demo(engine)
    return steps


@pytest.mark.faults
def test_a_call_after_a_killed_one_ends_as_if_nothing_had_happened(
    ready: Path, tmp_path: Path
) -> None:
    with engine_of(ready) as engine:
        unbroken = contents(engine)
    steps = steps_of_a_call(tmp_path / "counted")
    for moment in moments(steps - 1):
        folder = tmp_path / f"killed-at-{moment}"
        environment = {**os.environ, "QURUCU_CRASH_AT": str(moment)}
        killed = subprocess.run(
            [sys.executable, "-c", PREPARE, str(folder)], env=environment, cwd=ROOT, check=False
        )
        assert killed.returncode == -signal.SIGKILL, moment
        with engine_of(folder) as engine:
            prepare_demo(engine)
            assert contents(engine) == unbroken, moment
            assert examine(engine) == [], moment


def test_a_demo_password_opens_nothing_outside_a_demo_workspace(tmp_path: Path) -> None:
    for demo in (True, False):
        with engine_of(tmp_path / str(demo)) as engine:
            make_workspace(engine, demo=demo)
            with writing(engine) as connection:
                person = add_person(
                    connection,
                    email="owner@demo.test",
                    roles=["owner"],
                    password="demo",
                    now=system_clock(),
                )
            with reading(engine) as connection:
                opened = check_password(connection, "owner@demo.test", "demo")
            assert opened == (person if demo else None)


# The command


def call(folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "constructor.demo_workspace"]
    return subprocess.run(
        [*command, "--folder", str(folder), "--port", str(port)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_it_says_the_address_and_the_logins_then_serves(ready: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "constructor.demo_workspace"]
    with subprocess.Popen(
        [*command, "--folder", str(ready), "--port", str(port)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        try:
            assert status_of(f"http://127.0.0.1:{port}/login") == 200
        finally:
            server.terminate()
        said, _ = server.communicate(timeout=20)
    assert f"http://127.0.0.1:{port}" in said
    assert all(login in said for login in LOGINS)
    assert "password demo" in said


def status_of(address: str) -> int:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return int(answer.status)
        except OSError:
            time.sleep(0.2)
    raise AssertionError("nobody answers")


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = call(tmp_path / "demo", port)
    assert answer.returncode == 1
    assert answer.stderr == f"Port {port} is taken: call `make demo PORT={port + 1}`.\n"


def test_a_workspace_of_real_work_is_left_alone(tmp_path: Path) -> None:
    with engine_of(tmp_path) as engine:
        make_workspace(engine)
    answer = call(tmp_path, free_port())
    assert answer.returncode == 1
    assert "no demo" in answer.stderr
    with engine_of(tmp_path) as engine, reading(engine) as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM sys_user")).scalar() == 0


def test_a_damaged_file_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "qurucu.db").write_bytes(b"no database at all" * 100)
    answer = call(tmp_path, free_port())
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "cannot be read" in answer.stderr
