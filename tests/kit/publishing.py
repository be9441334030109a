"""Publishing in tests: afterwards definitions, tables and rows agree, whatever was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructor.doctor import examine
from runtime.definitions.bundle import File, ModuleSource
from runtime.records.wire import Shape, read_some, record_keys
from runtime.storage.plan import Plan
from tests.kit.builders import entity, field, module
from tests.kit.workspace import Space


def publish(space: Space, *modules: ModuleSource, moves: Mapping[str, str] | None = None) -> Plan:
    """Publishes; holds that nothing has drifted and that a second time would change nothing."""
    plan = space.publish(*modules, moves=moves)
    assert_sound(space)
    assert space.publish(*modules).empty
    return plan


def rollback(space: Space, number: int) -> Plan:
    plan = space.rollback(number)
    assert_sound(space)
    return plan


def assert_sound(space: Space) -> None:
    faults = examine(space.engine)
    assert faults == [], faults


def shop(**fields: Any) -> ModuleSource:
    """A module with one entity, `thing`, that has these fields."""
    return module("shop", entity("thing", **fields))


def same(key: str, kind: str, **words: Any) -> Any:
    """A field of `shop.thing` that keeps the uid it had under `key`."""
    return field(kind, uid=f"shop.thing.{key}", **words)


def rows(space: Space, key: str = "thing") -> dict[int, dict[str, Any]]:
    """Every record by id, as JSON, without what every record has."""
    with space.reading() as ctx:
        described = ctx.catalog.by_key[key]
        table = ctx.table(described)
        ids = [row[0] for row in ctx.run(table.select().with_only_columns(table.c.id))]
        shape = Shape(described, record_keys(described))
        found = read_some(ctx, shape, ids)
    own = [one.key for one in described.fields]
    return {record: {key: values[key] for key in own} for record, values in found.items()}


def steps(plan: Plan) -> list[str]:
    """What a plan does to tables and rows, in order."""
    quiet = ("change_definition", "add_index", "drop_index", "rebuild_search")
    return [one.step.kind for one in plan.steps if one.step.kind not in quiet]


def number(space: Space) -> int:
    """The revision in force."""
    return int(space.sql("SELECT number FROM sys_published")[0][0])


__all__ = ["File", "assert_sound", "number", "publish", "rollback", "rows", "same", "shop", "steps"]
