"""Reads one sheet of a workbook in a process of its own and writes its rows as lines of JSON.

A workbook can be made to take all memory and time there is; this process may take only its share
and can be killed. It is started by path, knows nothing of the product and imports none of it.
Arguments: file, sheet (may be empty), and the limits as JSON.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NoReturn

from openpyxl import load_workbook

if sys.platform != "win32":
    import resource

# Quoted words and colours of a number format are no letters of its pattern.
_ASIDE = re.compile(r'"[^"]*"|\[(?![hms]+\])[^\]]*\]|\\.')
_CLOCK = re.compile(r"[hs]", re.IGNORECASE)
# How a workbook writes a character that XML cannot hold (ECMA-376, ST_Xstring).
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ROW_TAG = re.compile(rb"<(?:\w+:)?row[\s>/]")


class Unfit(Exception):
    """Why the file is refused: a key of the texts and what stands in its gaps."""


def main() -> None:
    path, sheet, limits = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    _confine(limits)
    try:
        _check_archive(path, limits)
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        with contextlib.closing(book):
            for line in _lines(book, sheet, limits):
                sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    except Unfit as error:
        _end(*error.args)
    except MemoryError:
        _end("transfer.workbook_memory", {})
    except OSError:
        # Above all the size of what is written: one long text may stand in every cell.
        _end("transfer.workbook_large", {})
    except Exception:  # noqa: BLE001 - whatever openpyxl stumbles over, it is no workbook to us
        _end("transfer.not_workbook", {})


def _end(key: str, params: dict[str, Any]) -> NoReturn:
    sys.stderr.write(json.dumps({"key": key, "params": params}))
    sys.stderr.flush()
    sys.exit(3)


def _confine(limits: dict[str, Any]) -> None:
    if sys.platform == "win32":
        return  # there the time limit of the parent is all
    memory, output = limits["memory"], limits["output"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"] + 1))
    # A write beyond the limit is then an error and not the end.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _check_archive(path: str, limits: dict[str, Any]) -> None:
    """A zip that holds a workbook, and no more than a workbook would."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
                raise Unfit("transfer.not_workbook", {})
            declared = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members)
            if declared > limits["declared"] or len(members) > limits["members"]:
                raise Unfit("transfer.workbook_large", {})
            # A small file cannot do harm, however well it packs.
            if declared > limits["harmless"] and declared > packed * limits["ratio"]:
                raise Unfit("transfer.workbook_bomb", {"ratio": limits["ratio"]})
            _count_rows(archive, members, limits)
    except zipfile.BadZipFile as error:
        raise Unfit("transfer.not_workbook", {}) from error


def _count_rows(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], limits: dict[str, Any]
) -> None:
    """Too many rows are refused before openpyxl meets the first."""
    for member in members:
        if not member.filename.startswith("xl/worksheets/"):
            continue
        rows, tail = 0, b""
        with archive.open(member) as stream:
            while chunk := stream.read(1 << 20):
                rows += len(_ROW_TAG.findall(tail + chunk))
                # A tag may lie across two chunks; what is kept is shorter than any tag.
                tail = chunk[-4:]
        if rows > limits["rows"] + 1:
            raise Unfit("transfer.many_rows", {"limit": limits["rows"]})


def _lines(book: Any, sheet: str, limits: dict[str, Any]) -> Iterator[Any]:
    """The name of the sheet, then [number, cells] of each row that holds something."""
    page = _choose(book, sheet)
    yield page.title
    # A row may claim any number; beyond the limit nobody counts up to it.
    last = limits["rows"] + 1
    page.reset_dimensions()
    width = 0
    for number, row in enumerate(page.iter_rows(max_row=last + 1), 1):
        if number > last:
            raise Unfit("transfer.many_rows", {"limit": limits["rows"]})
        cells = _trimmed([_text(cell, limits) for cell in row])
        if len(cells) > limits["columns"]:
            raise Unfit("transfer.many_columns", {"limit": limits["columns"]})
        if cells:
            width = width or len(cells)
            yield [number, cells + [""] * (width - len(cells))]


def _choose(book: Any, sheet: str) -> Any:
    pages = book.worksheets
    if not pages:
        raise Unfit("transfer.not_workbook", {})
    if not sheet:
        return next((page for page in pages if page.sheet_state == "visible"), pages[0])
    for page in pages:
        if page.title.casefold() == sheet.casefold():
            return page
    raise Unfit("transfer.no_sheet", {"sheet": sheet, "names": ", ".join(p.title for p in pages)})


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(cell: Any, limits: dict[str, Any]) -> str:
    """A cell as text that reads the same in every language."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        if len(value) > limits["characters"]:
            params = {"row": cell.row, "limit": limits["characters"]}
            raise Unfit("transfer.long_cell", params)
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value).strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "")
    return _moment(value, cell.number_format or "")


def _number(value: float, shown_as: str) -> str:
    number = Decimal(repr(value))
    if not number.is_finite():
        return repr(value)
    percent = "%" in _ASIDE.sub("", shown_as)
    written = f"{number * 100 if percent else number:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return f"{written}%" if percent else written


def _moment(value: Any, shown_as: str) -> str:
    if isinstance(value, datetime):
        value = _rounded(value)
        whole_day = value.time() == time() and not _CLOCK.search(_ASIDE.sub("", shown_as))
        return str(value.date().isoformat() if whole_day else value.isoformat("T", "seconds"))
    if isinstance(value, timedelta):
        total = round(value.total_seconds())
        return f"{total // 3600}:{total // 60 % 60:02d}:{total % 60:02d}"
    if isinstance(value, time):
        return _rounded(datetime.combine(date(2000, 1, 1), value)).time().isoformat("seconds")
    return str(value)


def _rounded(moment: datetime) -> datetime:
    """A day is a number in a workbook: its fraction misses the second by a little."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


if __name__ == "__main__":
    main()
