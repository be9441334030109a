"""In which language a page speaks: the account's, the cookie's, the browser's, the workspace's."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from runtime.http.state import state
from runtime.kernel.i18n import known
from runtime.kernel.workspace import LANGUAGES

COOKIE = "qurucu_language"
_YEAR = 365 * 24 * 3600
LANGUAGE_NAMES = {"az": "Azərbaycanca", "en": "English", "ru": "Русский", "tr": "Türkçe"}


def reader_language() -> str:
    """The language of a stranger; touches no database."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return known(request.accept_languages.best_match(LANGUAGES) or "en")


def remember_language(response: Response, language: str) -> None:
    """For the next visit, before anybody has signed in."""
    response.set_cookie(
        COOKIE,
        language,
        max_age=_YEAR,
        httponly=True,
        secure=state().runtime.settings.secure,
        samesite="Lax",
    )
