"""A person at the screens without JavaScript: reads pages, fills forms, follows redirects."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from constructor.app import create_app
from runtime.kernel.settings import Settings
from tests.kit.workspace import Space

PASSWORD = "password"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"[^>]*?value="([^"]*)"')


def make_app(space: Space, folder: Path) -> Flask:
    """The whole product over the space's database, with its clock."""
    settings = Settings(data=folder, database_url=space.url, secret_key="k" * 48)
    app = create_app(settings, space.clock)
    app.testing = False
    return app


class Visitor:
    """One browser with its cookies."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def sign_in(self, email: str, password: str = PASSWORD) -> Visitor:
        self.send("/login", {"email": email, "password": password})
        return self

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=headers)

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden inputs that a form on this page carries: token, nonce, version."""
        page = self.get(path).get_data(as_text=True)
        found = {name: html.unescape(value) for name, value in _HIDDEN.findall(page)}
        return {name: value for name, value in found.items() if name.startswith("_")}

    def send(
        self, path: str, values: dict[str, Any], page: str | None = None, **more: Any
    ) -> TestResponse:
        """Fills the form that stands on `page` (the same address unless said) and sends it."""
        filled = {**self.hidden(page or path), **values}
        return self.client.post(path, data=filled, **more)

    def told(self, response: TestResponse) -> str:
        """The line of what happened on the page that the answer leads to."""
        shown = self.get(response.headers["Location"]).get_data(as_text=True)
        found = re.search(r'class="said[^"]*"><span>(.*?)</span>', shown, re.DOTALL)
        return html.unescape(found[1]) if found else ""


def text_of(response: TestResponse) -> str:
    """What the page says, without tags."""
    page = response.get_data(as_text=True)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))
