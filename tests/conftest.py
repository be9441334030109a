"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.databases import postgres_database, postgres_server
from tests.kit.workspace import Space, make_space, sqlite_url


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server; skips where there is none, unless it is demanded."""
    with postgres_server() as server:
        if server is None:
            if os.environ.get("REQUIRE_POSTGRESQL") == "1":
                pytest.fail("no PostgreSQL: apt-get install postgresql")
            pytest.skip("no PostgreSQL here: apt-get install postgresql")
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def space(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Space]:
    """A prepared, empty workspace; a test that takes it runs on both databases."""
    if request.param == "sqlite":
        made = make_space(sqlite_url(tmp_path))
        yield made
        made.engine.dispose()
        return
    with postgres_database(request.getfixturevalue("postgres")) as url:
        made = make_space(url)
        yield made
        made.engine.dispose()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Space]:
    """A workspace on SQLite alone, for what does not depend on the database."""
    made = make_space(sqlite_url(tmp_path))
    yield made
    made.engine.dispose()
