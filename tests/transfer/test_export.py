"""Records out as files, and back in as they were."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from runtime.kernel.errors import BadQuery, Forbidden, NotFound, Refused
from runtime.transfer.export import export
from runtime.transfer.formats import write_xlsx
from tests.kit.builders import entity, everything, field, module, role, texts
from tests.kit.workspace import Settings, Space, make_space, sqlite_url
from tests.transfer.kit import bring, importer, records

HOSTILE = [
    "=1+1", "+1+1", "-1+1", "@SUM(1+9)*cmd|' /C calc'!A0", "=cmd|'/C calc'!A0", "'=quoted", "''",
    "{=1+1}", "_x0041_ escaped", "<b>bold</b>", "a & b", '"quoted", too', "tab\tinside",
    "Əliyeva İ. ₼ 😀", "0123", "1e5", "2026-03-02", "true", "https://example.az",
    'HYPERLINK("https://example.az")', "x" * 900, "\u202eright to left", "#N/A", "#12",
]  # fmt: skip


def out(space: Space, key: str, path: Path, *filters: tuple[str, str]) -> int:
    return export(space.service, importer(space), key, path, filters)


def fill(space: Space) -> int:
    """A thing with a value in every field, one with none, and one of hard ones."""
    me = space.person("a@demo.test", "owner")
    box = space.create("box", name="Blue; box")
    other = space.create("box", name="Blue; box")
    space.create(
        "thing",
        name="Thing",
        note="=Two\n\tlines",
        count=2**53 - 1,
        weight="1.250",
        share="12.50",
        price={"amount": "-12.50", "currency": "AZN"},
        worth={"amount": "3.00", "currency": "USD"},
        ready=True,
        day="2026-03-02",
        hour="09:30:15",
        moment="2026-03-02T09:00:59Z",
        length="PT30H5M10S",
        kind="two",
        tags=["one", "two"],
        mail="a@example.az",
        phone="+994502123456",
        site="https://example.az/=1",
        owner=other,
        boxes=[box, other],
        person=me.user_id,
        team=[me.user_id],
    )
    space.create("thing", name="Bare", moment="2026-03-02T09:00:00Z")
    # Values that a cell of a workbook cannot hold as they are.
    space.create(
        "thing", name="Hard", weight="123456789012345.678", day="0001-01-01",
        price={"amount": "99999999999999.99", "currency": "AZN"}, share="0.07", length="PT0S",
    )  # fmt: skip
    return 3


# What each workspace gives a record itself.
GIVEN = {"id", "version", "created_at", "updated_at", "number"}


def bare(space: Space, key: str, *more: str) -> list[dict[str, object]]:
    left_out = GIVEN.union(more)
    return [
        {k: value for k, value in one.items() if k not in left_out} for one in records(space, key)
    ]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Space]:
    """Another workspace."""
    (tmp_path / "elsewhere").mkdir()
    made = make_space(sqlite_url(tmp_path / "elsewhere"))
    # Brought in later than it was made.
    made.clock.forward(days=1)
    yield made
    made.engine.dispose()


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_an_export_brought_in_again_changes_nothing(
    space: Space, tmp_path: Path, ending: str
) -> None:
    space.publish(everything())
    count = fill(space)
    path = tmp_path / f"things{ending}"
    assert out(space, "thing", path) == count
    before = records(space, "thing")
    assert bring(space, "thing", path).counts == (0, 0, count, 0)
    assert bring(space, "thing", path, on_duplicate="update").counts == (0, 0, count, 0)
    assert records(space, "thing") == before


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_an_export_edited_by_hand_updates_its_records(
    lite: Space, tmp_path: Path, ending: str
) -> None:
    lite.publish(everything())
    fill(lite)
    path = tmp_path / f"things{ending}"
    out(lite, "thing", path)
    lite.update("thing", 1, {"name": "Other", "owner": 1, "share": "1", "tags": []})
    assert bring(lite, "thing", path, on_duplicate="update").counts == (0, 1, 2, 0)
    thing = records(lite, "thing")[0]
    assert (thing["name"], thing["owner"], thing["share"]) == ("Thing", 2, "12.50")
    assert thing["tags"] == ["one", "two"]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_an_export_brought_into_another_workspace_gives_the_original_values(
    lite: Space, elsewhere: Space, tmp_path: Path, ending: str
) -> None:
    lite.publish(everything())
    count = fill(lite)
    elsewhere.publish(everything())
    # Numbers of records and people are others there.
    elsewhere.create("box", name="Here before")
    elsewhere.person("first@demo.test", "owner")
    me = elsewhere.person("a@demo.test", "owner")
    boxes, things = tmp_path / f"boxes{ending}", tmp_path / f"things{ending}"
    out(lite, "box", boxes)
    out(lite, "thing", things)

    assert bring(elsewhere, "box", boxes).counts == (2, 0, 0, 0)
    assert bring(elsewhere, "thing", things).counts == (count, 0, 0, 0)
    links = ("owner", "boxes", "person", "team")
    assert bare(elsewhere, "thing", *links) == bare(lite, "thing", *links)
    first = records(elsewhere, "thing")[0]
    assert (first["owner"], first["boxes"]) == (3, [2, 3])
    assert (first["person"], first["team"]) == (me.user_id, [me.user_id])
    # They are the same records: brought in again they are found.
    assert bring(elsewhere, "thing", things).counts == (0, 0, count, 0)
    assert bring(elsewhere, "thing", things, on_duplicate="update").counts == (0, 0, count, 0)


def test_numbers_of_another_workspace_are_never_taken_for_ours(
    lite: Space, elsewhere: Space, tmp_path: Path
) -> None:
    lite.publish(everything())
    fill(lite)
    elsewhere.publish(everything())
    elsewhere.create_many("box", [{"name": "Ours"}, {"name": "Ours too"}])
    out(lite, "thing", tmp_path / "things.csv")
    done = bring(elsewhere, "thing", tmp_path / "things.csv")
    assert done.counts == (2, 0, 0, 1)
    text = (tmp_path / "things.csv").read_text("utf-8").replace("owner.uid", "owner.was")
    (tmp_path / "others.csv").write_text(text, "utf-8")
    done = bring(elsewhere, "thing", tmp_path / "others.csv")
    assert "owner: “2” is a number of another workspace; write the name" in done.refused[0][1]


def test_a_record_in_the_bin_is_not_made_a_second_time(lite: Space, tmp_path: Path) -> None:
    lite.publish(module("shop", entity("note", line="text")))
    lite.create_many("note", [{"line": "a"}, {"line": "b"}])
    out(lite, "note", tmp_path / "notes.csv")
    lite.delete("note", 1)
    done = bring(lite, "note", tmp_path / "notes.csv")
    assert done.counts == (0, 0, 1, 1)
    assert done.refused[0][1] == "This record lies in the recycle bin; restore it there"


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_hostile_texts_are_no_formulas_and_come_back(
    lite: Space, elsewhere: Space, tmp_path: Path, ending: str
) -> None:
    lite.publish(module("shop", entity("note", line="text", text="long_text")))
    lite.create_many(
        "note", [{"line": one.replace("\t", " "), "text": f"{one}\nmore"} for one in HOSTILE]
    )
    path = tmp_path / f"notes{ending}"
    out(lite, "note", path)
    if ending == ".xlsx":
        [page] = openpyxl.load_workbook(path).worksheets
        kinds = {cell.data_type for row in page.iter_rows() for cell in row if cell.value}
        assert "f" not in kinds
    else:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert not row["line"].startswith(("=", "+", "-", "@", "\t", "\r")), row
    elsewhere.publish(module("shop", entity("note", line="text", text="long_text")))
    bring(elsewhere, "note", path)
    assert bare(elsewhere, "note") == bare(lite, "note")


def test_the_real_list_of_csv_formulas_comes_out_harmless(lite: Space, tmp_path: Path) -> None:
    source = Path(__file__).parents[2].parent / "shared/data/hostile_strings/csv_injection.txt"
    if not source.is_file():
        pytest.skip("the list is not here")
    lite.publish(module("shop", entity("note", line="text")))
    lines = [line for line in source.read_text("utf-8").splitlines() if line.strip()]
    lite.create_many("note", [{"line": line} for line in lines])
    out(lite, "note", tmp_path / "notes.csv")
    with (tmp_path / "notes.csv").open(encoding="utf-8", newline="") as file:
        found = [row["line"] for row in csv.DictReader(file)]
    assert not [text for text in found if text.startswith(("=", "+", "-", "@"))]


def test_cells_of_a_workbook_are_typed(lite: Space, tmp_path: Path) -> None:
    lite.publish(everything())
    fill(lite)
    out(lite, "thing", tmp_path / "things.xlsx")
    [page] = openpyxl.load_workbook(tmp_path / "things.xlsx").worksheets
    head = [cell.value for cell in page[1]]
    first = dict(zip(head, [cell.value for cell in page[2]], strict=True))
    assert first["Count"] == str(2**53 - 1)
    assert first["Weight"] == 1.25
    assert first["Share"] == 0.125
    assert first["Price"] == -12.5
    assert first["Ready"] is True
    assert first["Day"] == datetime(2026, 3, 2)
    # On the wall of the workspace, as people read it.
    assert first["Moment"] == datetime(2026, 3, 2, 13, 0, 59)
    assert first["Kind"] == "Two"
    assert first["Owner"] == "Blue; box #2"
    assert page.title == "Thing"
    hidden = [name for name in head if name and name.rpartition(".")[2] in ("uid", "email")]
    assert hidden == head[-len(hidden) :]
    assert "created_by.email" not in hidden


def test_a_moment_in_the_hour_that_autumn_repeats_comes_back(tmp_path: Path) -> None:
    berlin = make_space(sqlite_url(tmp_path), Settings(timezone="Europe/Berlin"))
    berlin.publish(module("shop", entity("note", line="text", at="datetime")))
    moments = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-07-01T10:00:00Z"]
    berlin.create_many("note", [{"line": "x", "at": one} for one in moments])
    out(berlin, "note", tmp_path / "notes.xlsx")
    assert bring(berlin, "note", tmp_path / "notes.xlsx", on_duplicate="update").counts == (
        0, 0, 3, 0,
    )  # fmt: skip
    berlin.engine.dispose()


def test_json_is_what_rest_shows(lite: Space, tmp_path: Path) -> None:
    lite.publish(everything())
    count = fill(lite)
    assert out(lite, "thing", tmp_path / "things.json") == count
    assert json.loads((tmp_path / "things.json").read_text("utf-8")) == records(lite, "thing")


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".json"])
def test_many_pages_hold_each_record_once_and_nothing_is_a_file_too(
    lite: Space, tmp_path: Path, ending: str
) -> None:
    lite.publish(module("shop", entity("note", line="text")))
    path = tmp_path / f"notes{ending}"
    assert out(lite, "note", path) == 0
    assert path.is_file()
    lite.create_many("note", [{"line": f"line {number}"} for number in range(2_345)])
    assert out(lite, "note", path) == 2_345
    if ending == ".json":
        found = [one["line"] for one in json.loads(path.read_text("utf-8"))]
    elif ending == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            found = [one["line"] for one in csv.DictReader(file)]
    else:
        [page] = openpyxl.load_workbook(path).worksheets
        found = [row[1].value for row in page.iter_rows(min_row=2)]
    assert found == [f"line {number}" for number in range(2_345)]
    assert not list(tmp_path.glob(".*.part"))


def test_an_export_holds_one_state_though_others_write_meanwhile(
    space: Space, tmp_path: Path
) -> None:
    space.publish(module("shop", entity("note", line="text")))
    space.create_many("note", [{"line": f"line {number}"} for number in range(2_500)])
    seen: list[int] = []

    def meanwhile(count: int) -> None:
        if not seen:
            space.update("note", 2_400, {"line": "changed"})
            space.create("note", line="new")
        seen.append(count)

    path = tmp_path / "notes.json"
    assert export(space.service, importer(space), "note", path, (), meanwhile) == 2_500
    lines = [one["line"] for one in json.loads(path.read_text("utf-8"))]
    assert lines == [f"line {number}" for number in range(2_500)]
    assert seen == [1_000, 2_000, 2_500]


def test_filters_choose_what_goes_out(lite: Space, tmp_path: Path) -> None:
    lite.publish(module("shop", entity("note", line="text", size="integer")))
    lite.create_many("note", [{"line": "a", "size": 1}, {"line": "b", "size": 5}, {"line": "c"}])
    path = tmp_path / "notes.csv"
    assert out(lite, "note", path, ("size__gte", "2")) == 1
    assert out(lite, "note", path, ("size__isnull", "true")) == 1
    before = path.read_bytes()
    with pytest.raises(BadQuery):
        out(lite, "note", path, ("sise", "2"))
    assert path.read_bytes() == before


def test_only_who_may_export_does(lite: Space, tmp_path: Path) -> None:
    lite.publish(
        module(
            "shop",
            entity("note", line="text"),
            role("clerk", {"shop.note": {"see": "all", "export": False}}),
            role("boss", {"shop.note": {"see": "own", "create": True, "export": True}}),
            role("guest", {"shop.note": {"see": "none"}}),
        )
    )
    lite.create("note", line="somebody's")
    path = tmp_path / "notes.csv"
    with pytest.raises(Forbidden):
        export(lite.service, lite.actor("clerk"), "note", path)
    with pytest.raises(NotFound):
        export(lite.service, lite.actor("guest"), "note", path)
    assert not path.exists()
    boss = lite.person("boss@demo.test", "boss")
    lite.create("note", boss, line="mine")
    assert export(lite.service, boss, "note", path) == 1


def test_titles_that_repeat_give_way_to_keys(lite: Space, tmp_path: Path) -> None:
    lite.publish(
        module(
            "shop",
            entity(
                "note",
                line=field("text", title="Text"),
                more=field("text", title="Text"),
                number=field("text", title="Line"),
                kind=field(
                    "choice",
                    options=[{"key": "a", "title": "Same"}, {"key": "b", "title": "same"}],
                ),
            ),
            texts("en", {}),
        )
    )
    lite.create("note", line="1", more="2", number="3", kind="b")
    out(lite, "note", tmp_path / "notes.xlsx")
    lite.update("note", 1, {"line": "", "more": "", "number": "", "kind": "a"})
    bring(lite, "note", tmp_path / "notes.xlsx", on_duplicate="update")
    [note] = records(lite, "note")
    assert [note[key] for key in ("line", "more", "number", "kind")] == ["1", "2", "3", "b"]


@pytest.mark.parametrize("name", ["notes.xls", "notes", "notes.pdf"])
def test_other_endings_are_refused(lite: Space, tmp_path: Path, name: str) -> None:
    lite.publish(module("shop", entity("note", line="text")))
    with pytest.raises(Refused) as refused:
        out(lite, "note", tmp_path / name)
    assert refused.value.message.key == "transfer.export_ending"


def test_what_a_workbook_cannot_hold_is_refused_and_no_file_is_left(
    lite: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lite.publish(module("shop", entity("note", text="long_text")))
    lite.create("note", text="x" * 32_767)
    path = tmp_path / "notes.xlsx"
    assert out(lite, "note", path) == 1
    lite.create("note", text="x" * 32_768)
    path.unlink()
    with pytest.raises(Refused) as refused:
        out(lite, "note", path)
    assert refused.value.message.key == "transfer.long_for_workbook"
    assert out(lite, "note", tmp_path / "notes.csv") == 2
    monkeypatch.setattr(write_xlsx, "MAX_ROWS", 1)
    lite.delete("note", 2)
    lite.create("note", text="short")
    with pytest.raises(Refused) as refused:
        out(lite, "note", path)
    assert refused.value.message.key == "transfer.many_for_workbook"
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".xlsx"] == []


def test_the_day_of_export_does_not_matter(lite: Space, tmp_path: Path) -> None:
    lite.publish(module("shop", entity("note", line="text")))
    lite.create("note", line="x")
    out(lite, "note", tmp_path / "notes.csv")
    with (tmp_path / "notes.csv").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert datetime.fromisoformat(row["created_at"]).astimezone(UTC) == lite.clock()
