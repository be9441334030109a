"""`/api/docs`: the OpenAPI document of the workspace as pages to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, request

from runtime.access.policy import visible
from runtime.fields.base import Json
from runtime.http.database import twice
from runtime.http.state import cookie_name, state
from runtime.kernel.i18n import translate
from runtime.rest.asking import visible_entity
from runtime.rest.openapi.document import ADDRESS, document

_FOLDER = "rest"


@dataclass(frozen=True, slots=True)
class Operation:
    """One call as the page shows it."""

    method: str
    path: str
    summary: str
    parameters: list[Json]
    body: list[Json]
    statuses: list[tuple[str, str]]


def install(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/docs", view_func=docs_page, methods=["GET"])
    blueprint.add_url_rule("/docs/<entity>", view_func=docs_page, methods=["GET"])


def docs_page(entity: str = "") -> Any:
    """The entities that the caller may see, or the calls of one of them."""
    if twice(lambda: state().signed) is None:
        return redirect(f"/login?{urlencode({'next': request.path})}", 303)
    return twice(lambda: _page(entity))


def _page(key: str) -> Response:
    here = state()
    ctx = here.ctx
    language = ctx.actor.language
    settings = here.runtime.settings
    found = document(ctx, settings.base_url, cookie_name(settings)).content
    chosen = visible_entity(ctx, key) if key else None
    template = current_app.jinja_env.get_template(f"{_FOLDER}/docs.html")
    text = template.render(
        language=language,
        t=lambda name, **params: translate(language, name, **params),
        address=ADDRESS,
        about=found["info"]["description"],
        entities=[(one.key, one.list_title(language)) for one in visible(ctx.catalog, ctx.actor)],
        chosen=chosen and (chosen.key, chosen.list_title(language)),
        operations=_operations(found, chosen.key) if chosen else [],
    )
    return Response(text, content_type="text/html; charset=utf-8")


def _operations(found: Json, key: str) -> list[Operation]:
    return [
        _operation(found, path, method, one)
        for path, item in found["paths"].items()
        for method, one in item.items()
        if key in one.get("tags", ())
    ]


def _operation(found: Json, path: str, method: str, one: Json) -> Operation:
    parameters = [_resolved(found, item) for item in one["parameters"]]
    responses = {status: _resolved(found, item) for status, item in one["responses"].items()}
    return Operation(
        method.upper(),
        path,
        one["summary"],
        [{**item, "form": _form(item["schema"])} for item in parameters],
        _fields(found, one["requestBody"]) if "requestBody" in one else [],
        [(status, item["description"]) for status, item in sorted(responses.items())],
    )


def _resolved(found: Json, item: Json) -> Json:
    """What a reference stands for."""
    here = item
    while "$ref" in here:
        target: Any = found
        for step in here["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        here = target
    return here


def _fields(found: Json, body: Json) -> list[Json]:
    """The fields of a request: of one record, where a list is possible, too."""
    schema = body["content"]["application/json"]["schema"]
    schema = _resolved(found, schema["oneOf"][0] if "oneOf" in schema else schema)
    required = schema.get("required", ())
    return [
        {"name": name, "required": name in required, "form": _form(one), **one}
        for name, one in schema["properties"].items()
    ]


def _form(schema: Json) -> str:
    """A schema in a few words: `string`, `date`, `integer 1…200`, `a | b`."""
    if "anyOf" in schema and "type" not in schema:
        return " | ".join(dict.fromkeys(_form(one) for one in schema["anyOf"]))
    if "enum" in schema:
        words = [str(one) for one in schema["enum"] if one is not None]
        return " | ".join(words[:12]) + (" | …" if len(words) > 12 else "")
    kinds = schema.get("type", "any")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "array":
        return f"[{_form(schema['items'])}]"
    if kind == "object":
        return "{" + ", ".join(schema.get("properties", ())) + "}"
    return str(schema.get("format") or kind)
