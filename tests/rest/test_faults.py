"""A database that does not answer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
import sqlalchemy as sa

from runtime.http.database import trouble
from tests.kit.builders import everything
from tests.kit.databases import postgres_database
from tests.kit.workspace import Space, make_space
from tests.rest.caller import Caller, problem


def engine_of(caller: Caller) -> sa.Engine:
    return caller.app.extensions["qurucu"].service.engine


@pytest.fixture
def pg(postgres: str) -> Iterator[Space]:
    """A workspace on PostgreSQL alone."""
    with postgres_database(postgres) as url:
        made = make_space(url)
        made.publish(everything())
        yield made
        made.engine.dispose()


@pytest.mark.postgresql
def test_a_reader_whose_connection_was_cut_is_answered_by_a_new_one(
    pg: Space, calling: Callable[..., Caller]
) -> None:
    owner = calling(pg, "owner")
    path = owner.post("thing", {"name": "Thing"}).headers["Location"]
    for address in (path, "thing", "thing/aggregate", f"{path}/history", "/api/v1/openapi.json"):
        pg.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert owner.get(address).status_code == 200, address


@pytest.mark.postgresql
def test_a_write_whose_commit_was_cut_is_answered_once_under_its_key(
    pg: Space, calling: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = calling(pg, "owner")
    commit = psycopg.Connection.commit

    def cut(connection: psycopg.Connection) -> None:
        """The commit reaches the server; its answer does not reach us."""
        monkeypatch.undo()
        commit(connection)
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(psycopg.Connection, "commit", cut)
    problem(owner.post("thing", {"name": "Thing"}, Idempotency_Key="k"), 503)
    again = owner.post("thing", {"name": "Thing"}, Idempotency_Key="k")
    assert again.status_code == 201 and again.json["id"] == 1
    assert owner.ids("thing") == [1]


def test_a_locked_database_is_503_for_writers_and_no_matter_for_readers(
    lite: Space, lite_owner: Caller
) -> None:
    path = lite_owner.post("thing", {"name": "Thing"}).headers["Location"]
    engine = engine_of(lite_owner)
    engine.dispose()
    sa.event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA busy_timeout = 50"))
    locker = sqlite3.connect(lite.url.removeprefix("sqlite:///"), isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    try:
        refused = lite_owner.patch(path, {"name": "Other"})
        assert problem(refused, 503)["instance"].startswith("urn:qurucu:request:")
        assert refused.headers["Retry-After"] and refused.headers["X-Request-Id"]
        assert lite_owner.get(path).json["name"] == "Thing"
    finally:
        locker.close()
    assert lite_owner.patch(path, {"name": "Other"}).status_code == 200


def test_a_full_disk_is_507_and_nothing_is_lost(lite: Space, lite_owner: Caller) -> None:
    engine = engine_of(lite_owner)
    engine.dispose()
    [[pages]] = lite.sql("PRAGMA page_count")
    full = lambda dbapi, _: dbapi.execute(f"PRAGMA max_page_count = {pages}")  # noqa: E731
    sa.event.listen(engine, "connect", full)
    rows = [{"name": "x" * 1000, "note": "y" * 50_000}] * 200
    problem(lite_owner.post("thing", rows), 507)
    sa.event.remove(engine, "connect", full)
    engine.dispose()
    assert lite_owner.ids("thing") == []
    assert lite_owner.post("thing", {"name": "Thing"}).status_code == 201


def test_a_fault_of_ours_is_500_with_a_number_and_tells_nothing(
    lite_owner: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr("runtime.records.wire.read_page", broken)
    response = lite_owner.get("thing")
    found = problem(response, 500)
    number = response.headers["X-Request-Id"]
    assert found["instance"] == f"urn:qurucu:request:{number}"
    assert "secret" not in response.text
    assert number in caplog.text and "the secret reason" in caplog.text


def test_a_mistake_in_sql_is_no_trouble_of_the_database(space: Space) -> None:
    with pytest.raises(sa.exc.DBAPIError) as raised:
        space.sql("SELECT * FROM nowhere")
    assert trouble(raised.value) is None


@pytest.mark.postgresql
def test_a_statement_that_takes_too_long_is_trouble(pg: Space) -> None:
    with pytest.raises(sa.exc.OperationalError) as raised:
        pg.sql("SET LOCAL statement_timeout = 10; SELECT pg_sleep(1)")
    assert trouble(raised.value) == 503


def test_two_who_change_one_record_with_versions_lose_nothing(
    owner: Caller, calling: Callable[..., Caller]
) -> None:
    path = owner.post("thing", {"name": "0", "count": 0}).headers["Location"]
    done = []

    def add() -> None:
        while len(done) < 20:
            found = owner.get(path)
            change = {"count": found.json["count"] + 1}
            answer = owner.patch(path, change, If_Match=found.headers["ETag"])
            assert answer.status_code in (200, 412)
            if answer.status_code == 200:
                done.append(1)

    workers = [threading.Thread(target=add) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert owner.get(path).json["count"] == len(done)
