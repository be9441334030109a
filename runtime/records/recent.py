"""What happened lately, over all records that the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from runtime.access.policy import visible
from runtime.catalog.model import Entity
from runtime.records import find
from runtime.records.context import Context
from runtime.storage import system

# Changes looked through to find the records: one record is often changed several times.
_LOOKED_AT = 60
# Different entities whose titles are asked for.
_ENTITIES = 4


@dataclass(frozen=True, slots=True)
class Recent:
    """The latest change of one record."""

    entity: Entity
    id: int
    title: str
    kind: str
    person: str | None
    at: datetime


def recent(ctx: Context, limit: int) -> list[Recent]:
    """The records that were made or changed last, newest first; none that lie in the bin."""
    seen = {entity.uid: entity for entity in visible(ctx.catalog, ctx.actor)}
    rows = ctx.run(_STATEMENT, {"looked_at": _LOOKED_AT})
    newest: dict[tuple[str, int], sa.Row[tuple[object, ...]]] = {}
    for row in rows:
        if row.entity_uid in seen:
            newest.setdefault((row.entity_uid, row.record_id), row)
    uids = list(dict.fromkeys(uid for uid, _ in newest))[:_ENTITIES]
    titles = {
        uid: find.titles(ctx, seen[uid], [record for one, record in newest if one == uid])
        for uid in uids
    }
    made = [
        Recent(seen[uid], record, titles[uid][record], row.kind, row.person, row.at)
        for (uid, record), row in newest.items()
        if row.kind not in _GONE and record in titles.get(uid, {})
    ]
    return made[:limit]


_GONE = frozenset({"delete", "cascade", "purge"})
_STATEMENT = (
    sa.select(
        system.change.c.entity_uid,
        system.change.c.record_id,
        system.change.c.kind,
        system.operation.c.at,
        system.user.c.name.label("person"),
    )
    .select_from(
        system.change.join(
            system.operation, system.operation.c.id == system.change.c.operation_id
        ).outerjoin(system.user, system.user.c.id == system.operation.c.user_id)
    )
    .order_by(system.change.c.id.desc())
    .limit(sa.bindparam("looked_at", type_=sa.Integer))
)
