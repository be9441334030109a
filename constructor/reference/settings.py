"""`settings.md`: what an installation can be told."""

from __future__ import annotations

from constructor.reference.markdown import page, table
from runtime.kernel.settings import DEFAULTS, MEANINGS, NAMES, UNUSED

_INTRO = """
A setting is a variable of the environment, or a line of `qurucu.toml` in the data folder
(`database_url = "postgresql+psycopg://…"`); the environment wins. An unknown name that begins with
`QURUCU_` and a bad value are errors at the start, and the message names them. Language, country,
currency and time zone are not settings of the program: they belong to the workspace and are chosen
with `qurucu init`.
"""


def settings_page() -> str:
    """`settings.md`."""
    rows = [
        (f"`{name}`", _in_file(word), _meaning(word), DEFAULTS.get(word, "not set"))
        for name, word in NAMES.items()
    ]
    heads = ("Environment", "In `qurucu.toml`", "Meaning", "Default")
    return page("Settings", _INTRO, table(heads, rows))


def _in_file(word: str) -> str:
    # The folder that holds the file cannot be named by it.
    return "" if word in ("data", "crash_at") else f"`{word}`"


def _meaning(word: str) -> str:
    return f"{MEANINGS[word]}. Not used yet." if word in UNUSED else f"{MEANINGS[word]}."
