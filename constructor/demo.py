"""Demo records of modules: believable data near today, once per workspace."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from constructor.install import find_module
from runtime.access.actor import product_actor
from runtime.access.people import list_people
from runtime.catalog.model import Entity
from runtime.definitions import demo
from runtime.definitions.bundle import ModuleSource
from runtime.definitions.check import require_sound
from runtime.definitions.checks.modules import in_order
from runtime.definitions.index import index
from runtime.kernel.clock import Clock, system_clock
from runtime.kernel.errors import DefinitionErrors, DefinitionProblem, Refused, ValidationFailed
from runtime.kernel.i18n import say
from runtime.kernel.locale import locale_of
from runtime.records import write
from runtime.records.context import Context
from runtime.records.service import Service
from runtime.storage import system
from runtime.storage.engine import insert_into, reading
from runtime.storage.settings import load_workspace

_ORIGIN = "demo"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One record of a demo file and where it stands there."""

    place: str
    file: str
    entity: str
    record: Mapping[str, Any]

    def names(self, entity: Entity) -> list[str]:
        values: Mapping[str, Any] = self.record["values"]
        return [
            name
            for key, value in values.items()
            for name in demo.names_in(entity.by_key[key].type.name, value)
        ]


@dataclass(slots=True)
class _Load:
    """The demo of one module on its way into the database."""

    ctx: Context
    people: Mapping[str, int]
    names: dict[str, int]
    own: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def place(self) -> demo.Place:
        zone = self.ctx.actor.locale.zone
        today = self.ctx.now().astimezone(zone).date()
        return demo.Place(today, zone, self.names | self.own, self.people)


def load_demo(
    engine: Engine, module_keys: Iterable[str], clock: Clock = system_clock
) -> dict[str, int]:
    """Brings the demo records of installed modules and of those that they require.

    A module is a name or a folder, as for installing. All in one transaction; what was brought
    before is left alone. Gives the count of new records by uid of the entity. Raises
    `DefinitionErrors` with the place of a record that does not fit, `Refused` for a module that
    is not installed.
    """
    modules = {one.key: one for key in module_keys for one in find_module(key)}
    require_sound(modules)
    with reading(engine) as connection:
        workspace = load_workspace(connection)
    actor = product_actor(locale_of(workspace), _ORIGIN)
    service = Service(engine, clock=clock)
    return service.write(actor, lambda ctx: _load_all(ctx, modules))


def was_loaded(engine: Engine, module: str) -> bool:
    """Whether the demo records of this module were brought before."""
    with reading(engine) as connection:
        table = system.setting
        mark = sa.select(table.c.key).where(table.c.key == _key(module))
        return connection.execute(mark).first() is not None


def _load_all(ctx: Context, modules: Mapping[str, ModuleSource]) -> dict[str, int]:
    people = {one.email: one.id for one in list_people(ctx.connection)}
    loaded: dict[str, int] = {}
    for key in in_order(index(modules)):
        if key not in ctx.catalog.modules:
            raise Refused("demo.not_installed", name=key)
        if not any(modules[key].of_kind("demo")) or not _begin(ctx.connection, key):
            continue
        scope = demo.required_by(modules, key)[1:]
        names = {n: i for one in scope for n, i in _names(ctx.connection, one).items()}
        load = _Load(ctx, people, names)
        _load_module(load, modules[key])
        _finish(ctx.connection, key, load.own)
        loaded |= load.counts
    return loaded


def _load_module(load: _Load, module: ModuleSource) -> None:
    """Record after record whose references are there, in as few batches as the order allows."""
    entities = load.ctx.catalog.entities
    waiting = [
        _Waiting(f"$.records[{number}]", module.place(file), file.content["entity"], record)
        for file in module.of_kind("demo")
        for number, record in enumerate(file.content["records"])
    ]
    while waiting:
        known = load.names.keys() | load.own.keys()
        ready = [one for one in waiting if known >= set(one.names(entities[one.entity]))]
        if not ready:
            raise DefinitionErrors([_stuck(one, entities[one.entity], known) for one in waiting])
        waiting = [one for one in waiting if one not in ready]
        for uid in dict.fromkeys(one.entity for one in ready):
            _create(load, entities[uid], [one for one in ready if one.entity == uid])


def _stuck(one: _Waiting, entity: Entity, known: Iterable[str]) -> DefinitionProblem:
    missing = ", ".join(f"@{name}" for name in sorted(set(one.names(entity)) - set(known)))
    problem = "these records are not there, or wait for this one"
    return DefinitionProblem(one.file, one.place, problem, found=missing)


def _create(load: _Load, entity: Entity, wanted: list[_Waiting]) -> None:
    place = load.place()
    rows = [
        {
            key: demo.resolve(entity.by_key[key].type.name, value, place)
            for key, value in one.record["values"].items()
        }
        for one in wanted
    ]
    states = [one.record.get("status") for one in wanted] if entity.workflow else None
    try:
        created = write.create(load.ctx, entity, rows, states=states)
    except ValidationFailed as error:
        raise DefinitionErrors(_problems(wanted, error)) from error
    load.counts[entity.uid] += len(wanted)
    for one, identity in zip(wanted, created.ids, strict=True):
        if identity is not None and "as" in one.record:
            load.own[one.record["as"]] = identity


def _problems(wanted: list[_Waiting], error: ValidationFailed) -> list[DefinitionProblem]:
    return [
        DefinitionProblem(
            wanted[row.index].file,
            f"{wanted[row.index].place}.values.{key}",
            "; ".join(say("en", text) for text in texts),
        )
        for row in error.rows
        for key, texts in row.fields.items()
    ]


def _key(module: str) -> str:
    return f"demo.{module}"


def _begin(connection: Connection, module: str) -> bool:
    """Notes that the module's demo is here; False when it was already (on PostgreSQL after
    waiting for whoever is bringing it)."""
    table = system.setting
    put = insert_into(connection, table).values(key=_key(module), value="{}")
    put = put.on_conflict_do_nothing()
    return connection.execute(put.returning(table.c.key)).first() is not None


def _finish(connection: Connection, module: str, names: Mapping[str, int]) -> None:
    """Keeps who is who for the demo of a module that comes later and points here."""
    table = system.setting
    connection.execute(
        table.update().where(table.c.key == _key(module)).values(value=json.dumps(names))
    )


def _names(connection: Connection, module: str) -> dict[str, int]:
    table = system.setting
    stored = connection.execute(
        sa.select(table.c.value).where(table.c.key == _key(module))
    ).scalar()
    names: dict[str, int] = json.loads(stored or "{}")
    return names
