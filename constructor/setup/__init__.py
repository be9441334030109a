"""The first run: one page from an empty workspace to a working one; gone once somebody is there."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from constructor.demo import load_demo
from constructor.install import install, is_installed
from constructor.publish import Act
from constructor.setup.answers import Answers, first_answers, read_answers, trades
from constructor.setup.regions import regions, zones
from runtime.access.people import add_person, is_anybody_there
from runtime.access.sessions import open_session
from runtime.definitions.index import OWNER
from runtime.http.guard import csrf_token
from runtime.http.state import Runtime, state
from runtime.kernel.errors import NotFound
from runtime.kernel.i18n import say, translate
from runtime.kernel.money import currencies
from runtime.kernel.workspace import LANGUAGES
from runtime.storage.engine import writing
from runtime.storage.migrate import lock_publishing
from runtime.storage.settings import save_workspace
from runtime.web.flash import tell
from runtime.web.languages import reader_language, remember_language
from runtime.web.render import Screen, plain_answer
from runtime.web.sign_in import give_cookie

blueprint = Blueprint("setup", __name__)
TEMPLATES = Path(__file__).parent / "templates"
_PATH = "/setup"
_DONE = "qurucu_set_up"
# What answers as ever while nobody is there.
_OPEN = ("/setup", "/static/", "/api/", "/healthz", "/readyz", "/favicon.ico")


def register(app: Flask) -> None:
    """The page, and the way to it from everywhere while the workspace has no account."""
    app.extensions[_DONE] = False
    app.register_blueprint(blueprint)
    app.before_request(_lead_here)


def _lead_here() -> AnyResponse | None:
    if request.path.startswith(_OPEN) or _is_set_up():
        return None
    return redirect(_PATH, 303)


def _is_set_up() -> bool:
    """Looked up until somebody is there; that never ends."""
    if not current_app.extensions[_DONE]:
        current_app.extensions[_DONE] = is_anybody_there(state().connection)
    return bool(current_app.extensions[_DONE])


@blueprint.get(_PATH)
def ask() -> Response:
    """Account, language, country, trade and demo data, with proposals filled in."""
    if _is_set_up():
        raise NotFound
    chosen = request.args.get("language", "")
    language = chosen if chosen in LANGUAGES else reader_language()
    response = _page(first_answers(language, state().model.catalog.workspace), 200)
    remember_language(response, language)
    return response


@blueprint.post(_PATH)
def answer() -> AnyResponse:
    """Sets the workspace up and signs its owner in; the page again when something does not fit."""
    if _is_set_up():
        raise NotFound
    answers = read_answers(request.form)
    if answers.wrong:
        return _page(answers, 422)
    here = state()
    here.close()
    secret = carry_out(here.runtime, answers)
    tell(translate(answers.language, "setup.done"))
    response = redirect("/", 303)
    give_cookie(response, secret)
    remember_language(response, answers.language)
    return response


def carry_out(runtime: Runtime, answers: Answers) -> str:
    """The owner's session. The account comes last: until it is there, a run that was cut off is
    simply begun again. Raises `NotFound` when somebody else was quicker."""
    engine, clock = runtime.service.engine, runtime.service.clock
    with writing(engine) as connection:
        save_workspace(connection, answers.workspace())
    if answers.trade:
        if not is_installed(engine, answers.trade):
            act = Act(note=f"install {answers.trade}", clock=clock)
            install(engine, answers.trade, act, lambda plan: None)
        if answers.demo:
            load_demo(engine, [answers.trade], clock)
    with writing(engine) as connection:
        lock_publishing(connection)
        if is_anybody_there(connection):
            raise NotFound
        owner = add_person(
            connection,
            email=answers.email,
            name=answers.name,
            password=answers.password,
            roles=[OWNER],
            language=answers.language,
            now=clock(),
        )
        return open_session(connection, owner, clock())


def _page(answers: Answers, status: int) -> Response:
    language = answers.language
    values = {
        "answers": answers,
        "wrong": {key: say(language, text) for key, text in answers.wrong.items()},
        "regions": regions(language),
        "currencies": sorted(currencies()),
        "zones": zones(),
        "trades": trades(language),
    }
    title = translate(language, "setup.title")
    screen = Screen("setup/first_run.html", title, values, status=status)
    return plain_answer(screen, language, csrf=csrf_token())
