"""Kills the process at the n-th step when `QURUCU_CRASH_AT=n` is set: fault tests only."""

from __future__ import annotations

import itertools
import os
import signal

_steps = itertools.count(1)
_crash_at = int(os.environ.get("QURUCU_CRASH_AT", "0"))


def step() -> None:
    """Called before each statement, commit and file rename."""
    if _crash_at and next(_steps) == _crash_at:
        os.kill(os.getpid(), signal.SIGKILL)
