"""The real export of appointments, where it lies beside the checkout: never part of it."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

import pytest

from constructor.publish import BUNDLED, complete, read_folder
from tests.kit.workspace import Space
from tests.transfer.kit import bring, records

REAL = Path(__file__).parents[2].parent / "shared/data/appointments/appointments.csv"
# Every so many rows, and around those that cannot be taken.
STRIDE = 90
BAD = (27_035, 55_228, 64_177, 71_535, 72_364, 99_834)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    if not REAL.is_file():
        pytest.skip("the real export is not here")
    path = tmp_path / "sample.csv"
    with REAL.open(encoding="utf-8", newline="") as file, path.open("w", encoding="utf-8") as out:
        for number, line in enumerate(file, 1):
            broken = "E-" in line.partition(",")[0]
            if number == 1 or number % STRIDE == 0 or number in BAD or broken:
                out.write(line)
    return path


def test_a_sample_of_the_real_export_comes_into_the_clinic(lite: Space, sample: Path) -> None:
    modules = complete(read_folder(BUNDLED / "clinic"), BUNDLED)
    lite.publish(*modules.values())
    with sample.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    done = bring(lite, "appointment", sample, "clinic.appointments_export")

    assert done.run.created == len(rows) - len(BAD)
    reasons = [reason for _, reason, _ in done.refused]
    assert reasons == ["The appointment is on a day before it was booked"] * 5 + [
        "The age is below zero"
    ]
    patients = records(lite, "patient")
    assert len(patients) == len({row["PatientId"] for row in rows})
    assert "93779.52927" in {one["source_id"] for one in patients}
    assert {one["birth_date"] for one in patients} == {None}
    assert lite.get("patient", 1).title == patients[0]["source_id"]
    appointments = {one["source_id"]: one for one in records(lite, "appointment")}
    for row in islice(rows, 200):
        found = appointments.get(row["AppointmentID"])
        if found:
            assert found["status"] == ("no_show" if row["No-show"] == "Yes" else "done")
            assert found["day"] == row["AppointmentDay"][:10]
            assert found["booked_at"] == row["ScheduledDay"]
            assert found["age_at_visit"] == int(row["Age"])
    again = bring(lite, "appointment", sample, "clinic.appointments_export")
    assert again.counts == (0, 0, done.run.created, 6)
