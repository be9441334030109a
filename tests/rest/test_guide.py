"""The guide of REST: its examples are played from the first to the last."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from runtime.definitions.load import load_folder
from runtime.rest.asking import LIST_WORDS
from runtime.rest.openapi.operations import ANY, SENDS, WRITES
from tests.docs.reader import DOCS, HOME, Block, blocks
from tests.kit.workspace import Space
from tests.rest.caller import Caller

GUIDE = DOCS / "guide" / "rest.md"
_STATUS = re.compile(r"^(\d{3})$", re.MULTILINE)


@dataclass
class Example:
    """A request, and what the guide says about its answer."""

    line: int
    method: str
    path: str
    status: int
    asked: dict[str, str] = field(default_factory=dict)
    body: Any = None
    told: dict[str, str] = field(default_factory=dict)
    shown: Any = None


def examples() -> Iterator[Example]:
    return (read(block) for block in blocks(GUIDE) if block.kind == "http")


def read(block: Block) -> Example:
    request, status, answer = _STATUS.split(block.text, maxsplit=1)
    head, _, body = request.partition("\n\n")
    method, path = head.splitlines()[0].split(" ", 1)
    told, _, shown = answer.strip("\n").partition("\n\n") if ":" in answer else ("", "", "")
    if answer.startswith("\n\n"):
        told, shown = "", answer
    return Example(
        block.line,
        method,
        path.strip(),
        int(status),
        headers(head.splitlines()[1:]),
        json.loads(body) if body.strip() else None,
        headers(told.splitlines()),
        # `, …` stands for more members, "…" for any text.
        json.loads(re.sub(r",\s*…", "", shown)) if shown.strip() else None,
    )


def headers(lines: list[str]) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in lines if line.strip())


def fits(shown: Any, found: Any) -> bool:
    """Whether everything that is shown is there."""
    if isinstance(shown, dict):
        return isinstance(found, dict) and all(
            key in found and fits(value, found[key]) for key, value in shown.items()
        )
    if isinstance(shown, list):
        return len(shown) == len(found) and all(map(fits, shown, found))
    return shown == found or (shown == "…" and isinstance(found, str) and bool(found))


def test_every_example_answers_as_the_guide_says(
    lite: Space, calling: Callable[..., Caller]
) -> None:
    sources, _ = load_folder(HOME / "modules")
    lite.publish(*sources)
    owner = calling(lite, "owner")
    played = 0
    for one in examples():
        response = owner.send(one.method, one.path, one.body, **one.asked)
        where = f"line {one.line}: {response.status_code} {response.text}"
        assert response.status_code == one.status, where
        assert {name: response.headers.get(name) for name in one.told} == one.told, where
        if one.shown is not None:
            assert fits(one.shown, response.json), where
        played += 1
    assert played > 20


def test_the_guide_tells_of_every_parameter_and_every_status() -> None:
    text = GUIDE.read_text("utf-8")
    assert [word for word in LIST_WORDS if f"| `{word}` |" not in text] == []
    statuses = {*ANY, *WRITES, *SENDS, 405, 412}
    assert [status for status in sorted(statuses) if f"| {status} |" not in text] == []
