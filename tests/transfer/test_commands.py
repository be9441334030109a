"""`qurucu import` and `qurucu export`: what they print and how they end."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from constructor.cli import main
from tests.kit.workspace import Space, make_space, sqlite_url
from tests.transfer.kit import make_export, records, ward, write_csv, write_mapping


@pytest.fixture
def shop(tmp_path: Path) -> Space:
    made = make_space(sqlite_url(tmp_path))
    made.publish(ward())
    yield made  # type: ignore[misc]
    made.engine.dispose()


def run(folder: Path, *words: str) -> Result:
    environment = {"QURUCU_DATA": str(folder), "QURUCU_DATABASE_URL": sqlite_url(folder)}
    return CliRunner().invoke(main, words, env=environment)


def bring(folder: Path, *words: str, rows: int = 20) -> Result:
    path = make_export(rows, bad=(3, 4)).write(folder / "export.csv")
    return run(folder, "import", "booking", str(path), "--mapping", write_mapping(folder), *words)


def test_an_import_says_what_became_of_the_rows_and_where_the_refused_ones_are(
    shop: Space, tmp_path: Path
) -> None:
    done = bring(tmp_path)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("export.csv: 20 rows. 18 new booking")
    assert "10 records that they point at" in lines[0]
    assert "Refused: 2." in lines
    assert "  row 5: No such age" in lines
    assert "  row 6: Before it was booked" in lines
    listed = Path(lines[-1].rpartition(": ")[2])
    assert listed.is_relative_to(tmp_path)
    with listed.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert (found[0]["qurucu:row"], found[0]["Age"]) == ("5", "-1")

    again = bring(tmp_path)
    assert again.exit_code == 0
    assert "There already: 18." in again.stdout


def test_an_import_speaks_json_too(shop: Space, tmp_path: Path) -> None:
    told = json.loads(bring(tmp_path, "--json").stdout)
    assert {key: told[key] for key in ("rows", "created", "skipped", "refused", "related")} == {
        "rows": 20, "created": 18, "skipped": 0, "refused": 2, "related": 10,
    }  # fmt: skip
    assert told["errors"][0] == {"row": 5, "reason": "No such age"}
    assert told["columns"]["Gender"] == "patient.sex"
    assert told["not_imported"] == []
    assert Path(told["refused_file"]).is_file()


def test_a_dry_run_shows_the_mapping_and_writes_nothing(shop: Space, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    done = bring(tmp_path, "--dry-run")
    assert done.exit_code == 0
    assert "  Gender -> patient.sex" in done.stdout
    assert "  found again by source_id" in done.stdout
    assert "Refused: 2." in done.stdout
    assert "  row 5: No such age" in done.stdout
    assert records(shop, "booking") == []
    assert shop.sql("SELECT count(*) FROM sys_import") == [(0,)]
    made = {path.name for path in set(tmp_path.rglob("*")) - set(before)}
    assert made <= {"export.csv", "mapping.json", "secret_key"}


def test_columns_that_nothing_takes_are_said_aloud(shop: Space, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "source_id,Shoe size,district\n1,42,Centre\n")
    done = run(tmp_path, "import", "patient", str(path))
    assert done.exit_code == 0
    assert "Not imported, no field is named for them: “Shoe size”" in done.stderr


def test_rows_that_nothing_tells_apart_are_a_warning(shop: Space, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "district\nCentre\n")
    done = run(tmp_path, "import", "patient", str(path))
    assert "No column tells" in done.stderr
    assert len(records(shop, "patient")) == 1


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("foo,bar\n1,2\n", (), "No column is called like a field."),
        ("source_id\n", (), "Nothing was loaded."),
        ("source_id,sex\n1,unknown\n", (), "Nothing was loaded."),
        ("source_id\n1\n", ("--sheet", "Data"), "rows.csv is a CSV and has no sheets"),
        ("source_id\n1\n", ("--mapping", "nobody"), "There is no mapping nobody"),
        ("a\x00b\n", (), "holds bytes that are no text"),
    ],
)
def test_a_job_that_loads_nothing_ends_with_one_clear_line(
    shop: Space, tmp_path: Path, text: str, words: tuple[str, ...], line: str
) -> None:
    path = write_csv(tmp_path, text)
    done = run(tmp_path, "import", "patient", str(path), *words)
    assert done.exit_code == 1
    assert done.stderr.strip().splitlines()[-1].find(line) >= 0, done.stderr
    assert "Traceback" not in done.output


def test_a_mapping_with_mistakes_is_refused_with_all_of_them(shop: Space, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a\n1\n")
    mapping = tmp_path / "m.json"
    mapping.write_text('{"entity": "ward.patient", "columns": {"a": "sexx"}, "match": ["b"]}')
    done = run(tmp_path, "import", "patient", str(path), "--mapping", str(mapping))
    assert done.exit_code == 1
    assert f"{mapping}: $.columns.a: there is no field of that name" in done.stderr
    assert "did you mean sex?" in done.stderr
    assert "$.match" in done.stderr


@pytest.mark.parametrize(
    "command", [("import", "patients", "x.csv"), ("export", "patients", "x.csv")]
)
def test_an_entity_that_is_not_there_is_an_error(
    shop: Space, tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = run(tmp_path, *command)
    assert done.exit_code == 1
    assert "There is no entity patients; did you mean patient?" in done.stderr


@pytest.mark.parametrize(
    "words", [("import", "patient"), ("import", "patient", "x.csv", "--on-duplicate", "merge")]
)
def test_wrong_usage_is_exit_code_two(shop: Space, tmp_path: Path, words: tuple[str, ...]) -> None:
    assert run(tmp_path, *words).exit_code == 2


def test_an_export_says_how_many_records_it_wrote(shop: Space, tmp_path: Path) -> None:
    bring(tmp_path)
    path = tmp_path / "out.csv"
    done = run(tmp_path, "export", "booking", str(path), "--filter", "status=missed")
    assert done.exit_code == 0
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert done.stdout.startswith(f"Wrote {len(found)} ")
    assert {row["status"] for row in found} == {"missed"}
    told = json.loads(run(tmp_path, "export", "patient", str(path), "--json").stdout)
    assert told["records"] == 10


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--filter", "colour=red"), 1),
        (("--filter", "day__gte=tomorrow"), 1),
        (("--filter", "nothing"), 2),
    ],
)
def test_a_filter_that_means_nothing_is_an_error(
    shop: Space, tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    done = run(tmp_path, "export", "booking", str(tmp_path / "out.csv"), *words)
    assert done.exit_code == code
    assert not (tmp_path / "out.csv").exists()


def test_a_folder_that_is_not_there_is_an_error(shop: Space, tmp_path: Path) -> None:
    done = run(tmp_path, "export", "patient", str(tmp_path / "nowhere" / "out.csv"))
    assert done.exit_code == 1
    assert "There is no folder" in done.stderr
