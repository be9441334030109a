"""A file of rows, looked through before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runtime.kernel.errors import Refused
from runtime.transfer.formats.delimited import look_through as look_through_csv
from runtime.transfer.formats.workbook import look_through as look_through_workbook

# The number that a spreadsheet shows beside the row, and its cells.
Row = tuple[int, list[str]]

_CSV_ENDINGS = (".csv", ".tsv", ".txt")
_WORKBOOK_ENDINGS = (".xlsx",)
# How files begin that are something else, whatever they are called.
_ZIP = b"PK\x03\x04"
_OTHERS = (
    b"\xd0\xcf\x11\xe0",
    b"%PDF",
    b"\x1f\x8b",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"7z\xbc",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: its header, and its rows as often as they are asked for.

    `digest` is the SHA-256 of the file, `total` the count of rows that hold something, `note`
    says how the file was read. In a CSV a cell may be guarded against formulas (`guarded`), and a
    row that is shorter than the header is broken (`strict`).
    """

    name: str
    digest: str
    header: tuple[str, ...]
    total: int
    note: str
    guarded: bool
    strict: bool
    rows: Callable[[], Iterator[Row]]


@contextmanager
def open_sheet(path: Path, sheet: str | None = None) -> Iterator[Sheet]:
    """Looks through a CSV or XLSX file. Raises `Refused` with one line that says what is wrong."""
    ending = path.suffix.lower()
    if not path.is_file():
        raise Refused("transfer.no_file", name=str(path))
    if ending not in _CSV_ENDINGS + _WORKBOOK_ENDINGS:
        raise Refused("transfer.unknown_ending", name=path.name)
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise Refused("transfer.empty_file", name=path.name)
    if ending in _CSV_ENDINGS:
        if head.startswith((_ZIP, *_OTHERS)):
            raise Refused("transfer.not_csv", name=path.name)
        if sheet is not None:
            raise Refused("transfer.no_sheets", name=path.name)
        looked = look_through_csv(path)
        yield Sheet(
            path.name, looked.digest, looked.header, looked.total, looked.note, True, True,
            looked.rows,
        )  # fmt: skip
        return
    if not head.startswith(_ZIP):
        raise Refused("transfer.not_workbook", name=path.name)
    with look_through_workbook(path, sheet) as found:
        yield Sheet(
            path.name, found.digest, found.header, found.total, found.note, False, False,
            found.rows,
        )  # fmt: skip
