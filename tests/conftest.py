"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.kit.databases import postgres_database, postgres_server
from tests.kit.golden import Golden
from tests.kit.visitor import Visitor, make_app
from tests.kit.workspace import Space, make_space, sqlite_url

# Seldom more than a moment in the normal run; `HYPOTHESIS_PROFILE=large` looks for hours.
_calm = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large)
settings.register_profile("small", max_examples=60, deadline=None, suppress_health_check=_calm)
settings.register_profile("large", max_examples=2000, deadline=None, suppress_health_check=_calm)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "small"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares a text with the kept one."""
    return Golden(bool(request.config.getoption("--update-golden")))


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


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Callable[[Space, str], Visitor]]:
    """`visit(space, "owner@demo.test")`: the whole product over a space, signed in to."""
    apps = []

    def sign_in(space: Space, email: str) -> Visitor:
        apps.append(make_app(space, tmp_path))
        return Visitor(apps[-1]).sign_in(email)

    yield sign_in
    for app in apps:
        app.extensions["qurucu"].service.engine.dispose()
