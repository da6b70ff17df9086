"""Responses that stock generated code loses or misreads: images, redirects, error bodies."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import ClassVar

import httpx
import pytest

from comfy_cloud_api import Redirect, UnexpectedStatus, UnreadableBody
from comfy_cloud_api.api.asset import check_asset_by_hash, delete_asset, get_asset_content, upload_asset
from comfy_cloud_api.api.file import view_file
from comfy_cloud_api.api.job import get_queue_info, interrupt_job, list_jobs
from comfy_cloud_api.api.model import get_model_folders, get_model_preview
from comfy_cloud_api.api.node import get_node_info
from comfy_cloud_api.api.user import get_userdata_file, post_userdata_file
from comfy_cloud_api.api.workflow import get_global_subgraph
from comfy_cloud_api.models import AssetCreated, JobsListResponse, UserDataResponseFull
from tests.generated.operations import operation_modules

LOCATION = "https://storage.example/picture.png?signature=abc"


def response(
    status: int, content: bytes = b"", content_type: str | None = None, **headers: str
) -> httpx.Response:
    sent = {**headers, **({"Content-Type": content_type} if content_type else {})}
    return httpx.Response(status, headers=sent, content=content)


# Bytes


@pytest.mark.parametrize(
    "media_type", ["image/png", "image/webp", "image/jpeg", "video/mp4", "model/gltf-binary"]
)
def test_files_arrive_as_bytes(media_type: str) -> None:
    content = b"\x89\x00\xff not text, not JSON"
    assert view_file.parse(response(200, content, media_type)) == content


def test_the_preview_of_a_model_arrives_as_bytes() -> None:
    assert get_model_preview.parse(response(200, b"RIFF\x00\xff", "image/webp")) == b"RIFF\x00\xff"
    assert get_userdata_file.parse(response(200, b"\xff\xfe", "application/json")) == b"\xff\xfe"


# Redirects


@pytest.mark.parametrize("module", [view_file, get_asset_content])
def test_a_redirect_is_a_value_and_its_body_is_left_alone(module: ModuleType) -> None:
    found = module.parse(response(302, b"<a href>Found</a>", "text/html", Location=LOCATION))
    assert found == Redirect(302, LOCATION)
    assert "signature" not in repr(found)


def test_a_redirect_to_nowhere_is_an_error() -> None:
    with pytest.raises(UnreadableBody, match="The 302 response has no Location"):
        view_file.parse(response(302))


def test_a_redirect_where_none_is_documented_is_unexpected() -> None:
    with pytest.raises(UnexpectedStatus) as caught:
        list_jobs.parse(response(302, Location=LOCATION))
    assert caught.value.status_code == 302


# Responses without a body


def test_the_result_of_head_is_its_status() -> None:
    assert check_asset_by_hash.parse(response(200)) is True
    assert check_asset_by_hash.parse(response(404)) is False
    with pytest.raises(UnexpectedStatus):
        check_asset_by_hash.parse(response(400))


def test_responses_without_a_body_are_none() -> None:
    cases: list[tuple[Callable[[httpx.Response], object], int]] = [
        (delete_asset.parse, 204),
        (interrupt_job.parse, 200),
    ]
    assert [parse(response(status)) for parse, status in cases] == [None, None]


# Errors

ERROR_BODIES = [
    pytest.param(b'{"code":"NOT_FOUND","message":"gone"}', "application/json", id="code and message"),
    pytest.param(b'{"error":{"type":"QUEUE_LIMIT","message":"full"}}', "application/json", id="nested error"),
    pytest.param(b'{"error":"text"}', "application/json", id="error text"),
    pytest.param(b"[]", "application/json", id="a list"),
    pytest.param(b"{", "application/json", id="broken JSON"),
    pytest.param(b"upstream connect error", "text/plain", id="plain text"),
    pytest.param(b"<html><body>502</body></html>", "text/html", id="a web page"),
    pytest.param(b"\xff\x00", None, id="bytes"),
    pytest.param(b"", None, id="nothing"),
]


@pytest.mark.parametrize(("body", "content_type"), ERROR_BODIES)
@pytest.mark.parametrize("status", [400, 401, 402, 404, 409, 429, 500, 503, 520, 599])
@pytest.mark.parametrize("module", [list_jobs, upload_asset, view_file, post_userdata_file])
def test_an_error_status_is_unexpected_status_whatever_its_body(
    module: ModuleType, status: int, body: bytes, content_type: str | None
) -> None:
    with pytest.raises(UnexpectedStatus) as caught:
        module.parse(response(status, body, content_type))
    assert caught.value.status_code == status
    assert caught.value.body == body
    assert caught.value.operation is module.OPERATION
    assert str(caught.value).startswith(
        f"{module.OPERATION.method} {module.OPERATION.path} returned {status}: "
    )


@pytest.mark.parametrize("module", operation_modules(), ids=lambda module: module.OPERATION.id)
def test_no_operation_lets_an_error_body_reach_a_parser(module: ModuleType) -> None:
    for status in (203, 400, 418, 451, 500, 520):
        with pytest.raises(UnexpectedStatus):
            module.parse(response(status, b"<html>", "text/html"))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<!doctype html><title>App</title>", "not JSON"),
        (b"", "not JSON"),
        (b'{"jobs": [', "not JSON"),
        (b"[]", "an array where an object"),
        (b"null", "null where an object"),
        (b'"text"', "text where an object"),
        (b"3", "a number where an object"),
    ],
)
def test_a_success_of_another_kind_is_unreadable(body: bytes, what: str) -> None:
    for module in (list_jobs, get_queue_info, get_node_info, get_global_subgraph):
        with pytest.raises(UnreadableBody, match=what):
            module.parse(response(200, body, "application/json"))


def test_an_object_where_a_list_is_expected_is_unreadable() -> None:
    with pytest.raises(UnreadableBody, match="an object where an array"):
        get_model_folders.parse(response(200, b'{"error":"late"}', "application/json"))


# Alternatives


def test_one_operation_may_have_two_success_shapes() -> None:
    full = post_userdata_file.parse(response(200, b'{"path":"a.json","size":3}', "application/json"))
    assert isinstance(full, UserDataResponseFull)
    assert full.path == "a.json"
    assert post_userdata_file.parse(response(200, b'"a.json"', "application/json")) == "a.json"


@pytest.mark.parametrize("status", [200, 201])
def test_two_successes_of_one_shape(status: int) -> None:
    asset = upload_asset.parse(response(status, b'{"id":"1","created_new":false}', "application/json"))
    assert isinstance(asset, AssetCreated)
    assert asset["created_new"] is False


def test_parsing_needs_no_httpx_response() -> None:
    class Minimal:
        status_code = 200
        content = b'{"jobs":[]}'
        headers: ClassVar[dict[str, str]] = {}

    assert list_jobs.parse(Minimal()) == JobsListResponse(jobs=[])
