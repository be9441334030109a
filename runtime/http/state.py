"""The state of one request: the signed-in actor, a pinned model, one connection at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TypeVar

from flask import Flask, current_app, g, request
from sqlalchemy.engine import Connection

from runtime.access.actor import Actor
from runtime.access.sessions import SignedIn, by_session, by_token
from runtime.kernel.errors import QurucuError, message
from runtime.kernel.locale import locale_of
from runtime.kernel.settings import Settings
from runtime.records.context import Context
from runtime.records.service import Service
from runtime.storage.engine import reading
from runtime.storage.model import Model

Made = TypeVar("Made")


class NotSignedIn(QurucuError):
    """Who are you? (401; pages send to the sign-in)."""

    def __init__(self) -> None:
        super().__init__(message("error.sign_in"))


@dataclass(slots=True)
class Runtime:
    """What an app is made of; kept under `app.extensions["qurucu"]`."""

    service: Service
    settings: Settings


@dataclass(slots=True)
class RequestState:
    """Opened lazily: a request that touches no data opens no connection."""

    runtime: Runtime
    origin: str
    _open: ExitStack | None = None
    _connection: Connection | None = None
    _model: Model | None = None
    _signed: SignedIn | None = None
    _looked: bool = False
    by_bearer: bool = field(default=False)
    # What the request itself asks to be answered in, before the person's own language.
    language: str | None = None

    @property
    def connection(self) -> Connection:
        """A connection that sees one state of the database."""
        if self._connection is None:
            self._open = ExitStack()
            self._connection = self._open.enter_context(reading(self.runtime.service.engine))
        return self._connection

    @property
    def signed(self) -> SignedIn | None:
        """Whom the cookie or the bearer token stands for."""
        if not self._looked:
            self._signed = self._identify()
            # Only now: a database that did not answer has not said that nobody is signed in.
            self._looked = True
        return self._signed

    def _identify(self) -> SignedIn | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            self.by_bearer = True
            return by_token(self.connection, secret.strip())
        cookie = request.cookies.get(cookie_name(self.runtime.settings))
        if not cookie:
            return None
        return by_session(self.connection, cookie, self.runtime.service.clock())

    @property
    def model(self) -> Model:
        """The model of the revision in force when the request began; stays until its end."""
        if self._model is None:
            stamp = self.signed.stamp if self.signed else None
            self._model = self.runtime.service.current.model(self.connection, stamp)
        return self._model

    @property
    def actor(self) -> Actor:
        """Raises `NotSignedIn` for a stranger."""
        if self.signed is None:
            raise NotSignedIn
        workspace = self.model.catalog.workspace
        actor = self.signed.actor(workspace, self.origin)
        if self.language:
            return replace(actor, locale=locale_of(workspace, self.language))
        return actor

    @property
    def known_language(self) -> str:
        """The language of the answer as far as it is known without asking the database."""
        if self.language:
            return self.language
        if self._signed and self._signed.language:
            return self._signed.language
        return self._model.catalog.workspace.language if self._model else "en"

    @property
    def ctx(self) -> Context:
        """For reading as the signed-in actor."""
        return self.runtime.service.context(self.connection, self.model, self.actor)

    def write(self, work: Callable[[Context], Made]) -> Made:
        """Runs `work` in one transaction as the signed-in actor. What is read afterwards sees it,
        under the revision that is in force then."""
        actor = self.actor
        self.close()
        self._model = None
        return self.runtime.service.write(actor, work)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = self._connection = None


def cookie_name(settings: Settings) -> str:
    return "__Host-qurucu" if settings.secure else "qurucu"


def state() -> RequestState:
    """The state of the current request."""
    found: RequestState | None = g.get("qurucu")
    if found is None:
        runtime: Runtime = current_app.extensions["qurucu"]
        origin = "rest" if request.path.startswith("/api/") else "form"
        found = g.qurucu = RequestState(runtime, origin)
    return found


def install(app: Flask, runtime: Runtime) -> None:
    """Gives the app its runtime and closes each request's connection."""
    app.extensions["qurucu"] = runtime

    @app.teardown_request
    def _close(_error: BaseException | None) -> None:
        opened: RequestState | None = g.pop("qurucu", None)
        if opened is not None:
            opened.close()
