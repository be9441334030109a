"""Static files: built once, named by their content, kept by browsers for ever."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from whitenoise import WhiteNoise

from runtime.web.assets import DIST, OWN, manifest

_YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Serves `/static/` before Flask is asked. Raises `AssetsMissing` before the set-up."""
    manifest()
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(DIST),
        prefix="static/",
        max_age=_YEAR,
        allow_all_origins=False,
        immutable_file_test=lambda path, url: True,
        add_headers_function=_headers,
    )
    app.add_url_rule("/favicon.ico", "favicon", _favicon)


def _headers(headers: Any, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def _favicon() -> Response:
    response = Response((OWN / "favicon.svg").read_bytes(), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
