"""What can be asked of one entity, operation by operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.catalog.model import Entity, Transition, View
from runtime.fields.base import Json
from runtime.kernel.i18n import translate
from runtime.rest.openapi import parameters, schemas

# Statuses beside those of success, by what a call does.
ANY = (400, 401, 404, 500, 503)
WRITES = (403, 409, 507)
SENDS = (413, 415, 422)
_TOKEN: list[Json] = [{"token": []}, {"session": []}]
_TOKEN_TO_WRITE: list[Json] = [{"token": []}, {"session": [], "csrf": []}]


@dataclass(frozen=True, slots=True)
class Described:
    """One entity as the caller may see it, in the caller's language."""

    entity: Entity
    views: tuple[View, ...]
    expandable: tuple[str, ...]
    # Name of the component -> the parameter: lists and figures share them.
    filters: Mapping[str, Json]
    language: str

    @property
    def key(self) -> str:
        return self.entity.key

    def said(self, word: str, **params: Any) -> str:
        return translate(self.language, f"rest.op_{word}", **params)


def paths(one: Described) -> Iterable[tuple[str, Json]]:
    """Address -> method -> operation."""
    records = f"/api/v1/records/{one.key}"
    yield records, {"get": _list(one), "post": _create(one)}
    yield f"{records}/aggregate", {"get": _figures(one)}
    yield f"{records}/{{id}}", {"get": _get(one), "patch": _change(one), "delete": _delete(one)}
    yield f"{records}/{{id}}/restore", {"post": _restore(one)}
    yield f"{records}/{{id}}/history", {"get": _history(one)}
    if one.entity.workflow:
        for step in one.entity.workflow.transitions.values():
            path = f"{records}/{{id}}/transitions/{step.key}"
            yield path, {"post": _step(one, step)}


def _operation(
    one: Described,
    name: str,
    summary: str,
    asked: list[Any],
    responses: Json,
    statuses: Iterable[int],
    *,
    writes: bool = False,
) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "tags": [one.key],
        "security": _TOKEN_TO_WRITE if writes else _TOKEN,
        "parameters": ["Language", *asked],
        "responses": {**responses, **{str(status): f"Problem{status}" for status in statuses}},
    }


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _whole(one: Described, text: str = "") -> Json:
    """An answer that holds one record and its version."""
    return {
        "description": text or translate(one.language, "rest.says_record"),
        "headers": {"ETag": "ETag"},
        "content": _json(schemas.ref(one.key)),
    }


def _list(one: Described) -> Json:
    asked = [
        *("Limit", "Cursor", "Search", "Count", "Bin"),
        *parameters.listing(one.entity, one.views, list(one.expandable), one.language),
        *one.filters,
    ]
    answer: Json = {
        "type": "object",
        "required": ["data", "next"],
        "properties": {
            "data": {"type": "array", "items": schemas.ref(f"{one.key}__part")},
            "next": {"type": ["string", "null"]},
            "count": schemas.ref("Count"),
        },
    }
    said = {"description": translate(one.language, "rest.says_list"), "content": _json(answer)}
    name = one.entity.list_title(one.language)
    return _operation(
        one, f"list_{one.key}", one.said("list", name=name), asked, {"200": said}, ANY
    )


def _create(one: Described) -> Json:
    title = one.entity.title(one.language)
    made = _whole(one, translate(one.language, "rest.says_created"))
    many = {"type": "array", "items": schemas.ref(one.key)}
    made["content"] = _json({"oneOf": [schemas.ref(one.key), many]})
    made["headers"]["Location"] = "Location"
    made["links"] = {
        name: {"operationId": f"{name}_{one.key}", "parameters": {"id": "$response.body#/id"}}
        for name in ("get", "change", "delete")
    }
    return {
        **_operation(
            one,
            f"create_{one.key}",
            one.said("create", name=title),
            ["IdempotencyKey"],
            {"201": made},
            (*ANY, *WRITES, *SENDS),
            writes=True,
        ),
        "requestBody": {
            "required": True,
            "content": _json(schemas.bulk(f"{one.key}__create")),
        },
    }


def _get(one: Described) -> Json:
    asked = ["Id", "IfNoneMatch", *parameters.expanding(list(one.expandable), one.language)]
    unchanged = {
        "description": translate(one.language, "rest.says_unchanged"),
        "headers": {"ETag": "ETag"},
    }
    title = one.entity.title(one.language)
    return _operation(
        one,
        f"get_{one.key}",
        one.said("get", name=title),
        asked,
        {"200": _whole(one), "304": unchanged},
        ANY,
    )


def _change(one: Described) -> Json:
    title = one.entity.title(one.language)
    return {
        **_operation(
            one,
            f"change_{one.key}",
            one.said("change", name=title),
            ["Id", "IfMatch"],
            {"200": _whole(one)},
            (*ANY, *WRITES, *SENDS, 412),
            writes=True,
        ),
        "requestBody": {"required": True, "content": _json(schemas.ref(f"{one.key}__change"))},
    }


def _delete(one: Described) -> Json:
    gone = {"description": translate(one.language, "rest.says_gone")}
    title = one.entity.title(one.language)
    return _operation(
        one,
        f"delete_{one.key}",
        one.said("delete", name=title),
        ["Id", "IfMatch"],
        {"204": gone},
        (*ANY, *WRITES, 412),
        writes=True,
    )


def _restore(one: Described) -> Json:
    title = one.entity.title(one.language)
    return _operation(
        one,
        f"restore_{one.key}",
        one.said("restore", name=title),
        ["Id", "IfMatch", "IdempotencyKey"],
        {"200": _whole(one)},
        (*ANY, *WRITES, *SENDS, 412),
        writes=True,
    )


def _step(one: Described, step: Transition) -> Json:
    title = one.entity.title(one.language)
    described = one.said("step", name=title, step=step.title(one.language))
    body = schemas.step(one.entity, step, one.language)
    return {
        **_operation(
            one,
            f"{one.key}__{step.key}",
            described,
            ["Id", "IfMatch", "IdempotencyKey"],
            {"200": _whole(one)},
            (*ANY, *WRITES, *SENDS, 412),
            writes=True,
        ),
        "requestBody": {"required": False, "content": _json(body)},
    }


def _history(one: Described) -> Json:
    answer: Json = {
        "type": "object",
        "required": ["data", "next"],
        "properties": {
            "data": {"type": "array", "items": schemas.ref("Change")},
            "next": {"type": ["string", "null"]},
        },
    }
    said = {"description": translate(one.language, "rest.says_history"), "content": _json(answer)}
    title = one.entity.title(one.language)
    return _operation(
        one,
        f"history_of_{one.key}",
        one.said("history", name=title),
        ["Id", "Limit", "Cursor"],
        {"200": said},
        ANY,
    )


def _figures(one: Described) -> Json:
    figures: Json = {"type": "object", "properties": {"count": {"type": "integer"}}}
    if "count" in one.entity.by_key:
        # Grouped by a field of this name the answer holds its values.
        figures = {"type": "object"}
    answer: Json = {
        "type": "object",
        "required": ["data"],
        "properties": {"data": {"type": "array", "items": figures}},
    }
    said = {"description": translate(one.language, "rest.says_figures"), "content": _json(answer)}
    name = one.entity.list_title(one.language)
    asked = [*parameters.figures(one.entity, one.language), "Search", *one.filters]
    return _operation(
        one,
        f"figures_of_{one.key}",
        one.said("figures", name=name),
        asked,
        {"200": said},
        ANY,
    )
