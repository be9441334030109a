"""Fixtures of the screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.visitor import Visitor, make_app
from tests.kit.workspace import Space


@pytest.fixture
def arrive(tmp_path: Path) -> Iterator[Callable[[Space], Visitor]]:
    """`arrive(space)`: somebody before the sign-in."""
    apps = []

    def come(space: Space) -> Visitor:
        apps.append(make_app(space, tmp_path))
        return Visitor(apps[-1])

    yield come
    for app in apps:
        app.extensions["qurucu"].service.engine.dispose()
