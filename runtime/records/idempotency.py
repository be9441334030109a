"""The same request sent twice does its work once and gets the same answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from runtime.kernel.errors import Refused
from runtime.records.context import Context
from runtime.storage import system
from runtime.storage.engine import insert_into

KEPT = timedelta(hours=24)
MAX_KEY = 255


def once(ctx: Context, key: str, request: Any, work: Callable[[], Any]) -> tuple[Any, bool]:
    """The answer of `work`, a JSON value, and whether it was done just now.

    The key belongs to the actor. It is taken before the work in the same transaction, so of
    twenty equal requests at once one works and the others wait for its answer. Raises `Refused`
    when the key came with another request before.
    """
    table = system.idempotency
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
    mine = sa.and_(table.c.actor == ctx.actor.identity, table.c.key == key)
    now = ctx.now()
    ctx.connection.execute(table.delete().where(table.c.created_at < now - KEPT))
    taken = _take(ctx, key, digest, now)
    if not taken:
        stored = ctx.connection.execute(sa.select(table).where(mine)).one()
        if stored.request != digest:
            raise Refused("error.key_reused")
        return json.loads(stored.answer), False
    answer = work()
    ctx.connection.execute(
        table.update().where(mine).values(answer=json.dumps(answer, ensure_ascii=False))
    )
    return answer, True


def _take(ctx: Context, key: str, digest: str, now: Any) -> bool:
    """Puts the key down; False when it stands there already (on PostgreSQL after waiting for
    the transaction that wrote it)."""
    table = system.idempotency
    values = {
        "actor": ctx.actor.identity,
        "key": key,
        "request": digest,
        "answer": "null",
        "created_at": now,
    }
    put = insert_into(ctx.connection, table).values(values).on_conflict_do_nothing()
    # RETURNING tells on both databases whether the row was written; a row count does not.
    return ctx.connection.execute(put.returning(table.c.key)).first() is not None
