"""`make bench`: floor, ours and the ratio, on SQLite and PostgreSQL; writes `var/bench.json`."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench import data, floor, ours
from tests.kit.databases import free_port, postgres_database, postgres_server

WORKERS = "2"
WARM, ROUNDS = 20, 150
DEPTH = 50_000
FIGURES = "/aggregate?group=status&measure=count,sum:balance"
# Ratios to reach (limits.md).
TARGETS = {
    "list": 2.5, "filtered": 2.5, "deep": 2.5, "search": 1.5, "record": 4, "create": 3,
    "update": 3, "rest_list": 2, "rest_one": 2, "grouped": 1.3,
}  # fmt: skip


class Client:
    """One client. gunicorn's sync workers close the connection, so both sides open it anew."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.port, self.headers = port, headers or {}

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {**self.headers, **headers})
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, text, dict(answer.getheaders())
        finally:
            connection.close()

    def form(self, path: str, values: dict[str, str]) -> tuple[int, str, dict[str, str]]:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(values), **kind)


def sign_in(client: Client) -> None:
    """Puts the session's cookie into the client."""
    _, page, headers = client.ask("GET", "/login")
    cookie = headers.get("Set-Cookie", "").split(";")[0]
    token = _field(page, "_csrf")
    values = {"email": ours.EMAIL, "password": ours.PASSWORD, "_csrf": token}
    status, _, headers = client.ask(
        "POST", "/login", urlencode(values),
        **{"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie},
    )  # fmt: skip
    found = re.search(r"(qurucu=[^;]+)", headers.get("Set-Cookie", ""))
    if status != 303 or not found:
        raise SystemExit(f"could not sign in: {status}")
    client.headers["Cookie"] = found[1]


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""


def median_ms(work: Callable[[], Any]) -> float:
    for _ in range(WARM):
        work()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


@contextlib.contextmanager
def serving(
    command: list[str], port: int, path: str, environment: dict[str, str]
) -> Iterator[None]:
    """Runs a server until the block ends."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                Client(port).ask("GET", path)
                break
            time.sleep(0.1)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def checked(answer: tuple[int, str, dict[str, str]], *wanted: int) -> str:
    status, text, _ = answer
    if status not in wanted:
        raise SystemExit(f"unexpected answer {status}: {text[:300]}")
    return text


def measure_floor(port: int, ids: list[int]) -> dict[str, float]:
    client, each = Client(port), itertools.cycle(ids)
    new = {"name": "New one", "email": "n@example.az", "phone": "+994502123456", "city": "Baku",
           "note": "Hello", "balance": "12.50"}  # fmt: skip
    get = lambda path: checked(client.ask("GET", path), 200)  # noqa: E731
    return {
        "list": median_ms(lambda: get("/contacts")),
        "filtered": median_ms(lambda: get("/filtered?city=Baku")),
        "deep": median_ms(lambda: get(f"/contacts?offset={DEPTH}")),
        "search": median_ms(lambda: get("/search?q=mmad")),
        "record": median_ms(lambda: get(f"/contacts/{next(each)}")),
        "create": median_ms(lambda: checked(client.form("/contacts", new), 303)),
        "update": median_ms(_alternating(
            lambda city: checked(client.form(f"/contacts/{next(each)}", {"city": city}), 303)
        )),
        "rest_list": median_ms(lambda: get("/api/contacts")),
        "rest_one": median_ms(lambda: get(f"/api/contacts/{next(each)}")),
        "grouped": median_ms(lambda: get("/api/grouped")),
    }  # fmt: skip


def _alternating(work: Callable[[str], Any]) -> Callable[[], Any]:
    """Another value each time, so that every update changes something."""
    numbers = itertools.count()
    return lambda: work(f"City {next(numbers)}")


def measure_ours(port: int, ids: list[int], cursor: str, token: str) -> dict[str, float]:
    client, each = Client(port), itertools.cycle(ids)
    sign_in(client)
    api = Client(port, {"Authorization": f"Bearer {token}"})
    csrf = _field(checked(client.ask("GET", "/e/contact/new"), 200), "_csrf")
    numbers = itertools.count()
    records = "/api/v1/records/contact"

    def create() -> None:
        new = {"name": "New one", "email": "n@example.az", "phone": "+994502123456",
               "city": "Baku", "note": "Hello", "balance": "12.50", "_csrf": csrf,
               "_nonce": f"bench-{next(numbers)}"}  # fmt: skip
        checked(client.form("/e/contact/new", new), 303)

    def update(city: str) -> None:
        values = {"city": city, "_csrf": csrf, "_nonce": f"bench-{next(numbers)}"}
        checked(client.form(f"/e/contact/{next(each)}/edit", values), 303)

    get = lambda path: checked(client.ask("GET", path), 200)  # noqa: E731
    ask = lambda path: checked(api.ask("GET", path), 200)  # noqa: E731
    return {
        "list": median_ms(lambda: get("/e/contact")),
        "filtered": median_ms(lambda: get("/e/contact?city=Baku")),
        "deep": median_ms(lambda: get(f"/e/contact?cursor={cursor}")),
        "search": median_ms(lambda: get("/e/contact?q=mmad")),
        "record": median_ms(lambda: get(f"/e/contact/{next(each)}")),
        "create": median_ms(create),
        "update": median_ms(_alternating(update)),
        "rest_list": median_ms(lambda: ask(f"{records}?limit=50")),
        "rest_one": median_ms(lambda: ask(f"{records}/{next(each)}")),
        "grouped": median_ms(lambda: ask(records + FIGURES)),
    }  # fmt: skip


def bench(database: str, floor_url: str, ours_url: str, folder: Path) -> dict[str, Any]:
    print(f"{database}: filling {data.CONTACTS:,} contacts on both sides", flush=True)  # noqa: T201
    floor_ids = floor.fill(floor_url)
    our_ids, imported, environment = ours.fill(ours_url, folder)
    token = ours.run("token", "create", ours.EMAIL, environment=environment).splitlines()[-1]
    port = free_port()
    server = [sys.executable, "-m", "gunicorn", "-w", WORKERS, "-b", f"127.0.0.1:{port}"]
    app = [*server, f"tests.bench.floor:create_app({floor_url!r})"]
    with serving(app, port, "/contacts", dict(os.environ)):
        floor_ms = measure_floor(port, floor_ids)
    port = free_port()
    serve = [
        sys.executable,
        "-m",
        "constructor",
        "serve",
        "--port",
        str(port),
        "--workers",
        WORKERS,
    ]
    with serving(serve, port, "/healthz", environment):
        ours_ms = measure_ours(port, our_ids, ours.cursor_at(ours_url, DEPTH), token)
    figures: dict[str, Any] = {
        key: {
            "floor_ms": round(floor_ms[key], 2),
            "ours_ms": round(ours_ms[key], 2),
            "ratio": round(ours_ms[key] / floor_ms[key], 2),
        }
        for key in floor_ms
    }
    return {**figures, "import": imported}


def show(database: str, figures: dict[str, Any]) -> None:
    print(f"\n{database:12} {'floor ms':>9} {'ours ms':>9} {'ratio':>7} {'target':>7}")  # noqa: T201
    for key, target in TARGETS.items():
        one = figures[key]
        mark = "" if one["ratio"] <= target else "  above"
        both = f"{one['floor_ms']:9.2f} {one['ours_ms']:9.2f}"
        print(f"{key:12} {both} {one['ratio']:7.2f} {target:7}{mark}")  # noqa: T201
    deep = figures["deep"]["ours_ms"] / figures["list"]["ours_ms"]
    print(f"deep page is {deep:.2f} x the first page (at most 1.2)")  # noqa: T201
    print(f"import: {figures['import']['rows_per_s']:,} rows/s, {figures['import']['peak_mb']} MB")  # noqa: T201


def main() -> None:
    results: dict[str, Any] = {}
    only = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="qurucu-bench-") as home:
        if not only or "sqlite" in only:
            folder = Path(home) / "sqlite"
            folder.mkdir()
            urls = [f"sqlite:///{folder}/{name}.db" for name in ("floor", "ours")]
            results["sqlite"] = bench("sqlite", *urls, folder)
            show("sqlite", results["sqlite"])
        if not only or "postgresql" in only:
            with postgres_server(durable=True) as server:
                if server is None:
                    raise SystemExit("no PostgreSQL here: apt-get install postgresql")
                with postgres_database(server) as first, postgres_database(server) as second:
                    folder = Path(home) / "postgresql"
                    folder.mkdir()
                    results["postgresql"] = bench("postgresql", first, second, folder)
                    show("postgresql", results["postgresql"])
    target = Path("var/bench.json")
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    print(f"\nwrote {target}")  # noqa: T201


if __name__ == "__main__":
    main()
