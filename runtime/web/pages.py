"""Registers every screen with the app."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Screens, their error pages and static files."""
