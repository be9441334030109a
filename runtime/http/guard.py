"""Against requests that a foreign page makes in a person's name, and for headers that keep a page
to itself."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import Flask, Response, request

from runtime.http.state import RequestState, state
from runtime.kernel.errors import Forbidden
from runtime.kernel.ids import token

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "_csrf"
HEADER = "X-CSRF-Token"
_STRANGER = "qurucu_visit"
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)


def install(app: Flask) -> None:
    app.before_request(_refuse_foreign)
    app.after_request(_add_headers)


def _refuse_foreign() -> None:
    """Every unsafe request comes from our own pages and carries the token of its session.

    A bearer token is no cookie: no browser adds it by itself, so it needs neither.
    """
    if request.method in SAFE:
        return
    here = state()
    signed = here.signed
    if here.by_bearer or (signed is None and here.origin == "rest"):
        # A stranger changes nothing through REST: every call of it asks who they are.
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        raise Forbidden("error.foreign")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in _own_hosts(here):
        raise Forbidden("error.foreign")
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    expected = signed.csrf if signed else _stranger_token(here)
    if not expected or not hmac.compare_digest(sent.encode(), expected.encode()):
        raise Forbidden("error.stale_form")


def _own_hosts(here: RequestState) -> set[str]:
    return {request.host, urlsplit(here.runtime.settings.base_url).netloc}


def csrf_token() -> str:
    """The token that forms of this page carry."""
    here = state()
    if here.signed:
        return here.signed.csrf
    if not hasattr(request, "new_visit") and not request.cookies.get(_STRANGER):
        request.new_visit = token()  # type: ignore[attr-defined]
    return _stranger_token(here)


def _stranger_token(here: RequestState) -> str:
    """For forms before the sign-in: bound to a cookie that means nothing by itself."""
    visit = getattr(request, "new_visit", None) or request.cookies.get(_STRANGER, "")
    if not visit:
        return ""
    key = here.runtime.settings.secret_key.encode()
    return hmac.new(key, visit.encode(), hashlib.sha256).hexdigest()


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    visit = getattr(request, "new_visit", None)
    if visit:
        secure = state().runtime.settings.secure
        response.set_cookie(_STRANGER, visit, httponly=True, secure=secure, samesite="Lax")
    return response
