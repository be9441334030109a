"""Roles -> what an actor may do, as a predicate in SQL: rows are never filtered afterwards."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from sqlalchemy.sql import FromClause

from runtime.access.actor import Actor
from runtime.catalog.model import Catalog, Entity, Scope
from runtime.kernel.errors import Forbidden, NotFound

Verb = Literal["see", "edit", "delete"]
_WIDTH: dict[Scope, int] = {"none": 0, "own": 1, "all": 2}
# The name under which statements take the id of the one who asks.
ACTOR = "actor_id"


def scope(catalog: Catalog, actor: Actor, entity: Entity, verb: Verb) -> Scope:
    """The widest scope that a role of the actor gives; what cannot be seen cannot be changed."""
    if actor.is_owner:
        return "all"
    given: list[Scope] = ["none"]
    for key in actor.roles:
        role = catalog.roles.get(key)
        rights = role.rights.get(entity.uid) if role else None
        if rights:
            given.append(min(rights.see, getattr(rights, verb), key=_WIDTH.__getitem__))
    return max(given, key=_WIDTH.__getitem__)


def may_create(catalog: Catalog, actor: Actor, entity: Entity) -> bool:
    return actor.is_owner or any(
        role.rights[entity.uid].create
        for key in actor.roles
        if (role := catalog.roles.get(key)) and entity.uid in role.rights
    )


def may_export(catalog: Catalog, actor: Actor, entity: Entity) -> bool:
    return actor.is_owner or any(
        role.rights[entity.uid].export
        for key in actor.roles
        if (role := catalog.roles.get(key)) and entity.uid in role.rights
    )


def predicate(table: FromClause, granted: Scope) -> sa.ColumnElement[bool] | None:
    """The condition on rows; None where every row is granted."""
    if granted == "all":
        return None
    if granted == "own":
        own: sa.ColumnElement[bool] = table.c.created_by == sa.bindparam(ACTOR)
        return own
    return sa.false()


def visible(catalog: Catalog, actor: Actor) -> list[Entity]:
    """The entities of which the actor may see something."""
    return [
        entity
        for entity in catalog.entities.values()
        if scope(catalog, actor, entity, "see") != "none"
    ]


def require_sight(catalog: Catalog, actor: Actor, entity: Entity) -> None:
    """An entity that the actor may not see does not exist for them."""
    if scope(catalog, actor, entity, "see") == "none":
        raise NotFound


def require_create(catalog: Catalog, actor: Actor, entity: Entity) -> None:
    if not may_create(catalog, actor, entity):
        raise Forbidden
