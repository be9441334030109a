"""History of one record, and grouped figures of many."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from runtime.catalog.model import Entity
from runtime.fields.registry import field_types
from runtime.http.database import twice
from runtime.http.state import state
from runtime.kernel.errors import BadQuery, NotFound
from runtime.query.system_fields import system_fields
from runtime.records import figures, find, history
from runtime.records.context import Context
from runtime.rest import asking
from runtime.rest.answers import answer

Json = dict[str, Any]


def install(blueprint: Blueprint) -> None:
    records = "/v1/records/<entity>"
    blueprint.add_url_rule(f"{records}/aggregate", view_func=aggregate, methods=["GET"])
    blueprint.add_url_rule(
        f"{records}/<record_id:record>/history", view_func=record_history, methods=["GET"]
    )


def aggregate(entity: str) -> Response:
    return twice(lambda: _aggregate(entity))


def _aggregate(key: str) -> Response:
    ctx = state().ctx
    entity = asking.visible_entity(ctx, key)
    query = asking.read_figures(ctx, entity, request.args)
    group = figures.read_group(entity, request.args.get("group", ""))
    measures = figures.read_measures(entity, request.args.get("measure", ""))
    return answer({"data": figures.aggregate(ctx, query, group, measures)})


def record_history(entity: str, record: int) -> Response:
    return twice(lambda: _history(entity, record))


def _history(key: str, record: int) -> Response:
    ctx = state().ctx
    entity = asking.visible_entity(ctx, key)
    asking.check_words(request.args, asking.HISTORY_WORDS)
    limit = asking.read_limit(request.args)
    before = _read_cursor(request.args.get("cursor", ""))
    _check_seen(ctx, entity, record)
    entries = history.read_history(ctx, entity, record, limit=limit + 1, before=before)
    following = str(entries[limit - 1].id) if len(entries) > limit else None
    data = [_entry(entity, one) for one in entries[:limit]]
    return answer({"data": data, "next": following})


def _check_seen(ctx: Context, entity: Entity, record: int) -> None:
    """A record that the actor may see, in the bin or not: what was deleted has a history, too."""
    if not any(
        find.bare_rows(ctx, entity, ("id",), [record], deleted=deleted).rows
        for deleted in (False, True)
    ):
        raise NotFound


def _read_cursor(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadQuery("query.bad_cursor")
    return int(text)


def _entry(entity: Entity, one: history.Entry) -> Json:
    moment = field_types()["datetime"]
    person = {"id": one.person_id, "title": one.person} if one.person_id else None
    return {
        "id": one.id,
        "operation": one.operation,
        "at": moment.dump(system_fields()["created_at"], one.at),
        "by": person,
        "kind": one.kind,
        "origin": one.origin,
        "version": one.version,
        "changes": [
            # A field that has left the definitions is named by what it was: its uid.
            {"field": found.key if (found := entity.by_uid.get(uid)) else uid, "from": a, "to": b}
            for uid, (a, b) in one.changes.items()
        ],
    }
