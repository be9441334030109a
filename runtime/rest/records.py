"""Records over REST: lists, one record, and every change of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request

from runtime.catalog.model import Entity
from runtime.http.database import twice
from runtime.http.state import state
from runtime.kernel.errors import BadQuery, RowErrors, ValidationFailed, message
from runtime.records import find, idempotency, moves, trash, wire, write
from runtime.records.context import Context
from runtime.records.load import load_current
from runtime.rest import asking
from runtime.rest.answers import answer, empty_answer, record_answer, wanted_versions
from runtime.rest.bodies import MAX_ROWS, need_body, read_body
from runtime.rest.problems import RowsFailed, Stale

Json = dict[str, Any]
# What a call gives back: kept under its idempotency key, word for word.
Outcome = dict[str, Any]
KEY = "Idempotency-Key"
_KEY = re.compile(f"[ -~]{{1,{idempotency.MAX_KEY}}}")


def install(blueprint: Blueprint) -> None:
    records = "/v1/records/<entity>"
    one = f"{records}/<record_id:record>"
    for rule, view, method in (
        (records, list_records, "GET"),
        (records, create_records, "POST"),
        (one, get_record, "GET"),
        (one, change_record, "PATCH"),
        (one, delete_record, "DELETE"),
        (f"{one}/restore", restore_record, "POST"),
        (f"{one}/transitions/<name>", move_record, "POST"),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=[method])


def list_records(entity: str) -> Response:
    return twice(lambda: _list(entity))


def _list(key: str) -> Response:
    ctx = state().ctx
    entity = asking.visible_entity(ctx, key)
    asked = asking.read_list(ctx, entity, request.args)
    records, following = wire.read_page(ctx, asked.query, asked.shape)
    said: Json = {"data": records, "next": following}
    if asked.count:
        counted = find.count(ctx, asked.query)
        said["count"] = {"value": counted.value, "exact": counted.exact}
    return answer(said)


def get_record(entity: str, record: int) -> Response:
    return twice(lambda: _get(entity, record))


def _get(key: str, record: int) -> Response:
    ctx = state().ctx
    shape = asking.read_one(ctx, asking.visible_entity(ctx, key), request.args)
    return record_answer(wire.read_one(ctx, shape, record))


def create_records(entity: str) -> Response:
    """One record, or a list of them: all or none."""
    asking.check_words(request.args, ())
    body = need_body()
    if isinstance(body, list):
        _check_rows(body)
        return _carry_out(entity, body, lambda ctx, one: _create_many(ctx, one, body))
    return _carry_out(entity, body, lambda ctx, one: _create_one(ctx, one, body))


def _check_rows(rows: list[Any]) -> None:
    if not 1 <= len(rows) <= MAX_ROWS:
        text = message("rest.rows", limit=MAX_ROWS)
        raise ValidationFailed([RowErrors(0, {"": (text,)})])


def _create_one(ctx: Context, entity: Entity, body: Any) -> Outcome:
    _need_object(body)
    [record] = write.create(ctx, entity, [body]).ids
    assert record is not None  # noqa: S101 - all or nothing
    made = _read(ctx, entity, record)
    return {**made, "status": 201, "location": f"/api/v1/records/{entity.key}/{record}"}


def _create_many(ctx: Context, entity: Entity, rows: list[Any]) -> Outcome:
    try:
        ids = write.create(ctx, entity, rows).ids
    except ValidationFailed as error:
        raise RowsFailed(error.rows) from error
    shape = wire.Shape(entity, wire.record_keys(entity))
    records = wire.read_some(ctx, shape, [one for one in ids if one is not None])
    return {"status": 201, "body": [records[one] for one in ids if one is not None]}


def change_record(entity: str, record: int) -> Response:
    asking.check_words(request.args, ())
    body = need_body()
    _need_object(body)
    versions = wanted_versions()

    def work(ctx: Context, one: Entity) -> Outcome:
        _check_version(ctx, one, record, versions)
        write.update(ctx, one, [write.Edit(record, body)])
        return _read(ctx, one, record)

    return _carry_out(entity, body, work)


def delete_record(entity: str, record: int) -> Response:
    """Into the recycle bin, with what hangs on it."""
    asking.check_words(request.args, ())
    versions = wanted_versions()

    def work(ctx: Context, one: Entity) -> Outcome:
        _check_version(ctx, one, record, versions)
        trash.delete(ctx, one, [record])
        return {"status": 204}

    return _carry_out(entity, None, work)


def restore_record(entity: str, record: int) -> Response:
    """Out of the recycle bin, with what went in along with it."""
    asking.check_words(request.args, ())
    body = _body_or_nothing()
    if body:
        strange = dict.fromkeys(body, (message("invalid.unknown_field"),))
        raise ValidationFailed([RowErrors(0, strange)])
    versions = wanted_versions()

    def work(ctx: Context, one: Entity) -> Outcome:
        _check_version(ctx, one, record, versions, deleted=True)
        trash.restore(ctx, one, [record])
        return _read(ctx, one, record)

    return _carry_out(entity, body, work)


def move_record(entity: str, record: int, name: str) -> Response:
    """A step of the workflow, with values for the fields that it asks for."""
    asking.check_words(request.args, ())
    body = _body_or_nothing()
    versions = wanted_versions()

    def work(ctx: Context, one: Entity) -> Outcome:
        _check_version(ctx, one, record, versions)
        moves.move(ctx, one, moves.Move(record, name, body))
        return _read(ctx, one, record)

    return _carry_out(entity, body, work)


def _body_or_nothing() -> Mapping[str, Any]:
    body = read_body()
    if body is None:
        return {}
    _need_object(body)
    return dict(body)


def _need_object(body: Any) -> None:
    if not isinstance(body, dict):
        raise ValidationFailed([RowErrors(0, {"": (message("invalid.object"),)})])


def _read(ctx: Context, entity: Entity, record: int) -> Outcome:
    """The record as it is now, inside the transaction that changed it."""
    shape = wire.Shape(entity, wire.record_keys(entity))
    found = wire.read_one(ctx, shape, record)
    return {"status": 200, "body": found, "version": found["version"]}


def _check_version(
    ctx: Context,
    entity: Entity,
    record: int,
    versions: frozenset[int] | None,
    *,
    deleted: bool = False,
) -> None:
    """Raises `Stale` unless the record, locked until commit, has one of these versions."""
    if versions is None:
        return
    found = load_current(ctx, entity, [record], "see", deleted=deleted)[record].version
    if found not in versions:
        raise Stale(max(versions, default=0), found)


def _carry_out(key: str, body: Any, work: Callable[[Context, Entity], Outcome]) -> Response:
    """Runs the change in one transaction, once for an idempotency key."""
    once_key = _idempotency_key()
    asked = [request.method, request.path, body]

    def act(ctx: Context) -> Outcome:
        entity = asking.visible_entity(ctx, key)
        if once_key is None:
            return work(ctx, entity)
        done, _ = idempotency.once(ctx, once_key, asked, lambda: work(ctx, entity))
        return dict(done)

    done = state().write(act)
    if done["status"] == 204:
        return empty_answer(204)
    return answer(
        done["body"], done["status"], version=done.get("version"), location=done.get("location")
    )


def _idempotency_key() -> str | None:
    key = request.headers.get(KEY)
    if key is None or request.method != "POST":
        return None
    if not _KEY.fullmatch(key.strip()):
        raise BadQuery("rest.bad_key", limit=idempotency.MAX_KEY)
    return key.strip()
