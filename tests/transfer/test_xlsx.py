"""Reading workbooks: typed cells, sheets, and workbooks that are made to do harm."""

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import Workbook

from runtime.kernel.errors import Refused
from runtime.transfer.formats import workbook
from runtime.transfer.sheet import open_sheet


def book(path: Path, fill: Callable[[Any, Any], None], **words: Any) -> Path:
    made = xlsxwriter.Workbook(str(path), words)
    fill(made, made.add_worksheet("Data"))
    made.close()
    return path


def read(path: Path, sheet: str | None = None) -> list[tuple[int, list[str]]]:
    with open_sheet(path, sheet) as opened:
        return [(0, list(opened.header)), *opened.rows()]


@pytest.mark.parametrize(
    ("value", "shown_as", "text"),
    [
        ("text", None, "text"),
        ("  padded  ", None, "padded"),
        ("=1+1", None, "=1+1"),
        (29872499824296.0, None, "29872499824296"),
        (2.5, None, "2.5"),
        (0.1, None, "0.1"),
        (1e-7, None, "0.0000001"),
        (-3, None, "-3"),
        (True, None, "true"),
        (False, None, "false"),
        (0.125, "0.0%", "12.5%"),
        (0.07, "0%", "7%"),
        (12.5, '0.0"%"', "12.5"),
        (dt.datetime(2026, 3, 2), "dd.mm.yyyy", "2026-03-02"),
        (dt.datetime(2026, 3, 2), "dd.mm.yyyy hh:mm", "2026-03-02T00:00:00"),
        (dt.datetime(2026, 3, 2, 9, 30, 59), "yyyy-mm-dd hh:mm:ss", "2026-03-02T09:30:59"),
        (dt.time(9, 30), "hh:mm", "09:30:00"),
        (dt.timedelta(hours=30, minutes=5), "[h]:mm:ss", "30:05:00"),
    ],
)
def test_a_typed_cell_reads_as_text_that_any_language_understands(
    tmp_path: Path, value: object, shown_as: str | None, text: str
) -> None:
    def fill(made: Any, page: Any) -> None:
        page.write_string(0, 0, "Head")
        page.write(1, 0, value, made.add_format({"num_format": shown_as}) if shown_as else None)

    path = book(tmp_path / "a.xlsx", fill, strings_to_formulas=False)
    assert read(path)[1] == (2, [text])


def test_short_rows_are_filled_and_empty_ones_left_out(tmp_path: Path) -> None:
    def fill(_: Any, page: Any) -> None:
        page.write_row(1, 0, ["a", "b", "c"])
        page.write_string(2, 0, "1")
        page.write_row(4, 0, ["1", "", "3"])

    assert read(book(tmp_path / "a.xlsx", fill)) == [
        (0, ["a", "b", "c"]),
        (3, ["1", "", ""]),
        (5, ["1", "", "3"]),
    ]


def test_the_sheet_is_chosen_by_name_and_the_first_visible_one_without(tmp_path: Path) -> None:
    made = Workbook()
    hidden = made.active
    hidden.title, hidden.sheet_state = "Hidden", "hidden"
    hidden.append(["secret"])
    for name in ("First", "Second"):
        made.create_sheet(name).append([name])
    path = tmp_path / "a.xlsx"
    made.save(path)
    assert read(path)[0][1] == ["First"]
    assert read(path, "second")[0][1] == ["Second"]
    with pytest.raises(Refused) as refused:
        read(path, "Third")
    assert refused.value.message.params["names"] == "Hidden, First, Second"


# Harm

CONTENT = """<?xml version="1.0"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels"
 ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def raw_book(path: Path, sheet: bytes, **more: bytes) -> Path:
    """A workbook written by hand, with any sheet in it."""
    parts = {
        "[Content_Types].xml": CONTENT.encode(),
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1"'
            f' Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ).encode(),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>'
            '<sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1"'
            f' Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ).encode(),
        "xl/worksheets/sheet1.xml": sheet,
        **more,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def sheet_xml(rows: str) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def head(text: str = "Head") -> str:
    return f'<row r="1">{cell("A1", text)}</row>'


def far_row() -> bytes:
    return sheet_xml(head() + f'<row r="999999999">{cell("A999999999", "x")}</row>')


def far_column() -> bytes:
    return sheet_xml(head() + f'<row r="2">{cell("XFD2", "x")}</row>')


def many_rows() -> bytes:
    return sheet_xml(
        head() + "".join(f'<row r="{n}" ht="{n * n % 977}"/>' for n in range(2, 200_004))
    )


def long_cell() -> bytes:
    return sheet_xml(head() + f'<row r="2">{cell("A2", "x" * 32_768)}</row>')


def huge_cell() -> bytes:
    return sheet_xml(head() + f'<row r="2">{cell("A2", "x" * 150_000_000)}</row>')


def laughs() -> bytes:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">' for n in range(8)
    )
    return (
        f'<!DOCTYPE worksheet [{entities}]><worksheet xmlns="{MAIN}"><sheetData>'
        f"{head('&i;')}</sheetData></worksheet>"
    ).encode()


@pytest.mark.parametrize(
    ("sheet", "reason"),
    [
        (far_column, "transfer.many_columns"),
        (many_rows, "transfer.many_rows"),
        (long_cell, "transfer.long_cell"),
        (huge_cell, "transfer.workbook_bomb"),
        (laughs, "transfer.not_workbook"),
        (lambda: b"<worksheet", "transfer.not_workbook"),
        (lambda: b"no xml at all", "transfer.not_workbook"),
    ],
)
def test_a_workbook_that_would_do_harm_is_refused_quickly(
    tmp_path: Path, sheet: Callable[[], bytes], reason: str
) -> None:
    path = raw_book(tmp_path / "a.xlsx", sheet())
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        read(path)
    assert refused.value.message.key == reason
    assert time.monotonic() - began < 20


def test_a_row_that_claims_a_high_number_costs_nothing(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        read(raw_book(tmp_path / "a.xlsx", far_row()))
    assert refused.value.message.key == "transfer.many_rows"
    assert time.monotonic() - began < 20


def test_a_text_of_many_megabytes_ends_at_the_memory_of_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(workbook._LIMITS, "ratio", 100_000)
    monkeypatch.setitem(workbook._LIMITS, "memory", 256 * 1024 * 1024)
    with pytest.raises(Refused) as refused:
        read(raw_book(tmp_path / "a.xlsx", huge_cell()))
    assert refused.value.message.key == "transfer.workbook_memory"


def test_one_text_in_every_cell_ends_at_the_size_of_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(workbook._LIMITS, "output", 1_000_000)

    def fill(_: Any, page: Any) -> None:
        for row in range(100):
            page.write_string(row, 0, "x" * 30_000)

    with pytest.raises(Refused) as refused:
        read(book(tmp_path / "a.xlsx", fill))
    assert refused.value.message.key == "transfer.workbook_large"


def test_reading_ends_when_its_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MAX_SECONDS", 0.05)
    with pytest.raises(Refused) as refused:
        read(raw_book(tmp_path / "a.xlsx", sheet_xml(head())))
    assert refused.value.message.key == "transfer.workbook_slow"


def test_reading_ends_when_its_share_of_the_processor_is_used_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(workbook._LIMITS, "seconds", 1)

    def fill(_: Any, page: Any) -> None:
        for row in range(30_000):
            page.write_row(row, 0, [row] * 20)

    with pytest.raises(Refused) as refused:
        read(book(tmp_path / "a.xlsx", fill, constant_memory=True))
    assert refused.value.message.key == "transfer.workbook_slow"


def test_a_zip_that_holds_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("hello.txt", "hello")
    for content in (raw.getvalue(), raw.getvalue()[:40], b"PK\x03\x04" + b"\0" * 100):
        path.write_bytes(content)
        with pytest.raises(Refused) as refused:
            read(path)
        assert refused.value.message.key == "transfer.not_workbook"


def test_a_file_beyond_the_limit_is_not_even_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MAX_BYTES", 1000)
    with pytest.raises(Refused) as refused:
        read(raw_book(tmp_path / "a.xlsx", sheet_xml(head())))
    assert refused.value.message.key == "transfer.too_large"


def test_the_child_gets_none_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QURUCU_SECRET_KEY", "x" * 40)
    seen: dict[str, Any] = {}
    run = workbook.subprocess.run

    def watched(command: Any, **words: Any) -> Any:
        seen.update(words["env"])
        return run(command, **words)

    monkeypatch.setattr(workbook.subprocess, "run", watched)
    read(raw_book(tmp_path / "a.xlsx", sheet_xml(head())))
    assert not [name for name in seen if name.startswith("QURUCU")]
