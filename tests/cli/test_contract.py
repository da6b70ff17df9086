"""`comfy-cloud contract run`: its report in each format, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from comfy_cloud.contract import merged_contract
from comfy_cloud_emulator import Emulator, Fault

from .conftest import Run, program_environment, run_for_terminal

# A run asks for missing things, and with wrong keys.
pytestmark = pytest.mark.beyond_contract


@pytest.fixture
def odd(empty_cloud: Emulator) -> Emulator:
    """An emulator whose account breaks the contract."""
    empty_cloud.faults.add(Fault("garbage", path="/api/user", body={"status": 3}, times=None))
    return empty_cloud


def test_a_clean_run(run: Run, cloud: Emulator) -> None:
    result = run("contract", "run")
    report = json.loads(result.out)
    assert (result.code, report["deviations"], report["server"]) == (0, [], cloud.url)
    assert len(report["checked"]) + len(report["unchecked"]) == 64
    assert {"operation": "GET /api/history", "reason": "the server returned 404"} in report["unchecked"]
    reasons = {each["reason"] for each in report["unchecked"]}
    assert "it writes; allow it with --no-read-only" in reasons
    assert "it makes the server ask another one; give an address for it with --remote-url" in reasons
    assert result.err.startswith(f"0 deviations; {len(report['checked'])} operations checked, ")
    assert {request.method for request in cloud.requests} == {"GET", "HEAD"}
    assert report["requests"] >= len(cloud.requests)


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
    # The fault lets everybody in: no key is needed either.
    assert status in found
    assert {record["kind"] for record in found} == {"type", "behaviour"}


def test_the_formats_have_the_same_content(run: Run, odd: Emulator) -> None:
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
    result = run_for_terminal("contract", "run")
    assert result.code == 1
    assert "a whole number" in result.out


def test_writing_and_submitting_need_an_option(run: Run, empty_cloud: Emulator) -> None:
    result = run("contract", "run", "--submit")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: --submit requires --no-read-only\n"
    assert not empty_cloud.requests
    report = json.loads(run("contract", "run", "--no-read-only").out)
    reasons = {each["reason"] for each in report["unchecked"]}
    assert "it may cost credits; allow it with --submit" in reasons
    assert "POST /api/assets" in report["checked"]
    assert not empty_cloud.submissions


def test_a_key_that_is_refused(run: Run, empty_cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "comfyui-another")
    result = run("contract", "run")
    assert result.code == 4
    assert "no API key was accepted" in result.err
    reasons = {each["operation"]: each["reason"] for each in json.loads(result.out)["unchecked"]}
    assert reasons["GET /api/history_v2/{prompt_id}"] == (
        "GET /api/history_v2 lists what it needs, and the server returned 401"
    )
    assert "comfyui-another" not in result.out + result.err


def test_no_server(run: Run) -> None:
    result = run("contract", "run", "--base-url", "http://127.0.0.1:9")
    assert (result.code, result.out) == (9, "")
    assert result.err.startswith("error: http://127.0.0.1:9 does not respond: nothing could be checked. ")
    assert "the option --base-url" in result.err
    assert "comfy-cloud doctor" in result.err


def test_another_contract(run: Run, empty_cloud: Emulator, tmp_path: Path) -> None:
    contract = merged_contract()
    del contract["paths"]["/api/user"]["get"]["responses"]["200"]
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(contract), encoding="utf-8")
    result = run("contract", "run", "--contract", str(path))
    assert [record["path"] for record in json.loads(result.out)["deviations"]] == ["status"]
    assert run("contract", "run", "--contract", "/no/such/file").code == 2


@pytest.mark.parametrize(
    ("package", "arguments"), [("jsonschema", ["contract", "run"]), ("yaml", ["spec", "diff", "x.yaml"])]
)
def test_a_missing_extra_is_named(package: str, arguments: list[str]) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None; "
        f"from comfy_cloud.cli import main; sys.exit(main({arguments!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=program_environment()
    )
    assert done.returncode == 2
    assert f"needs the package {package}: pip install 'comfy-cloud[contract]'" in done.stderr


def test_a_line_says_that_the_vendors_variable_is_used(
    run: Run, empty_cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMFY_CLOUD_API_KEY")
    monkeypatch.setenv("COMFY_API_KEY", empty_cloud.key)
    result = run("contract", "run")
    assert result.code == 0
    assert result.err.startswith("note: the key is that of COMFY_API_KEY; ")
