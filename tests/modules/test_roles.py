"""A day at the clinic: what each role does, and what it may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runtime.access.policy import visible
from runtime.kernel.errors import Forbidden, NotFound, Refused, ValidationFailed
from tests.kit.workspace import Space
from tests.modules.conftest import as_role


def first(space: Space, key: str, **values: Any) -> int:
    """Some record of the demo data with these values."""
    return next(
        one.id
        for one in space.find(key, limit=200)
        if all(one.values[name] == value for name, value in values.items())
    )


def booking(space: Space, **values: Any) -> dict[str, Any]:
    """What reception fills in for an appointment tomorrow."""
    return {
        "patient": first(space, "patient"),
        "service": first(space, "service", name="ECG"),
        "practitioner": first(space, "practitioner"),
        "day": "2026-03-03",
        "starts_at": "2026-03-03T06:00:00Z",
        **values,
    }


def test_reception_takes_a_patient_from_the_first_call_to_the_doctors_door(clinic: Space) -> None:
    desk = as_role(clinic, "receptionist")
    patient = clinic.create("patient", desk, full_name="Həbib Novruzov", phone="050 555 01 77")
    appointment = clinic.create("appointment", desk, **booking(clinic, patient=patient))
    found = clinic.get("appointment", appointment, desk)
    assert found.title == "Həbib Novruzov, ECG"
    assert found.values["number"] == "A-2026-00121"
    assert found.values["status"] == "booked"

    clinic.update("appointment", appointment, {"starts_at": "2026-03-03T07:30:00Z"}, desk)
    for step in ("confirm", "arrive"):
        clinic.move("appointment", appointment, step, desk)
    assert clinic.get("appointment", appointment, desk).values["status"] == "arrived"
    with pytest.raises(Forbidden):
        clinic.move("appointment", appointment, "begin", desk)


def test_the_doctor_sees_the_patient_and_writes_and_signs_the_visit(clinic: Space) -> None:
    doctor = as_role(clinic, "doctor")
    appointment = first(clinic, "appointment", status="arrived")
    clinic.move("appointment", appointment, "begin", doctor)
    kept = clinic.get("appointment", appointment, doctor).values
    clinic.update("patient", kept["patient"].id, {"allergies": ["latex"]}, doctor)
    visit = clinic.create(
        "visit", doctor,
        patient=kept["patient"].id,
        practitioner=kept["practitioner"].id,
        appointment=appointment,
        day=kept["day"].isoformat(),
        complaints="Headache",
    )  # fmt: skip
    clinic.move("appointment", appointment, "finish", doctor)
    with pytest.raises(ValidationFailed) as refused:
        clinic.move("visit", visit, "sign", doctor)
    assert set(refused.value.first) == {"diagnosis", "conclusion"}
    clinic.move("visit", visit, "sign", doctor, diagnosis="Migraine", conclusion="No danger")
    assert clinic.get("visit", visit, doctor).values["status"] == "signed"


def test_a_cancelled_appointment_says_why_and_can_be_booked_again(clinic: Space) -> None:
    desk = as_role(clinic, "receptionist")
    appointment = clinic.create("appointment", desk, **booking(clinic))
    with pytest.raises(ValidationFailed) as refused:
        clinic.move("appointment", appointment, "cancel", desk)
    assert set(refused.value.first) == {"cancel_reason"}
    clinic.move("appointment", appointment, "cancel", desk, cancel_reason="Fell ill")
    clinic.move("appointment", appointment, "rebook", desk)
    clinic.move("appointment", appointment, "miss", desk)
    clinic.move("appointment", appointment, "come_late", desk)
    assert clinic.get("appointment", appointment, desk).values["status"] == "arrived"


@pytest.mark.parametrize("lacking", ["service", "practitioner", "starts_at"])
def test_a_booked_appointment_has_service_doctor_and_start(demo: Space, lacking: str) -> None:
    values = booking(demo)
    del values[lacking]
    with pytest.raises(ValidationFailed) as refused:
        demo.create("appointment", as_role(demo, "receptionist"), **values)
    assert set(refused.value.first) == {lacking}


def test_what_came_from_an_old_system_enters_as_done_with_patient_and_day_alone(
    clinic: Space,
) -> None:
    patient = clinic.create("patient", source_id="29872499824296")
    assert clinic.get("patient", patient).title == "29872499824296"
    row = {"patient": patient, "day": "2016-04-29", "source_id": "5642903"}
    [appointment] = clinic.create_many("appointment", [row], states=["done"])
    found = clinic.get("appointment", appointment)
    assert (found.title, found.values["status"]) == ("29872499824296", "done")
    [late] = clinic.create_many("appointment", [{**row, "source_id": "2"}], states=["no_show"])
    with pytest.raises(ValidationFailed):
        clinic.move("appointment", late, "come_late")


def test_a_patient_has_a_name_or_a_number_of_the_old_system(demo: Space) -> None:
    with pytest.raises(ValidationFailed) as refused:
        demo.create("patient", as_role(demo, "receptionist"), phone="050 555 01 77")
    assert set(refused.value.first) == {"full_name"}


def test_a_client_is_linked_to_one_patient_at_most(demo: Space) -> None:
    client = next(
        one.values["client"].id for one in demo.find("patient", limit=200) if one.values["client"]
    )
    with pytest.raises(ValidationFailed) as refused:
        demo.create("patient", full_name="Twin", client=client)
    assert set(refused.value.first) == {"client"}


def test_the_manager_corrects_everything_but_signs_for_nobody(clinic: Space) -> None:
    manager = as_role(clinic, "manager")
    appointment = first(clinic, "appointment", status="arrived")
    for step in ("begin", "finish"):
        clinic.move("appointment", appointment, step, manager)
    service = clinic.create(
        "service", manager, name="Massage", duration="PT40M", price={"amount": "35.00"}
    )
    clinic.delete("service", service, actor=manager)
    clinic.restore("service", service, actor=manager)
    visit = first(clinic, "visit", status="draft")
    clinic.update("visit", visit, {"diagnosis": "Corrected"}, manager)
    with pytest.raises(Forbidden):
        clinic.move("visit", visit, "sign", manager, conclusion="Mine")


def test_a_patient_with_appointments_stays_and_a_client_takes_its_contacts_along(
    clinic: Space,
) -> None:
    manager = as_role(clinic, "manager")
    with pytest.raises(Refused):
        clinic.delete("patient", first(clinic, "patient"), actor=manager)
    contact = clinic.find("contact", limit=1)[0]
    clinic.delete("client", contact.values["client"].id, actor=manager)
    with pytest.raises(NotFound):
        clinic.get("contact", contact.id)


def test_each_role_sees_its_part_of_the_menu(demo: Space) -> None:
    def menu(role: str) -> set[str]:
        with demo.reading(as_role(demo, role)) as ctx:
            return {entity.key for entity in visible(ctx.catalog, ctx.actor)}

    everything = menu("manager")
    assert menu("receptionist") == everything - {"visit"}
    assert menu("doctor") == everything - {"contact"}


Act = Callable[[Space, Any], Any]
DENIED: list[tuple[str, str, Act]] = [
    ("receptionist", "see a visit", lambda s, who: s.get("visit", first(s, "visit"), who)),
    ("receptionist", "list visits", lambda s, who: s.find("visit", who)),
    ("receptionist", "write a visit", lambda s, who: s.create("visit", who)),
    ("receptionist", "change prices", lambda s, who: s.update(
        "service", first(s, "service"), {"price": {"amount": "1.00"}}, who)),
    ("receptionist", "bin an appointment", lambda s, who: s.delete(
        "appointment", first(s, "appointment", status="cancelled"), actor=who)),
    ("receptionist", "finish", lambda s, who: s.move(
        "appointment", first(s, "appointment", status="in_progress"), "finish", who)),
    ("doctor", "book", lambda s, who: s.create("appointment", who, **booking(s))),
    ("doctor", "cancel", lambda s, who: s.move(
        "appointment", first(s, "appointment", status="booked"), "cancel", who)),
    ("doctor", "see contacts", lambda s, who: s.find("contact", who)),
    ("doctor", "change a client", lambda s, who: s.update(
        "client", first(s, "client"), {"name": "X"}, who)),
    ("doctor", "bin a visit", lambda s, who: s.delete("visit", first(s, "visit"), actor=who)),
    ("doctor", "add a doctor", lambda s, who: s.create("practitioner", who, full_name="X")),
]  # fmt: skip


@pytest.mark.parametrize(("role", "what", "act"), DENIED, ids=[f"{r}: {w}" for r, w, _ in DENIED])
def test_no_role_goes_beyond_its_rights(demo: Space, role: str, what: str, act: Act) -> None:
    before = demo.sql("SELECT count(*) FROM sys_change")
    with pytest.raises((Forbidden, NotFound)):
        act(demo, as_role(demo, role))
    assert demo.sql("SELECT count(*) FROM sys_change") == before
