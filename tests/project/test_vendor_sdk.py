"""What the README of the vendor's SDK is given: a workflow, and programs that are told apart."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator
from tests.live import vendor_readme, vendor_sdk


def test_the_workflow_has_the_outputs_that_the_readme_names() -> None:
    with Emulator(key=vendor_sdk.KEY, time="virtual") as emulator:
        stored = emulator.store.add_job().outputs["9"]["images"][0]["filename"]
        headers = {"Authorization": f"Bearer {vendor_sdk.KEY}"}
        with httpx.Client(base_url=emulator.url, headers=headers) as http:
            http.get("/api/view", params={"filename": stored})
            job = http.post("/api/v2/jobs", json={"workflow": vendor_sdk.graph(stored)}).json()
            emulator.time.advance(600)
            done = http.get(job["urls"]["self"]).json()
    assert done["status"] == "succeeded", done["error"]
    assert {output["node_id"] for output in done["outputs"]} == {"9", "13"}


class _SdkError(Exception):
    code = "metadata_not_supported"


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        ("x = 1 + y", "ran"),
        ("client.models.run('a/b', {})", "left out: another service"),
        ("graph = {}  # (abridged)", "left out: its graph is abridged"),
        ("f(metadata={}); raise ComfyError('no')", "ran: labels are refused, as by the cloud"),
        ("raise ComfyError('no')", "FAILED: _SdkError: no"),
        ("1 / 0", "FAILED: ZeroDivisionError: division by zero"),
        ("done = []\nasync def main():\n    done.append(1)", "ran"),
    ],
)
def test_what_came_of_a_program(program: str, outcome: str) -> None:
    names: dict[str, Any] = {"given": lambda names: {"y": 1}, "ComfyError": _SdkError, "f": lambda **_: None}
    assert vendor_readme.outcome_of(program, names) == outcome
    assert names.get("done", [1]) == [1]
