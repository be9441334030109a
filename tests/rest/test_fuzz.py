"""REST driven by a fuzzer of its own OpenAPI document, over a real connection."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from waitress.server import create_server

from tests.rest.caller import Caller

HOME = Path(__file__).parents[2]
# A sample with each run; `make faults` plays every phase and more examples.
WHOLE = os.environ.get("FAULTS") == "all"
EXAMPLES = "100" if WHOLE else "6"
PHASES = "examples,coverage,fuzzing,stateful" if WHOLE else "examples,fuzzing"
# What a schema cannot say (a record must exist, a number must be dialled somewhere, a sum needs
# its currency) is refused with these; undescribed statuses and 5xx never pass.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 304, 400, 404, 409, 412, 422]
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422]
"""


@pytest.fixture
def address(owner: Caller) -> Iterator[str]:
    """The app behind the server that serves it alone."""
    server = create_server(owner.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(10)


@pytest.fixture
def fuzzed(address: str, owner: Caller, tmp_path: Path) -> Callable[[], str]:
    """Runs the fuzzer; gives its report, and fails with it when something was found."""

    def run() -> str:
        (tmp_path / "fuzz.toml").write_text(CONFIG, "utf-8")
        command = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(tmp_path / "fuzz.toml"),
            "run", f"{address}/api/v1/openapi.json",
            "-H", f"Authorization: Bearer {owner.token}",
            "--phases", PHASES, "--max-examples", EXAMPLES, "--seed", "1",
            "--no-color", "--no-shrink", "--continue-on-failure", "--warnings", "off",
            "--generation-database", "none",
        ]  # fmt: skip
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1200)
        assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
        return done.stdout

    return run


@pytest.mark.slow
@pytest.mark.faults
def test_a_fuzzer_finds_no_server_error_and_no_undescribed_answer(
    owner: Caller, fuzzed: Callable[[], str]
) -> None:
    boxes = owner.post("box", [{"name": f"Box {number}"} for number in range(3)]).json
    owner.post("thing", [{"name": f"Thing {one['id']}", "owner": one["id"]} for one in boxes])
    assert "passed" in fuzzed()
