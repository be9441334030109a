"""One actor at work on one connection with one model: what every function of records takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql import FromClause

from runtime.access.actor import Actor
from runtime.access.policy import ACTOR, Verb, predicate, scope
from runtime.catalog.model import Catalog, Entity, Scope
from runtime.kernel.clock import Clock, system_clock
from runtime.storage.engine import is_sqlite
from runtime.storage.model import Model


@dataclass(frozen=True, slots=True)
class Context:
    """Passed down instead of globals; cheap to make, lives as long as the transaction."""

    connection: Connection
    model: Model
    actor: Actor
    clock: Clock = system_clock

    @property
    def catalog(self) -> Catalog:
        return self.model.catalog

    @property
    def sqlite(self) -> bool:
        return is_sqlite(self.connection)

    @property
    def roles_key(self) -> frozenset[str]:
        """What compiled statements depend on besides their shape."""
        return self.actor.roles

    def now(self) -> datetime:
        return self.clock()

    def table(self, entity: Entity) -> sa.Table:
        return self.model.table(entity.uid)

    def scope(self, entity: Entity, verb: Verb) -> Scope:
        return scope(self.catalog, self.actor, entity, verb)

    def granted(
        self, entity: Entity, table: FromClause, verb: Verb = "see"
    ) -> sa.ColumnElement[bool] | None:
        """The policy on rows of `table`; None where all are granted."""
        return predicate(table, self.scope(entity, verb))

    def sight(self, entity: Entity, table: FromClause) -> sa.ColumnElement[bool] | None:
        return self.granted(entity, table, "see")

    def run(self, statement: Any, values: dict[str, Any] | None = None) -> Sequence[sa.Row[Any]]:
        """The rows of a prepared statement; the policy's parameter is always bound."""
        bound = {ACTOR: self.actor.user_id, **(values or {})}
        return self.connection.execute(statement, bound).all()
