"""What is sent for a request: bodies, headers, and what may be sent twice."""

from __future__ import annotations

import io
import json
import pkgutil
from importlib import import_module
from typing import Any

import pytest

import comfy_cloud_api.api
from comfy_cloud import ConfigurationError
from comfy_cloud._http.request_encoding import Rewinder, body_of, headers_for, is_repeatable, target_for
from comfy_cloud._settings.fields import Secret
from comfy_cloud_api.api.node import get_features
from comfy_cloud_api.api.system import get_system_stats
from comfy_cloud_api.types import Credential, File, Operation, Part, Request

GET = Operation("request", "GET", "/api/thing", "required")
POST = Operation("request", "POST", "/api/thing", "required")
PUBLIC = Operation("request", "GET", "/api/thing", "none")
KEY = "comfyui-0123456789abcdef"


def test_a_request_without_a_body_has_none() -> None:
    assert body_of(Request(GET, "/api/thing")) == ({}, [])


@pytest.mark.parametrize("value", [{"delete": ["a"]}, [], {}, 0, False, "", "ü", 2**64 - 1, -(2**70)])
def test_json_is_sent_as_bytes(value: object) -> None:
    arguments, headers = body_of(Request(POST, "/api/thing", json=value))
    assert repr(json.loads(arguments["content"])) == repr(value)
    assert headers == [(b"Content-Type", b"application/json")]


@pytest.mark.parametrize("value", [{1: "a"}, {"a": object()}, [2**64, object()], {"a": {1, 2}}, "\ud800"])
def test_what_json_cannot_express_is_refused_before_it_is_sent(value: object) -> None:
    with pytest.raises(ConfigurationError, match="body of POST /api/thing cannot be written as JSON"):
        body_of(Request(POST, "/api/thing", json=value))


@pytest.mark.parametrize("content", [b"raw", "text", b""])
def test_content_is_sent_unchanged(content: Any) -> None:
    arguments, headers = body_of(Request(POST, "/api/thing", content=content, content_type="text/plain"))
    assert arguments == {"content": content}
    assert headers == [(b"Content-Type", b"text/plain")]


def test_a_file_is_sent_from_its_position_with_its_length() -> None:
    file = io.BytesIO(b"before, then the rest")
    file.seek(13)
    arguments, headers = body_of(Request(POST, "/api/thing", content=file, content_type="text/plain"))
    assert arguments == {"content": file}
    assert headers == [(b"Content-Type", b"text/plain"), (b"Content-Length", b"8")]
    assert file.tell() == 13


def test_content_without_a_type_is_bytes() -> None:
    assert body_of(Request(POST, "/api/thing", content=b"raw"))[1] == [
        (b"Content-Type", b"application/octet-stream")
    ]


def test_json_of_another_media_type_keeps_it() -> None:
    request = Request(POST, "/api/thing", json={"a": 1}, content_type="application/merge-patch+json")
    assert body_of(request)[1] == [(b"Content-Type", b"application/merge-patch+json")]


def test_headers_that_are_parameters_go_with_the_body() -> None:
    request = Request(POST, "/api/thing", json=1, headers={"Idempotency-Key": "a"})
    assert body_of(request)[1] == [(b"Content-Type", b"application/json"), (b"Idempotency-Key", b"a")]
    assert body_of(Request(GET, "/", headers={"Cookie": "a=b"}))[1] == [(b"Cookie", b"a=b")]


@pytest.mark.parametrize(
    ("credential", "headers", "target"),
    [
        (Credential("header", "Authorization", "Bearer "), [(b"Authorization", b"Bearer key/1")], "/a?b=c"),
        (Credential("cookie", "sid"), [(b"Cookie", b"a=b; sid=key/1")], "/a?b=c"),
        (Credential("query", "key"), [], "/a?b=c&key=key%2F1"),
        (Credential("basic", "Authorization"), [(b"Authorization", b"Basic a2V5LzE=")], "/a?b=c"),
    ],
)
def test_the_key_is_sent_where_its_operation_takes_it(
    credential: Credential, headers: list[tuple[bytes, bytes]], target: str
) -> None:
    operation = Operation("request", "GET", "/a", "required", (credential,))
    cookie = (b"Cookie", b"a=b")
    kept = [] if credential.location == "cookie" else [cookie]
    sent = headers_for(operation, Secret("key/1"), [], [cookie])
    assert sorted(sent) == sorted([*kept, *headers])
    assert target_for(Request(operation, "/a?b=c"), Secret("key/1")) == target
    assert headers_for(operation, None, [], [cookie]) == [cookie]
    assert target_for(Request(operation, "/a?b=c"), None) == "/a?b=c"


def test_a_form_gets_a_random_boundary() -> None:
    parts: list[Part] = [("image", File(b"x\r\n--+++\r\n", "a.png", "image/png").as_part())]
    types = set()
    for _ in range(5):
        arguments, headers = body_of(Request(POST, "/api/thing", parts=parts))
        body = arguments["content"].read()
        sent = dict(headers)
        assert sent[b"Content-Length"] == str(len(body)).encode()
        assert body.startswith(b"--" + sent[b"Content-Type"].partition(b"boundary=")[2] + b"\r\n")
        types.add(sent[b"Content-Type"])
    assert len(types) == 5
    assert all(found.startswith(b"multipart/form-data; boundary=") for found in types)


def test_the_key_is_sent_with_every_operation_that_is_not_public() -> None:
    base = [(b"User-Agent", b"x")]
    body = [(b"Content-Type", b"text/plain")]
    key = (b"X-API-Key", KEY.encode())
    assert headers_for(GET, Secret(KEY), base, body) == [*base, *body, key]
    assert headers_for(get_features.OPERATION, Secret(KEY), base, []) == [*base, key]
    assert headers_for(PUBLIC, Secret(KEY), base, body) == [*base, *body]
    assert headers_for(get_system_stats.OPERATION, Secret(KEY), base, []) == base
    assert headers_for(GET, None, base, body) == [*base, *body]


@pytest.mark.parametrize(
    ("method", "content", "expected"),
    [
        ("GET", None, True),
        ("HEAD", None, True),
        ("PUT", b"bytes", True),
        ("PUT", "text", True),
        ("DELETE", None, True),
        ("POST", None, False),
        ("POST", b"bytes", False),
        ("PATCH", None, False),
        ("PUT", io.BytesIO(b"read once"), False),
        ("PUT", iter([b"read once"]), False),
    ],
)
def test_what_may_be_sent_twice(method: str, content: Any, expected: bool) -> None:
    operation = Operation("request", method, "/api/thing", "required")
    assert is_repeatable(Request(operation, "/api/thing", content=content)) is expected


def operations() -> dict[str, Operation]:
    modules = pkgutil.walk_packages(comfy_cloud_api.api.__path__, "comfy_cloud_api.api.")
    found = [import_module(module.name).OPERATION for module in modules if not module.ispkg]
    return {operation.id: operation for operation in found}


def test_these_posts_may_be_sent_twice_and_no_others() -> None:
    posts = [operation for operation in operations().values() if operation.method == "POST"]
    repeatable = {operation.id for operation in posts if is_repeatable(Request(operation, "/"))}
    assert repeatable == {"uploadImage", "uploadMask", "uploadAsset", "createAssetFromHash", "addAssetTags"}
    assert len(posts) > len(repeatable)


def test_a_file_is_rewound_to_where_it_stood() -> None:
    file = io.BytesIO(b"before, then the rest")
    file.seek(8)
    rewinder = Rewinder(file)
    file.read()
    assert rewinder.rewind()
    assert file.read() == b"then the rest"


@pytest.mark.parametrize("content", [None, b"bytes", "text", b""])
def test_bytes_and_text_need_no_rewinding(content: Any) -> None:
    assert Rewinder(content).rewind()


def test_a_stream_cannot_be_rewound() -> None:
    assert not Rewinder(iter([b"once"])).rewind()

    class Pipe(io.RawIOBase):
        def seekable(self) -> bool:
            return False

    assert not Rewinder(Pipe()).rewind()
    assert body_of(Request(POST, "/", content=Pipe()))[1] == [(b"Content-Type", b"application/octet-stream")]
