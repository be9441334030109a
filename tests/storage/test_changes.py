"""What people edit in definitions, and what becomes of the rows: renamed, removed, brought back."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.definitions.bundle import ModuleSource
from runtime.records import trash
from tests.kit.builders import entity, everything, field, module, texts, view, workflow
from tests.kit.publishing import number, publish, rollback, rows, same, shop, steps
from tests.kit.workspace import Space


def options(*pairs: str) -> list[dict[str, str]]:
    """`a1` is the option with the key `a` and the uid 1."""
    return [{"key": p[:-1], "title": p[:-1], "uid": f"shop.kind.{p[-1]}"} for p in pairs]


def box_and_thing(**fields: Any) -> ModuleSource:
    return module("shop", entity("box", name="text"), entity("thing", name="text", **fields))


LINKS = {
    "box": field("reference", to="shop.box"),
    "boxes": field("references", to="shop.box"),
    "person": "user",
    "team": "users",
}


def linked(space: Space) -> dict[str, Any]:
    box, me = space.create("box", name="Box"), space.person("me@demo.test").user_id
    return {"name": "Thing", "box": box, "boxes": [box], "person": me, "team": [me]}


def test_two_fields_swap_their_keys(space: Space) -> None:
    publish(space, shop(a="text", b="integer", c="text"))
    space.create("thing", a="x", b=5, c="z")
    publish(space, shop(a=same("b", "integer"), b=same("c", "text"), c=same("a", "text")))
    assert rows(space) == {1: {"a": 5, "b": "z", "c": "x"}}


def test_a_new_field_may_have_the_key_of_a_removed_one(space: Space) -> None:
    publish(space, shop(a="text"))
    space.create("thing", a="old")
    first = number(space)
    publish(space, shop(a=field("integer", uid="shop.thing.other")))
    assert rows(space) == {1: {"a": None}}
    space.update("thing", 1, {"a": 7})
    rollback(space, first)
    assert rows(space) == {1: {"a": "old"}}
    rollback(space, first + 1)
    assert rows(space) == {1: {"a": 7}}


def test_two_entities_swap_their_keys_with_all_that_hangs_on_them(space: Space) -> None:
    publish(space, box_and_thing(**LINKS))
    values = linked(space)
    space.create("thing", **values)
    space.create("box", name="Another box")
    publish(
        space,
        module(
            "shop",
            entity("thing", words={"uid": "shop.box"}, name=field("text", uid="shop.box.name")),
            entity("box", words={"uid": "shop.thing"}, name="text", **LINKS),
        ),
    )
    assert rows(space, "box") == {1: values}
    assert rows(space, "thing") == {1: {"name": "Box"}, 2: {"name": "Another box"}}
    assert [one.title for one in space.find("thing", search=("ano",))] == ["Another box"]
    assert space.create("thing", name="Third") == 3
    space.create("box", name="Second", boxes=[3])
    assert rows(space, "box")[2]["boxes"] == [3]


def test_links_renamed_together_with_their_entity_stay(space: Space) -> None:
    publish(space, box_and_thing(**LINKS))
    values = linked(space)
    space.create("thing", **values)
    renamed = {
        f"a_{key}": {
            **(field(one) if isinstance(one, str) else one),
            "x-field": {
                **(field(one) if isinstance(one, str) else one)["x-field"],
                "uid": f"shop.thing.{key}",
            },
        }
        for key, one in LINKS.items()
    }
    article = entity("article", words={"uid": "shop.thing"}, name="text", **renamed)
    publish(space, module("shop", entity("box", name="text"), article))
    expected = {key if key == "name" else f"a_{key}": value for key, value in values.items()}
    assert rows(space, "article") == {1: expected}


def test_removed_links_return_and_never_hold_a_parent_back(space: Space) -> None:
    publish(space, box_and_thing(**LINKS))
    values = linked(space)
    space.create("thing", **values)
    gone = space.create("box", name="Gone")
    space.create("thing", name="Second", box=gone, boxes=[gone, values["box"]])
    first = number(space)
    publish(space, box_and_thing())
    purge(space, "box", gone)
    assert len(rows(space)) == 2, "no child goes with its parent"
    rollback(space, first)
    assert rows(space)[1] == values
    assert rows(space)[2]["box"] is None
    assert rows(space)[2]["boxes"] == [values["box"]]


def purge(space: Space, key: str, record: int) -> None:
    space.delete(key, record)
    space.service.write(
        space.owner, lambda ctx: trash.purge(ctx, ctx.catalog.by_key[key], [record])
    )


@pytest.mark.parametrize("away", [("thing",), ("box", "thing")])
def test_an_entity_leaves_and_returns_with_everything(space: Space, away: tuple[str, ...]) -> None:
    publish(space, box_and_thing(**LINKS, number="sequence"))
    values = linked(space)
    space.create("thing", **values)
    binned = space.create("thing", **values)
    space.delete("thing", binned)
    first = number(space)
    stays = [] if "box" in away else [entity("box", name="text")]
    publish(space, module("shop", *stays))
    rollback(space, first)
    assert rows(space) == {1: {**values, "number": "1"}}
    space.restore("thing", binned)
    assert rows(space)[binned] == {**values, "number": "2"}
    new = space.create("thing", name="New")
    assert rows(space)[new]["number"] == "3"
    assert [one.id for one in space.find("thing", search=("thi",))] != []


def test_an_entity_that_returns_with_other_fields_keeps_what_it_left_behind(space: Space) -> None:
    publish(space, shop(name="text", a="text", b="integer", tags="choices"))
    space.create("thing", name="A", a="5", b=6, tags=["one"])
    first = number(space)
    publish(space, module("shop"))
    publish(space, shop(name="text", a="integer", c="text"))
    assert rows(space) == {1: {"name": "A", "a": 5, "c": None}}
    rollback(space, first)
    assert rows(space) == {1: {"name": "A", "a": "5", "b": 6, "tags": ["one"]}}


def test_a_field_that_returns_with_another_type_is_converted_and_can_go_back(space: Space) -> None:
    publish(space, shop(name="text", a="text"))
    space.create("thing", name="A", a="007")
    space.create("thing", name="B", a="many")
    first = number(space)
    publish(space, shop(name="text"))
    publish(space, shop(name="text", a="integer"))
    assert rows(space) == {1: {"name": "A", "a": 7}, 2: {"name": "B", "a": None}}
    rollback(space, first)
    assert rows(space) == {1: {"name": "A", "a": "007"}, 2: {"name": "B", "a": "many"}}


def test_what_was_edited_between_stays_edited(space: Space) -> None:
    publish(space, shop(name="text", a="text"))
    ids = space.create_many("thing", [{"a": text} for text in ("007", "many", "8", "009")])
    first = number(space)
    publish(space, shop(name="text", a="integer"))
    space.update("thing", ids[0], {"a": 70})
    space.update("thing", ids[2], {"a": None})
    new = space.create("thing", a=5)
    rollback(space, first)
    assert [rows(space)[record]["a"] for record in (*ids, new)] == ["70", "many", None, "009", "5"]


def test_parked_things_go_after_30_days(space: Space) -> None:
    publish(space, box_and_thing(**LINKS, a="text", b="text"))
    space.create("thing", **linked(space), a="x", b="5")
    first = number(space)
    publish(space, box_and_thing(b="integer"))
    space.clock.forward(days=31)
    publish(space, box_and_thing(b="integer", c="text"))
    assert space.sql("SELECT count(*) FROM sys_parked") == [(0,)]
    assert space.sql("SELECT count(*) FROM sys_parked_value") == [(0,)]
    rollback(space, first)
    empty = {"box": None, "boxes": [], "person": None, "team": [], "a": None}
    assert rows(space) == {1: {"name": "Thing", **empty, "b": "5"}}


def test_a_parked_entity_goes_after_30_days(space: Space) -> None:
    publish(space, box_and_thing(**LINKS))
    space.create("thing", **linked(space))
    first = number(space)
    publish(space, module("shop", entity("box", name="text")))
    space.clock.forward(days=31)
    publish(space, module("shop", entity("box", name="text", more="text")))
    rollback(space, first)
    assert rows(space) == {}
    assert space.create("thing", name="New") == 1


# Options and states


def chosen(kind: str, *pairs: str) -> ModuleSource:
    return shop(kind=field(kind, options=options(*pairs)))


@pytest.mark.parametrize(
    ("kind", "before", "after", "moves", "expected"),
    [
        ("choice", ("a1", "b2"), ("b1", "a2"), {}, ["b", "a"]),
        ("choice", ("a1", "b2", "c3"), ("b1", "c2", "a3"), {}, ["b", "c", "a"]),
        ("choice", ("a1", "b2"), ("a2",), {}, [None, "a"]),
        ("choice", ("a1", "b2"), ("b2",), {}, [None, "b"]),
        ("choice", ("a1", "b2"), ("b2",), {"1": "b"}, ["b", "b"]),
        ("choice", ("a1", "b2", "c3"), ("c2", "b3"), {"1": "b"}, ["b", "c", "b"]),
        ("choice", ("a1", "b2", "c3"), ("a2", "c3"), {"1": "c"}, ["c", "a", "c"]),
        ("choice", ("a1", "b2"), ("a2", "d4"), {"1": "a"}, ["a", "a"]),
        ("choices", ("a1", "b2"), ("b1", "a2"), {}, [["b"], ["a"], ["b", "a"]]),
        ("choices", ("a1", "b2"), ("b2",), {}, [[], ["b"], ["b"]]),
        ("choices", ("a1", "b2"), ("b2",), {"1": "b"}, [["b"], ["b"], ["b"]]),
        ("choices", ("a_b1", "axb2"), ("c1", "axb2"), {}, [["c"], ["axb"], ["c", "axb"]]),
        ("choices", ("a_b1", "axb2"), ("axb2",), {}, [[], ["axb"], ["axb"]]),
        ("choices", ("a1", "ab2"), ("c1", "ab2"), {}, [["c"], ["ab"], ["c", "ab"]]),
    ],
)
def test_rows_follow_their_options_and_come_back(
    space: Space,
    kind: str,
    before: tuple[str, ...],
    after: tuple[str, ...],
    moves: dict[str, str],
    expected: list[Any],
) -> None:
    publish(space, chosen(kind, *before))
    keys = [pair[:-1] for pair in before]
    held: list[Any] = keys if kind == "choice" else [[keys[0]], [keys[1]], keys[:2]]
    ids = space.create_many("thing", [{"kind": value} for value in held])
    first = number(space)
    wanted = {f"shop.kind.{uid}": key for uid, key in moves.items()}
    publish(space, chosen(kind, *after), moves=wanted)
    found = [rows(space)[record]["kind"] for record in ids]
    assert found == expected
    rollback(space, first)
    assert [rows(space)[record]["kind"] for record in ids] == held


def test_a_row_that_got_another_option_meanwhile_keeps_it(space: Space) -> None:
    publish(space, chosen("choice", "a1", "b2", "c3"))
    ids = space.create_many("thing", [{"kind": "a"}] * 3)
    first = number(space)
    publish(space, chosen("choice", "b2", "c3"), moves={"shop.kind.1": "b"})
    space.update("thing", ids[1], {"kind": "c"})
    space.update("thing", ids[2], {"kind": None})
    rollback(space, first)
    assert [rows(space)[record]["kind"] for record in ids] == ["a", "c", None]


def flowing(*states: str, **words: Any) -> ModuleSource:
    listed = [{"key": key, "title": key, "uid": f"shop.state.{key[0]}"} for key in states]
    thing = entity("thing", words={"status": "shop.flow"}, name="text")
    return module("shop", thing, workflow("shop.flow", "shop.thing", listed, [], **words))


def test_records_that_exist_enter_a_new_workflow_at_its_start(space: Space) -> None:
    publish(space, shop(name="text"))
    space.create("thing", name="A")
    publish(space, flowing("open", "done"))
    assert rows(space)[1]["status"] == "open"
    second = space.create("thing", name="B")
    assert rows(space)[second]["status"] == "open"


def test_a_workflow_that_returns_has_a_state_for_every_record(space: Space) -> None:
    publish(space, flowing("new", "old"))
    space.create_many("thing", [{"name": "A"}, {"name": "B"}], states=["new", "old"])
    first = number(space)
    publish(space, shop(name="text"))
    space.create("thing", name="C")
    plan = rollback(space, first)
    [start] = [one for one in plan.steps if one.step.kind == "start_rows"]
    assert start.finding.rows == 1
    assert [row["status"] for row in rows(space).values()] == ["new", "old", "new"]


def test_records_move_into_another_workflow_by_key_or_as_said(space: Space) -> None:
    publish(space, flowing("new", "old"))
    space.create_many("thing", [{"name": "A"}, {"name": "B"}], states=["new", "old"])
    thing = entity("thing", words={"status": "shop.other"}, name="text")
    other = workflow("shop.other", "shop.thing", ["new", "gone"], [])
    publish(space, module("shop", thing, other), moves={"shop.state.o": "gone"})
    assert [row["status"] for row in rows(space).values()] == ["new", "gone"]


# Automatic numbers


def numbers(space: Space) -> list[str]:
    return [row["number"] for row in rows(space).values()]


def test_rows_that_exist_are_numbered_in_order(space: Space) -> None:
    publish(space, shop(name="text"))
    space.create_many("thing", [{"name": str(n)} for n in range(2500)])
    publish(space, shop(name="text", number=field("sequence", pattern="N-{counter:4}")))
    assert numbers(space)[:2] == ["N-0001", "N-0002"]
    assert numbers(space)[-1] == "N-2500"
    space.create("thing", name="next")
    assert numbers(space)[-1] == "N-2501"


def test_records_made_while_the_number_was_away_get_theirs(space: Space) -> None:
    publish(space, shop(name="text", number="sequence"))
    space.create("thing", name="A")
    first = number(space)
    publish(space, shop(name="text"))
    space.create("thing", name="B")
    rollback(space, first)
    space.create("thing", name="C")
    assert numbers(space) == ["1", "2", "3"]


def test_texts_that_become_numbers_are_never_given_again(space: Space) -> None:
    publish(space, shop(name="text", number="text"))
    space.create_many("thing", [{"number": text} for text in ("A-2026-007", "B", None)])
    publish(space, shop(name="text", number=field("sequence", pattern="A-{year}-{counter:3}")))
    space.create("thing", name="next")
    assert numbers(space) == ["A-2026-007", "B", "A-2026-008", "A-2026-009"]


def test_a_new_pattern_counts_on_from_numbers_that_look_alike(space: Space) -> None:
    publish(space, shop(name="text", number=field("sequence", pattern="{year}-{counter}")))
    space.create_many("thing", [{}, {}])
    publish(space, shop(name="text", number=field("sequence", pattern="{year}-{counter:1}")))
    publish(space, shop(name="text", number=field("sequence", pattern="2026-{counter}")))
    space.create("thing")
    assert numbers(space) == ["2026-1", "2026-2", "2026-3"]


# The whole


def test_publishing_twice_changes_nothing_for_any_module(space: Space) -> None:
    source = everything()
    publish(space, source)
    assert steps(publish(space, source)) == []


def test_a_change_of_titles_and_views_touches_no_table(space: Space) -> None:
    publish(space, shop(name="text"))
    more = (view("shop.list", "shop.thing"), texts("az", {"shop.thing": {"title": "Şey"}}))
    titled = ModuleSource("shop", (*shop(name=field("text", title="Name")).files, *more))
    plan = publish(space, titled)
    assert steps(plan) == []
    assert {one.step.kind for one in plan.steps} <= {"change_definition", "add_index", "drop_index"}


def test_a_module_leaves_and_comes_back(space: Space) -> None:
    source = everything()
    publish(space, source)
    box = space.create("box", name="Box")
    space.create("thing", name="Thing", owner=box, boxes=[box], count=5, tags=["one"])
    first, before = number(space), rows(space)
    publish(space, module("all"))
    rollback(space, first)
    assert rows(space) == before


def test_rollback_to_the_empty_workspace_and_back(space: Space) -> None:
    publish(space, module("none"))
    publish(space, everything())
    space.create("thing", name="Thing")
    before = rows(space)
    rollback(space, 1)
    rollback(space, 2)
    assert rows(space) == before
