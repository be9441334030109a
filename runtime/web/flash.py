"""What just happened: said on the next screen, with the way back where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from flask import session

_KEY = "said"
# A cookie holds 4 kB; letters beyond ASCII take six bytes of it.
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Undo:
    """A form that takes the act back: where it is sent and with what."""

    action: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """One line for the person, in their language."""

    text: str
    undo: Undo | None = None


def tell(text: str, undo: Undo | None = None) -> None:
    """Keeps the line for the next screen; it survives the redirect in a signed cookie."""
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    session[_KEY] = asdict(Said(shown, undo))


def told() -> Said | None:
    """The line that waits, once."""
    kept = session.pop(_KEY, None)
    if not kept:
        return None
    undo = kept["undo"]
    return Said(kept["text"], Undo(undo["action"], undo["fields"]) if undo else None)
