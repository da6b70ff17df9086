"""Where a server's node classes come from: a file, an address, an object; and what is refused."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.nodes import object_info_source
from comfy_cloud_emulator.nodes.object_info_source import read_catalogue
from tests.raw_server import RawServer, http_response, raw_server

from .classes import INFO, Json

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], RawServer]]:
    """Start a server that responds to every request alike."""
    with ExitStack() as stack:

        def make(reply: Answer) -> RawServer:
            status, headers, body = reply
            server = stack.enter_context(raw_server())
            server.other = http_response(status, body, None, **headers)
            return server

        yield make


def paths(server: RawServer) -> list[str]:
    return [request.target for request in server.requests]


def names(source: object) -> list[str]:
    return [each.name for each in read_catalogue(source)]  # type: ignore[arg-type]


def test_a_file_an_address_and_an_object(tmp_path: Path, serve: Callable[[Answer], RawServer]) -> None:
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(INFO))
    server = serve((200, {}, json.dumps(INFO).encode()))
    for source in (file, str(file), INFO, server.url, f"{server.url}/", f"{server.url}/other/path?a=b"):
        assert names(source) == list(INFO)
    assert paths(server) == ["/api/object_info", "/api/object_info", "/other/path?a=b"]


def test_an_address_is_fetched_once(serve: Callable[[Answer], RawServer]) -> None:
    server = serve((200, {}, json.dumps(INFO).encode()))
    with Emulator(object_info=server.url) as emulator:
        emulator.reset()
        emulator.add_account()
        headers = {"X-API-Key": emulator.key}
        for _ in range(2):
            got = httpx.get(f"{emulator.url}/api/object_info", headers=headers, trust_env=False).json()
            assert got == INFO
    assert paths(server) == ["/api/object_info"]


def test_a_reset_may_change_the_classes() -> None:
    other = {"Other": INFO["OwnSave"]}
    with Emulator(object_info=INFO) as emulator:
        url, headers = f"{emulator.url}/api/object_info", {"X-API-Key": emulator.key}
        emulator.reset(object_info=other)
        assert httpx.get(url, headers=headers, trust_env=False).json() == other
        with pytest.raises(ValueError, match="it describes no node class"):
            emulator.reset(object_info={})
        assert httpx.get(url, headers=headers, trust_env=False).json() == other
        emulator.reset()
        assert httpx.get(url, headers=headers, trust_env=False).json() == INFO


def test_numbers_that_are_not_json_are_read(tmp_path: Path) -> None:
    file = tmp_path / "theirs.json"
    text = '{"A": {"input": {"required": {"x": ["FLOAT", {"max": Infinity, "min": NaN}]}}, "output": []}}'
    file.write_text(text)
    with Emulator(object_info=file, quirks="comfyui_new") as emulator:
        for path in ("/api/object_info", "/api/object_info/A"):
            response = httpx.get(f"{emulator.url}{path}", trust_env=False)
            assert json.loads(response.content)["A"]["input"]["required"]["x"][0] == "FLOAT"


DEEP = b'{"A": ' + b"[" * 230 + b"]" * 230 + b"}"
MANY = b'{"A": {"input": {}}, "B": [' + b"[]," * 1_000_000 + b"[]]}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>", "is not a node catalogue: it is not JSON; expected what GET /api/object_info returns"),
        (b"[]", "is not a JSON object"),
        (b"{}", "it describes no node class"),
        (b'{"a": 1, "b": {}}', "it describes no node class"),
        (DEEP, "nested too deeply"),
        (DEEP.replace(b"A", b"A\": NaN, \"B"), "nested too deeply"),
        (MANY, "more than 1000000 arrays and objects"),
        (MANY.replace(b'"B"', b'"C": NaN, "B"'), "more than 1000000 arrays and objects"),
        (b"", "it is not JSON"),
    ],
)  # fmt: skip
def test_what_is_not_a_catalogue(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "theirs.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        Emulator(object_info=file)
    assert str(file) in str(caught.value)


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_info_source, "LARGEST", 1 << 20)
    file = tmp_path / "theirs.json"
    file.write_bytes(b" " * (1 << 20) + json.dumps(INFO).encode())
    with pytest.raises(ValueError, match="more than 1 MiB"):
        read_catalogue(file)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ((401, {}, b""), "responded with 401 instead of its node catalogue; if it needs a key, save"),
        ((302, {"location": "/elsewhere"}, b""), "redirects are not followed"),
        ((500, {}, b""), "responded with 500 instead"),
        ((200, {}, b"<html>"), "is not a node catalogue: it is not JSON"),
        ((200, {"content-length": "99"}, b"{}"), "cannot fetch the node classes"),
        (
            (200, {"content-encoding": "gzip, gzip"}, gzip.compress(gzip.compress(b"{}"))),
            "sent .* compressed",
        ),
    ],
)
def test_what_a_server_may_respond(
    reply: Answer, message: str, serve: Callable[[Answer], RawServer], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(reply)
    address = server.url.replace("//", "//user:hidden@") + "/api/object_info?token=hidden"
    with pytest.raises(ValueError, match=message) as caught:
        read_catalogue(address)
    assert server.url.removeprefix("http://") in str(caught.value)
    assert "hidden" not in str(caught.value) + caplog.text
    assert len(paths(server)) == 1


def test_a_server_that_sends_without_end(
    serve: Callable[[Answer], RawServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_info_source, "LARGEST", 1 << 20)
    server = serve((200, {}, b"{" + b" " * (3 << 20)))
    with pytest.raises(ValueError, match="more than 1 MiB"):
        read_catalogue(server.url)
    instants = iter((0.0, 61.0))
    monkeypatch.setattr(object_info_source, "monotonic", lambda: next(instants))
    with pytest.raises(ValueError, match="took more than 60 seconds"):
        read_catalogue(server.url)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("there/is/none.json", "cannot read the node classes in there/is/none.json: No such file"),
        ("http://127.0.0.1:1/", "cannot fetch the node classes from http://127.0.0.1:1/: "),
        ("http://[", "cannot fetch the node classes from the URL"),
        ("http://", "cannot fetch the node classes"),
        ("a\0b\x1b", r"cannot read the node classes in a\?b\?: embedded null byte"),
        ({"A": object()}, "object_info cannot be written as JSON"),
    ],
)
def test_what_cannot_be_read(source: str | Json, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("[", r"\[")):
        read_catalogue(source)


@pytest.mark.parametrize("secret", ["hid/den", "hid#den", "hid?den", "hidden"])
def test_a_password_is_not_shown_where_it_makes_the_address_invalid(secret: str) -> None:
    with pytest.raises(ValueError, match="cannot fetch the node classes") as caught:
        read_catalogue(f"http://user:{secret}@[::1/theirs")
    error: BaseException | None = caught.value
    while error is not None:
        assert "hid" not in repr(error)
        error = error.__context__


def test_a_document_with_many_values_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_info_source, "MOST_VALUES", 1000)
    file = tmp_path / "theirs.json"
    file.write_bytes(json.dumps(INFO | {"A": {"input": [1] * 1001}}).encode())
    with pytest.raises(ValueError, match="more than 1000 values"):
        read_catalogue(file)


def test_inputs_that_grow_do_not_grow_again() -> None:
    growing: list[object] = ["INT", {}]
    for _ in range(3):  # a million inputs
        growing = ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"x": growing}}}}]
    found = read_catalogue({"A": {"input": {"required": {"x": growing}}}}).get("A")
    assert found is not None
    assert not found.inputs_for({})
