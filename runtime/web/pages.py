"""Registers every screen with the app."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from runtime.web import (
    bin,
    errors,
    health,
    home,
    lists,
    records,
    render,
    sign_in,
    static_files,
    suggest,
)


def register(app: Flask, folders: tuple[Path, ...] = ()) -> None:
    """Screens, their error pages and static files; `folders` hold templates of others."""
    render.install(app, folders)
    static_files.install(app)
    errors.install(app)
    for module in (health, sign_in, home, lists, records, bin, suggest):
        app.register_blueprint(module.blueprint)
