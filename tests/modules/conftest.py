"""Workspaces with the shipped modules and their demo data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from constructor.demo import load_demo
from constructor.install import find_module
from runtime.access.actor import Actor
from tests.kit.workspace import Space, make_space, sqlite_url

ROLES = ("receptionist", "doctor", "manager")


@pytest.fixture
def clinic(space: Space) -> Space:
    """The clinic with one account per role and its demo data, on both databases."""
    return _fill(space)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Space]:
    """The same on SQLite, for tests that only look."""
    space = make_space(sqlite_url(tmp_path_factory.mktemp("demo")))
    yield _fill(space)
    space.engine.dispose()


def _fill(space: Space) -> Space:
    space.publish(*find_module("clinic"))
    for role in ("owner", *ROLES):
        space.person(f"{role}@demo.test", role)
    load_demo(space.engine, ["clinic"], space.clock)
    return space


def as_role(space: Space, role: str) -> Actor:
    """The demo person of this role."""
    [row] = space.sql("SELECT id FROM sys_user WHERE email = :email", email=f"{role}@demo.test")
    return space.actor(role, user_id=row[0])
