"""Registers every screen with the app."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from runtime.web import errors, health, home, render, sign_in, static_files


def register(app: Flask, folders: tuple[Path, ...] = ()) -> None:
    """Screens, their error pages and static files; `folders` hold templates of others."""
    render.install(app, folders)
    static_files.install(app)
    errors.install(app)
    for module in (health, sign_in, home):
        app.register_blueprint(module.blueprint)
