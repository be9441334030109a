"""Being asked before values leave the screens."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from constructor.cli import main
from constructor.commands import base
from tests.kit.builders import entity, module
from tests.kit.workspace import Space

Run = Callable[..., Any]


def folder(home: Path, *fields: str) -> str:
    source = module("shop", entity("customer", **dict.fromkeys(fields, "text")))
    for file in source.files:
        target = home / "shop" / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(file.content), "utf-8")
    return str(home / "shop")


@pytest.fixture
def publish(lite: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Publishes a shop without the city that its one customer has."""
    monkeypatch.setenv("QURUCU_DATA", str(tmp_path))
    monkeypatch.setenv("QURUCU_DATABASE_URL", lite.url)
    lite.publish(module("shop", entity("customer", name="text", city="text")))
    lite.create("customer", name="Ali", city="Baku")

    def call(*words: str, answer: Callable[[str], bool] | None = None) -> Any:
        monkeypatch.setattr(base, "at_terminal", lambda: answer is not None)
        if answer:
            monkeypatch.setattr("click.confirm", answer)
        path = folder(tmp_path, "name")
        return CliRunner().invoke(main, ["definitions", "publish", path, *words])

    return call


def revision(space: Space) -> int:
    return int(space.sql("SELECT number FROM sys_published")[0][0])


def test_without_a_terminal_a_loss_needs_a_word(lite: Space, publish: Run) -> None:
    refused = publish()
    assert refused.exit_code == 1
    assert "City leaves with 1 value" in refused.stdout
    assert "say --yes" in refused.stderr
    assert revision(lite) == 1

    assert publish("--yes").exit_code == 0
    assert revision(lite) == 2


def test_no_leaves_everything_as_it_was(lite: Space, publish: Run) -> None:
    assert publish(answer=lambda _: False).exit_code == 1
    assert revision(lite) == 1


def test_while_somebody_thinks_others_write(lite: Space, publish: Run) -> None:
    def answer(_question: str) -> bool:
        lite.create("customer", name="Vali", city="Ganja")
        return True

    assert publish(answer=answer).exit_code == 0
    assert revision(lite) == 2
    assert len(lite.find("customer")) == 2


def test_a_publish_that_came_between_is_not_overrun(lite: Space, publish: Run) -> None:
    def answer(_question: str) -> bool:
        lite.publish(module("other", entity("thing", name="text")))
        return True

    refused = publish(answer=answer)
    assert refused.exit_code == 1
    assert "look at the new plan" in refused.stderr
    assert revision(lite) == 2
