"""Reads CSV: finds out the encoding and the delimiter, and sees the whole file once before."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from runtime.kernel.errors import Refused

MAX_BYTES = 500 * 1024 * 1024
MAX_COLUMNS = 300
# What is looked at to tell an encoding: lines with letters beyond ASCII.
_SAMPLE = 64 * 1024
_CHUNK = 1024 * 1024
# Rows that vote on the delimiter with the header.
_VOTERS = 20
# In a tie the rarer mark wins: commas stand in numbers and in sentences.
_DELIMITERS = ("\t", ";", "|", ",")
_SPOKEN = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Code pages of our countries. cp1254 is cp1252 but for six letters that only Icelandic misses.
_CODE_PAGES = ["cp1254", "cp1251", "koi8_r", "cp866", "cp857"]
_HINT = re.compile(r'"?sep=(.)"?')


class _Lines:
    """The lines of a file; remembers those of the record under way."""

    def __init__(self, file: Iterator[str]) -> None:
        self._file = file
        self._held: list[str] = []
        self._last: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self._held.append(line)
        return line

    def done(self) -> None:
        """The record is complete."""
        self._last, self._held = self._held, []

    def check_end(self, delimiter: str) -> None:
        """The csv module takes the end of a file for the end of a quote; we do not."""
        for _ in csv.reader(self._last, delimiter=delimiter, strict=len(self._last) > 1):
            pass


@dataclass(frozen=True, slots=True)
class Delimited:
    """A CSV that was seen to be one, from its first byte to its last."""

    path: Path
    digest: str
    encoding: str
    delimiter: str
    header: tuple[str, ...] = ()
    total: int = 0

    @property
    def note(self) -> str:
        return f"{self.encoding.removesuffix('-sig')}, {_SPOKEN.get(self.delimiter, '')}".rstrip(
            ", "
        )

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every row that holds something, the header first, with its number.

        Raises `csv.Error` where a quote is never closed.
        """
        with self.path.open(encoding=self.encoding, newline="") as file:
            lines = _Lines(file)
            for number, cells in enumerate(csv.reader(lines, delimiter=self.delimiter), 1):
                if any(map(str.strip, cells)) and not (number == 1 and _is_hint(cells)):
                    yield number, cells
                lines.done()
            lines.check_end(self.delimiter)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        records = self.records()
        next(records, None)
        return records


def _is_hint(cells: Sequence[str]) -> bool:
    # `sep=;` itself is cut at the mark that it names.
    return cells[0].startswith("sep=") and not any(cells[1:])


def look_through(path: Path) -> Delimited:
    """Raises `Refused` for what is no CSV text."""
    if path.stat().st_size > MAX_BYTES:
        raise Refused("transfer.too_large", name=path.name, limit=MAX_BYTES // 2**20)
    digest, encoding = _find_encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        delimiter = _find_delimiter(file.read(_SAMPLE))
    found = Delimited(path, digest, encoding, delimiter)
    header, total, last = None, 0, 0
    try:
        for number, cells in found.records():
            total, last = total + 1, number
            header = header or cells
    except csv.Error as error:
        raise Refused("transfer.broken_csv", name=path.name, row=last) from error
    if header is None:
        raise Refused("transfer.empty_file", name=path.name)
    if len(header) > MAX_COLUMNS:
        raise Refused("transfer.many_columns", name=path.name, limit=MAX_COLUMNS)
    names = tuple(cell.strip() for cell in header)
    return Delimited(path, digest, encoding, delimiter, names, total - 1)


def _find_encoding(path: Path) -> tuple[str, str]:
    """The file's digest and the encoding in which all of it reads."""
    sums = hashlib.sha256()
    utf8 = codecs.getincrementaldecoder("utf-8")()
    encoding, zeros, sample, head = "utf-8", 0, bytearray(), b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            head = head or chunk[:4]
            sums.update(chunk)
            zeros += chunk.count(0)
            if len(sample) < _SAMPLE:
                sample += b"\n".join(line for line in chunk.splitlines() if not line.isascii())
            if encoding:
                encoding = _still_utf8(utf8, chunk)
    if encoding:
        encoding = _still_utf8(utf8, b"", final=True)
    marked = next((name for bom, name in _BOMS if head.startswith(bom)), "")
    if zeros and marked not in ("utf-16", "utf-32"):
        raise Refused("transfer.not_text", name=path.name)
    candidates = (
        [marked] if marked else [encoding] if encoding else _ranked(bytes(sample[:_SAMPLE]))
    )
    for candidate in candidates:
        if _reads(path, candidate):
            return sums.hexdigest(), candidate
    raise Refused("transfer.not_text", name=path.name)


def _still_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> str:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return ""
    return "utf-8"


def _ranked(sample: bytes) -> list[str]:
    """Code pages, the likeliest first."""
    matches = from_bytes(sample, cp_isolation=_CODE_PAGES)
    likely = [match.encoding for match in matches]
    return list(dict.fromkeys([*likely, *_CODE_PAGES]))


def _reads(path: Path, encoding: str) -> bool:
    if encoding == "utf-8":
        return True  # was decoded while it was summed up
    try:
        with path.open(encoding=encoding, newline="") as file:
            while file.read(_CHUNK):
                pass
    except UnicodeError:
        return False
    return True


def _find_delimiter(sample: str) -> str:
    """The mark by which the header and the rows below it fall into the same number of cells."""
    first = sample.partition("\n")[0].strip()
    if hint := _HINT.fullmatch(first):
        return hint[1]
    best, best_vote = ",", (0, 0.0, 0)
    for place, delimiter in enumerate(_DELIMITERS):
        widths = _widths(sample, delimiter)
        if not widths or widths[0] < 2:
            continue
        agreeing = Counter(widths)[widths[0]] / len(widths)
        vote = (round(agreeing * 10), widths[0], -place)
        if vote > best_vote:
            best, best_vote = delimiter, vote
    return best


def _widths(sample: str, delimiter: str) -> list[int]:
    """Cells of the header and of some rows; the last row may be cut and does not count."""
    widths = []
    try:
        for cells in csv.reader(sample.splitlines(keepends=True), delimiter=delimiter):
            if any(cells):
                widths.append(len(cells))
            if len(widths) > _VOTERS:
                return widths
    except csv.Error:
        return []
    return widths[:-1] if len(widths) > 2 else widths
