"""Golden files: what must not change by accident, as plain text under `tests/golden/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parents[1] / "golden"


@dataclass(frozen=True)
class Golden:
    """Compares with the kept text; with `--update-golden` keeps the new one instead."""

    update: bool

    def __call__(self, path: str, text: str) -> None:
        kept = HOME / path
        if self.update:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text, "utf-8")
        assert kept.is_file(), f"no golden file {path}: run pytest --update-golden"
        assert text == kept.read_text("utf-8"), f"{path} differs: pytest --update-golden if meant"
