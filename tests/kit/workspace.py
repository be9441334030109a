"""A workspace for tests: publish modules, act as somebody, look at the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from constructor.publish import Act, bundle_in_force, publish, rollback
from runtime.access.actor import Actor
from runtime.access.people import add_person
from runtime.catalog.model import Entity
from runtime.definitions.bundle import ModuleSource
from runtime.kernel.locale import locale_of
from runtime.kernel.workspace import Workspace as Settings
from runtime.records import find, moves, trash, write
from runtime.records.context import Context
from runtime.records.find import Query
from runtime.records.service import Service
from runtime.storage.database import prepare
from runtime.storage.engine import make_engine, writing
from runtime.storage.plan import Plan


class TestClock:
    """A clock that stands until it is moved."""

    __test__ = False

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Space:
    """One prepared database with its service; `owner` may do everything."""

    url: str
    service: Service
    clock: TestClock
    settings: Settings = field(default_factory=Settings)

    @property
    def engine(self) -> sa.Engine:
        return self.service.engine

    @property
    def sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    # People

    def actor(self, *roles: str, user_id: int | None = None, language: str = "en") -> Actor:
        return Actor(user_id, frozenset(roles), locale_of(self.settings, language))

    @property
    def owner(self) -> Actor:
        return self.actor("owner")

    def person(self, email: str, *roles: str, password: str = "password") -> Actor:
        with writing(self.engine) as connection:
            person = add_person(
                connection, email=email, roles=roles, now=self.clock(), password=password
            )
        return self.actor(*roles, user_id=person)

    # Definitions

    def publish(self, *modules: ModuleSource, moves: Mapping[str, str] | None = None) -> Plan:
        """Puts these modules in the place of their namesakes."""

        def bundle(connection: sa.Connection) -> dict[str, ModuleSource]:
            return {**bundle_in_force(connection), **{one.key: one for one in modules}}

        return publish(self.engine, bundle, Act(moves=moves or {}, clock=self.clock))

    def rollback(self, number: int) -> Plan:
        return rollback(self.engine, number, Act(clock=self.clock), lambda plan: None)

    # Records

    @contextmanager
    def reading(self, actor: Actor | None = None) -> Iterator[Context]:
        with self.service.reading() as (connection, model):
            yield self.service.context(connection, model, actor or self.owner)

    def entity(self, key: str) -> Entity:
        with self.service.reading() as (_, model):
            return model.catalog.by_key[key]

    def create(self, key: str, actor: Actor | None = None, **values: Any) -> int:
        return self.create_many(key, [values], actor)[0]

    def create_many(
        self, key: str, rows: Sequence[Mapping[str, Any]], actor: Actor | None = None, **words: Any
    ) -> list[int]:
        def work(ctx: Context) -> list[int]:
            made = write.create(ctx, ctx.catalog.by_key[key], rows, **words)
            return [one for one in made.ids if one is not None]

        return self.service.write(actor or self.owner, work)

    def update(
        self,
        key: str,
        record: int,
        values: Mapping[str, Any],
        actor: Actor | None = None,
        version: int | None = None,
        **words: Any,
    ) -> None:
        edit = write.Edit(record, values, version)
        self.service.write(
            actor or self.owner,
            lambda ctx: write.update(ctx, ctx.catalog.by_key[key], [edit], **words),
        )

    def move(
        self, key: str, record: int, step: str, actor: Actor | None = None, **values: Any
    ) -> None:
        wanted = moves.Move(record, step, values)
        self.service.write(
            actor or self.owner, lambda ctx: moves.move(ctx, ctx.catalog.by_key[key], wanted)
        )

    def delete(self, key: str, *records: int, actor: Actor | None = None) -> None:
        self.service.write(
            actor or self.owner, lambda ctx: trash.delete(ctx, ctx.catalog.by_key[key], records)
        )

    def restore(self, key: str, *records: int, actor: Actor | None = None) -> None:
        self.service.write(
            actor or self.owner, lambda ctx: trash.restore(ctx, ctx.catalog.by_key[key], records)
        )

    def get(self, key: str, record: int, actor: Actor | None = None, **words: Any) -> find.Record:
        with self.reading(actor) as ctx:
            return find.get(ctx, ctx.catalog.by_key[key], record, **words)

    def find(self, key: str, actor: Actor | None = None, **words: Any) -> list[find.Record]:
        """Records of one page with every field."""
        with self.reading(actor) as ctx:
            entity = ctx.catalog.by_key[key]
            words.setdefault("fields", tuple(entity.by_key))
            page = find.find(ctx, Query(entity, **words))
            return page.records(ctx.actor.locale)

    # The database itself

    def sql(self, statement: str, **values: Any) -> list[Any]:
        with writing(self.engine) as connection:
            result = connection.execute(sa.text(statement), values)
            return list(result.all()) if result.returns_rows else []

    def snapshot(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table, for "nothing changed"."""
        return [dict(row._mapping) for row in self.sql(f"SELECT * FROM {table} ORDER BY 1, 2")]


def hasty_engine(url: str) -> sa.Engine:
    """The engine of the product, but for waiting for the disk: nobody pulls the plug here."""
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _without_waiting)
    return engine


def _without_waiting(dbapi: Any, _record: Any) -> None:
    dbapi.execute("PRAGMA synchronous = OFF")


def make_space(url: str, settings: Settings | None = None) -> Space:
    clock = TestClock()
    settings = settings or Settings()
    service = Service(hasty_engine(url), clock=clock)
    with writing(service.engine) as connection:
        prepare(connection, settings)
    return Space(url, service, clock, settings)


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'qurucu.db'}"
