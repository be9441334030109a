"""Errors below /api as `application/problem+json` (RFC 9457), in the language of the request."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from runtime.http.database import trouble
from runtime.http.errors import status_of
from runtime.http.state import NotSignedIn, state
from runtime.kernel.errors import Conflict, Message, QurucuError, RowErrors, ValidationFailed
from runtime.kernel.i18n import say, texts, translate
from runtime.kernel.ids import ulid

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("qurucu")
_RETRY_SECONDS = "2"
_CHALLENGE = 'Bearer realm="qurucu"'


class Stale(Conflict):
    """`If-Match` names a version that is no longer the record's (412)."""


class RowsFailed(ValidationFailed):
    """Rows of a bulk call do not validate: messages stand by row, then by field."""


def install(blueprint: Blueprint) -> None:
    blueprint.register_error_handler(QurucuError, _refused)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(Exception, _broken)


def problem(
    status: int, detail: str = "", *, code: str = "", more: Mapping[str, Any] | None = None
) -> Response:
    """An error as a document. `code` says the same to programs in every language."""
    language = state().known_language
    document = {
        "type": f"urn:qurucu:problem:{code or status}",
        "title": _title(language, status),
        "status": status,
        **({"detail": detail} if detail else {}),
        **(more or {}),
    }
    # A lone surrogate that somebody sent comes back as the escape that JSON has for it.
    text = json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(text, status, content_type=MEDIA_TYPE)


def _title(language: str, status: int) -> str:
    key = f"rest.title_{status}"
    return translate(language, key if key in texts(language) else "rest.title_other")


def _refused(error: QurucuError) -> Response:
    status = 412 if isinstance(error, Stale) else status_of(error)
    detail = say(state().known_language, error.message)
    if status >= 500:
        return _broken(error)
    more: dict[str, Any] = {}
    if isinstance(error, ValidationFailed):
        bulk = isinstance(error, RowsFailed)
        more["errors"] = _by_row(error.rows) if bulk else _spoken(error.first)
    if isinstance(error, Conflict):
        more["version"] = error.found
    response = problem(status, detail, code=error.message.key, more=more)
    if isinstance(error, NotSignedIn):
        sent = state().by_bearer
        challenge = f'{_CHALLENGE}, error="invalid_token"' if sent else _CHALLENGE
        response.headers["WWW-Authenticate"] = challenge
    return response


def _by_row(rows: Sequence[RowErrors]) -> dict[str, dict[str, list[str]]]:
    """Messages by the number of the row, counted from 0, and by field."""
    return {str(row.index): _spoken(row.fields) for row in rows}


def _spoken(fields: Mapping[str, tuple[Message, ...]]) -> dict[str, list[str]]:
    language = state().known_language
    return {key: [say(language, text) for text in texts] for key, texts in fields.items()}


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    language = state().known_language
    key = f"rest.detail_{status}"
    response = problem(status, translate(language, key) if key in texts(language) else "")
    if status == 405:
        allowed = getattr(error, "valid_methods", None) or ()
        response.headers["Allow"] = ", ".join(sorted(allowed))
    if status == 415:
        response.headers["Accept"] = "application/json"
    return response


def _broken(error: Exception) -> Response:
    """A fault of ours or of the database; the log tells more under the same number."""
    number, language = ulid(), state().known_language
    status = trouble(error) or 500
    _log.error("request %s: %s %s", number, request.method, request.path, exc_info=error)
    more = {"instance": f"urn:qurucu:request:{number}"}
    response = problem(status, translate(language, f"rest.detail_{status}"), more=more)
    response.headers["X-Request-Id"] = number
    if status == 503:
        response.headers["Retry-After"] = _RETRY_SECONDS
    return response
