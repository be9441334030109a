"""`/api/v1/openapi.json`: the document of what the caller may see, made once per revision."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from apispec import APISpec
from flask import Blueprint, Response, request

from runtime.access.policy import scope, visible
from runtime.catalog.model import Entity
from runtime.fields.base import Json
from runtime.http.database import twice
from runtime.http.state import cookie_name, state
from runtime.kernel.i18n import translate
from runtime.query.system_fields import system_fields
from runtime.records.context import Context
from runtime.rest import asking
from runtime.rest.openapi import operations, parameters, schemas, shared
from runtime.rest.openapi.operations import Described
from runtime.rest.problems import MEDIA_TYPE

ADDRESS = "/api/v1/openapi.json"


@dataclass(frozen=True, slots=True)
class Document:
    """The document as data, as bytes, and the tag under which a client keeps it."""

    content: Json
    text: bytes
    tag: str


def install(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/v1/openapi.json", view_func=openapi, methods=["GET"])


def openapi() -> Response:
    return twice(_openapi)


def _openapi() -> Response:
    here = state()
    asking.check_words(request.args, ())
    settings = here.runtime.settings
    found = document(here.ctx, settings.base_url, cookie_name(settings))
    response = Response(found.text, content_type="application/json")
    response.set_etag(found.tag)
    response.make_conditional(request)
    return response


def document(ctx: Context, base_url: str, cookie: str) -> Document:
    """What the actor may see, in the actor's language."""
    name = ("openapi", ctx.roles_key, ctx.actor.language)
    return ctx.model.once(name, lambda: _build(ctx, base_url, cookie))


def _build(ctx: Context, base_url: str, cookie: str) -> Document:
    language, catalog = ctx.actor.language, ctx.catalog
    spec = APISpec(
        title=f"Qurucu: {catalog.workspace.name}",
        version=f"1.{catalog.revision}",
        openapi_version="3.1.0",
        info={"description": translate(language, "rest.about")},
        servers=[{"url": base_url or "/"}],
    )
    _add_shared(spec, language, cookie)
    for entity in visible(catalog, ctx.actor):
        _add_entity(spec, described(ctx, entity))
    spec.path(ADDRESS, operations={"get": _own_operation(language)})
    content = spec.to_dict()
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Document(content, text, sha256(text).hexdigest()[:32])


def described(ctx: Context, entity: Entity) -> Described:
    """The entity with the views and the relations that the actor may use."""
    pointing = [
        one.key
        for one in (*entity.fields, *system_fields().values())
        if asking.is_pointing(one)
        and ("to" not in one.options or _seen(ctx, ctx.catalog.target(one)))
    ]
    views = tuple(asking.table_views(ctx, entity))
    language = ctx.actor.language
    filters = parameters.filters(entity, language)
    named = {f"{entity.key}.{found['name']}": found for found in filters}
    return Described(entity, views, tuple(pointing), named, language)


def _seen(ctx: Context, entity: Entity) -> bool:
    return scope(ctx.catalog, ctx.actor, entity, "see") != "none"


def _add_entity(spec: APISpec, one: Described) -> None:
    entity, language = one.entity, one.language
    spec.tag({"name": one.key, "description": entity.list_title(language)})
    for name, schema in (
        (one.key, schemas.record(entity, language)),
        (f"{one.key}__part", schemas.part(entity, language)),
        (f"{one.key}__create", schemas.create(entity, language)),
        (f"{one.key}__change", schemas.change(entity, language)),
    ):
        spec.components.schema(name, schema)
    for name, found in one.filters.items():
        spec.components.parameter(name, "query", found)
    for path, found_operations in operations.paths(one):
        spec.path(path, operations=found_operations)


def _add_shared(spec: APISpec, language: str, cookie: str) -> None:
    components = spec.components
    for name, schema in shared.schemas().items():
        components.schema(name, schema)
    for name, found in parameters.shared(language).items():
        components.parameter(name, found["in"], found)
    text: Json = {"schema": {"type": "string"}}
    for header, word in (("ETag", "version"), ("Location", "location")):
        components.header(header, {**text, "description": translate(language, f"rest.head_{word}")})
    for status in sorted({*operations.ANY, *operations.WRITES, *operations.SENDS, 412}):
        components.response(f"Problem{status}", _problem(language, status))
    for name, scheme in (
        ("token", {"type": "http", "scheme": "bearer"}),
        ("session", {"type": "apiKey", "in": "cookie", "name": cookie}),
        ("csrf", {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"}),
    ):
        components.security_scheme(name, scheme)


def _problem(language: str, status: int) -> Json:
    found: dict[str, Any] = {
        "description": translate(language, f"rest.title_{status}"),
        "content": {MEDIA_TYPE: {"schema": schemas.ref("Problem")}},
    }
    if status == 401:
        found["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status == 503:
        found["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return found


def _own_operation(language: str) -> Json:
    said = translate(language, "rest.op_openapi")
    found = {"description": said, "content": {"application/json": {"schema": {"type": "object"}}}}
    statuses = (400, 401, 500, 503)
    return {
        "operationId": "openapi",
        "summary": said,
        "security": [{"token": []}, {"session": []}],
        "parameters": ["Language"],
        "responses": {"200": found, **{str(one): f"Problem{one}" for one in statuses}},
    }
