"""Whoever types the tutorial along sees what it shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.reader import DOCS, Block, Command, blocks, commands, matches, write_block

TUTORIAL = DOCS / "guide" / "module-author.md"


@pytest.mark.slow
def test_the_tutorial_runs_as_it_is_written(tmp_path: Path) -> None:
    assert Path(sys.executable).with_name("qurucu").is_file()
    for block in blocks(TUTORIAL):
        if block.kind in ("json", "diff"):
            assert block.file, f"line {block.line}: a block without the name of its file"
            write_block(tmp_path, block)
        elif block.kind == "console":
            for command in commands(block):
                _run(tmp_path, block, command)


def _run(folder: Path, block: Block, command: Command) -> None:
    settings = {name: os.environ[name] for name in ("HOME", "LANG", "TZ") if name in os.environ}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command.line],
        cwd=folder,
        env={**settings, "PATH": path, "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    printed = done.stdout.splitlines()
    shown = "\n".join(printed)
    assert matches(command.shown, printed), f"line {block.line}: {command.line} prints\n{shown}"
