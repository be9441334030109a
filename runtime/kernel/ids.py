"""Identities: ULIDs, sortable by the moment they were made."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(milliseconds: int | None = None) -> str:
    """26 characters of Crockford's base 32: 48 bits of time, 80 random bits (the ULID spec)."""
    moment = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    number = (moment << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


# Two characters at once, for batches.
_PAIRS = tuple(high + low for high in _ALPHABET for low in _ALPHABET)
_PAIR_SHIFTS = range(120, -1, -10)


def ulids(count: int) -> list[str]:
    """`count` ULIDs of one moment, each greater than the one before: one draw for a whole batch."""
    moment = time.time_ns() // 1_000_000
    # The top random bit stays free so that counting up never spills into the time.
    start = (moment << 80) | secrets.randbits(79)
    return [
        "".join([_PAIRS[(number >> shift) & 1023] for shift in _PAIR_SHIFTS])
        for number in range(start, start + count)
    ]


def token() -> str:
    """An opaque secret of 256 bits, safe in addresses and cookies."""
    return secrets.token_urlsafe(32)
