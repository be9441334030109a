"""Composition of the runtime: published screens and REST, without the constructor."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from runtime.http import guard, state
from runtime.kernel.clock import Clock, system_clock
from runtime.kernel.settings import Settings
from runtime.records.service import Service
from runtime.rest import api
from runtime.storage.engine import make_engine
from runtime.web import pages

# The largest request that is read at all. A paste of 50 MB still gets its answer beside the field.
MAX_REQUEST = 96 * 1024 * 1024


def create_runtime(
    settings: Settings, clock: Clock = system_clock, *, templates: tuple[Path, ...] = ()
) -> Flask:
    """A WSGI app that serves what is published. The database must be prepared (`qurucu init`).

    `templates` are folders of screens that somebody adds to ours.
    """
    app = Flask("runtime.web", static_folder=None)
    app.secret_key = settings.secret_key
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_REQUEST
    app.config["MAX_FORM_PARTS"] = 5_000
    app.config["SESSION_COOKIE_NAME"] = "qurucu_flash"
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = settings.secure
    service = Service(make_engine(settings.database_url), clock=clock)
    state.install(app, state.Runtime(service, settings))
    guard.install(app)
    pages.register(app, templates)
    api.register(app)
    return app
