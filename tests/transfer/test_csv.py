"""Reading CSV: encodings, delimiters, quotes, and files that are something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.kernel.errors import Refused
from runtime.transfer.sheet import open_sheet

TURKISH = "Ad;Şehir\nAyşe Yılmaz;İstanbul\nGülşah Işık;Eskişehir\nÖmer Çağlar;Muğla\n"
RUSSIAN = "Имя;Город\nПётр Щербаков;Москва\nАнна Ёлкина;Санкт-Петербург\nЭлла Юрьева;Сочи\n"
AZERBAIJANI = "Ad;Şəhər\nƏli Həsənov;Bakı\nGünay Əliyeva;Gəncə\nÜlkər Şıxəliyeva;Şəki\n"
PORTUGUESE = "Nome;Bairro\nJoão;RESISTÊNCIA\nAntônio;CONSOLAÇÃO\nLúcia;SÃO JOSÉ\n"


def read(path: Path) -> list[list[str]]:
    with open_sheet(path) as sheet:
        return [list(sheet.header), *(cells for _, cells in sheet.rows())]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (AZERBAIJANI, "utf-8"),
        (AZERBAIJANI, "utf-8-sig"),
        (AZERBAIJANI, "utf-16"),
        (RUSSIAN, "utf-16-le-bom"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp866"),
        (TURKISH, "cp1254"),
        (TURKISH, "iso8859-9"),
        (TURKISH, "cp857"),
        (PORTUGUESE, "cp1252"),
        ("Name;City\nAli;Baku\n", "ascii"),
    ],
)
def test_letters_read_right_in_every_encoding_of_our_countries(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = tmp_path / "rows.csv"
    raw = (
        b"\xff\xfe" + text.encode("utf-16-le")
        if encoding.endswith("bom")
        else text.encode(encoding)
    )
    path.write_bytes(raw)
    assert read(path) == [line.split(";") for line in text.splitlines()]


def test_letters_that_come_late_decide_too(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"Name;City\n" + b"Ali;Baku\n" * 20_000 + "Пётр;Москва\n".encode("cp1251"))
    assert read(path)[-1] == ["Пётр", "Москва"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a;b\n1,5;2,5\n", [["a", "b"], ["1,5", "2,5"]]),
        ("a\tb\n1\t2\n", [["a", "b"], ["1", "2"]]),
        ("a|b\n1|2\n", [["a", "b"], ["1", "2"]]),
        ("a\n1\n2\n", [["a"], ["1"], ["2"]]),
        ("Name;Price, AZN\nAli;12,50\n", [["Name", "Price, AZN"], ["Ali", "12,50"]]),
        ('"a;b",c\n"1;2",3\n', [["a;b", "c"], ["1;2", "3"]]),
        ('a,b\n"two\nlines","say ""hi"""\n', [["a", "b"], ["two\nlines", 'say "hi"']]),
        ("sep=;\na;b\n1;2\n", [["a", "b"], ["1", "2"]]),
        ("\n\na,b\n\n1,2\n,\n", [["a", "b"], ["1", "2"]]),
        (" a , b \n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ('a,b\n5" pipe,2\n', [["a", "b"], ['5" pipe', "2"]]),
        ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
    ],
)
def test_delimiters_quotes_and_blank_lines(
    tmp_path: Path, text: str, rows: list[list[str]]
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(text.encode())
    assert read(path) == rows


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('a,b\n1,"two\nlines"\n\n3,4\n')
    with open_sheet(path) as sheet:
        assert [number for number, _ in sheet.rows()] == [2, 4]
        assert sheet.total == 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("rows.csv", b"PK\x03\x04rest of a workbook", "transfer.not_csv"),
        ("rows.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "transfer.not_csv"),
        ("rows.csv", b"%PDF-1.7", "transfer.not_csv"),
        ("rows.csv", b"a,b\n1,\x002\n", "transfer.not_text"),
        ("rows.csv", b"\xef\xbb\xbfa,b\n\xff\xfe,1\n", "transfer.not_text"),
        ("rows.csv", b"", "transfer.empty_file"),
        ("rows.csv", b"\n \n", "transfer.empty_file"),
        ("rows.csv", b'a,b\n1,"never closed\n2,3\n4,5\n', "transfer.broken_csv"),
        ("rows.csv", b'a,b\n1,"' + b"x" * 200_000, "transfer.broken_csv"),
        ("rows.csv", b",".join([b"c"] * 301) + b"\n", "transfer.many_columns"),
        ("rows.xlsx", b"a,b\n1,2\n", "transfer.not_workbook"),
        ("rows.xls", b"\xd0\xcf\x11\xe0", "transfer.unknown_ending"),
        ("rows.html", b"<table>", "transfer.unknown_ending"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refused) as refused, open_sheet(path):
        pass
    assert refused.value.message.key == reason


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused, open_sheet(tmp_path / "rows.csv"):
        pass
    assert refused.value.message.key == "transfer.no_file"


def test_a_csv_has_no_sheets(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a\n1\n")
    with pytest.raises(Refused) as refused, open_sheet(path, "Data"):
        pass
    assert refused.value.message.key == "transfer.no_sheets"
