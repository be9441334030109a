"""Reads the guides as a person does who types along: files, changes of files, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parents[2]
DOCS = HOME / "docs"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^`([^`\s]+)`\n\n\Z", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what stands in it, and the file named in the line above."""

    kind: str
    text: str
    file: str
    line: int


@dataclass(frozen=True)
class Command:
    """A line after `$`, and the lines that are shown below it."""

    line: str
    shown: tuple[str, ...]


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for match in _FENCE.finditer(text):
        named = _FILE.search(text[: match.start()])
        line = text.count("\n", 0, match.start()) + 1
        yield Block(match[1], match[2], named[1] if named else "", line)


def commands(block: Block) -> Iterator[Command]:
    """The commands of a `console` block."""
    line, shown = "", list[str]()
    for one in block.text.splitlines():
        if one.startswith("$ "):
            if line:
                yield Command(line, tuple(shown))
            line, shown = one[2:], []
        else:
            shown.append(one)
    yield Command(line, tuple(shown))


def write_block(folder: Path, block: Block) -> None:
    """Writes a file as a whole, or changes the lines that a `diff` names."""
    target = folder / block.file
    if block.kind == "json":
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, "utf-8")
        return
    lines = block.text.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if line.startswith("-"))
    new = "".join(f"{line[1:]}\n" for line in lines if line.startswith("+"))
    text = target.read_text("utf-8")
    assert text.count(old) == 1, f"line {block.line}: {block.file} has not these lines once"
    target.write_text(text.replace(old, new), "utf-8")


def matches(shown: tuple[str, ...], printed: list[str]) -> bool:
    """Whether the lines are those that are shown; `…` stands for anything, alone for any lines."""
    pattern = ""
    for line in shown:
        if line == "…":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("…")) + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None
