"""Bringing a file in: what becomes of its rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from runtime.definitions.bundle import File, ModuleSource
from runtime.kernel.errors import DefinitionErrors, Refused
from runtime.records import find
from runtime.records.counts import kept_count
from runtime.transfer import refused_file
from runtime.transfer.refused_file import path_of
from runtime.transfer.run import Run, load
from runtime.transfer.sheet import open_sheet
from tests.kit.builders import entity, field, module
from tests.kit.workspace import Space
from tests.transfer.kit import (
    HEADER,
    MAPPING,
    Export,
    bring,
    everything_in,
    importer,
    job_of,
    make_export,
    records,
    try_out,
    ward,
    write_csv,
    write_mapping,
)


@pytest.fixture
def ready(space: Space) -> Space:
    space.publish(ward())
    return space


@pytest.fixture
def small(lite: Space) -> Space:
    lite.publish(ward())
    return lite


def bring_export(space: Space, folder: Path, export: Export, **words: Any) -> Any:
    path = export.write(folder / "export.csv")
    return bring(space, "booking", path, write_mapping(folder), **words)


# The whole way


def test_an_export_becomes_records_with_their_related_ones(ready: Space, tmp_path: Path) -> None:
    done = bring_export(ready, tmp_path, make_export(2_300, bad=(3, 700, 1_999)))

    assert done.counts == (2_297, 0, 0, 3)
    patients, bookings = records(ready, "patient"), records(ready, "booking")
    assert len(patients) == len({one["source_id"] for one in patients}) == 1_150
    assert {one["status"] for one in bookings} == {"done", "missed"}
    assert [one["number"] for one in bookings[:2]] == ["B-0001", "B-0002"]
    # A number that a spreadsheet broke is the identifier that it was.
    assert "93779.52934" in {one["source_id"] for one in patients}
    # No birth date is made from an age.
    assert {one["born"] for one in patients} == {None}
    assert 115 in {one["age"] for one in bookings}


def test_a_flag_that_reads_backwards_and_its_day_come_in_right(
    small: Space, tmp_path: Path
) -> None:
    export = make_export(2)
    export.rows[0][12], export.rows[1][12] = "Yes", "No"
    # Late in the evening: in Baku it is the next day already.
    export.rows[0][3], export.rows[0][4] = "2016-04-29T23:38:08Z", "2016-04-29T00:00:00Z"
    bring_export(small, tmp_path, export)
    first, second = records(small, "booking")
    assert (first["status"], second["status"]) == ("missed", "done")
    assert (first["day"], first["booked_at"]) == ("2016-04-29", "2016-04-29T23:38:08Z")


def test_several_columns_make_one_list_and_a_patient_is_titled_by_the_source(
    small: Space, tmp_path: Path
) -> None:
    export = make_export(1)
    export.rows[0][:2] = ["12.0", "7"]
    export.rows[0][2], export.rows[0][7:10] = "F", ["1", "1", "1"]
    bring_export(small, tmp_path, export)
    [patient] = records(small, "patient")
    assert patient["illnesses"] == ["pressure", "sugar"]
    assert (patient["sex"], patient["welfare"]) == ("one", True)
    assert small.get("patient", 1).title == "12"


def test_all_of_a_run_is_one_operation_and_logged_as_imported(ready: Space, tmp_path: Path) -> None:
    bring_export(ready, tmp_path, make_export(1_200))
    assert ready.sql("SELECT kind, origin FROM sys_operation") == [("import", "import")]
    assert ready.sql("SELECT count(*) FROM sys_change") == [(1_800,)]
    logged = ready.sql("SELECT DISTINCT imported, source, transition, seconds FROM sys_status_log")
    assert [tuple(row) for row in logged] in ([(True, None, None, None)], [(1, None, None, None)])


def test_a_second_run_changes_nothing_at_all(ready: Space, tmp_path: Path) -> None:
    export = make_export(1_100, bad=(5, 8))
    first = bring_export(ready, tmp_path, export)
    before = everything_in(ready)
    ready.clock.forward(days=1)
    second = bring_export(ready, tmp_path, export)
    assert second.counts == (0, 0, 1_098, 2)
    assert second.refused == first.refused
    assert everything_in(ready) == before


def test_a_patient_twice_in_one_batch_is_made_once_from_the_first_sound_row(
    small: Space, tmp_path: Path
) -> None:
    export = make_export(3)
    for row in export.rows:
        row[0] = "77"
    export.rows[0][2] = "?"
    done = bring_export(small, tmp_path, export)
    [patient] = records(small, "patient")
    assert patient["source_id"] == "77"
    assert done.counts == (2, 0, 0, 1)


def test_a_patient_that_is_there_is_found_and_left_as_it_is(small: Space, tmp_path: Path) -> None:
    export = make_export(1)
    export.rows[0][0] = "77"
    small.create("patient", source_id="77", name="Aygün", district="Elsewhere")
    bring_export(small, tmp_path, export)
    [patient] = records(small, "patient")
    assert (patient["name"], patient["district"]) == ("Aygün", "Elsewhere")


# Refusals


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Age", "-1", "No such age"),
        ("Age", "121", "No such age"),
        ("Age", "many", "Age: Not a number"),
        ("Age", "12.5", "Age: Not a whole number"),
        ("AppointmentDay", "2016-03-01T00:00:00Z", "Before it was booked"),
        ("AppointmentDay", "2016-02-30", "AppointmentDay: Not a date of the calendar"),
        ("AppointmentDay", "", "AppointmentDay: Fill this in"),
        ("ScheduledDay", "yesterday", "ScheduledDay: Not a date and time"),
        ("No-show", "Maybe", "No-show: “Maybe” is no state; there are: booked, done, missed"),
        ("No-show", "", "Doctor: Fill this in"),
        ("Gender", "X", "Gender: Not one of the options: one, two"),
        ("PatientId", "", "PatientId: Empty, but the record is found by it"),
        ("SMS_received", "perhaps", "SMS_received: Must be yes or no"),
        ("Neighbourhood", "nul\x01", "Neighbourhood: Contains a character that cannot be kept"),
        ("AppointmentID", "x" * 600, "AppointmentID: Too long: 600 characters, at most 500"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_its_number_and_reason(
    small: Space, tmp_path: Path, column: str, text: str, reason: str
) -> None:
    export = make_export(4)
    export.rows[2][HEADER.index("PatientId")] = "a patient of its own"
    export.rows[2][HEADER.index(column)] = text
    export.rows[2][HEADER.index("ScheduledDay")] = (
        text if column == "ScheduledDay" else "2016-04-02T10:00:00Z"
    )
    done = bring_export(small, tmp_path, export)
    assert [(number, said) for number, said, _ in done.refused] == [(4, reason)]
    assert done.refused[0][2][HEADER.index(column)] == text
    assert len(records(small, "booking")) == 3


def test_a_row_of_another_width_is_refused(small: Space, tmp_path: Path) -> None:
    export = make_export(4)
    export.rows[1].append("more")
    export.rows[2].append("")
    del export.rows[3][-1]
    done = bring_export(small, tmp_path, export)
    assert [(number, said) for number, said, _ in done.refused] == [
        (3, "The row has 14 cells, the header 13"),
        (5, "The row has 12 cells, the header 13"),
    ]


def test_refused_rows_can_be_mended_in_their_file_and_brought_in_after(
    small: Space, tmp_path: Path
) -> None:
    export = make_export(6, bad=(1, 2))
    export.rows[1][6] = "=cmd|' /C calc'!A0"
    done = bring_export(small, tmp_path, export)
    with open_sheet(tmp_path / "export.csv") as sheet:
        listed = refused_file.write_refused(path_of(tmp_path, sheet, "0" * 64), sheet, done.refused)
    assert listed is not None
    text = listed.read_text("utf-8-sig")
    assert "'=cmd" in text
    assert ",-1," in text
    listed.write_text(text.replace(",-1,", ",1,"), "utf-8-sig")
    mended = bring(small, "booking", listed, write_mapping(tmp_path))
    assert mended.counts == (1, 0, 0, 1)
    assert "=cmd|' /C calc'!A0" in {one["district"] for one in records(small, "patient")}


def test_reasons_are_said_in_the_language_of_the_workspace(small: Space, tmp_path: Path) -> None:
    export = make_export(1)
    export.rows[0][5] = "many"
    with small.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE sys_setting SET value = '\"az\"' WHERE key = 'language'")
        connection.exec_driver_sql(
            "UPDATE sys_published SET settings_version = settings_version + 1"
        )
    small.settings = type(small.settings)(language="az")
    done = bring_export(small, tmp_path, export)
    assert done.refused[0][1].startswith("Age: ")
    assert "Not a number" not in done.refused[0][1]


def test_lists_count_right_while_a_file_comes_in(ready: Space, tmp_path: Path) -> None:
    path, mapping = make_export(3_000).write(tmp_path / "export.csv"), write_mapping(tmp_path)
    seen: list[int] = []

    def look(run: Run) -> None:
        with ready.reading() as ctx:
            query = find.Query(ctx.catalog.by_key["booking"])
            seen.append(kept_count(ctx, query).value)

    with job_of(ready, "booking", path, mapping) as job:
        load(ready.service, importer(ready), job, look)
    assert seen == [1_000, 2_000, 3_000]


# Duplicates


def test_duplicates_are_skipped_updated_or_made_again_as_asked(
    ready: Space, tmp_path: Path
) -> None:
    ready.publish(
        module(
            "shop", entity("customer", name="text", code=field("text", unique=True), city="text")
        )
    )
    ready.create("customer", name="Ali", code="A1", city="Baku")
    rows = write_csv(tmp_path, "code,name,city\nA1,Ali,Ganja\nB2,Vali,\nB2,Vali,Shaki\n")

    assert bring(ready, "customer", rows).counts == (1, 0, 2, 0)
    assert [one["city"] for one in records(ready, "customer")] == ["Baku", None]
    assert bring(ready, "customer", rows, on_duplicate="update").counts == (0, 2, 1, 0)
    assert [one["city"] for one in records(ready, "customer")] == ["Ganja", "Shaki"]
    done = bring(ready, "customer", rows, on_duplicate="create")
    assert done.counts == (0, 0, 0, 3)
    assert [reason for _, reason, _ in done.refused] == [
        "code: Taken already by Ali",
        "code: Taken already by Vali",
        "code: Stands twice in what was sent",
    ]


def test_an_update_that_says_the_same_leaves_no_trace(ready: Space, tmp_path: Path) -> None:
    export = make_export(50)
    bring_export(ready, tmp_path, export)
    before = everything_in(ready)
    done = bring_export(ready, tmp_path, export, on_duplicate="update")
    assert done.counts == (0, 0, 50, 0)
    after = everything_in(ready)
    for table in ("ward_patient", "ward_booking", "sys_operation", "sys_change"):
        assert after[table] == before[table], table


def test_an_update_empties_what_is_empty_and_leaves_the_status_alone(
    small: Space, tmp_path: Path
) -> None:
    export = make_export(1)
    export.rows[0][12], export.rows[0][5] = "No", "40"
    bring_export(small, tmp_path, export)
    export.rows[0][12], export.rows[0][5] = "Yes", ""
    assert bring_export(small, tmp_path, export, on_duplicate="update").counts == (0, 1, 0, 0)
    [booking] = records(small, "booking")
    assert (booking["age"], booking["status"]) == (None, "done")
    changes = small.sql("SELECT changes FROM sys_change WHERE kind = 'update'")
    assert json.loads(changes[0][0]) == {"ward.booking.age": [40, None]}


def test_addresses_that_differ_in_case_alone_are_one_record(lite: Space, tmp_path: Path) -> None:
    lite.publish(module("shop", entity("customer", mail=field("email", unique=True))))
    rows = write_csv(tmp_path, "mail\nA@b.az\na@B.az\n")
    assert bring(lite, "customer", rows).counts == (1, 0, 1, 0)


def test_a_deleted_record_comes_again(small: Space, tmp_path: Path) -> None:
    export = make_export(3)
    bring_export(small, tmp_path, export)
    small.delete("booking", 2)
    assert bring_export(small, tmp_path, export).counts == (1, 0, 2, 0)
    assert len(records(small, "booking")) == 3


def test_rows_that_nothing_tells_apart_come_in_once_for_each_file(
    lite: Space, tmp_path: Path
) -> None:
    lite.publish(module("shop", entity("customer", name="text")))
    rows = write_csv(tmp_path, "name\nAli\nAli\n")
    assert bring(lite, "customer", rows).counts == (2, 0, 0, 0)
    assert bring(lite, "customer", rows).counts == (0, 0, 2, 0)
    assert bring(lite, "customer", rows, on_duplicate="create").counts == (2, 0, 0, 0)
    other = write_csv(tmp_path, "name\nAli\nVali\n")
    assert bring(lite, "customer", other).counts == (2, 0, 0, 0)


# Workbooks


def test_a_workbook_is_read_like_a_csv(small: Space, tmp_path: Path) -> None:
    export = make_export(20)
    path = tmp_path / "export.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet("Bookings")
    page.write_row(0, 0, HEADER)
    for number, row in enumerate(export.rows, 1):
        for place, text in enumerate(row):
            if place in (0, 1, 5) and "E" not in text:
                page.write_number(number, place, float(text))
            else:
                page.write_string(number, place, text)
    made.close()
    bring(small, "booking", path, write_mapping(tmp_path), sheet="Bookings")
    from_book = records(small, "booking"), records(small, "patient")
    again = bring_export(small, tmp_path, export)
    assert again.counts == (0, 0, 20, 0)
    assert len(from_book[0]) == 20
    assert from_book[1][0]["source_id"] == export.rows[0][0].removesuffix(".0")


# Mappings


def wrong(**words: Any) -> dict[str, Any]:
    return {**MAPPING, **words}


@pytest.mark.parametrize(
    ("mapping", "path", "problem"),
    [
        (wrong(entity="ward.bookings"), "$.entity", "there is no entity of that name"),
        (wrong(colums={}), "$.colums", "this word is not part of the language here"),
        (wrong(columns={"Age": "agee"}), "$.columns.Age", "there is no field of that name"),
        (wrong(match=["age"]), "$.match", "a row finds its record by a unique field that holds"),
        (wrong(match=["number"]), "$.match", "a row finds its record by a unique field that holds"),
        (wrong(columns={"Age": "age"}), "$.match", "no column fills this field"),
        (
            wrong(columns={"AppointmentID": "source_id", "A": "age", "B": "age"}),
            "$.columns.B",
            "another column fills this field already",
        ),
        (
            wrong(columns={"AppointmentID": "source_id", "No": "number"}),
            "$.columns.No",
            "the product fills this field",
        ),
        (
            wrong(columns={"AppointmentID": "source_id", "S": "status"}),
            "$.columns.S",
            "there is no field of that name",
        ),
        (
            wrong(columns={"AppointmentID": "source_id", "A": {"field": "age", "read": "date"}}),
            "$.columns.A.read",
            "a field of type integer is not read so",
        ),
        (
            wrong(columns={"AppointmentID": "source_id", "A": {"field": "age", "by": "x"}}),
            "$.columns.A.by",
            "only a reference is found by a field of another record",
        ),
        (
            wrong(status={"column": "No-show", "values": {"Yes": "away"}}),
            "$.status.values.Yes",
            "there is no state of that name",
        ),
        (
            wrong(refuse=[{"column": "Age", "because": "x"}]),
            "$.refuse[0]",
            "a rule that refuses nothing",
        ),
        (wrong(ignore=["Age"]), "$.ignore[0]", "this column is mapped and cannot be left out"),
        (
            wrong(related=[{**MAPPING["related"][0], "field": "age"}]),
            "$.related[0].field",
            "this field is no reference to another record",
        ),
        (
            wrong(
                related=[
                    {
                        "field": "patient",
                        "match": ["source_id"],
                        "columns": {
                            "PatientId": "source_id",
                            "Gender": {"field": "sex", "values": {"F": "female"}},
                        },
                    }
                ]
            ),
            "$.related[0].columns.Gender.values.F",
            "there is no option of that name",
        ),
    ],
)
def test_a_mapping_file_is_checked_like_a_definition(
    small: Space, tmp_path: Path, mapping: dict[str, Any], path: str, problem: str
) -> None:
    rows = make_export(1).write(tmp_path / "export.csv")
    with pytest.raises(DefinitionErrors) as refused:
        bring(small, "booking", rows, write_mapping(tmp_path, mapping))
    found = {one.path: one for one in refused.value.problems}
    assert path in found, found
    assert found[path].problem.startswith(problem)
    assert found[path].file == str(tmp_path / "mapping.json")


def test_every_mistake_of_a_mapping_is_said_at_once(small: Space, tmp_path: Path) -> None:
    rows = make_export(1).write(tmp_path / "export.csv")
    mapping = wrong(columns={"Age": "agee", "Day": "dayy"}, match=["nothing"])
    with pytest.raises(DefinitionErrors) as refused:
        bring(small, "booking", rows, write_mapping(tmp_path, mapping))
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("text", ["", "{", "[]", '{"entity": 1, "entity": 2}', "NaN"])
def test_a_mapping_that_is_no_json_is_refused_with_its_place(
    small: Space, tmp_path: Path, text: str
) -> None:
    rows = make_export(1).write(tmp_path / "export.csv")
    path = write_csv(tmp_path, text, "mapping.json")
    with pytest.raises(DefinitionErrors) as refused:
        bring(small, "booking", rows, str(path))
    assert refused.value.problems[0].file == str(path)


def test_a_column_that_the_mapping_names_and_the_file_lacks_is_an_error(
    small: Space, tmp_path: Path
) -> None:
    rows = write_csv(tmp_path, "PatientId,AppointmentID\n1,2\n")
    with pytest.raises(Refused) as refused:
        bring(small, "booking", rows, write_mapping(tmp_path))
    assert refused.value.message.key == "transfer.missing_columns"
    assert "Gender" in refused.value.message.params["columns"]


def test_headings_may_differ_in_case_but_not_stand_twice(small: Space, tmp_path: Path) -> None:
    export = make_export(2)
    text = export.write(tmp_path / "export.csv").read_text("utf-8")
    head, _, rest = text.partition("\n")
    other = write_csv(tmp_path, head.upper() + "\n" + rest)
    assert bring(small, "booking", other, write_mapping(tmp_path)).counts == (2, 0, 0, 0)
    double = write_csv(tmp_path, head.replace("Age", "gender") + "\n" + rest)
    with pytest.raises(Refused) as refused:
        bring(small, "booking", double, write_mapping(tmp_path))
    assert refused.value.message.key in ("transfer.repeated_column", "transfer.missing_columns")


def test_a_mapping_that_a_module_brings_is_found_by_its_name(lite: Space, tmp_path: Path) -> None:
    source = ward()
    brought = File("imports/old_system.json", "import", dict(MAPPING))
    lite.publish(ModuleSource("ward", (*source.files, brought)))
    rows = make_export(3).write(tmp_path / "export.csv")
    assert bring(lite, "booking", rows, "ward.old_system").counts == (3, 0, 0, 0)
    assert bring(lite, "booking", rows, "old_system").counts == (0, 0, 3, 0)
    with pytest.raises(Refused) as refused:
        bring(lite, "booking", rows, "old_sistem")
    assert refused.value.message.params["suggestion"] == "ward.old_system"
    with pytest.raises(Refused) as refused:
        bring(lite, "patient", rows, "old_system")
    assert refused.value.message.key == "transfer.other_entity"


# Previews


def test_a_preview_says_what_a_run_does_and_writes_nothing(ready: Space, tmp_path: Path) -> None:
    export = make_export(1_300, bad=(1, 2, 1_250))
    export.rows[40][1] = export.rows[39][1]
    path, mapping = export.write(tmp_path / "export.csv"), write_mapping(tmp_path)
    before = everything_in(ready)
    found = try_out(ready, "booking", path, mapping)
    assert everything_in(ready) == before
    done = bring(ready, "booking", path, mapping)
    assert (found.created, found.updated, found.skipped, found.refused) == done.counts
    assert found.related == done.run.related
    assert [(one.number, one.reason) for one in found.refusals] == [
        (number, reason) for number, reason, _ in done.refused
    ]
    after = everything_in(ready)
    again = try_out(ready, "booking", path, mapping, on_duplicate="update")
    # The row that repeats an identifier says something else of the record.
    assert (again.created, again.updated, again.related) == (0, 1, 0)
    assert everything_in(ready) == after
