"""Serves the app: waitress for one process, gunicorn for several."""

from __future__ import annotations

from typing import Any

import waitress
from flask import Flask

from constructor.app import create_app
from runtime.kernel.settings import Settings

THREADS = 8


def serve_app(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Runs until it is stopped."""
    if workers == 1:
        app = create_app(settings)
        waitress.serve(
            app, host=host, port=port, threads=THREADS, ident="qurucu",
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
        )  # fmt: skip
        return
    _gunicorn(settings, host, port, workers)


def _gunicorn(settings: Settings, host: str, port: int, workers: int) -> None:
    from gunicorn.app.base import BaseApplication  # not there on Windows

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{host}:{port}",
                "workers": workers,
                "worker_class": "sync",
                "graceful_timeout": 10,
                "max_requests": 20_000,
                "max_requests_jitter": 2_000,
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            # In each worker: connections of a pool must not cross a fork.
            return create_app(settings)

    Server().run()
