"""Settings of one installation: the environment, or `qurucu.toml` in the data folder."""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Name in the environment -> word in qurucu.toml.
NAMES = {
    "QURUCU_DATA": "data",
    "QURUCU_DATABASE_URL": "database_url",
    "QURUCU_REDIS_URL": "redis_url",
    "QURUCU_SECRET_KEY": "secret_key",
    "QURUCU_BASE_URL": "base_url",
    "QURUCU_SMTP_URL": "smtp_url",
    "QURUCU_IMAP_URL": "imap_url",
    "QURUCU_CRASH_AT": "crash_at",
}
# What each one is for; `docs/reference/settings.md` is made of it.
MEANINGS = {
    "data": "Folder of the database, the secret key and the error files of imports;"
    " made when it is missing",
    "database_url": "Where the database is",
    "redis_url": "For live updates and jobs on several machines",
    "secret_key": "Signs forms and messages of pages; at least 32 characters",
    "base_url": "Address under which people reach the workspace; with https:// cookies are"
    " sent over https alone",
    "smtp_url": "For outgoing mail",
    "imap_url": "For incoming mail",
    "crash_at": "Fault tests only: the process kills itself at this step",
}
DEFAULTS = {
    "data": "`./var/workspace`",
    "database_url": "SQLite: `qurucu.db` in the data folder",
    "secret_key": "made once and kept as `secret_key` in the data folder, readable by its owner"
    " alone",
}
# Known names that nothing reads yet; whoever sets one is told so at the start.
UNUSED = ("redis_url", "smtp_url", "imap_url")
_FORMS = {
    "database_url": r"(sqlite:///.+|postgresql\+psycopg://.+)",
    "redis_url": r"rediss?://.+",
    "base_url": r"https?://[^/\s]+(/\S*)?",
    "smtp_url": r"smtps?://.+",
    "imap_url": r"imaps?://.+",
    "secret_key": r".{32,}",
    "crash_at": r"\d+",
    "data": r".+",
}


class SettingsError(Exception):
    """A setting that does not exist or has a bad value; the text names it and says the remedy."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one process runs with."""

    data: Path
    database_url: str
    secret_key: str = field(repr=False)
    base_url: str = ""
    unused: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether people come over https, so that cookies may say so."""
        return self.base_url.startswith("https://")


def load_settings(
    environment: Mapping[str, str] | None = None, data: Path | None = None
) -> Settings:
    """Raises `SettingsError`. Makes the data folder and the secret key when they are missing."""
    environment = os.environ if environment is None else environment
    given = _from_environment(environment)
    folder = data or Path(given.get("data", "var/workspace"))
    given = {**_from_file(folder / "qurucu.toml"), **given}
    for word, value in given.items():
        if not re.fullmatch(_FORMS[word], value):
            shown = "" if word == "secret_key" else f" ({value!r})"
            raise SettingsError(f"{_name(word)} has a bad value{shown}: {_remedy(word)}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Settings(
        data=folder,
        database_url=given.get("database_url") or f"sqlite:///{folder.resolve() / 'qurucu.db'}",
        secret_key=given.get("secret_key") or _kept_key(folder / "secret_key"),
        base_url=given.get("base_url", "").rstrip("/"),
        unused=tuple(_name(word) for word in UNUSED if word in given),
    )


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    given = {}
    for name, value in environment.items():
        if not name.startswith("QURUCU_"):
            continue
        if name not in NAMES:
            raise SettingsError(f"there is no setting {name}; known are {', '.join(NAMES)}")
        if value:
            given[NAMES[name]] = value
    return given


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        loaded: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error
    for word, value in loaded.items():
        if word not in NAMES.values() or word in ("data", "crash_at"):
            known = ", ".join(word for word in NAMES.values() if word not in ("data", "crash_at"))
            raise SettingsError(f"{path}: there is no setting {word}; known are {known}")
        if not isinstance(value, str):
            raise SettingsError(f"{path}: {word} must be a text in quotes")
    return loaded


def _name(word: str) -> str:
    return next(name for name, known in NAMES.items() if known == word)


def _remedy(word: str) -> str:
    return {
        "database_url": "write sqlite:///file.db or postgresql+psycopg://user@host/name",
        "base_url": "write https://crm.example.az",
        "secret_key": "at least 32 characters",
        "crash_at": "a whole number",
        "data": "a folder",
        "redis_url": "write redis://host:6379/0",
    }.get(word, f"write {word.removesuffix('_url')}://host")


def _kept_key(path: Path) -> str:
    """The key of this data folder; made once, readable by its owner alone."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    key = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key
