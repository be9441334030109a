"""A program that calls REST with a token."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from runtime.access.actor import Actor
from runtime.access.sessions import make_token
from runtime.storage.engine import writing
from tests.kit.workspace import Space

RECORDS = "/api/v1/records"


def token_of(space: Space, person: Actor) -> str:
    with writing(space.engine) as connection:
        return make_token(connection, person.user_id, "test", space.clock())


class Caller:
    """Sends JSON and a bearer token; `token` "" is a stranger."""

    def __init__(self, app: Flask, token: str, person: Actor | None = None) -> None:
        self.app = app
        self.token = token
        self.person = person

    def stranger(self) -> Caller:
        return Caller(self.app, "")

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            named["Authorization"] = f"Bearer {self.token}"
        address = path if path.startswith("/api") else f"{RECORDS}/{path}"
        client = self.app.test_client()
        if isinstance(body, bytes):
            named.setdefault("Content-Type", "application/json")
            return client.open(address, method=method, data=body, headers=named)
        return client.open(address, method=method, json=body, headers=named)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        return self.send("DELETE", path, **headers)

    def data(self, path: str) -> list[dict[str, Any]]:
        """The records of a list."""
        response = self.get(path)
        assert response.status_code == 200, response.text
        return response.json["data"]

    def ids(self, path: str) -> list[int]:
        return [one["id"] for one in self.data(path)]


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    """The document of an error with this status."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    found = response.json
    assert found["status"] == status and found["type"] and found["title"]
    return found
