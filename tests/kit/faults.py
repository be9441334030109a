"""When to kill a process: a few moments in every run, many in `make faults`."""

from __future__ import annotations

import os

LONG = os.environ.get("FAULTS") == "all"


def moments(steps: int, *, few: int = 5, many: int = 60) -> list[int]:
    """Moments for `QURUCU_CRASH_AT` spread evenly over a call of so many steps, ends included."""
    wanted = min(steps, many if LONG else few)
    if wanted < 2:
        return [1]
    return sorted({1 + round(number * (steps - 1) / (wanted - 1)) for number in range(wanted)})
