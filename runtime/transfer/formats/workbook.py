"""Reads XLSX: a confined process looks through the whole sheet before the first row is used."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from runtime.kernel.errors import Refused
from runtime.transfer.formats import workbook_child

MAX_BYTES = 20 * 1024 * 1024
# Seconds of a clock on the wall: a machine that is busy may take longer for the same work.
MAX_SECONDS = 300
# The signal that ends a process whose processor time is used up; Windows has none.
_OUT_OF_TIME = int(getattr(signal, "SIGXCPU", 0)) or 1_000
_LIMITS: dict[str, int] = {
    "memory": 512 * 1024 * 1024,
    "declared": 200 * 1024 * 1024,
    "ratio": 100,
    "harmless": 1024 * 1024,
    "members": 2_000,
    "rows": 200_000,
    "columns": 300,
    "characters": 32_767,
    "output": 400 * 1024 * 1024,
    # Of a processor.
    "seconds": 60,
}


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet that was read whole; its rows wait in a file without a name."""

    digest: str
    title: str
    header: tuple[str, ...]
    total: int
    spool: IO[str]

    @property
    def note(self) -> str:
        return self.title

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        self.spool.seek(0)
        next(self.spool)
        next(self.spool)
        for line in self.spool:
            number, cells = json.loads(line)
            yield number, cells


@contextmanager
def look_through(path: Path, sheet: str | None) -> Iterator[Page]:
    """Raises `Refused` for what is no workbook, or one that asks for too much."""
    if path.stat().st_size > MAX_BYTES:
        raise Refused("transfer.too_large", name=path.name, limit=MAX_BYTES // 2**20)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as spool:
        _read_apart(path, sheet or "", spool)
        spool.seek(0)
        title = json.loads(spool.readline())
        first = spool.readline()
        if not first:
            raise Refused("transfer.empty_file", name=path.name)
        header = tuple(cell.strip() for cell in json.loads(first)[1])
        total = sum(1 for _ in spool)
        yield Page(digest, title, header, total, spool)


def _read_apart(path: Path, sheet: str, spool: IO[str]) -> None:
    program = [sys.executable, "-I", "-X", "utf8", "-W", "ignore", workbook_child.__file__]
    command = [*program, str(path.resolve()), sheet, json.dumps(_LIMITS)]
    # It gets no setting and no secret of ours.
    environment = {"OPENPYXL_LXML": "False"}
    for name in ("PATH", "SYSTEMROOT"):
        if name in os.environ:
            environment[name] = os.environ[name]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, the file is an argument
            command, stdout=spool, stderr=subprocess.PIPE, timeout=MAX_SECONDS, check=False,
            env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Refused("transfer.workbook_slow", name=path.name, limit=MAX_SECONDS) from error
    if done.returncode == -_OUT_OF_TIME:
        raise Refused("transfer.workbook_slow", name=path.name, limit=_LIMITS["seconds"])
    if done.returncode:
        raise _refusal(path, done.stderr)


def _refusal(path: Path, said: bytes) -> Refused:
    try:
        told: dict[str, Any] = json.loads(said.decode().splitlines()[-1])
        return Refused(told["key"], **{"name": path.name, **told["params"]})
    except (ValueError, LookupError):
        # Killed by its limits before it could say a word.
        return Refused("transfer.workbook_memory", name=path.name)
