"""Refusals in words: a page, or a line over the page that HTMX asked from."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask, Response, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from runtime.http.errors import status_of
from runtime.http.state import NotSignedIn, state
from runtime.kernel.errors import QurucuError
from runtime.kernel.i18n import say, texts, translate
from runtime.kernel.ids import ulid
from runtime.web.languages import reader_language
from runtime.web.render import Screen, answer, plain_answer, templates, wants_fragment

_log = logging.getLogger("qurucu")
# What the database says when it cannot go on, and the status that tells it.
_FULL = ("disk is full", "disk full", "no space left", "disk i/o error")


def install(app: Flask) -> None:
    """For every path; a blueprint with handlers of its own keeps them."""
    app.register_error_handler(NotSignedIn, _sign_in)
    app.register_error_handler(QurucuError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(sa.exc.OperationalError, _database)
    app.register_error_handler(Exception, _broken)


def _sign_in(_error: NotSignedIn) -> Response:
    """To the sign-in page, and back here afterwards."""
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    address = f"/login?{urlencode({'next': back})}" if back not in ("", "/") else "/login"
    if wants_fragment():
        return Response(status=401, headers={"HX-Redirect": address})
    return Response(status=303, headers={"Location": address})


def _refused(error: QurucuError) -> Response:
    return refusal(status_of(error), say(_language(), error.message))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    key = f"error_page.text_{status}"
    language = _language()
    text = translate(language, key) if key in texts(language) else ""
    response = refusal(status, text)
    if status == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def _database(error: sa.exc.OperationalError) -> Response:
    said = str(error.orig).lower()
    status = 507 if any(sign in said for sign in _FULL) else 503
    number = _logged(error)
    response = refusal(status, translate(_language(), f"error_page.text_{status}"), number)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _broken(error: Exception) -> Response:
    return refusal(500, translate(_language(), "error_page.text_500"), _logged(error))


def _logged(error: Exception) -> str:
    """The number under which the log tells more."""
    number = ulid()
    _log.error("request %s: %s %s", number, request.method, request.path, exc_info=error)
    return number


def refusal(status: int, text: str, number: str = "") -> Response:
    """A page that says what is wrong; for HTMX a line, and the page stays as it is."""
    language = _language()
    key = f"error_page.title_{status}"
    title = translate(language, key if key in texts(language) else "error_page.title")
    if wants_fragment():
        return _line(status, f"{text or title}", number)
    screen = Screen("error.html", title, {"text": text, "request_id": number}, status=status)
    # After a fault of our own nothing more is asked of the database.
    if status >= 500 or not _is_signed():
        return plain_answer(screen, language)
    return answer(screen)


def _line(status: int, text: str, number: str) -> Response:
    macros = templates(_language()).globals["ui"]
    shown = Markup("{} ({})").format(text, number) if number else text
    response = Response(macros.said(shown, tone="danger"), status)  # type: ignore[attr-defined]
    response.headers["HX-Retarget"] = "#toast"
    response.headers["HX-Reswap"] = "innerHTML"
    response.headers["HX-Push-Url"] = "false"
    response.headers["Vary"] = "HX-Request"
    return response


def _is_signed() -> bool:
    try:
        return state().signed is not None
    except sa.exc.SQLAlchemyError:
        return False


def _language() -> str:
    """The actor's language where that is known without asking further."""
    try:
        return state().actor.language
    except (QurucuError, sa.exc.SQLAlchemyError):
        return reader_language()
