"""Tables as they are made: readable DDL on both databases, names that fit and never clash."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from runtime.catalog.compile import compile_catalog
from runtime.definitions.bundle import ModuleSource
from runtime.definitions.canonical import canonical_bundle
from runtime.kernel.workspace import Workspace
from runtime.storage.model import make_model
from runtime.storage.search import search_name
from runtime.storage.tables import MAX_NAME, beside, make_index, short
from tests.kit.builders import entity, everything, field, module
from tests.kit.golden import Golden
from tests.kit.publishing import number, publish, rollback, rows
from tests.kit.workspace import Space

DIALECTS: dict[str, Any] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_tables_of_every_type_are_made_as_they_were(dialect: str, golden: Golden) -> None:
    bundle = canonical_bundle({"all": everything()})
    model = make_model(compile_catalog(bundle, Workspace(), 1))
    lines = []
    for one in model.tables.values():
        for table in (one.table, *one.links.values()):
            lines.append(str(CreateTable(table).compile(dialect=DIALECTS[dialect])).strip())
            lines += sorted(
                str(CreateIndex(index).compile(dialect=DIALECTS[dialect]))
                for index in table.indexes
            )
        for spec in one.indexes:
            index = make_index(spec, one.table)
            lines.append(f"-- {spec.identity}")
            lines.append(str(CreateIndex(index).compile(dialect=DIALECTS[dialect])))
    golden(f"ddl/everything.{dialect}.sql", ";\n".join(lines).replace("\t", "  ") + ";\n")


@pytest.mark.parametrize("length", [1, 40, 55, 63, 80])
def test_names_fit_and_say_what_they_are(length: int) -> None:
    name = "m" * length
    assert len(short(name)) <= MAX_NAME
    for what in ("search", "r12345", "t"):
        made = beside(short(name), what)
        assert made.endswith(f"__0{what}")
        assert len(made) + len("_docsize") <= MAX_NAME


LONG = "e" * 40


def long_module(*entities: str) -> ModuleSource:
    key = "m" * 40
    files = [
        entity(
            name,
            title_of_it="text",
            **{
                "f" * 40: field("references", to=f"{key}.{name}"),
                "g" * 40: field("reference", to=f"{key}.{name}"),
                "h" * 40: field("email", unique=True),
            },
        )
        for name in entities
    ]
    return module(key, *files)


def test_the_longest_names_live_through_everything(space: Space) -> None:
    publish(space, long_module(LONG, LONG[:-1], f"{LONG[:-1]}f"))
    for key in (LONG, LONG[:-1]):
        space.create(key, title_of_it="First")
        space.create(key, title_of_it="Second", **{"f" * 40: [1], "g" * 40: 1, "h" * 40: "a@b.az"})
    first, before = number(space), rows(space, LONG)
    publish(space, long_module())  # two tables with the same first fifty letters leave at once
    rollback(space, first)
    assert rows(space, LONG) == before
    assert [one.id for one in space.find(LONG, search=("second",))] == [2]


@pytest.mark.parametrize(
    "keys", [("search", "search_data"), ("fts", "r1"), ("r2", "r3", "t"), ("fold", "n", "currency")]
)
def test_no_key_of_a_field_meets_a_name_of_ours(space: Space, keys: tuple[str, ...]) -> None:
    def shop(kind: str) -> ModuleSource:
        links = {key: field(kind, to="shop.thing") for key in keys}
        return module("shop", entity("thing", name="text", **links))

    publish(space, shop("references"))
    space.create("thing", name="First")
    space.create("thing", name="Second", **{key: [1] for key in keys})
    first, before = number(space), rows(space)
    publish(space, module("shop"))
    publish(space, shop("reference"))
    rollback(space, first)
    assert rows(space) == before


def test_words_of_sql_are_keys_like_any_other(space: Space) -> None:
    words = ("order", "user", "table", "column", "values", "default", "from", "group_by", "primary")
    fields = dict.fromkeys(words, field("text"))
    publish(space, module("shop", entity("order", **fields)))
    space.create("order", **dict.fromkeys(words, "x"))
    publish(space, module("shop", entity("order", **dict.fromkeys(words, field("integer")))))
    publish(space, module("shop", entity("order", **fields)))
    assert rows(space, "order") == {1: dict.fromkeys(words, "x")}
    assert len(space.find("order", sort="from,-order", search=("xxx",))) == 0


def test_five_hundred_fields_are_written_read_and_changed(space: Space) -> None:
    keys = [f"f{n}" for n in range(500)]
    publish(space, module("shop", entity("thing", **dict.fromkeys(keys, field("text")))))
    record = space.create("thing", **{key: key for key in keys})
    space.update("thing", record, {key: key.upper() for key in keys})
    found = rows(space)[record]
    assert found["f0"] == "F0"
    assert found["f499"] == "F499"


def test_an_entity_without_a_text_has_lists_and_searches(space: Space) -> None:
    publish(space, module("shop", entity("thing", age="integer")))
    record = space.create("thing", age=5)
    assert [one.title for one in space.find("thing")] == [f"#{record}"]
    assert space.find("thing", search=("five",)) == []
    publish(space, module("shop", entity("thing", age="integer", name="text")))
    space.update("thing", record, {"name": "Five"})
    assert [one.title for one in space.find("thing", search=("five",))] == ["Five"]


def test_an_entity_of_no_more_than_a_link_works(space: Space) -> None:
    publish(space, module("shop", entity("thing", things=field("references", to="shop.thing"))))
    first = space.create("thing")
    space.create("thing", things=[first])
    assert rows(space)[2] == {"things": [1]}


# SQLite fires the rules of foreign keys when a table is rebuilt: nothing here may rebuild one.


def family(**more: Any) -> ModuleSource:
    up = {"on_delete": "cascade"}
    return module(
        "shop",
        entity("parent", name="text", **more.get("parent", {})),
        entity("child", name="text", parent=field("reference", to="shop.parent", **up)),
        entity("grandchild", name="text", child=field("reference", to="shop.child", **up)),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"parent": {"more": "text"}},
        {"parent": {"more": field("text", unique=True)}},
        {"parent": {"more": field("reference", to="shop.grandchild")}},
        {"parent": {"more": "sequence"}},
    ],
)
def test_a_change_of_a_parent_keeps_three_generations(space: Space, change: dict[str, Any]) -> None:
    publish(space, family())
    parent = space.create("parent", name="P")
    child = space.create("child", name="C", parent=parent)
    space.create("grandchild", name="G", child=child)
    first = number(space)
    publish(space, family(**change))
    rollback(space, first)
    publish(space, module("shop", *(
        entity(key, name=field("integer", uid=f"shop.{key}.name"), **(
            {up: field("reference", to=f"shop.{up}")} if up else {}
        ))
        for key, up in (("parent", ""), ("child", "parent"), ("grandchild", "child"))
    )))  # fmt: skip
    rollback(space, first)
    assert rows(space, "child") == {1: {"name": "C", "parent": 1}}
    assert rows(space, "grandchild") == {1: {"name": "G", "child": 1}}


def test_a_publish_that_fails_leaves_no_trace(space: Space) -> None:
    """DDL, too, is taken back: on SQLite only because the transaction is ours."""
    publish(space, module("shop", entity("thing", name="text")))
    space.create("thing", name="A")
    tables = sa.inspect(space.engine).get_table_names()
    kept = {table: space.snapshot(table) for table in tables if "0search" not in table}

    def fail(*_: Any) -> None:
        raise RuntimeError("in the middle")

    sa.event.listen(space.engine, "commit", fail)
    with pytest.raises(RuntimeError):
        space.publish(module("shop", entity("thing", name="integer", more="text"), entity("new")))
    sa.event.remove(space.engine, "commit", fail)
    assert sa.inspect(space.engine).get_table_names() == tables
    assert {table: space.snapshot(table) for table in kept} == kept
    assert search_name("shop_thing") == "shop_thing__0search"
