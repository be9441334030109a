"""Counts that are kept as long as nothing was written: most requests of a day only read."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import sqlalchemy as sa

from runtime.records.context import Context
from runtime.records.find import Count, Query, count
from runtime.storage import system

# Questions whose count is kept per revision and process.
_KEPT = 1_000
# An import is one operation in many transactions: its changes tell how far it is.
_NEWEST = sa.select(
    sa.select(sa.func.max(system.operation.c.id)).scalar_subquery(),
    sa.select(sa.func.max(system.change.c.id)).scalar_subquery(),
)
_SNAPSHOT = sa.select(sa.cast(sa.func.pg_current_snapshot(), sa.Text))


def kept_count(ctx: Context, query: Query, *, exact: bool = False) -> Count:
    """What `find.count` says, asked again only after a write of anybody."""
    return _kept(ctx, query, _stamp(ctx), exact)


def kept_counts(ctx: Context, queries: Sequence[Query]) -> list[Count]:
    """The same for several questions of one page."""
    stamp = _stamp(ctx)
    return [_kept(ctx, query, stamp, False) for query in queries]


def _stamp(ctx: Context) -> Hashable:
    """While it and the revision stay, so do the rows.

    Every write belongs to an operation. PostgreSQL commits operations out of order, so there the
    snapshot tells: it moves with every transaction that writes.
    """
    return tuple(ctx.run(_NEWEST if ctx.sqlite else _SNAPSHOT)[0])


def _kept(ctx: Context, query: Query, stamp: Hashable, exact: bool) -> Count:
    kept: dict[Hashable, tuple[Hashable, Count]] = ctx.model.once(("counts",), dict)
    question = (query.entity.uid, query.conditions, query.search, query.bin, exact)
    name = (question, ctx.roles_key, _whose(ctx))
    found = kept.get(name)
    if found and found[0] == stamp:
        return found[1]
    made = count(ctx, query, exact=exact)
    if len(kept) >= _KEPT:
        kept.clear()
    kept[name] = (stamp, made)
    return made


def _whose(ctx: Context) -> int | None:
    """The person, where what is counted depends on who asks."""
    own = ctx.model.once(
        ("sees own", ctx.roles_key),
        lambda: (any(ctx.scope(one, "see") == "own" for one in ctx.catalog.entities.values()),),
    )
    return ctx.actor.user_id if own[0] else None
