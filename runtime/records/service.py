"""The door to the database for everybody above: a pinned model to read with, a unit to write in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from runtime.access.actor import Actor
from runtime.kernel.clock import Clock, system_clock
from runtime.records.context import Context
from runtime.storage.current import Current
from runtime.storage.engine import reading, writing
from runtime.storage.model import Model
from runtime.storage.revisions import stamp_held

Made = TypeVar("Made")
# Two writers that lock the same rows in different order: PostgreSQL ends one of them.
_DEADLOCK = "40P01"
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Service:
    """One per process: the engine, the model in force, the clock."""

    engine: Engine
    current: Current = field(default_factory=Current)
    clock: Clock = system_clock

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, Model]]:
        """A connection that sees one state, and the model of the revision in that state."""
        with reading(self.engine) as connection:
            yield connection, self.current.model(connection)

    def context(self, connection: Connection, model: Model, actor: Actor) -> Context:
        return Context(connection, model, actor, self.clock)

    def write(self, actor: Actor, work: Callable[[Context], Made]) -> Made:
        """Runs `work` in one transaction under the revision in force.

        The revision is read inside the transaction and cannot move until commit, so what `work`
        looks up in its context is what it writes to.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                with writing(self.engine) as connection:
                    model = self.current.model(connection, stamp_held(connection))
                    return work(Context(connection, model, actor, self.clock))
            except sa.exc.OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != _DEADLOCK or attempt == _TRIES:
                    raise
        raise AssertionError("the loop returns or raises")
