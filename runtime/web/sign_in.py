"""Signing in and out, and the language of the screens."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Blueprint, Response, redirect, request
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as AnyResponse

from runtime.access.people import check_password, clean_email, set_language
from runtime.access.sessions import (
    MAX_ATTEMPTS,
    SESSION_LIFE,
    WINDOW_SECONDS,
    attempts,
    close_session,
    count_attempt,
    open_session,
)
from runtime.http.guard import csrf_token
from runtime.http.state import cookie_name, state
from runtime.kernel.i18n import known, translate
from runtime.kernel.workspace import LANGUAGES
from runtime.storage.engine import writing
from runtime.web.languages import reader_language, remember_language
from runtime.web.render import Screen, plain_answer

blueprint = Blueprint("sign_in", __name__)
# A whole office may come from one address.
_ADDRESS_ATTEMPTS = 5 * MAX_ATTEMPTS
_LONGEST = 1000
# One slash, then no second one, no backslash, nothing that browsers leave out (tabs, line ends).
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@blueprint.get("/login")
def form() -> AnyResponse:
    """The sign-in page; `?language=` chooses its language and, on signing in, the account's."""
    if state().signed:
        return redirect(local_path(request.args.get("next", "")), 303)
    return _page(200, request.args.get("language", ""))


@blueprint.post("/login")
def sign_in() -> AnyResponse:
    """Opens a session, or says that address and password do not fit."""
    email = request.form.get("email", "")[:_LONGEST]
    here = state()
    now = here.runtime.service.clock()
    subjects = {
        f"account:{clean_email(email)}": MAX_ATTEMPTS,
        f"address:{request.remote_addr}": _ADDRESS_ATTEMPTS,
    }
    if any(attempts(here.connection, one, now) >= limit for one, limit in subjects.items()):
        return _page(429, _chosen(), email, "sign_in.too_many")
    # The hash takes its time: no lock is held meanwhile.
    person = check_password(here.connection, email, request.form.get("password", "")[:_LONGEST])
    here.close()
    with writing(here.runtime.service.engine) as connection:
        if person is not None:
            secret = _new_session(connection, person, now)
        else:
            for one in subjects:
                count_attempt(connection, one, now)
    if person is None:
        return _page(422, _chosen(), email, "sign_in.wrong")
    response = redirect(local_path(request.form.get("next", "")), 303)
    give_cookie(response, secret)
    return response


@blueprint.post("/logout")
def sign_out() -> AnyResponse:
    """Ends the session at once, everywhere it is used."""
    here = state()
    name = cookie_name(here.runtime.settings)
    here.close()
    with writing(here.runtime.service.engine) as connection:
        close_session(connection, request.cookies.get(name, ""))
    response = redirect("/login", 303)
    response.delete_cookie(name, secure=here.runtime.settings.secure, httponly=True, samesite="Lax")
    return response


@blueprint.post("/language")
def choose_language() -> AnyResponse:
    """The language of the screens from now on: kept with the account."""
    here = state()
    language = known(request.form.get("language", ""))
    person = here.actor.user_id
    if person is not None:
        here.close()
        with writing(here.runtime.service.engine) as connection:
            set_language(connection, person, language)
    response = redirect(local_path(request.form.get("next", "")), 303)
    remember_language(response, language)
    return response


def local_path(text: str) -> str:
    """The path if it leads nowhere but into this workspace, else the home page."""
    return text if _LOCAL.fullmatch(text) else "/"


def give_cookie(response: AnyResponse, secret: str) -> None:
    """The session's cookie."""
    settings = state().runtime.settings
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=int(SESSION_LIFE.total_seconds()),
        secure=settings.secure,
        httponly=True,
        samesite="Lax",
    )


def _new_session(connection: Connection, person: int, now: datetime) -> str:
    """In place of the one that the browser had: an identity of a session never outlives it."""
    old = request.cookies.get(cookie_name(state().runtime.settings))
    if old:
        close_session(connection, old)
    if _chosen():
        set_language(connection, person, _chosen())
    return open_session(connection, person, now)


def _chosen() -> str:
    """The language that was chosen on the sign-in page itself."""
    language = request.form.get("language", "")
    return language if language in LANGUAGES else ""


def _page(status: int, chosen: str, email: str = "", wrong: str = "") -> Response:
    """The form again; the person's input but for the password is kept."""
    language = chosen if chosen in LANGUAGES else reader_language()
    values = {
        "email": email,
        "next": local_path(request.values.get("next", "")),
        "chosen": chosen,
        "wrong": translate(language, wrong) if wrong else "",
    }
    screen = Screen("login.html", translate(language, "sign_in.title"), values, status=status)
    workspace = state().model.catalog.workspace.name
    response = plain_answer(screen, language, csrf=csrf_token(), workspace=workspace)
    if chosen in LANGUAGES:
        remember_language(response, language)
    if status == 429:
        response.headers["Retry-After"] = str(WINDOW_SECONDS)
    return response
