"""Registers the REST API with the app."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Every path below `/api`."""
