from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud._http import clients
from comfy_cloud.cli._doctor import findings
from comfy_cloud.cli._doctor.findings import Finding, within
from comfy_cloud.cli._doctor.network import compare_clocks
from comfy_cloud_emulator import Emulator, Fault
from tests.certificates import AUTHORITY
from tests.connect_proxy import connect_proxy
from tests.raw_server import http_response, raw_server

from .conftest import Run, run_for_terminal

CHECKS = [
    "settings", "name", "proxy", "connection", "clock", "key", "api", "plan", "websocket", "storage",
    "server", "config", "cache", "versions",
]  # fmt: skip
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def examined(run: Run, *options: str, code: int = 0) -> dict[str, dict[str, Any]]:
    """The findings by check."""
    shown = run("doctor", *options, "--json")
    assert shown.code == code, shown.out
    document = json.loads(shown.out)
    found = {each["check"]: each for each in document["checks"]}
    failed = [each["check"] for each in document["checks"] if each["state"] == "failed"]
    assert document["ok"] is (not failed)
    assert all(each["figure"] for each in found.values())
    assert all(each["remedy"] for each in found.values() if each["state"] in ("failed", "warning"))
    assert (shown.err == "nothing failed\n") is (not failed)
    return found


def returning(value: object) -> Callable[[object], object]:
    """A function or method that gives this, whatever it is called with."""

    def fixed(_: object) -> object:
        return value

    return fixed


def test_all_is_well(run: Run, cloud: Emulator) -> None:
    found = examined(run)
    assert list(found) == CHECKS
    assert {each["state"] for each in found.values()} == {"ok"}
    figures = {name: each["figure"] for name, each in found.items()}
    assert figures["settings"] == f"{cloud.url} (environment variable COMFY_CLOUD_BASE_URL)"
    assert figures["name"] == "127.0.0.1 is an address, not a name"
    assert figures["proxy"] == "none"
    assert figures["connection"].startswith("HTTP 200 in ")
    assert figures["key"] == "present (environment variable COMFY_CLOUD_API_KEY), accepted"
    assert figures["api"] == "version 1: auto chose it, since it responds"
    assert figures["plan"].startswith("paid, credits 20.00 USD, ")
    assert figures["websocket"].startswith(f"{cloud.url.replace('http', 'ws')}/ws, open in ")
    assert figures["storage"].startswith("127.0.0.1, HTTP 206 in ")
    assert figures["server"].startswith("ComfyUI ")
    assert figures["config"].endswith(" free")
    assert figures["versions"].startswith("comfy-cloud ")
    assert {each.method for each in cloud.requests} == {"GET"}  # nothing is changed


@pytest.mark.beyond_contract
@pytest.mark.parametrize(
    ("api", "quirks", "code", "figure"),
    [
        ("auto", ["v1_gone"], 0, "API v2: auto chose it, since the server lacks GET /api/jobs (HTTP 410)"),
        ("v2", ["v1_gone"], 0, "API v2: as the setting says (option --api)"),
        ("v2", [], 0, "API v2: as the setting says (option --api)"),
        ("v1", [], 0, "version 1: as the setting says (option --api)"),
        ("v1", ["v1_gone"], 1, "v1 (option --api): the server lacks GET /api/jobs (HTTP 410)"),
    ],
)
def test_the_version_of_the_api_and_why(
    run: Run,
    start_emulator: Callable[..., Emulator],
    monkeypatch: pytest.MonkeyPatch,
    api: str,
    quirks: list[str],
    code: int,
    figure: str,
) -> None:
    emulator = start_emulator(quirks=quirks)
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.key)
    shown = run("--base-url", emulator.url, "--api", api, "doctor", "--json")
    (found,) = [each for each in json.loads(shown.out)["checks"] if each["check"] == "api"]
    assert found["figure"] == figure
    assert (found["state"] == "failed") is bool(code)
    assert bool(found["remedy"]) is bool(code)


def test_as_text(run: Run, cloud: Emulator) -> None:
    shown = run("doctor", "-o", "table")
    assert (shown.code, shown.err) == (0, "nothing failed\n")
    lines = shown.out.splitlines()
    assert [line.split()[1] for line in lines] == CHECKS
    assert {line[0] for line in lines} == {"\N{CHECK MARK}"}
    assert cloud.key not in shown.out


def test_on_a_terminal(cloud: Emulator) -> None:
    shown = run_for_terminal("doctor", environment={"COMFY_CLOUD_API_KEY": "comfyui-wrong", "TERM": "dumb"})
    lines = shown.out.splitlines()
    at = next(number for number, line in enumerate(lines) if line[2:].startswith("key "))
    assert lines[at].startswith("\N{MULTIPLICATION X} key ")
    assert lines[at + 1].strip().startswith("try: run `comfy-cloud auth login`")


def test_a_wrong_key(run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "comfyui-wrong-key")
    found = examined(run, code=4)
    assert found["key"]["state"] == "failed"
    assert found["key"]["figure"].endswith("but the server does not accept it")
    assert "auth login" in found["key"]["remedy"]
    assert {found[name]["state"] for name in ("plan", "websocket", "storage")} == {"skipped"}
    assert found["connection"]["state"] == "ok"
    monkeypatch.delenv("COMFY_CLOUD_API_KEY")
    assert examined(run, code=4)["key"]["figure"] == "none, but the server wants one"


def test_no_key_for_comfy_cloud_is_found_without_a_connection(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.getaddrinfo", _refuse_name)
    found = examined(run, code=1)
    assert found["name"]["figure"] == "cloud.comfy.org is not found: Name or service not known"
    assert "it comes from: default" in found["name"]["remedy"]
    assert (found["key"]["state"], found["key"]["figure"]) == ("failed", "none")
    assert found["connection"]["state"] == "failed"


@pytest.mark.beyond_contract
def test_a_key_that_may_not_be_used(run: Run, cloud: Emulator) -> None:
    cloud.faults.add(Fault("status", path="/api/user", status=403, times=None))
    assert "may not be used" in examined(run, code=4)["key"]["figure"]


def _refuse_name(*_: object, **__: object) -> list[Any]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_a_server_that_is_down(run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    found = examined(run, "--base-url", f"http://127.0.0.1:{port}", code=1)
    assert list(found).index("connection") < list(found).index("clock")
    assert set(found) == set(CHECKS)
    assert "Connection refused" in found["connection"]["figure"]
    assert "option --base-url" in found["connection"]["remedy"]
    assert found["key"]["figure"].endswith("not checked: there is no connection")
    assert {found[name]["state"] for name in ("clock", "plan", "websocket", "storage")} == {"skipped"}
    assert found["versions"]["state"] == "ok"


def test_a_server_that_never_responds(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comfy_cloud.cli._doctor.network.PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        found = examined(run, "--base-url", url, code=1)
    assert found["connection"]["figure"] == f"{url} does not respond within 0.2 s"


def test_settings_that_are_not_valid(run: Run) -> None:
    found = examined(run, "--base-url", "nonsense", code=1)
    assert list(found) == ["settings", "config", "cache", "versions"]
    assert found["settings"]["figure"].startswith("the base URL (--base-url,")


@pytest.mark.beyond_contract
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("status", path="/api/system_stats", status=503), "HTTP 503"),
        (Fault("html", path="/api/system_stats", status=200), "the response is not from ComfyUI (text/html"),
        (Fault("retired", path="/api/system_stats", status=404), "the response is not from ComfyUI"),
    ],
)
def test_another_server(fault: Fault, words: str, run: Run, cloud: Emulator) -> None:
    cloud.faults.add(fault)
    found = examined(run, code=1)
    assert found["connection"]["state"] == "failed"
    assert words in found["connection"]["figure"]


def test_a_server_that_redirects(run: Run) -> None:
    with raw_server() as server:
        server.script("/api/system_stats", http_response(301, Location="https://comfy.example/api/x?y"))
        found = examined(run, "--base-url", server.url, code=1)
    assert found["connection"]["figure"].endswith("it redirects to https://comfy.example")


@pytest.mark.beyond_contract
def test_a_websocket_that_is_refused(run: Run, cloud: Emulator) -> None:
    cloud.faults.add(Fault("socket_refuse", status=404))
    found = examined(run, code=1)
    assert found["websocket"]["state"] == "failed"
    assert "HTTP 404" in found["websocket"]["figure"]
    assert "jobs are polled" in found["websocket"]["remedy"]
    assert found["storage"]["state"] == "ok"


def test_the_api_that_was_chosen(run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API", "v2")
    found = examined(run)
    assert found["settings"]["figure"].endswith(", API v2 (environment variable COMFY_CLOUD_API)")
    assert found["websocket"]["state"] == "skipped"
    assert "/ws" not in [request.path for request in cloud.requests]
    found = examined(run, "--api", "v2")
    assert found["settings"]["figure"].endswith(", API v2 (option --api)")
    monkeypatch.setenv("COMFY_CLOUD_API", "auto")
    assert "API" not in examined(run)["settings"]["figure"].partition("(")[0]


def test_a_storage_that_is_not_followed(run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = "http://files.internal.example/a.png?signature=secret"
    monkeypatch.setattr("comfy_cloud.RemoteOutput.signed_url", returning(signed))
    found = examined(run, code=1)
    assert found["storage"]["figure"] == "files are not read from files.internal.example"
    assert found["storage"]["remedy"].endswith("comfy-cloud config set storage_hosts files.internal.example")
    assert "secret" not in json.dumps(found)


def test_no_file_to_try_the_storage_with(run: Run, empty_cloud: Emulator) -> None:
    assert examined(run)["storage"]["figure"] == "no job has made a file yet"


@pytest.mark.beyond_contract
def test_an_error_of_the_server_is_one_finding(run: Run, cloud: Emulator) -> None:
    cloud.faults.add(Fault("status", path="/api/user", times=None))
    found = examined(run, code=1)  # the key may be right
    assert found["key"]["remedy"] == "run it again with -v, which shows each request"
    assert len([each for each in cloud.requests if each.path == "/api/user"]) == 1  # not retried


def test_the_key_is_taken_out_of_what_a_server_says(
    run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = f"https://{cloud.key}.example.com/a.png"
    monkeypatch.setattr("comfy_cloud.RemoteOutput.signed_url", returning(signed))
    monkeypatch.setattr("socket.getaddrinfo", _refuse_other_names(socket.getaddrinfo))
    for form in ("json", "table"):
        shown = run("doctor", "-o", form)
        assert cloud.key.lower() not in (shown.out + shown.err).lower()
        assert "****.example.com" in shown.out


def _refuse_other_names(real: Callable[..., Any]) -> Callable[..., Any]:
    def look_up(host: str, *rest: Any, **more: Any) -> Any:
        return real(host, *rest, **more) if host == "127.0.0.1" else _refuse_name()

    return look_up


# Proxy and TLS


def test_a_proxy(run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect_proxy() as proxy:
        monkeypatch.setenv("COMFY_CLOUD_PROXY", proxy.url.replace("//", "//me:word@"))
        found = examined(run, "--base-url", "https://comfy.example", code=1)["proxy"]
    assert found["state"] == "ok"
    assert found["figure"].startswith(f"{proxy.url} (environment variable COMFY_CLOUD_PROXY), connected in ")
    found = examined(run, code=1)["proxy"]
    assert found["state"] == "failed"
    assert found["figure"].startswith(f"{proxy.url} cannot be reached: ")
    assert "word" not in json.dumps(found)
    monkeypatch.setenv("COMFY_CLOUD_PROXY", "direct")
    assert examined(run)["proxy"]["figure"] == "none: direct (environment variable COMFY_CLOUD_PROXY)"


@pytest.fixture
def tls_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server with a certificate of a private authority."""
    monkeypatch.setattr(clients, "_tls_context", None)
    monkeypatch.setattr(clients, "_private_contexts", {})
    with raw_server(is_tls=True) as server:
        server.other = http_response(404, b"{}", content_type="application/json")
        stats = http_response(200, b'{"system": {"comfyui_version": "0.3"}}', content_type="application/json")
        server.script("/api/system_stats", stats)
        yield server.url


def test_a_certificate_that_is_not_trusted(run: Run, tls_server: str) -> None:
    found = examined(run, "--base-url", tls_server, code=1)["connection"]
    assert found["figure"].startswith("the certificate is not trusted: ")
    assert found["remedy"].endswith("comfy-cloud config set ca_file FILE")


def test_what_protects_the_connection(run: Run, tls_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_CA_FILE", str(AUTHORITY))
    shown = run("doctor", "--base-url", tls_server, "--json")
    found = {each["check"]: each for each in json.loads(shown.out)["checks"]}
    figure = found["connection"]["figure"]
    assert found["connection"]["state"] == "ok"
    assert ", TLSv1.3, certificate from " in figure
    assert " days left, " in figure
    assert f"trusted by ca_file {AUTHORITY} and the usual authorities" in figure


# Clock, folders, deadlines


@pytest.mark.parametrize(
    ("seconds", "state", "figure"),
    [
        (0.7, "ok", "0.0 s from the server's"),
        (-4, "ok", "4.0 s from the server's"),
        (91, "warning", "90 s ahead of the server's"),
        (-240, "warning", "4 min behind the server's"),
        (-301, "failed", "5 min behind the server's"),
        (86_401, "failed", "24 h ahead of the server's"),
    ],
)
def test_the_clock(seconds: float, state: str, figure: str) -> None:
    found = compare_clocks("Sun, 29 Nov 2026 12:00:00 GMT", NOW + timedelta(seconds=seconds))
    assert (found.state, found.figure) == (state, figure)


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_a_server_without_a_date(date: str | None) -> None:
    assert compare_clocks(date, NOW).state == "skipped"


def test_a_folder_that_cannot_be_written(
    run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", str(tmp_path / "file" / "cache"))
    found = examined(run, code=1)["cache"]
    assert found["figure"] == f"{tmp_path / 'file' / 'cache'} cannot be written"
    assert "COMFY_CLOUD_CACHE_DIR" in found["remedy"]
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", str(tmp_path / "new" / "cache"))
    assert "not there yet, can be made" in examined(run)["cache"]["figure"]
    assert not (tmp_path / "new").exists()


def test_a_full_disk(run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 12_000_000})
    monkeypatch.setattr("comfy_cloud.cli._doctor.machine.shutil.disk_usage", returning(usage))
    found = examined(run)  # a warning does not count
    assert found["cache"]["state"] == "warning"
    assert found["cache"]["figure"].endswith("12 MB free")


def test_a_check_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "DEADLINE", 0.05)
    goes_on = threading.Event()

    def hang() -> Finding:
        goes_on.wait()
        return Finding("name", "ok", "late")

    found = within("name", hang)
    goes_on.set()
    assert (found.state, found.figure) == ("failed", "no result within 0.05 s")
    assert found.remedy


def test_an_unexpected_error_is_a_finding() -> None:
    def fail() -> Finding:
        raise ValueError("boom")

    found = within("name", fail)
    assert (found.state, found.figure) == ("failed", "unexpected ValueError: boom")


@pytest.mark.parametrize("arguments", [["now"], ["--json", "-o", "csv"], ["--bogus"]])
def test_wrong_usage(arguments: list[str], run: Run) -> None:
    shown = run("doctor", *arguments)
    assert (shown.code, shown.out) == (2, "")
