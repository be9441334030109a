"""Small pieces of Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

HEAD = "<!-- Made by `python -m constructor.reference`; do not edit. -->\n\n"


def page(title: str, *parts: str) -> str:
    """A whole page; parts are separated by an empty line."""
    return HEAD + "\n\n".join((f"# {title}", *(part.strip("\n") for part in parts if part))) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_row(heads), _row(["---"] * len(heads)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def code(value: Any) -> str:
    """A JSON value as it stands in a file."""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def fenced(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return f"```json\n{text}\n```"


def sentence(text: str) -> str:
    """The first letter great, a full stop at the end."""
    text = text.strip()
    stop = "" if text.endswith((".", "…")) else "."
    return text[:1].upper() + text[1:] + stop if text else ""
