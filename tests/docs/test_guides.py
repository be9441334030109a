"""What the guides say can be done: commands exist, links lead somewhere, examples hold."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from constructor.cli import main as program
from constructor.reference.commands import commands
from runtime.definitions.schemas import options_validator, validator
from runtime.kernel.settings import NAMES
from tests.docs.reader import DOCS, HOME, blocks

PAGES = sorted([*DOCS.rglob("*.md"), *HOME.glob("*.md")])
GUIDES = [page for page in PAGES if "reference" not in page.parts]
_INLINE = re.compile(r"`(qurucu [^`]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def name(page: Path) -> str:
    return page.relative_to(HOME).as_posix()


def called(page: Path) -> Iterator[str]:
    """Every `qurucu …` that the page writes."""
    yield from _INLINE.findall(page.read_text("utf-8"))
    for block in blocks(page):
        if block.kind in ("sh", "console"):
            for line in block.text.splitlines():
                bare = line.removeprefix("$ ").strip()
                if bare.startswith("qurucu ") and (block.kind == "sh" or line.startswith("$ ")):
                    yield bare.partition(" #")[0]


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_every_command_in_the_guides_exists(page: Path) -> None:
    for line in called(page):
        _follow(program, shlex.split(line)[1:], line)


def _follow(command: click.Command, words: list[str], line: str) -> None:
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{line}: there is no {words[0]}"
        command = command.commands[words[0]]
        words = words[1:]
    known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in {*known, "--help", "--version"}, f"{line}: no {word}"


def test_every_command_is_told_of_in_a_guide() -> None:
    told = "\n".join(page.read_text("utf-8") for page in GUIDES)
    for path, _ in commands(program):
        assert " ".join(path) in told, " ".join(path)


def test_every_setting_is_told_of_in_the_guide_for_administrators() -> None:
    guide = (DOCS / "guide" / "admin.md").read_text("utf-8")
    assert [one for one in NAMES if one != "QURUCU_CRASH_AT" and f"`{one}`" not in guide] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(_CODE.sub("", page.read_text("utf-8"))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    """The names of headings as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


EXAMPLES = [one for one in blocks(DOCS / "guide" / "language.md") if one.kind == "json"]


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: f"line {block.line}")
def test_the_examples_of_the_language_guide_hold(block: Any) -> None:
    content = json.loads(block.text)
    kind = _kind(content)
    if kind == "words":
        options_validator(content["type"]).validate(content)
    elif kind == "property":
        whole = {"title": "Example", "x-entity": {"key": "example"}, "properties": content}
        validator("entity").validate(whole)
        for written in content.values():
            options_validator(written["x-field"]["type"]).validate(written["x-field"])
    else:
        validator(kind).validate(content)


def _kind(content: dict[str, Any]) -> str:
    marks = {
        "version": "module", "properties": "entity", "states": "workflow", "settings": "view",
        "rights": "role", "columns": "import", "records": "demo", "type": "words",
    }  # fmt: skip
    found = [kind for mark, kind in marks.items() if mark in content]
    if found:
        return found[0]
    return "property" if all("x-field" in value for value in content.values()) else "texts"
