"""Collections of hard input that live beside the checkout; tests that use them skip without."""

from __future__ import annotations

import os
from pathlib import Path

_HOME = Path(os.environ.get("TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


def sample(path: str) -> Path:
    """A file or folder of the collection, whether it is there or not."""
    return _HOME / path
