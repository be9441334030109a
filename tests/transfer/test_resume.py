"""An import that is killed goes on by itself and ends like one that never was."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from runtime.kernel import crash
from runtime.kernel.errors import Refused
from runtime.records.service import Service
from runtime.storage.engine import make_engine, reading
from runtime.transfer import refused_file
from runtime.transfer import run as run_module
from runtime.transfer.run import Run, finish, load, refusals
from tests.kit.builders import entity, field, module
from tests.kit.workspace import Space, TestClock, make_space
from tests.transfer.kit import (
    bring,
    importer,
    job_of,
    make_export,
    records,
    ward,
    write_csv,
    write_mapping,
)

# Batches as small as these are enough to lie between.
BATCH = 100
ROWS, BAD = 260, (2, 99, 101, 259)


@pytest.fixture(scope="module", autouse=True)
def small_batches() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "BATCH", BATCH)
        yield


class Ground:
    """Prepared workspaces, as many as wanted, on one kind of database."""

    def __init__(self, folder: Path, server: str | None, rows: int = ROWS) -> None:
        self.folder, self.server = folder, server
        self.numbers = itertools.count(1)
        self.path = make_export(rows, bad=BAD).write(folder / "export.csv")
        self.mapping = write_mapping(folder)
        self.template = self._make("template")
        space = make_space(self.template)
        space.publish(ward())
        space.engine.dispose()

    def _make(self, name: str, template: str = "") -> str:
        if self.server is None:
            path = self.folder / f"{name}.db"
            if template:
                shutil.copy(template.removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        name = f"resume_{os.getpid()}_{name}"
        source = f" TEMPLATE {template.rpartition('/')[2]}" if template else ""
        self._admin(f"CREATE DATABASE {name}{source}")
        return f"{self.server}/{name}"

    def _admin(self, statement: str) -> None:
        admin = sa.create_engine(f"{self.server}/postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(statement)
        admin.dispose()

    def fresh(self) -> str:
        return self._make(f"n{next(self.numbers)}", self.template)

    def drop(self, url: str) -> None:
        if self.server is not None:
            self._admin(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def run(self, url: str, folder: Path) -> Run:
        """One whole import in this process, as the command does it."""
        space = open_space(url)
        with job_of(space, "booking", self.path, self.mapping) as job:
            run = load(space.service, importer(space), job)
            path = refused_file.path_of(folder, job.sheet, job.signature)
            with reading(space.engine) as connection:
                refused_file.write_refused(path, job.sheet, refusals(connection, run.id))
            finish(space.service, importer(space), job, run)
        space.engine.dispose()
        return run

    def killed(self, url: str, folder: Path, step: int) -> bool:
        """Whether an import in a process of its own died at the n-th step; it may be over."""
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                crash._steps = itertools.count(1)
                crash._crash_at = step
                self.run(url, folder)
                (self.folder / "steps").write_text(str(next(crash._steps) - 1))
            os._exit(0)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def open_space(url: str) -> Space:
    clock = TestClock()
    return Space(url, Service(make_engine(url), clock=clock), clock)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    return Ground(tmp_path_factory.mktemp(request.param), server)


@pytest.fixture(scope="module")
def unbroken(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("unbroken")
    url = ground.fresh()
    run = ground.run(url, folder)
    assert (run.created, run.refused, run.related) == (ROWS - len(BAD), len(BAD), ROWS // 2)
    return essence(url, folder)


def essence(url: str, folder: Path) -> dict[str, Any]:
    """Everything that an import leaves, told by identifiers instead of numbers of records:
    PostgreSQL gives those away for good, also in a transaction that is lost."""
    space = open_space(url)
    patients, bookings = records(space, "patient"), records(space, "booking")
    names = {("ward.patient", one["id"]): one["source_id"] for one in patients}
    names |= {("ward.booking", one["id"]): one["source_id"] for one in bookings}
    given = {"id", "uid", "created_at", "updated_at", "patient"}
    found: dict[str, Any] = {
        "patients": [{k: v for k, v in one.items() if k not in given} for one in patients],
        "bookings": [
            {"of": names["ward.patient", one["patient"]]}
            | {k: v for k, v in one.items() if k not in given}
            for one in bookings
        ],
        "history": [
            (names[uid, record], kind, version, _named(changes, names))
            for uid, record, kind, version, changes in space.sql(
                "SELECT entity_uid, record_id, kind, version, changes FROM sys_change ORDER BY id"
            )
        ],
        "log": [
            (names[uid, record], target, bool(imported))
            for uid, record, target, imported in space.sql(
                "SELECT entity_uid, record_id, target, imported FROM sys_status_log ORDER BY id"
            )
        ],
        "operations": [tuple(r) for r in space.sql("SELECT kind, origin FROM sys_operation")],
        "counters": [tuple(r) for r in space.sql("SELECT field_uid, value FROM sys_counter")],
        "errors": [
            tuple(r)
            for r in space.sql("SELECT row, reason, cells FROM sys_import_error ORDER BY id")
        ],
        "runs": [
            tuple(r)
            for r in space.sql(
                "SELECT done_rows, created, updated, skipped, refused, related,"
                " finished_at IS NOT NULL FROM sys_import"
            )
        ],
        "files": sorted((one.name, one.read_bytes()) for one in folder.rglob("*.csv")),
        "found": len(space.find("booking", search=(bookings[-1]["source_id"],))),
    }
    space.engine.dispose()
    return found


def _named(changes: str, names: dict[tuple[str, int], str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(changes)
    if "ward.booking.patient" in told:
        told["ward.booking.patient"] = names["ward.patient", told["ward.booking.patient"][1]]
    return told


def count_steps(ground: Ground) -> int:
    """Statements, commits and renames of a whole run."""
    counted = ground.folder / "steps"
    if not counted.exists():
        assert not ground.killed(ground.fresh(), ground.folder / "counting", 10**9)
    return int(counted.read_text())


@pytest.mark.parametrize("seed", range(8))
def test_a_run_that_is_killed_twice_ends_like_an_unbroken_one(
    ground: Ground, unbroken: dict[str, Any], tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - test data
    url = ground.fresh()
    steps = [dice.randrange(1, count_steps(ground)), dice.randrange(1, 90)]
    assert ground.killed(url, tmp_path, steps[0]), steps
    ground.killed(url, tmp_path, steps[1])
    run = ground.run(url, tmp_path)
    assert run.done == ROWS, steps
    assert essence(url, tmp_path) == unbroken, steps
    ground.drop(url)


def test_every_step_of_the_last_batch_and_of_the_end_may_be_the_last(
    ground: Ground, unbroken: dict[str, Any], tmp_path: Path
) -> None:
    last = count_steps(ground)
    for step in range(last, last - 7, -1):
        folder = tmp_path / str(step)
        url = ground.fresh()
        assert ground.killed(url, folder, step)
        ground.run(url, folder)
        assert essence(url, folder) == unbroken, step


def test_a_batch_is_whole_or_not_there(ground: Ground, tmp_path: Path) -> None:
    url = ground.fresh()
    assert ground.killed(url, tmp_path, 55)
    space = open_space(url)
    [(done, created)] = [tuple(r) for r in space.sql("SELECT done_rows, created FROM sys_import")]
    assert done % BATCH == 0
    assert len(records(space, "booking")) == created
    space.engine.dispose()


def test_the_command_goes_on_after_a_kill(tmp_path: Path) -> None:
    """SIGKILL at a moment that nobody has chosen."""
    rows = 4_000
    ground = Ground(tmp_path, None, rows)
    environment = {
        **os.environ,
        "QURUCU_DATA": str(tmp_path / "data"),
        "QURUCU_DATABASE_URL": ground.fresh(),
    }
    command = [sys.executable, "-m", "constructor", "import", "booking", str(ground.path)]
    command += ["--mapping", ground.mapping, "--json"]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    first = subprocess.Popen(command, env=environment, **quiet)
    url = environment["QURUCU_DATABASE_URL"]
    while first.poll() is None and not _begun(url):
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    done = subprocess.run(command, env=environment, check=True, **quiet)
    told = json.loads(done.stdout)
    assert (told["rows"], told["created"]) == (rows, rows - len(BAD))
    assert told["resumed"] in (1_000, 2_000, 3_000)
    space = open_space(url)
    assert len(records(space, "booking")) == rows - len(BAD)
    space.engine.dispose()


def _begun(url: str) -> bool:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        done = connection.execute(sa.text("SELECT max(done_rows) FROM sys_import")).scalar()
    engine.dispose()
    return bool(done)


# Definitions that change meanwhile


@pytest.fixture
def halfway(space: Space, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Loads an export and publishes something when the first batch is in."""
    space.publish(ward())
    path, mapping = make_export(220).write(tmp_path / "export.csv"), write_mapping(tmp_path)

    def go(publish: Callable[[], Any]) -> Run:
        published: list[int] = []

        def progress(run: Run) -> None:
            if not published:
                published.append(run.done)
                publish()

        with job_of(space, "booking", path, mapping) as job:
            run = load(space.service, importer(space), job, progress)
            finish(space.service, importer(space), job, run)
        return run

    yield go


def renamed() -> Any:
    """The same definitions with another key for `age`."""
    source = ward()
    for file in source.files:
        if file.path == "entities/booking.json":
            age = file.content["properties"].pop("age")
            age["x-field"]["uid"] = "ward.booking.age"
            file.content["properties"]["years"] = age
    return source


def without(key: str) -> Any:
    source = ward()
    for file in source.files:
        if file.path == "entities/booking.json":
            del file.content["properties"][key]
    return source


def test_a_field_that_is_renamed_meanwhile_is_filled_under_its_new_name(
    space: Space, halfway: Callable[..., Run]
) -> None:
    run = halfway(lambda: space.publish(renamed()))
    assert run.created == 220
    assert None not in {one["years"] for one in records(space, "booking")}


def test_a_field_that_goes_meanwhile_stops_the_run_which_goes_on_when_it_is_back(
    space: Space, tmp_path: Path, halfway: Callable[..., Run]
) -> None:
    with pytest.raises(Refused) as refused:
        halfway(lambda: space.publish(without("age")))
    assert refused.value.message.params["what"] == "ward.booking.age"
    assert len(records(space, "booking")) == BATCH
    space.publish(ward())
    done = bring(space, "booking", tmp_path / "export.csv", str(tmp_path / "mapping.json"))
    assert (done.run.resumed, done.run.created) == (BATCH, 220)
    assert None not in {one["age"] for one in records(space, "booking")}


def test_a_state_that_goes_meanwhile_stops_the_run(
    space: Space, halfway: Callable[..., Run]
) -> None:
    source = ward()
    for file in source.files:
        if file.kind == "workflow":
            file.content["states"] = file.content["states"][:2]
    with pytest.raises(Refused):
        halfway(lambda: space.publish(source, moves={"ward.booking.flow.missed": "done"}))


def test_a_guessed_run_goes_on_as_it_began_though_another_field_fits_by_now(
    lite: Space, tmp_path: Path
) -> None:
    lite.publish(module("shop", entity("customer", code=field("text", unique=True))))
    rows = "code,Shoe size\n" + "".join(f"C{number},42\n" for number in range(150))
    path = write_csv(tmp_path, rows)

    def stop(run: Run) -> None:
        raise KeyboardInterrupt

    with job_of(lite, "customer", path) as job, pytest.raises(KeyboardInterrupt):
        load(lite.service, importer(lite), job, stop)
    lite.publish(
        module(
            "shop",
            entity("customer", code=field("text", unique=True), shoe_size="integer"),
        )
    )
    done = bring(lite, "customer", path)
    assert (done.run.resumed, done.run.created) == (BATCH, 150)
    assert {one["shoe_size"] for one in records(lite, "customer")} == {None}


# Two at once


def test_two_processes_with_one_file_do_not_load_it_twice(tmp_path: Path) -> None:
    ground = Ground(tmp_path, None)
    url = ground.fresh()
    space = open_space(url)
    with job_of(space, "booking", ground.path, ground.mapping) as job:
        tried: list[str] = []

        def other(run: Run) -> None:
            if not tried:
                # It takes over where the first one stands, which then finds its place taken.
                ground.run(url, tmp_path)
                tried.append("done")

        with pytest.raises(Refused) as refused:
            load(space.service, importer(space), job, other)
    assert refused.value.message.key == "transfer.under_way"
    assert len(records(space, "booking")) == ROWS - len(BAD)
    space.engine.dispose()


def test_a_name_of_the_file_is_no_part_of_the_run(lite: Space, tmp_path: Path) -> None:
    lite.publish(ward())
    export, mapping = make_export(10), write_mapping(tmp_path)
    bring(lite, "booking", export.write(tmp_path / "one.csv"), mapping)
    bring(lite, "booking", export.write(tmp_path / "two.csv"), mapping)
    assert lite.sql("SELECT count(*) FROM sys_import") == [(1,)]


def test_sqlite_gives_the_same_numbers_of_records_after_a_kill(tmp_path: Path) -> None:
    ground = Ground(tmp_path, None)
    numbers = []
    for steps in ((), (25, 51)):
        url = ground.fresh()
        for step in steps:
            assert ground.killed(url, tmp_path, step)
        ground.run(url, tmp_path)
        space = open_space(url)
        numbers.append([(one["id"], one["patient"]) for one in records(space, "booking")])
        space.engine.dispose()
    assert numbers[0] == numbers[1]
