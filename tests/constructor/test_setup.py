"""The first run: from an empty workspace to a working one, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from constructor.setup.regions import region, regions, zones
from constructor.workspace import prepare_if_empty
from runtime.kernel.workspace import LANGUAGES
from runtime.storage.engine import make_engine
from tests.kit.visitor import Visitor, make_app, text_of
from tests.kit.workspace import Space, sqlite_url

ANSWERS = {
    "language": "en",
    "name": "Aygün",
    "email": "aygun@example.az",
    "password": "long enough",
    "company": "Sağlam",
    "country": "TR",
    "currency": "",
    "timezone": "",
    "trade": "clinic",
    "demo": "1",
}


@pytest.fixture
def arrive(tmp_path: Path) -> Iterator[Callable[[Space], Visitor]]:
    apps = []

    def come(space: Space) -> Visitor:
        apps.append(make_app(space, tmp_path))
        return Visitor(apps[-1])

    yield come
    for app in apps:
        app.extensions["qurucu"].service.engine.dispose()


def test_every_page_of_an_empty_workspace_leads_to_the_first_run(
    space: Space, arrive: Callable[[Space], Visitor]
) -> None:
    visitor = arrive(space)
    for path in ("/", "/login", "/e/patient", "/nowhere"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/setup")
    assert visitor.get("/healthz").status_code == 200
    page = visitor.get("/setup")
    assert page.status_code == 200
    assert "Set up your workspace" in text_of(page)
    assert "Start empty" in text_of(page)


def test_the_answers_make_a_working_clinic_and_sign_its_owner_in(
    space: Space, arrive: Callable[[Space], Visitor]
) -> None:
    visitor = arrive(space)
    answer = visitor.send("/setup", ANSWERS)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    home = visitor.get("/")
    assert "Everything is ready" in text_of(home)
    assert "Sağlam" in text_of(home)
    assert "Aygün" in text_of(home)
    patients = visitor.get("/e/patient")
    assert patients.status_code == 200
    assert 'scope="row"' in patients.text
    with space.service.reading() as (_, model):
        workspace = model.catalog.workspace
    assert (workspace.country, workspace.currency, workspace.timezone) == (
        "TR", "TRY", "Europe/Istanbul",
    )  # fmt: skip
    assert visitor.get("/setup").status_code == 404
    assert visitor.client.post("/setup", data=ANSWERS).status_code in (403, 404)
    stranger = arrive(space)
    assert stranger.get("/setup").status_code == 404
    assert stranger.get("/").headers["Location"] == "/login"
    signed = stranger.send("/login", {"email": "aygun@example.az", "password": "long enough"})
    assert signed.status_code == 303


def test_a_workspace_begins_empty_when_no_trade_is_chosen(
    lite: Space, arrive: Callable[[Space], Visitor]
) -> None:
    visitor = arrive(lite)
    visitor.send("/setup", {**ANSWERS, "trade": ""})
    assert "No module is installed yet" in text_of(visitor.get("/"))


MISTAKES = [
    ({"email": "nobody"}, "nobody is not an e-mail address"),
    ({"password": "short"}, "A password has at least 8 characters"),
    ({"country": "<b>"}, "<b> is not a country code"),
    ({"currency": "XXXX"}, "XXXX is not a currency code"),
    ({"timezone": "Mars/Base"}, "Mars/Base is not a time zone"),
    ({"trade": "piracy"}, "Not one of the options"),
]


@pytest.mark.parametrize(("change", "said"), MISTAKES)
def test_what_does_not_fit_is_said_beside_its_input_and_nothing_is_done(
    lite: Space, arrive: Callable[[Space], Visitor], change: dict[str, str], said: str
) -> None:
    visitor = arrive(lite)
    answer = visitor.send("/setup", {**ANSWERS, **change})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="Sağlam"' in answer.text
    assert "long enough" not in answer.text
    assert lite.sql("SELECT count(*) FROM sys_user")[0][0] == 0
    assert lite.sql("SELECT number FROM sys_published")[0][0] == 0


def test_a_first_run_that_was_cut_off_is_simply_begun_again(
    lite: Space, arrive: Callable[[Space], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = arrive(lite)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("constructor.setup.add_person", lambda *_, **__: cut())
        with pytest.raises(KeyboardInterrupt):
            visitor.send("/setup", ANSWERS)
    assert lite.sql("SELECT count(*) FROM sys_user")[0][0] == 0
    before = lite.sql("SELECT count(*) FROM clinic_patient")
    assert visitor.send("/setup", ANSWERS).status_code == 303
    assert lite.sql("SELECT count(*) FROM clinic_patient") == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_every_language(
    lite: Space, arrive: Callable[[Space], Visitor], language: str
) -> None:
    visitor = arrive(lite)
    page = visitor.get(f"/setup?language={language}")
    assert f'<html lang="{language}">' in page.text
    visitor.send("/setup", {**ANSWERS, "language": language, "trade": ""})
    assert f'<html lang="{language}">' in visitor.get("/").text


def test_currency_and_zone_follow_from_every_country() -> None:
    assert region("AZ") == ("AZN", "Asia/Baku")
    assert region("UA") == ("UAH", "Europe/Kyiv")
    listed = regions("en")
    assert len(listed) > 200
    assert listed[0].code in {"AZ", "DE", "GE", "GB", "KZ", "RU", "TR", "US", "UZ"}
    assert {one.timezone for one in listed} <= set(zones())


def test_serving_prepares_an_empty_database_once(tmp_path: Path) -> None:
    engine = make_engine(sqlite_url(tmp_path))
    assert prepare_if_empty(engine)
    assert not prepare_if_empty(engine)
    engine.dispose()
