from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.cli._console.exits import CommandError
from comfy_cloud.cli.api_pages import all_items
from comfy_cloud_emulator import Emulator, Fault

from .conftest import Run, program_environment, run_for_terminal, run_program

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


def binary(path: str = "/api/features") -> Fault:
    return Fault("garbage", path=path, status=200, body=PNG, content_type="image/png")


def test_a_pipe_gets_the_body_unchanged(empty_cloud: Emulator) -> None:
    body = b'{"a": 1,\r\n "b":"\xc3\xa9"}'
    empty_cloud.faults.add(Fault("garbage", path="/api/features", status=200, body=body))
    shown = run_program("api", "/api/features")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.encode() == body


def test_json_is_indented_on_a_terminal(empty_cloud: Emulator) -> None:
    empty_cloud.faults.add(Fault("garbage", path="/api/features", status=200, body='{"a":["\x9b31mé"]}'))
    shown = run_for_terminal("api", "/api/features")
    assert shown.out == '{\n  "a": [\n    "\\u009b31mé"\n  ]\n}\n'


def test_text_is_escaped_on_a_terminal(empty_cloud: Emulator) -> None:
    empty_cloud.faults.add(
        Fault("garbage", path="/api/features", status=200, body=b"a\x1b[2J\nb", content_type="text/plain")
    )
    assert run_for_terminal("api", "/api/features").out == "a\\x1b[2J\nb\n"


def test_binary_is_refused_on_a_terminal(empty_cloud: Emulator, tmp_path: Path) -> None:
    empty_cloud.faults.add(binary(), binary())
    shown = run_for_terminal("api", "/api/features")
    assert (shown.code, shown.out) == (2, "")
    assert "the response is binary (image/png, 10 bytes); use --output-file FILE" in shown.err
    path = tmp_path / "image.png"
    shown = run_for_terminal("api", "/api/features", "--output-file", str(path))
    assert (shown.code, shown.out) == (0, "")
    assert path.read_bytes() == PNG


def test_a_file_is_never_overwritten(run: Run, empty_cloud: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "existing"
    path.write_text("mine")
    shown = run("api", "/api/features", "--output-file", str(path))
    assert shown.code == 2
    assert "already exists" in shown.err
    assert empty_cloud.requests == []
    assert path.read_text() == "mine"
    assert run("api", "/api/features", "--output-file", str(tmp_path / "no" / "folder")).code == 2


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a" * 400, "cannot be written: File name too long. Nothing was saved; choose another FILE"),
        ("missing/a.json", "cannot be written: No such file or directory. Nothing was saved"),
        ("file/a.json", "cannot be written: Not a directory. Nothing was saved"),
        ("locked/a.json", "cannot be written: Permission denied. Nothing was saved"),
        ("folder", "already exists"),
    ],
)
def test_an_unusable_file_name_is_reported_before_anything_is_sent(
    run: Run, empty_cloud: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, reason: str
) -> None:
    for folder in ("folder", "locked"):
        (tmp_path / folder).mkdir()
    (tmp_path / "file").write_text("mine")
    access = os.access  # root may write anywhere, so the mode of a folder would prove nothing
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "locked" and access(path, mode))
    shown = run("api", "/api/interrupt", "-X", "POST", "--output-file", str(tmp_path / name))
    assert (shown.code, shown.out) == (2, "")
    assert reason in shown.err
    assert "unexpected" not in shown.err
    assert len(shown.err) < 300
    assert empty_cloud.requests == []


def test_a_full_disk_leaves_nothing(
    run: Run, empty_cloud: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        def write(self, content: object) -> int:
            if self.tell():
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(memoryview(content)[:4])  # type: ignore[arg-type]

    monkeypatch.setattr(
        "comfy_cloud._files.local_destination.open",
        lambda path, mode, buffering: Full(path, "x"),
        raising=False,
    )
    path = tmp_path / "features.json"
    shown = run("api", "/api/features", "--output-file", str(path))
    assert (shown.code, shown.out) == (2, "")
    assert f"{path} cannot be written: No space left on device. Nothing was saved" in shown.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="there is no such limit elsewhere")
def test_a_limit_on_the_size_of_files_leaves_nothing(empty_cloud: Emulator, tmp_path: Path) -> None:
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (9, 9)); "
        "from comfy_cloud.cli import main; sys.exit(main())"
    )
    path = tmp_path / "features.json"
    command = [sys.executable, "-c", program, "api", "/api/features", "--output-file", str(path)]
    done = subprocess.run(command, env=program_environment(), capture_output=True, text=True)
    assert done.returncode == 2
    assert "cannot be written: File too large. Nothing was saved" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.beyond_contract  # requests written by hand
def test_parameters_and_fields(run: Run, empty_cloud: Emulator) -> None:
    shown = run("api", "/api/history_v2", "--param", "max_items=3", "--param", "offset=1")
    assert shown.code == 0
    assert empty_cloud.requests[-1].query == [("max_items", "3"), ("offset", "1")]
    job = empty_cloud.store.add_job()
    shown = run("api", "/api/history", "-X", "POST", "--field", f'delete:=["{job.id}"]')
    assert shown.code == 0, shown.err
    assert json.loads(empty_cloud.requests[-1].body) == {"delete": [job.id]}
    empty_cloud.faults.add(Fault("garbage", status=200, body="{}"))
    run(
        "api",
        "/api/history",
        "-X",
        "POST",
        "--field",
        "a=1",
        "--field",
        "b:=1",
        "--field",
        "c=x=y",
        "--field",
        "d=",
    )
    assert json.loads(empty_cloud.requests[-1].body) == {"a": "1", "b": 1, "c": "x=y", "d": ""}


@pytest.mark.beyond_contract  # requests written by hand
def test_input_from_stdin_and_from_a_file(run: Run, empty_cloud: Emulator, tmp_path: Path) -> None:
    body = b'{"clear": true}'
    assert run("api", "/api/history", "-X", "POST", "--input", "-", stdin=body).code == 0
    file = tmp_path / "body.json"
    file.write_bytes(body)
    assert run("api", "/api/history", "-X", "POST", "--input", str(file)).code == 0
    for request in empty_cloud.requests[-2:]:
        assert request.headers["content-type"] == "application/json"
    assert empty_cloud.requests[-2].body == body
    empty_cloud.faults.add(Fault("garbage", status=200, body="{}"), Fault("garbage", status=200, body="{}"))
    run("api", "/api/history", "-X", "POST", "--input", "-", stdin=b"\x00\x01")
    assert empty_cloud.requests[-1].headers["content-type"] == "application/octet-stream"
    run("api", "/api/history", "-X", "POST", "--input", "-", "--content-type", "text/x-special", stdin=b"{}")
    assert empty_cloud.requests[-1].headers["content-type"] == "text/x-special"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["//evil.example/api/user"], "PATH is a path of this server"),
        (["https://evil.example/"], "for another server: --base-url"),
        (["/api/user", "-X", "G-ET"], "--method must be a word"),
        (["/api/user", "--field", "a=1"], "use --param, or -X POST"),
        (["/api/user", "-X", "POST", "--field", "a"], "--field takes NAME=TEXT"),
        (["/api/user", "-X", "POST", "--field", "a:=x"], "must be followed by JSON"),
        (["/api/user", "-X", "POST", "--field", "a=1", "--input", "-"], "cannot be combined"),
        (["/api/user", "-X", "POST", "--content-type", "text/plain"], "--content-type needs --input"),
        (["/api/user", "--paginate", "-X", "POST"], "--paginate is for GET"),
        (["/api/user", "--jq", ".", "--output-file", "x"], "--jq and --output-file cannot be combined"),
        (["GET"], "the method is an option: comfy-cloud api -X GET PATH"),
        (["GET", "/api/user"], "the method is an option: comfy-cloud api -X GET /api/user\n"),
        (["/api/user", "get"], "the method is an option: comfy-cloud api -X GET /api/user\n"),
        (
            ["POST", "/api/x?a=b c", "--field", "a=1"],
            "the method is an option: comfy-cloud api -X POST '/api/x?a=b c'\n",
        ),
        (["GET", "/api/user", "--bogus"], "No such option '--bogus'"),
        (["-X", "GET", "/api/user", "POST"], "unexpected extra argument (POST)"),
        (["/api/user", "other"], "unexpected extra argument (other)"),
        (["/api/user", "--param", "=1"], "--param takes NAME=VALUE"),
        (["/api/user", "-X", "POST", "--input", "/no/such/file"], "/no/such/file cannot be read"),
    ],
)
def test_wrong_usage_names_the_fix(
    arguments: list[str], message: str, run: Run, empty_cloud: Emulator
) -> None:
    shown = run("api", *arguments)
    assert (shown.code, shown.out) == (2, "")
    assert message in shown.err
    assert empty_cloud.requests == []


@pytest.mark.parametrize("path", ["user", "api/user", "/api/user"])
def test_the_beginning_of_a_path_may_be_left_out(path: str, run: Run, empty_cloud: Emulator) -> None:
    assert run("api", path).code == 0
    assert [request.path for request in empty_cloud.requests] == ["/api/user"]


def test_a_server_error_is_one_line_on_stderr(run: Run, empty_cloud: Emulator) -> None:
    shown = run("api", "/api/history_v2/00000000-0000-4000-8000-000000000000")
    assert (shown.code, shown.out) == (5, "")
    assert shown.err.startswith("error: 404")
    assert shown.err.count("\n") == 1


def test_a_redirect_is_reported_without_its_signature(
    run: Run, empty_cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = "https://storage.example/bucket/file.png?X-Goog-Signature=abc123"
    headers = {
        "location": signed,
        "set-cookie": "session=s3cret",
        "authorization": "Bearer s3cret",
        "proxy-authorization": "Basic s3cret",
        "x-api-key": "s3cret",
        "x-plain": "shown\x1b",
    }
    response = httpx.Response(
        302,
        headers=headers,
        content=f'<a href="{signed}">'.encode(),
        extensions={"http_version": b"HTTP/1.1"},
    )
    monkeypatch.setattr("comfy_cloud.ComfyCloud.request", lambda *_, **__: response)
    shown = run("api", "/api/elsewhere", "--param", "filename=x")
    assert (shown.code, shown.out) == (1, "")
    assert shown.err == "error: nothing was written: it is a redirect to storage.example\n"
    shown = run("api", "/api/elsewhere", "--include")
    assert shown.out.startswith("HTTP/1.1 302 Found\n")
    assert "location: storage.example (the rest is left out)\n" in shown.out
    for name in ("set-cookie", "authorization", "proxy-authorization", "x-api-key"):
        assert f"\n{name}: (left out)\n" in shown.out
    assert "x-plain: shown\\x1b\n" in shown.out
    assert "abc123" not in shown.out + shown.err
    assert "s3cret" not in shown.out


def test_include_shows_the_head_before_the_body(run: Run, empty_cloud: Emulator) -> None:
    head, _, body = run("api", "/api/user", "--include").out.partition("\n\n")
    assert head.startswith("HTTP/1.1 200 OK\n")
    assert "content-type: application/json" in head
    assert json.loads(body)["status"] == "active"


@pytest.mark.parametrize(
    ("media_type", "is_text"),
    [
        ("text/html; charset=utf-8", True),
        ("application/xml", True),
        ("application/problem+xml", True),
        ("application/octet-stream", False),
        ("image/png", False),
        ("", False),
    ],
)
def test_which_responses_are_text(media_type: str, is_text: bool, empty_cloud: Emulator) -> None:
    empty_cloud.faults.add(
        Fault("garbage", path="/api/features", status=200, body=b"<a>", content_type=media_type)
    )
    shown = run_for_terminal("api", "/api/features")
    assert (shown.code, shown.out) == ((0, "<a>\n") if is_text else (2, ""))


def test_public_operations_need_no_key(
    run: Run, empty_cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMFY_CLOUD_API_KEY")
    assert run("api", "/api/features").code == 0
    assert run("api", "/api/user").code == 4


def test_an_echoed_key_is_in_no_head_and_no_message(run: Run, empty_cloud: Emulator) -> None:
    key = empty_cloud.key
    empty_cloud.faults.add(
        Fault("garbage", path="/api/user", body=b"{}", content_type=f"application/json; echo={key}")
    )
    shown = run("api", "/api/user", "--include")
    assert "application/json" in shown.out
    assert key not in shown.out + shown.err
    assert "[REDACTED]" in shown.out


@pytest.mark.parametrize("address", ["/api/view?filename={name}&type=output", "/api/assets/{asset}/content"])
def test_a_stored_file_is_fetched_without_the_key(
    address: str, run: Run, cloud: Emulator, tmp_path: Path
) -> None:
    with ComfyCloud() as client:
        asset = next(a for a in client.assets.iter(tags=["output"]) if str(a.mime_type).startswith("image/"))
        content = client.assets.open(str(asset.id))
        with content as file:
            expected = file.read()
    path = tmp_path / "image"
    hash_name = f"{str(asset.hash_ or asset.asset_hash).removeprefix('blake3:')}.png"
    shown = run("api", address.format(name=hash_name, asset=asset.id), "--output-file", str(path))
    assert (shown.code, shown.out) == (0, ""), shown.err
    assert path.read_bytes() == expected
    from_storage = [each for each in cloud.requests if each.path.startswith("/_storage")]
    assert all("x-api-key" not in each.headers for each in from_storage)


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/api/jobs", "limit"),
        ("/api/assets", "limit"),
        ("/api/history_v2", "max_items"),
        ("/api/tags", "limit"),
    ],
)
def test_all_pages_become_one_list(path: str, size: str, run: Run, cloud: Emulator) -> None:
    whole = json.loads(run("api", path, "--param", f"{size}=500").out)
    (expected,) = (value for value in whole.values() if isinstance(value, list))
    assert len(expected) > (1 if path == "/api/tags" else 40)
    page = "1" if path == "/api/tags" else "40"
    shown = run("api", f"{path}?{size}={page}", "--paginate")
    assert shown.code == 0, shown.err
    assert json.loads(shown.out) == expected


def test_pages_that_do_not_end_are_an_error() -> None:
    with pytest.raises(CommandError, match="repeats a page"):
        list(all_items({}, lambda _: {"jobs": [{"id": 1}], "has_more": True}))
    with pytest.raises(CommandError, match="one list"):
        list(all_items({}, lambda _: {"a": [], "b": []}))


def test_a_cursor_is_followed() -> None:
    pages = {None: {"items": [1, 2], "next_cursor": "c1"}, "c1": {"items": [3], "next_cursor": None}}
    found = list(all_items({"limit": ["2"]}, lambda query: pages[(query.get("after") or [None])[0]]))
    assert found == [1, 2, 3]
