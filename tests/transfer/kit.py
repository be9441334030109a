"""An export of appointments with the oddities of real ones, made here, and what loads it."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from runtime.access.actor import Actor, product_actor
from runtime.definitions.bundle import ModuleSource
from runtime.kernel.locale import locale_of
from runtime.records import find, wire
from runtime.storage.engine import reading
from runtime.transfer.batch import OnDuplicate
from runtime.transfer.job import make_job
from runtime.transfer.preview import Preview, preview
from runtime.transfer.run import Run, finish, load, refusals
from runtime.transfer.sheet import open_sheet
from tests.kit.builders import entity, field, module, workflow
from tests.kit.workspace import Space

HEADER = (
    "PatientId,AppointmentID,Gender,ScheduledDay,AppointmentDay,Age,Neighbourhood,Scholarship,"
    "Hipertension,Diabetes,Handcap,SMS_received,No-show"
).split(",")
DISTRICTS = ("RESISTÊNCIA", "SÃO JOSÉ", "Sumqayıt", "CENTRO", "ILHA DO PRÍNCIPE")

MAPPING: dict[str, Any] = {
    "entity": "ward.booking",
    "match": ["source_id"],
    "columns": {
        "AppointmentID": {"field": "source_id", "read": "number_as_text"},
        "ScheduledDay": "booked_at",
        "AppointmentDay": {"field": "day", "read": "date"},
        "Age": "age",
        "SMS_received": "reminded",
    },
    "related": [
        {
            "field": "patient",
            "match": ["source_id"],
            "columns": {
                "PatientId": {"field": "source_id", "read": "number_as_text"},
                "Gender": {"field": "sex", "values": {"F": "one", "M": "two"}},
                "Neighbourhood": "district",
                "Scholarship": "welfare",
                "Hipertension": {"field": "illnesses", "values": {"1": "pressure", "0": None}},
                "Diabetes": {"field": "illnesses", "values": {"1": "sugar", "0": None}},
            },
        }
    ],
    "status": {"column": "No-show", "values": {"No": "done", "Yes": "missed"}},
    "refuse": [
        {"column": "Age", "below": 0, "above": 120, "because": "No such age"},
        {
            "column": "AppointmentDay",
            "day_before": "ScheduledDay",
            "because": "Before it was booked",
        },
    ],
    "ignore": ["Handcap"],
}


def ward(**more: Any) -> ModuleSource:
    """Patients and their bookings, as small as the export allows."""
    illnesses = [{"key": "pressure", "title": "Pressure"}, {"key": "sugar", "title": "Sugar"}]
    return module(
        "ward",
        entity(
            "patient",
            words={"titled_by": ["{name}", "{source_id}"]},
            name="text",
            source_id=field("text", unique=True),
            sex="choice",
            district="text",
            welfare="boolean",
            illnesses=field("choices", options=illnesses),
            born="date",
        ),
        entity(
            "booking",
            words={"status": "ward.booking.flow", "titled_by": "{number}"},
            required=("patient", "day"),
            number=field("sequence", pattern="B-{counter:4}"),
            patient=field("reference", to="ward.patient", inverse="bookings"),
            doctor="text",
            day="date",
            booked_at="datetime",
            age=field("integer", minimum=0),
            reminded="boolean",
            source_id=field("text", unique=True),
            **more,
        ),
        workflow(
            "ward.booking.flow",
            "ward.booking",
            [{"key": "booked", "title": "Booked", "requires": ["doctor"]}, "done", "missed"],
            [{"key": "finish", "from": ["booked"], "to": "done"}],
        ),
    )


@dataclass(frozen=True)
class Export:
    """Rows of a made-up export; row 0 of `rows` is row 2 of the file."""

    rows: list[list[str]]

    def write(self, path: Path) -> Path:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(self.rows)
        return path


def make_export(count: int, *, seed: int = 1, bad: Sequence[int] = ()) -> Export:
    """`count` rows of about half as many patients; those at the places `bad` cannot be taken."""
    dice = random.Random(seed)  # noqa: S311 - test data
    patients = [_patient(dice, number) for number in range(max(1, count // 2))]
    rows = []
    for number in range(count):
        patient = patients[number % len(patients)]
        day = date(2016, 4, 29) + timedelta(days=dice.randrange(40))
        booked = datetime(2016, 4, 1) + timedelta(seconds=dice.randrange(28 * 86400))
        age = str(dice.choice([0, 3, 40, 62, 115]))
        if number in bad:
            age, booked = ("-1", booked) if number % 2 else (age, booked + timedelta(days=90))
        rows.append(
            [
                patient[0] if number % 3 else _as_float(patient[0]),
                str(5_000_000 + number),
                patient[1],
                booked.strftime("%Y-%m-%dT%H:%M:%SZ"),
                f"{day.isoformat()}T00:00:00Z",
                age,
                patient[2],
                patient[3],
                patient[4],
                patient[5],
                "0",
                dice.choice("01"),
                dice.choice(["No", "No", "No", "Yes"]),
            ]
        )
    return Export(rows)


def _patient(dice: random.Random, number: int) -> list[str]:
    identity = str(29_872_499_824_296 + 7919 * number)
    if number % 50 == 7:
        # What a spreadsheet makes of an identifier.
        identity = f"{9_377_952_927 + number}E-5"
    return [
        identity,
        dice.choice("FM"),
        dice.choice(DISTRICTS),
        dice.choice("01"),
        dice.choice("01"),
        dice.choice("01"),
    ]


def _as_float(identity: str) -> str:
    return identity if "E" in identity else f"{identity}.0"


def write_mapping(folder: Path, mapping: Mapping[str, Any] = MAPPING) -> str:
    path = folder / "mapping.json"
    path.write_text(json.dumps(mapping), "utf-8")
    return str(path)


def write_csv(folder: Path, text: str, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def importer(space: Space) -> Actor:
    return product_actor(locale_of(space.settings), "import")


@contextmanager
def job_of(
    space: Space,
    key: str,
    path: Path,
    mapping: str | None = None,
    on_duplicate: str = "skip",
    sheet: str | None = None,
) -> Iterator[Any]:
    with open_sheet(path, sheet) as opened:
        with space.service.reading() as (connection, model):
            job = make_job(
                connection,
                model.catalog,
                model.catalog.by_key[key],
                opened,
                page=sheet,
                mapping=mapping,
                on_duplicate=OnDuplicate(on_duplicate),
            )
        yield job


@dataclass(frozen=True)
class Done:
    """A finished run and the rows that it refused: (number, reason, cells)."""

    run: Run
    refused: list[tuple[int, str, list[str]]]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return self.run.created, self.run.updated, self.run.skipped, self.run.refused


def bring(space: Space, key: str, path: Path, mapping: str | None = None, **words: Any) -> Done:
    """Imports the file."""
    with job_of(space, key, path, mapping, **words) as job:
        run = load(space.service, importer(space), job)
        with reading(space.engine) as connection:
            refused = list(refusals(connection, run.id))
        finish(space.service, importer(space), job, run)
    return Done(run, refused)


def try_out(
    space: Space, key: str, path: Path, mapping: str | None = None, **words: Any
) -> Preview:
    with job_of(space, key, path, mapping, **words) as job:
        return preview(space.service, importer(space), job)


def everything_in(space: Space) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, without what differs from run to run."""
    return {name: space.snapshot(name) for name in TABLES}


TABLES = (
    "ward_patient",
    "ward_booking",
    "sys_operation",
    "sys_change",
    "sys_status_log",
    "sys_counter",
    "sys_import",
    "sys_import_error",
)


def records(space: Space, key: str) -> list[dict[str, Any]]:
    """All records, oldest first, as REST shows them."""
    with space.reading() as ctx:
        shape = wire.Shape(ctx.catalog.by_key[key], wire.record_keys(ctx.catalog.by_key[key]))
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            query = find.Query(
                shape.entity, fields=shape.keys, sort="id", limit=500, bare=True, cursor=cursor
            )
            page, cursor = wire.read_page(ctx, query, shape)
            found += page
        return found
