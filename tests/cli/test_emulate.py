from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.cli.emulate import parse_fault
from comfy_cloud.cli.exits import CommandError
from comfy_cloud_emulator import Emulator, Fault

from .conftest import PATIENCE, WATCHED, Run, program_environment


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "500 x2 GET /api/history_v2",
            Fault("status", status=500, times=2, method="GET", path="/api/history_v2"),
        ),
        ("GET", None),
        ("reset", Fault("reset")),
        ("503 x* retry-after=5", Fault("status", status=503, times=None, retry_after=5)),
        ("delay 2s /api/jobs/*", Fault("delay", seconds=2.0, path="/api/jobs/*")),
        ("delay 500ms after=3", Fault("delay", seconds=0.5, after=3)),
        ("html 502 POST", Fault("html", status=502, method="POST")),
        ("retired /api/history_v2 405", Fault("retired", path="/api/history_v2", status=405)),
        ("", None),
        ("500 x2 x3", None),
        ("999", None),
        ("delay", None),
        ("reset sometimes", None),
        ("drift", None),
    ],
)
def test_faults_in_words(text: str, fault: Fault | None) -> None:
    if fault is not None:
        assert parse_fault(text) == fault
        return
    with pytest.raises(CommandError):
        parse_fault(text)


def test_it_serves_until_ctrl_c(tmp_path: Path) -> None:
    arguments = [
        "--port",
        "0",
        "--seed-data",
        "3",
        "--key",
        "my-local-key",
        "--fault",
        "500 x1 GET /api/history_v2",
    ]
    with subprocess.Popen(
        [*WATCHED, "emulate", *arguments, "--data", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=program_environment(),
    ) as process:
        assert process.stderr is not None
        try:
            lines = [process.stderr.readline().strip() for _ in range(3)]
            url = lines[1].removeprefix("export COMFY_CLOUD_BASE_URL=")
            assert lines[0] == f"Comfy Cloud, emulated, at {url}; Ctrl-C ends it. Point programs at it with:"
            assert lines[2] == "export COMFY_CLOUD_API_KEY=my-local-key"
            with ComfyCloud(base_url=url, api_key="my-local-key", retry=1) as cloud:
                assert cloud.request("GET", "/api/user").status_code == 200
                with pytest.raises(Exception, match="500"):
                    cloud.history.list(3)
                assert len(cloud.history.list(3)) == 3
            process.send_signal(signal.SIGINT)
            out, log = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert process.returncode == 0
    assert out == ""
    assert log.splitlines() == [
        "GET /api/user -> 200",
        "GET /api/history_v2?max_items=3 -> 500 (fault: status)",
        "GET /api/history_v2?max_items=3 -> 200",
        "stopped",
    ]


@pytest.mark.parametrize(
    ("arguments", "wishes"),
    [
        ([], {"tier": "standard", "speed": 1.0, "quirks": "live", "seed_data": "demo", "data": None}),
        (["--tier", "pro"], {"tier": "pro"}),
        (["--speed", "25"], {"speed": 25.0}),
        (["--quirks", "published"], {"quirks": "published"}),
        (
            ["--quirks", "interrupt_all, validate_at_submit"],
            {"quirks": ["interrupt_all", "validate_at_submit"]},
        ),
        (["--seed-data", "none"], {"seed_data": None}),
        (["--data", "kept"], {"data": Path("kept")}),
    ],
)
def test_flags_reach_the_emulator(
    arguments: list[str], wishes: dict[str, Any], run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each flag, as the argument of `Emulator` that it is."""
    made: list[dict[str, Any]] = []

    class Told(Emulator):
        def __init__(self, key: str, seed_data: Any, port: int, data: Any, **options: Any) -> None:
            made.append({"key": key, "seed_data": seed_data, "port": port, "data": data, **options})
            super().__init__(key, seed_data, port, data, **options)

        def serve_forever(self, *_: object, **__: object) -> None:
            """Come to an end at once."""

    monkeypatch.setattr("comfy_cloud_emulator.Emulator", Told, raising=False)
    monkeypatch.chdir(tmp_path)
    shown = run("emulate", *arguments)
    assert (shown.code, shown.err) == (0, "stopped\n")
    assert wishes.items() <= made[0].items()


def test_a_port_that_is_taken(run: Run, empty_emulator: Emulator) -> None:
    port = empty_emulator.url.rpartition(":")[2]
    shown = run("emulate", "--port", port)
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith(f"error: port {port} of 127.0.0.1 is not free")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed-data", "many"], "--seed-data is demo, none or a number"),
        (["--fault", "sometimes"], "unknown kind of fault 'sometimes'"),
        (["--key", "two words\n"], "printable"),
        (["--port", "70000"], "65535"),
        (["--tier", "gold"], "'gold' is not one of 'free', 'standard', 'creator', 'pro'"),
        (["--speed", "0"], "speed: expected a number above zero"),
        (["--speed", "fast"], "'fast' is not a valid float"),
        (["--quirks", "lively"], "unknown quirk 'lively'; use some of: validate_at_submit, billing_as_429, "),
        (["--quirks", "live,interrupt_all"], "--quirks is live, published, or names"),
        (["--quirks", ","], "--quirks is live, published, or names"),
    ],
)
def test_wrong_usage_names_the_fix(arguments: list[str], words: str, run: Run) -> None:
    shown = run("emulate", *arguments)
    assert shown.code == 2
    assert words in shown.err
    assert shown.err.count("\n") == 1


def test_without_the_extra_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "comfy_cloud_emulator"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    shown = run("emulate")
    assert (shown.code, shown.out) == (2, "")
    assert "pip install 'comfy-cloud[emulator]'" in shown.err
