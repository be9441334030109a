"""Our side of the benchmark: the same rows behind generated screens."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from runtime.query.page import Cursor, SortKey, write_cursor
from runtime.storage.engine import make_engine
from tests.bench import data
from tests.kit.builders import Json, entity, field, module, view, workflow, write_module

PASSWORD = "benchmark"
EMAIL = "bench@example.az"


def definitions() -> Json:
    """The module: contacts with twelve fields, companies, five entities that point at contacts."""
    contact = entity(
        "contact",
        words={"status": "bench.contact.flow", "titled_by": "{name}", "list_title": "Contacts"},
        name="text",
        email="email",
        phone="phone",
        city="text",
        balance="money",
        birth_date="date",
        company=field("reference", to="bench.company"),
        active="boolean",
        rating="integer",
        source=field("choice", options=[{"key": key, "title": key} for key in data.SOURCES]),
        note="text",
    )
    flow = workflow(
        "bench.contact.flow",
        "bench.contact",
        list(data.STATES),
        [{"key": f"to_{state}", "from": [s for s in data.STATES if s != state], "to": state}
         for state in data.STATES],
    )  # fmt: skip
    columns = [key for key in data.FIELDS if key != "name"]
    screen = view(
        "bench.contact.all", "bench.contact", settings={"columns": columns, "filters": ["city"]}
    )
    related = [
        entity(
            f"related{number}",
            title=field("text"),
            contact=field("reference", to="bench.contact"),
            day="date",
        )
        for number in range(1, data.RELATED + 1)
    ]
    return module("bench", entity("company", name="text"), contact, flow, screen, *related)


def run(*command: str, environment: dict[str, str]) -> str:
    """The `qurucu` program; raises when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "constructor", *command],
        check=True, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def fill(url: str, folder: Path) -> tuple[list[int], dict[str, float], dict[str, str]]:
    """A workspace with the benchmark's rows; (measured ids, import figures, environment)."""
    environment = {**os.environ, "QURUCU_DATABASE_URL": url, "QURUCU_DATA": str(folder / "data")}
    run("init", "--email", EMAIL, "--password", PASSWORD, environment=environment)
    home = write_module(folder / "modules", definitions())
    run("definitions", "publish", str(home), environment=environment)
    companies = folder / "companies.csv"
    companies.write_text("name\n" + "\n".join(data.company_names()) + "\n", "utf-8")
    run("import", "company", str(companies), environment=environment)
    contacts, mapping = folder / "contacts.csv", folder / "mapping.json"
    data.write_csv(contacts)
    mapping.write_text(json.dumps(_mapping()), "utf-8")
    began = time.perf_counter()
    run("import", "contact", str(contacts), "--mapping", str(mapping), environment=environment)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    figures = {"rows_per_s": round(data.CONTACTS / seconds), "peak_mb": round(peak)}
    return _relate(url), figures, environment


def _mapping() -> Json:
    columns: Json = {key: key for key in data.FIELDS if key not in ("status", "company")}
    columns["company"] = {"field": "company", "by": "name"}
    states = {state: state for state in data.STATES}
    return {
        "$schema": "urn:qurucu:schema:import:1",
        "entity": "bench.contact",
        "columns": columns,
        "status": {"column": "status", "values": states},
    }


def _relate(url: str) -> list[int]:
    """Rows in the related lists of the contacts whose pages are measured."""
    engine = make_engine(url)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        newest = sa.text("SELECT id FROM bench_contact ORDER BY id DESC LIMIT :count")
        ids = [row[0] for row in connection.execute(newest, {"count": data.MEASURED})]
        for number in range(1, data.RELATED + 1):
            put = sa.text(
                f"INSERT INTO bench_related{number} (uid, version, created_at, updated_at, title,"
                " title__fold, contact, search_fold)"
                " VALUES ('', 1, :at, :at, :title, :fold, :one, '')"
            )
            rows = [
                {"at": "2026-01-01 00:00:00", "title": f"Row {n}", "fold": f"row {n}", "one": one}
                for one in ids
                for n in range(data.RELATED_ROWS)
            ]
            connection.execute(put, rows)
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return ids


def cursor_at(url: str, depth: int) -> str:
    """The cursor of the page that begins after `depth` newer contacts."""
    engine = make_engine(url)
    with engine.connect() as connection:
        at = sa.text("SELECT id FROM bench_contact ORDER BY id DESC LIMIT 1 OFFSET :depth")
        record = connection.execute(at, {"depth": depth}).scalar_one()
    engine.dispose()
    return write_cursor(Cursor((record,), record), (SortKey("id", "id", True),))
