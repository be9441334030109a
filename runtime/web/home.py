"""The home page: the signed-in person's day."""

from __future__ import annotations

from flask import Blueprint, Response

from runtime.http.state import state
from runtime.kernel.i18n import translate
from runtime.web.render import Screen, answer
from runtime.web.shell import menu

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> Response:
    """Where the day begins."""
    ctx = state().ctx
    title = translate(ctx.actor.language, "home.title")
    return answer(Screen("home.html", title, {"groups": menu(ctx)}, here="home"))
