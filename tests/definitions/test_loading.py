"""Folders that are not what they should be: each file is refused with its place and a reason."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from constructor.publish import check_folder
from tests.kit.builders import entity, field, module, write_module

CUSTOMER = entity("customer", name="text")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path, module("shop", CUSTOMER))


def said(folder: Path) -> list[tuple[str, str]]:
    return [(problem.file, problem.problem) for problem in check_folder(folder)]


def nested(depth: int) -> bytes:
    return b'{"title": ' + b"[" * depth + b"]" * depth + b"}"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\xff\xfe{}", "not UTF-8: byte 0"),
        (b'{"title": "\xe9"}', "not UTF-8: byte 11"),
        (b"", "not JSON: line 1, column 1"),
        (b'{"title": "A",}', "not JSON: line 1, column"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"title": NaN}', "NaN is no JSON number"),
        (b'{"title": -Infinity}', "-Infinity is no JSON number"),
        (b'{"title": 1e400}', "1e400 is larger than any number here"),
        (b'{"title": ' + b"9" * 5000 + b"}", "Exceeds the limit"),
        (b'{"title": 1, "title": 2}', "the key 'title' stands twice"),
        (b'{"a": {"b": 1, "b": 1}}', "the key 'b' stands twice"),
        (b'{"title": "\\ud800"}', "half a letter"),
        (b'{"\\udfff": 1}', "half a letter"),
        (nested(45), "nested deeper than 40 levels"),
        (nested(100_000), "nested deeper than 40 levels"),
        (b'{"a": [' + b"0," * 200_001 + b"0]}", "more than 200,000 values"),
        (b'{"a": "' + b"x" * 2_000_001 + b'"}', "larger than 2,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_json_for_us_is_refused_with_the_reason(
    folder: Path, raw: bytes, reason: str
) -> None:
    (folder / "entities" / "bad.json").write_bytes(raw)
    [(file, problem)] = said(folder)
    assert file == "shop/entities/bad.json"
    assert problem.startswith(reason)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder: Path) -> None:
    path = folder / "entities" / "customer.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert said(folder) == []


def link_to_file(folder: Path) -> None:
    (folder.parent / "secret.json").write_text('{"title": "S"}')
    (folder / "entities" / "strange.json").symlink_to(folder.parent / "secret.json")


def link_to_folder(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir()
    (folder / "views").symlink_to(folder.parent / "elsewhere")


def link_to_nothing(folder: Path) -> None:
    (folder / "entities" / "strange.json").symlink_to(folder / "nowhere.json")


def link_to_itself(folder: Path) -> None:
    (folder / "entities" / "strange.json").symlink_to("strange.json")


@pytest.mark.parametrize("make", [link_to_file, link_to_folder, link_to_nothing, link_to_itself])
def test_links_are_named_and_not_followed(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder)
    [(_, problem)] = said(folder)
    assert problem == "a link to another place is not followed"


@pytest.mark.parametrize(
    "path", ["entity/x.json", "entities/deep/x.json", "notes.txt", "entities/x.yaml", "py/x.py"]
)
def test_what_is_no_definition_is_named_with_the_folders_that_are(folder: Path, path: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text("{}")
    [problem] = check_folder(folder)
    assert problem.file == f"shop/{path}"
    assert "entities/*.json" in problem.allowed


@pytest.mark.parametrize("path", ["README.md", "CHANGELOG.md", ".git/config", "entities/.x.swp"])
def test_companions_and_hidden_files_are_left_alone(folder: Path, path: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text("anything")
    assert said(folder) == []


def test_a_file_name_that_is_no_text_can_still_be_named(folder: Path) -> None:
    os.close(os.open(os.fsencode(folder) + b"/views-\xff.json", os.O_CREAT | os.O_WRONLY))
    [(file, _)] = said(folder)
    assert file == "shop/views-\\udcff.json"


def test_mistakes_are_found_whatever_the_folder_is_called(folder: Path) -> None:
    renamed = folder.rename(folder.parent / "shop-1.0")
    (renamed / "entities" / "bad.json").write_text("{")
    [(file, _)] = said(renamed)
    assert file == "shop/entities/bad.json"


def test_two_folders_with_one_module_are_refused(folder: Path) -> None:
    again = folder.parent / "shop2"
    again.mkdir()
    (again / "module.json").write_bytes((folder / "module.json").read_bytes())
    assert said(folder.parent) == [
        ("shop2/module.json", "another folder here holds the module shop")
    ]


def test_a_folder_that_is_none_or_holds_none_is_said(tmp_path: Path) -> None:
    assert said(tmp_path / "nowhere")[0][1] == "there is no such folder"
    assert said(tmp_path)[0][1] == "no module.json here nor in a folder inside"
    (tmp_path / "module.json").mkdir()
    assert said(tmp_path)[0][1] == "no module.json here nor in a folder inside"


@pytest.mark.parametrize(
    "requires",
    [
        [],
        {"modules": []},
        {"modules": {"../../../etc": ">=1"}},
        {"modules": {"/etc": ">=1"}},
        {"modules": {"a\0b": ">=1"}},
        {"modules": {"x" * 5000: ">=1"}},
        {"modules": {"crm": 5}},
        5,
    ],
)
def test_a_requirement_of_any_shape_is_a_mistake_and_no_accident(
    folder: Path, requires: object
) -> None:
    manifest = folder / "module.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "requires": requires}))
    [problem] = check_folder(folder)
    assert problem.path.startswith("$.requires")


def test_nothing_is_missed_because_another_file_cannot_be_read(folder: Path) -> None:
    """What is named like the unreadable file may well be in it; the rest is judged as ever."""
    order = entity(
        "order",
        customer=field("reference", to="shop.customer"),
        product=field("reference", to="shop.product"),
    )
    write_module(folder.parent, module("shop", order))
    (folder / "entities" / "customer.json").write_text("{")
    found = check_folder(folder)
    assert [(one.file, one.path) for one in found] == [
        ("shop/entities/customer.json", "$"),
        ("shop/entities/order.json", "$.properties.product.x-field.to"),
    ]
