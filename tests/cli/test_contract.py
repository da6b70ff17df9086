"""`comfy-cloud contract run`: what it tells, in each format, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from comfy_cloud.contract import merged_contract
from comfy_cloud_emulator import Emulator, Fault

from .conftest import Run, run_on_terminal

# A run asks for what there is not, with wrong keys and none.
pytestmark = pytest.mark.beyond_contract


@pytest.fixture
def odd(empty_cloud: Emulator) -> Emulator:
    """A cloud whose every account is odd."""
    empty_cloud.faults.add(Fault("garbage", path="/api/user", body={"status": 3}, times=None))
    return empty_cloud


def test_a_clean_run(run: Run, cloud: Emulator) -> None:
    result = run("contract", "run")
    told = json.loads(result.out)
    assert (result.code, told["deviations"], told["server"]) == (0, [], cloud.url)
    assert len(told["checked"]) + len(told["unchecked"]) == 53
    assert {"operation": "GET /api/history", "reason": "the server answers 404"} in told["unchecked"]
    assert result.err.startswith(f"0 deviations; {len(told['checked'])} operations checked, ")
    assert {request.method for request in cloud.requests} == {"GET", "HEAD"}
    assert told["requests"] >= len(cloud.requests)


def test_deviations_end_with_1(run: Run, odd: Emulator) -> None:
    result = run("contract", "run")
    found = json.loads(result.out)["deviations"]
    assert result.code == 1
    status = {
        "operation": "GET /api/user",
        "path": "status",
        "kind": "type",
        "expected": "text",
        "seen": "a whole number",
        "count": 3,
    }
    # Its own key is not asked for either: the fault lets everybody in.
    assert status in found
    assert {record["kind"] for record in found} == {"type", "behaviour"}


def test_the_formats_say_the_same(run: Run, odd: Emulator) -> None:
    found = json.loads(run("contract", "run").out)["deviations"]
    lines = run("contract", "run", "-o", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == found
    rows = list(csv.reader(io.StringIO(run("contract", "run", "-o", "csv").out)))
    assert rows[0] == ["operation", "path", "expected", "seen", "count"]
    assert [row[0] for row in rows[1:]] == [record["operation"] for record in found]
    table = run("contract", "run", "-o", "table").out
    assert "GET /api/user" in table
    assert "not checked" in table
    assert "there are no jobs" in table


def test_on_a_terminal_it_is_a_table(odd: Emulator) -> None:
    result = run_on_terminal("contract", "run")
    assert result.code == 1
    assert "a whole number" in result.out


def test_writing_and_submitting_are_asked_for(run: Run, empty_cloud: Emulator) -> None:
    result = run("contract", "run", "--submit")
    assert (result.code, result.out) == (2, "")
    assert "give --no-read-only as well" in result.err
    assert not empty_cloud.requests
    told = json.loads(run("contract", "run", "--no-read-only").out)
    assert "POST /api/assets" in told["checked"]
    assert not empty_cloud.submissions


def test_a_key_that_is_refused(run: Run, empty_cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "comfyui-another")
    result = run("contract", "run")
    assert result.code == 4
    assert "accepts no key that is set" in result.err
    assert "comfyui-another" not in result.out + result.err


def test_no_server(run: Run) -> None:
    result = run("contract", "run", "--base-url", "http://127.0.0.1:9")
    assert (result.code, result.out) == (9, "")
    assert result.err == "error: http://127.0.0.1:9 does not answer: nothing could be checked\n"


def test_another_contract(run: Run, empty_cloud: Emulator, tmp_path: Path) -> None:
    contract = merged_contract()
    del contract["paths"]["/api/user"]["get"]["responses"]["200"]
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(contract), encoding="utf-8")
    result = run("contract", "run", "--contract", str(path))
    assert [record["path"] for record in json.loads(result.out)["deviations"]] == ["status"]
    assert run("contract", "run", "--contract", "/no/such/file").code == 2


def test_without_the_extra_it_names_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("comfy_cloud.contract")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    result = run("contract", "run")
    assert result.code == 2
    assert "needs the package jsonschema: pip install 'comfy-cloud[contract]'" in result.err
