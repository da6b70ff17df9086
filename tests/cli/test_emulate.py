from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.cli._console.exits import CommandError
from comfy_cloud.cli._emulate.emulator_options import parse_account, parse_fault
from comfy_cloud.cli._emulate.request_log import RequestLog
from comfy_cloud_emulator import Account, Emulator, Fault, Request

from .conftest import HANG_TIMEOUT, WATCHED, Run, program_environment


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
def test_faults_from_text(text: str, fault: Fault | None) -> None:
    if fault is not None:
        assert parse_fault(text) == fault
        return
    with pytest.raises(CommandError):
        parse_fault(text)


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("s3cret", Account()),
        ("s3cret tier=pro credits=100", Account("pro", 100)),
        ("s3cret name=second credits=0.5", Account(credits=0.5, name="second")),
        ("", "the key must come first"),
        ("tier=pro s3cret", "the key must come first"),
        ("one s3cret", "is not valid"),
        ("one s3=cret", "is not valid"),
        ("one tier=pro tier=free", "tier is given twice"),
        ("one credits=many", "credits must be a number, not 'many'"),
        ("one credits=-1", "credits: expected a number of at least zero"),
        ("one tier=gold", "tier: expected one of free"),
        ("one name=../up", "name: expected 1 to 40"),
    ],
)
def test_accounts_from_text(text: str, account: Account | str) -> None:
    if isinstance(account, Account):
        assert parse_account(text) == ("s3cret", account)
        return
    with pytest.raises(CommandError, match=account) as refused:
        parse_account(text)
    assert "s3" not in str(refused.value)


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
        "--account",
        "my-second-key tier=pro credits=3 name=second",
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
            lines = [process.stderr.readline().strip() for _ in range(5)]
            url = lines[1].removeprefix("export COMFY_CLOUD_BASE_URL=")
            assert lines[0] == f"Emulating Comfy Cloud at {url} until Ctrl-C. To use it:"
            assert lines[2] == "export COMFY_CLOUD_API_KEY=my-local-key"
            assert lines[3] == "account second: pro, 3 credits; uses the key you gave it"
            assert lines[4] == f"Open {url}/ in a browser to watch its jobs, files, faults and requests."
            with ComfyCloud(base_url=url, api_key="my-local-key", retry=1) as cloud:
                assert cloud.request("GET", "/api/user").status_code == 200
                with pytest.raises(Exception, match="500"):
                    cloud.history.list(3)
                assert len(cloud.history.list(3)) == 3
            with ComfyCloud(base_url=url, api_key="my-second-key", retry=1) as cloud:
                assert cloud.history.list(3) == []
            process.send_signal(signal.SIGINT)
            out, log = process.communicate(timeout=HANG_TIMEOUT)
        finally:
            process.kill()
    assert process.returncode == 0
    assert out == ""
    assert re.sub(r" in \d+(\.\d)? (ms|s)\b", " in TIME", log).splitlines() == [
        "GET /api/user -> 200 in TIME",
        "GET /api/history_v2?max_items=3 -> 500 in TIME (fault: status)",
        "GET /api/history_v2?max_items=3 -> 200 in TIME",
        "GET /api/history_v2?max_items=3 -> 200 in TIME (account: second)",
        "stopped",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 ms"),
        (0.000_42, "0.4 ms"),
        (0.009_94, "9.9 ms"),
        (0.009_96, "10 ms"),
        (0.25, "250 ms"),
        (0.9996, "1.0 s"),
        (2.34, "2.3 s"),
        (61.2, "61 s"),
    ],
)
def test_durations_in_the_log(seconds: float, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    record = Request("GET", "/api/user", "/api/user", [], {}, status=200, seconds=seconds)
    RequestLog(color=False).request(record)
    assert capsys.readouterr().err == f"GET /api/user -> 200 in {text}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_at_once_while_its_page_is_open(number: int) -> None:
    with subprocess.Popen(
        [*WATCHED, "emulate", "--port", "0", "--seed-data", "3"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=program_environment(),
    ) as process:
        assert process.stderr is not None
        try:
            url = [process.stderr.readline() for _ in range(4)][1].strip().rpartition("=")[2]
            with httpx.stream("GET", f"{url}/_emulator/page/stream", trust_env=False) as stream:
                lines = stream.iter_lines()
                assert next(lines) == "event: account"
                process.send_signal(number)
                with pytest.raises(httpx.TransportError):
                    list(lines)
            _, log = process.communicate(timeout=HANG_TIMEOUT)
        finally:
            process.kill()
    assert (process.returncode, log) == (0, "stopped\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            [],
            {
                "tier": "standard",
                "speed": 1.0,
                "quirks": "live",
                "seed_data": "demo",
                "data": None,
                "port": 8189,
                "key": "comfyui-local-key",
                "accounts": {},
                "object_info": None,
            },
        ),
        (["--port", "0", "--key", "mine"], {"port": 0, "key": "mine"}),
        (["--tier", "pro"], {"tier": "pro"}),
        (
            ["--account", "one tier=free", "--account", "two credits=3"],
            {"accounts": {"one": Account("free"), "two": Account(credits=3.0)}},
        ),
        (["--speed", "25"], {"speed": 25.0}),
        (["--quirks", "published"], {"quirks": "published"}),
        (["--quirks", "comfyui"], {"quirks": "comfyui"}),
        (
            ["--quirks", "interrupt_all, validate_at_submit"],
            {"quirks": ["interrupt_all", "validate_at_submit"]},
        ),
        (["--seed-data", "none"], {"seed_data": None}),
        (["--data", "kept"], {"data": Path("kept")}),
    ],
)
def test_flags_reach_the_emulator(
    arguments: list[str], expected: dict[str, Any], run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each flag becomes an argument of `Emulator`."""
    made: list[dict[str, Any]] = []

    class Recorded(Emulator):
        def __init__(self, key: str, seed_data: Any, port: int, data: Any, **options: Any) -> None:
            made.append({"key": key, "seed_data": seed_data, "port": port, "data": data, **options})
            super().__init__(key, seed_data, port, data, **options)

        def serve_forever(self, *_: object, **__: object) -> None:
            """Return at once."""

    monkeypatch.setattr("comfy_cloud_emulator.Emulator", Recorded, raising=False)
    monkeypatch.chdir(tmp_path)
    shown = run("emulate", *arguments)
    assert (shown.code, shown.err) == (0, "stopped\n")
    assert expected.items() <= made[0].items()


def test_classes_of_a_server(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    served: list[object] = []

    def serve(self: Emulator, *_: object, **__: object) -> None:
        with self:
            headers = {"X-API-Key": self.key}
            served.append(httpx.get(f"{self.url}/api/object_info", headers=headers, trust_env=False).json())

    monkeypatch.setattr(Emulator, "serve_forever", serve)
    file = tmp_path / "theirs.json"
    file.write_text('{"Own": {"input": {"required": {}}, "output": ["IMAGE"]}}')
    shown = run("emulate", "--port", "0", "--seed-data", "none", "--object-info", str(file))
    assert (shown.code, shown.err) == (0, "stopped\n")
    assert served == [{"Own": {"input": {"required": {}}, "output": ["IMAGE"]}}]


def test_a_port_that_is_taken(run: Run, empty_emulator: Emulator) -> None:
    port = empty_emulator.url.rpartition(":")[2]
    shown = run("emulate", "--port", port)
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith(f"error: port {port} of 127.0.0.1 is not free; choose another with --port N")

    port = empty_emulator.files_url.rpartition(":")[2]
    shown = run("emulate", "--port", "0", "--files-port", port)
    assert shown.err == f"error: port {port} of 127.0.0.1 is not free; choose another with --files-port\n"


def test_other_machines_are_let_in_with_a_key_of_your_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(self: Emulator, on_ready: Callable[[Emulator], object], **_: object) -> None:
        with self:
            on_ready(self)
            headers = {"X-API-Key": "my-own-key-of-it", "Host": "emulator.example.com"}
            address = f"{self.url}/_emulator/health"
            served.append(httpx.get(address, headers=headers, trust_env=False).json()["url"])

    served: list[str] = []
    monkeypatch.setattr(Emulator, "serve_forever", serve)
    monkeypatch.setenv("COMFY_CLOUD_EMULATOR_KEY", "my-own-key-of-it")
    options = ("--host", "0.0.0.0", "--port", "0", "--seed-data", "none")
    shown = run("emulate", *options, "--public-url", "http://emulator.example.com")
    assert (shown.code, served) == (0, ["http://emulator.example.com"])
    assert "export COMFY_CLOUD_BASE_URL=http://emulator.example.com\n" in shown.err
    assert "warning: other machines can reach it." in shown.err
    assert "my-own-key" not in shown.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "0.0.0.0"], "error: --host 0.0.0.0 lets other machines in: give it a key of your own, "),
        (
            ["--host", "::", "--key", "short"],
            "of at least 8 characters, with --key or COMFY_CLOUD_EMULATOR_KEY",
        ),
        (["--host", "0.0.0.0", "--key", "comfyui-local-key"], "a key of your own"),
        (["--host", "emulator"], "--host: expected an IP address such as 0.0.0.0"),
        (["--host", "192.0.2.1", "--key", "a-key-of-mine"], "192.0.2.1 is not an address of this machine"),
        (["--host", "192.0.2.1", "--detach"], "with --detach, --host must be 127.0.0.1, 0.0.0.0 or ::"),
        (
            ["--public-url", "http://emulator.test"],
            "--public-url lets other machines in: give it a key of your own, of at least 8 characters, with ",
        ),
        (["--public-url", "emulator"], "--public-url: expected a URL such as"),
        (["--public-files-url", "emulator"], "--public-files-url: expected a URL such as"),
        (["--files-port", "8189"], "--port and --files-port are both 8189"),
        (["--seed-data", "many"], "--seed-data must be demo, none or a number"),
        (["--account", "one", "--account", "one"], "--account: two accounts have the same key"),
        (["--key", "one", "--account", "one"], "an account with this key exists already"),
        (["--fault", "sometimes"], "unknown kind of fault 'sometimes'"),
        (["--object-info", "none.json"], "cannot read the node classes in none.json: No such file"),
        (["--object-info", "http://127.0.0.1:1"], "cannot fetch the node classes from http://127.0.0.1:1: "),
        (["--key", "two words\n"], "printable"),
        (["--port", "70000"], "65535"),
        (["--tier", "gold"], "'gold' is not one of 'free', 'standard', 'creator', 'pro'"),
        (["--speed", "0"], "speed: expected a number above zero"),
        (["--speed", "fast"], "'fast' is not a valid float"),
        (["--quirks", "lively"], "unknown quirk 'lively'; use some of: validate_at_submit, billing_as_429, "),
        (
            ["--quirks", "live,interrupt_all"],
            "--quirks must be one of live, published, comfyui, comfyui_new, or names",
        ),
        (["--quirks", ","], "--quirks must be one of live, published, comfyui, comfyui_new, or names"),
    ],
)
def test_wrong_usage_names_the_fix(arguments: list[str], message: str, run: Run) -> None:
    shown = run("emulate", *arguments)
    assert shown.code == 2
    assert message in shown.err
    assert shown.err.count("\n") == 1


def test_without_the_extra_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "comfy_cloud_emulator"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    shown = run("emulate")
    assert (shown.code, shown.out) == (2, "")
    assert "pip install 'comfy-cloud[emulator]'" in shown.err
