"""Fixtures of REST: callers with tokens over a workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.builders import everything
from tests.kit.visitor import make_app
from tests.kit.workspace import Space
from tests.rest.caller import Caller, token_of


@pytest.fixture
def calling(tmp_path: Path) -> Iterator[Callable[..., Caller]]:
    """`calling(space, "owner")`: a program that acts as a new person with these roles."""
    apps = {}

    def come(space: Space, *roles: str, email: str = "") -> Caller:
        if id(space) not in apps:
            apps[id(space)] = make_app(space, tmp_path)
        address = email or f"{'-'.join(roles) or 'nobody'}@demo.test"
        person = space.person(address, *roles)
        return Caller(apps[id(space)], token_of(space, person), person)

    yield come
    for app in apps.values():
        app.extensions["qurucu"].service.engine.dispose()


@pytest.fixture
def owner(space: Space, calling: Callable[..., Caller]) -> Caller:
    """The owner of a workspace with an entity that has a field of every type."""
    space.publish(everything())
    return calling(space, "owner")


@pytest.fixture
def lite_owner(lite: Space, calling: Callable[..., Caller]) -> Caller:
    """The same, on SQLite alone."""
    lite.publish(everything())
    return calling(lite, "owner")
