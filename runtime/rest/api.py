"""Registers the REST API with the app."""

from __future__ import annotations

from typing import NoReturn

from flask import Blueprint, Flask, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Rule

from runtime.http.database import twice
from runtime.http.state import state
from runtime.kernel.workspace import LANGUAGES
from runtime.rest import docs, figures, problems, records
from runtime.rest.openapi import document

NAME = "rest"
# Answers that tell a stranger nothing.
_OPEN = frozenset({f"{NAME}.nothing", f"{NAME}.static", f"{NAME}.docs_page"})
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class RecordId(BaseConverter):
    """The number of a record; one that no database holds is no address."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)


def register(app: Flask) -> None:
    """Every path below `/api`."""
    app.url_map.converters["record_id"] = RecordId
    blueprint = Blueprint(
        NAME, __name__, url_prefix="/api", template_folder="templates", static_folder="static"
    )
    blueprint.before_request(_identify)
    problems.install(blueprint)
    for part in (records, figures, document, docs):
        part.install(blueprint)
    app.register_blueprint(blueprint)
    _catch_the_rest(app)


def _identify() -> None:
    """Who is asking, and in which language; raises `NotSignedIn`."""
    here = state()
    here.language = _asked_language()
    if request.endpoint not in _OPEN:
        twice(lambda: here.actor)


def _asked_language() -> str | None:
    """The best of our languages that the client names; a mere `*` names none."""
    for tag, quality in request.accept_languages:
        language = tag.lower().partition("-")[0]
        if quality > 0 and language in LANGUAGES:
            return language
    return None


def _catch_the_rest(app: Flask) -> None:
    """Paths and methods that are none of ours: their errors are ours to word."""
    app.view_functions[f"{NAME}.nothing"] = _nothing
    for path in ("/api", "/api/", "/api/<path:rest>"):
        rule = Rule(path, endpoint=f"{NAME}.nothing", strict_slashes=True)
        rule.provide_automatic_options = False  # type: ignore[attr-defined]
        app.url_map.add(rule)


def _nothing(rest: str = "") -> NoReturn:
    """405 where another method has an answer, else 404."""
    allowed = [method for method in _METHODS if _has_answer(method)]
    if allowed:
        also = ["HEAD", "OPTIONS"] if "GET" in allowed else ["OPTIONS"]
        raise MethodNotAllowed(valid_methods=[*allowed, *also])
    raise NotFound


def _has_answer(method: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None  # noqa: S101 - a request is at hand
    try:
        endpoint, _ = adapter.match(method=method)
    except HTTPException:
        return False
    return str(endpoint) != f"{NAME}.nothing"
