"""`qurucu modules install`: definitions, then demo records where they are asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from constructor.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert call(tmp_path, "init").exit_code == 0
    return tmp_path


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, words, env={"QURUCU_DATA": str(folder)})


def test_without_the_word_no_demo_record_comes(folder: Path) -> None:
    assert call(folder, "modules", "install", "clinic").output == "Installed as revision 1.\n"
    brought = call(folder, "modules", "install", "clinic", "--demo")
    assert brought.output == "Brought 274 demo records.\n"
    again = call(folder, "modules", "install", "clinic", "--demo", "--json")
    assert json.loads(again.output) == {"steps": [], "demo": {}}


def test_with_the_word_the_required_modules_bring_theirs_too(folder: Path) -> None:
    installed = call(folder, "modules", "install", "clinic", "--demo", "--json")
    assert json.loads(installed.output)["demo"]["crm.client"] == 20
    assert call(folder, "doctor").exit_code == 0


def test_an_installed_module_is_not_installed_again(folder: Path) -> None:
    call(folder, "modules", "install", "crm")
    refused = call(folder, "modules", "install", "crm")
    assert refused.exit_code == 1
    assert refused.stderr == "crm is installed already\n"


def test_a_plan_changes_nothing(folder: Path) -> None:
    planned = call(folder, "modules", "install", "clinic", "--demo", "--plan")
    assert "Patient: new kind of record" in planned.output
    assert json.loads(call(folder, "definitions", "history", "--json").output) == []
