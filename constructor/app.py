"""Composition root: the runtime with what the constructor adds to it."""

from __future__ import annotations

from flask import Flask

from constructor import setup
from runtime.app import create_runtime
from runtime.kernel.clock import Clock, system_clock
from runtime.kernel.settings import Settings


def create_app(settings: Settings, clock: Clock = system_clock) -> Flask:
    """The whole product as a WSGI app."""
    app = create_runtime(settings, clock, templates=(setup.TEMPLATES,))
    setup.register(app)
    return app
