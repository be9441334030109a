"""Screens as answers: the whole page, or the block that HTMX asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, make_response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from runtime.http.guard import csrf_token
from runtime.http.state import state
from runtime.kernel.i18n import translate
from runtime.web.assets import manifest
from runtime.web.flash import told
from runtime.web.languages import LANGUAGE_NAMES
from runtime.web.shell import shell

WEB = Path(__file__).parent
# Templates of screens, and those that stand beside their view kinds.
FOLDERS = (WEB / "templates", WEB.parent / "views")
# Files of macros that every template may use by name.
_MACROS = ("ui", "hx")
_EXTENSION = "qurucu_templates"
# Set by `assets/fold.js`: whether the side bar is a narrow rail.
_FOLDED = "qurucu_folded"


@dataclass(frozen=True, slots=True)
class Screen:
    """One answer. `values` is what the template shows; `here` marks the place in the menu.

    `blocks` names what HTMX may replace: an element with the id of a block gets that block, any
    other the first one.
    """

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    here: str = ""
    blocks: tuple[str, ...] = ("content",)
    status: int = 200


@cache
def environment(folders: tuple[Path, ...], language: str) -> Environment:
    """The templates in one language: `t("key")`, `asset["app.css"]` and the macros are globals."""
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {
        "t": partial(translate, language),
        "asset": manifest(),
        "language": language,
        "languages": tuple(LANGUAGE_NAMES.items()),
    }
    for name in _MACROS:
        made.globals[name] = made.get_template(f"{name}.html").module
    return made


def install(app: Flask, folders: tuple[Path, ...] = ()) -> None:
    """Tells the app where its templates stand: ours, then those of whoever builds upon us."""
    app.extensions[_EXTENSION] = (*FOLDERS, *folders)


def templates(language: str) -> Environment:
    """The environment of this app."""
    folders: tuple[Path, ...] = current_app.extensions[_EXTENSION]
    return environment(folders, language)


def answer(screen: Screen) -> Response:
    """The page for the signed-in actor; its block for HTMX."""
    here = state()
    env = templates(here.actor.language)
    values = {**_common(screen, csrf_token()), "actor": here.actor}
    if wants_fragment():
        return _response(_fragment(env, screen, values), screen.status)
    values["shell"] = shell(here.ctx, env, screen.here)
    values["workspace"] = here.model.catalog.workspace.name
    values["folded"] = request.cookies.get(_FOLDED) == "yes"
    values["said"] = _said(env)
    return _response(env.get_template(screen.template).render(values), screen.status)


def plain_answer(
    screen: Screen, language: str, *, csrf: str = "", workspace: str = "Qurucu"
) -> Response:
    """A page without the frame: before the sign-in, or when nothing may be asked any more."""
    env = templates(language)
    values = {**_common(screen, csrf), "workspace": workspace, "shell": None, "said": ""}
    return _response(env.get_template(screen.template).render(values), screen.status)


def wants_fragment() -> bool:
    """HTMX asks for a part; a step back in the history and a boosted link want the whole page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-History-Restore-Request") != "true"
        and headers.get("HX-Request-Type") != "full"
    )


def _fragment(env: Environment, screen: Screen, values: dict[str, Any]) -> str:
    template = env.get_template(screen.template)
    target = request.headers.get("HX-Target", "").partition("#")[2]
    block = target if target in screen.blocks else screen.blocks[0]
    html = "".join(template.blocks[block](template.new_context(values)))
    said = _said(env)
    if said:
        html += Markup('<div id="toast" hx-swap-oob="innerHTML">{}</div>').format(said)
    return str(Markup("<title>{}</title>").format(screen.title)) + html


def _common(screen: Screen, csrf: str) -> dict[str, Any]:
    here = request.full_path.rstrip("?")
    return {**screen.values, "title": screen.title, "csrf": csrf, "here": here}


def _said(env: Environment) -> Markup:
    said = told()
    if said is None:
        return Markup("")
    macros: Any = env.globals["ui"]
    line: Markup = macros.said(said.text, said.undo, csrf_token())
    return line


def _response(html: str, status: int) -> Response:
    response = make_response(html, status)
    response.headers["Vary"] = "HX-Request"
    return response
