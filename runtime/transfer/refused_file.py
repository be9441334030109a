"""The file of refused rows: the cells as they came, with number and reason before them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from runtime.kernel import crash
from runtime.transfer.cells import guarded_cell, unguarded
from runtime.transfer.layout import OWN
from runtime.transfer.sheet import Sheet

NUMBER, REASON = f"{OWN}row", f"{OWN}reason"


def path_of(folder: Path, sheet: Sheet, signature: str) -> Path:
    """Where the list of a run lies: the same for the same run."""
    stem = "".join(char if char.isalnum() else "_" for char in Path(sheet.name).stem)[:60]
    return folder / "imports" / f"{stem}-{signature[:8]}-refused.csv"


def write_refused(
    path: Path, sheet: Sheet, rows: Iterable[tuple[int, str, list[str]]]
) -> Path | None:
    """Writes the file whole or not at all, so that it can be mended and imported in its turn;
    None, and no file, where nothing was refused."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(".part")
    count = 0
    # Spreadsheets take a CSV for their code page unless the mark says UTF-8.
    with unfinished.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([NUMBER, REASON, *_safe(sheet, sheet.header)])
        for number, reason, cells in rows:
            count += 1
            writer.writerow([number, guarded_cell(reason), *_safe(sheet, cells)])
    crash.step()
    if not count:
        unfinished.unlink()
        path.unlink(missing_ok=True)
        return None
    os.replace(unfinished, path)
    return path


def _safe(sheet: Sheet, cells: Sequence[str]) -> list[str]:
    """Cells that no spreadsheet runs; those that came with a guard keep the one they have."""
    bare = [unguarded(cell) for cell in cells] if sheet.guarded else cells
    return [guarded_cell(cell) for cell in bare]
