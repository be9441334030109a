"""For those who watch the server: is it alive, may it be sent requests."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, current_app

from runtime.http.state import Runtime
from runtime.storage.database import is_prepared
from runtime.storage.engine import reading

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> Response:
    """The database answers, too, and holds a workspace."""
    runtime: Runtime = current_app.extensions["qurucu"]
    try:
        with reading(runtime.service.engine) as connection:
            prepared = is_prepared(connection)
    except sa.exc.SQLAlchemyError:
        return Response("the database does not answer\n", 503, mimetype="text/plain")
    if not prepared:
        return Response("there is no workspace yet\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
