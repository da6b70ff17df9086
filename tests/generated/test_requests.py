"""Generated requests: no argument can change where one goes, or add a field to it."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud.contract._checks.bodies import FormPart, read_form
from comfy_cloud_api import File, Request
from comfy_cloud_api.api.asset import add_asset_tags, get_asset_by_id, list_assets, list_tasks, upload_asset
from comfy_cloud_api.api.file import upload_image, view_file
from comfy_cloud_api.api.job import get_history, interrupt_job, list_jobs
from comfy_cloud_api.api.model import get_model_preview
from comfy_cloud_api.api.user import get_userdata_file, post_userdata_file
from comfy_cloud_api.api.workflow import execute_prompt
from comfy_cloud_api.client import httpx_arguments
from comfy_cloud_api.models import (
    AddAssetTagsBody,
    ListAssetsSort,
    PromptRequest,
    UploadAssetBody,
    UploadImageBody,
)
from comfy_cloud_api.types import form_parts, path_segment, with_query
from tests.generated.operations import operation_modules


def parameters_of(module: ModuleType) -> list[str]:
    """The path parameters of an operation."""
    every = inspect.signature(module.build).parameters.values()
    return [parameter.name for parameter in every if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]


def query_of(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.target).query, keep_blank_values=True)


# Paths

PATHS = [module for module in operation_modules() if parameters_of(module)]


@pytest.mark.parametrize("value", ["", ".", "..", None])
@pytest.mark.parametrize("module", PATHS, ids=lambda module: module.OPERATION.id)
def test_a_segment_that_would_lead_elsewhere_is_refused(module: ModuleType, value: str | None) -> None:
    names = parameters_of(module)
    body: dict[str, Any] = {"body": {}} if "body" in inspect.signature(module.build).parameters else {}
    for name in names:
        arguments: dict[str, Any] = {**dict.fromkeys(names, "x"), **body, name: value}
        with pytest.raises(ValueError, match="path parameter cannot be"):
            module.build(**arguments)


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("workflows/my graph.json", "workflows%2Fmy%20graph.json"),
        ("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd"),
        ("a?b#c", "a%3Fb%23c"),
        ("100%", "100%25"),
        ("ü", "%C3%BC"),
        ("...", "..."),
        ("line\nbreak", "line%0Abreak"),
    ],
)
def test_a_path_parameter_is_one_encoded_segment(value: str, segment: str) -> None:
    assert get_userdata_file.build(value).target == f"/api/userdata/{segment}"
    url = httpx.URL("https://x.test" + get_userdata_file.build(value).target)
    assert url.raw_path.decode() == f"/api/userdata/{segment}"


@given(st.text())
def test_a_segment_never_holds_a_separator(value: str) -> None:
    try:
        segment = path_segment(value)
    except UnicodeEncodeError:  # a lone surrogate is no text that can be sent
        return
    except ValueError:
        assert value in {"", ".", ".."}
        return
    assert segment.isascii()
    assert not set(segment) & set("/?#\\ \n")


def test_several_path_parameters_keep_their_order() -> None:
    target = get_model_preview.build("loras", 0, "a b.safetensors").target
    assert target == "/api/experiment/models/preview/loras/0/a%20b.safetensors"


# Queries


@pytest.mark.parametrize("module", operation_modules(), ids=lambda module: module.OPERATION.id)
def test_defaults_are_not_sent(module: ModuleType) -> None:
    parameters = inspect.signature(module.build).parameters.values()
    assert {parameter.default for parameter in parameters} <= {None, inspect.Parameter.empty}
    given: dict[str, Any] = {p.name: "x" for p in parameters if p.default is p.empty and p.name != "body"}
    if "body" in inspect.signature(module.build).parameters:
        given["body"] = {}
    sent = {name for name, _ in query_of(module.build(**given))}
    named = {
        name.rstrip("_").removesuffix("_query") for name in given.keys() - {"body", *parameters_of(module)}
    }
    assert sent == named


def test_no_query_and_no_body_by_default() -> None:
    assert list_jobs.build() == Request(list_jobs.OPERATION, "/api/jobs")
    assert interrupt_job.build() == Request(interrupt_job.OPERATION, "/api/interrupt")


def test_zero_and_false_are_sent() -> None:
    assert query_of(get_history.build(max_items=0, offset=0)) == [("max_items", "0"), ("offset", "0")]
    assert query_of(list_assets.build(include_public=False)) == [("include_public", "false")]
    assert query_of(list_assets.build(include_public=True)) == [("include_public", "true")]


def test_lists_are_joined_by_commas() -> None:
    request = list_assets.build(include_tags=["models", "a&b"], sort=ListAssetsSort.NAME)
    assert request.target == "/api/assets?include_tags=models%2Ca%26b&sort=name"


def test_an_empty_list_is_not_sent_and_a_comma_in_an_item_is_refused() -> None:
    assert list_assets.build(include_tags=[]).target == "/api/assets"
    with pytest.raises(ValueError, match="include_tags: an item cannot contain a comma"):
        list_assets.build(include_tags=["a,b"])


def test_repeated_parameters_are_sent_one_by_one() -> None:
    assert with_query("/x", {"a": ["1", "2,3"], "b": ("4",)}, repeated=["a"]) == "/x?a=1&a=2%2C3&b=4"


def test_instants_and_new_words_are_sent_as_they_are() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    assert list_tasks.build(created_after=moment).target.endswith(
        "?created_after=2026-11-23T00%3A00%3A00%2B00%3A00"
    )
    assert query_of(list_jobs.build(sort_by="a new field")) == [("sort_by", "a new field")]


def test_a_value_cannot_add_a_parameter() -> None:
    assert query_of(view_file.build(filename="a.png&type=temp")) == [("filename", "a.png&type=temp")]


# JSON bodies


def test_a_model_and_a_mapping_make_the_same_body() -> None:
    graph = {"6": {"class_type": "KSampler", "inputs": {"seed": 2**64 - 1}}}
    from_model = execute_prompt.build(body=PromptRequest.from_dict({"prompt": graph}))
    from_mapping = execute_prompt.build(body={"prompt": graph})
    assert from_model.json == from_mapping.json == {"prompt": graph}
    sent = httpx_arguments(from_model)
    assert b"18446744073709551615" in sent["content"]
    assert sent["headers"] == {"Content-Type": "application/json"}


def test_fields_that_are_none_are_not_sent() -> None:
    request = add_asset_tags.build("1", body=AddAssetTagsBody(tags=["a"]))
    assert request.json == {"tags": ["a"]}


def test_building_does_not_change_the_body() -> None:
    body = {"prompt": {"1": {"inputs": {"x": [1]}}}}
    request = execute_prompt.build(body=body)
    assert request.json == body
    assert isinstance(request.json, dict)
    request.json["prompt"]["1"]["inputs"]["x"].append(2)
    assert body == {"prompt": {"1": {"inputs": {"x": [1]}}}}


# Forms


def sent_form(request: Request) -> tuple[list[FormPart], str]:
    built = httpx.Request("POST", "https://x.test" + request.target, **httpx_arguments(request))
    return read_form(built.headers["content-type"], built.read()), built.headers["content-type"]


def test_each_form_has_another_boundary() -> None:
    body = UploadImageBody(image=File(b"x", "a.png"))
    boundaries = {sent_form(upload_image.build(body=body))[1] for _ in range(20)}
    assert len(boundaries) == 20
    assert not any("+++" in boundary for boundary in boundaries)


INJECTION = (
    b'\r\n--%s\r\nContent-Disposition: form-data; name="overwrite"\r\n\r\ntrue\r\n--%s\r\n'
    b'Content-Disposition: form-data; name="type"\r\n\r\ninput\r\n--%s--\r\n'
)


@pytest.mark.parametrize("boundary", [b"+++", b"boundary", b""])
def test_content_cannot_add_a_field(boundary: bytes) -> None:
    content = INJECTION % (boundary, boundary, boundary)
    parts, _ = sent_form(upload_image.build(body=UploadImageBody(image=File(content, "a.png", "image/png"))))
    assert [(part.name, part.content) for part in parts] == [("image", content)]


@pytest.mark.parametrize("name", ['a".png', 'x"; name="type', "a\r\nX-Injected: 1\r\n\r\nb.png", "ü.png"])
def test_a_file_name_cannot_add_a_header_or_field(name: str) -> None:
    parts, _ = sent_form(upload_image.build(body=UploadImageBody(image=File(b"x", name))))
    assert [(part.name, part.content) for part in parts] == [("image", b"x")]


def test_values_become_the_text_that_the_service_reads() -> None:
    body = UploadAssetBody.from_dict(
        {"tags": ["input", "a,b"], "user_metadata": {"n": 1}, "name": "n", "extra": True, "mime_type": None}
    )
    body.file = File(b"x", "x.bin", "application/x-thing")
    parts, _ = sent_form(upload_asset.build(body=body))
    assert {part.name: part.content for part in parts} == {
        "file": b"x",
        "name": b"n",
        "tags": b'["input","a,b"]',
        "user_metadata": b'{"n":1}',
        "extra": b"true",
    }
    (file,) = [part for part in parts if part.name == "file"]
    assert (file.file_name, file.media_type) == ("x.bin", "application/x-thing")
    assert [part.file_name for part in parts if part.name != "file"] == [None] * 4


def opened(path: Path) -> io.BufferedReader:
    return path.open("rb")


@pytest.mark.parametrize(
    ("payload", "file_name"),
    [
        (lambda path: File(path.read_bytes(), "other.png"), "other.png"),
        (lambda path: path.read_bytes(), "file"),
        (opened, "in.png"),
        (lambda path: io.BytesIO(path.read_bytes()), "file"),
    ],
)
def test_files_bytes_and_open_files_become_file_parts(
    payload: Callable[[Path], Any], file_name: str, tmp_path: Path
) -> None:
    path = tmp_path / "in.png"
    path.write_bytes(b"\x89PNG")
    value = payload(path)
    try:
        parts, _ = sent_form(upload_image.build(body={"image": value, "type": "input"}))
    finally:
        if isinstance(value, io.IOBase):
            value.close()
    assert [(part.name, part.file_name, part.content) for part in parts] == [
        ("image", file_name, b"\x89PNG"),
        ("type", None, b"input"),
    ]


@given(st.binary(), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_content_and_any_text_arrive_whole(content: bytes, text: str) -> None:
    parts = form_parts({"image": content, "subfolder": text})
    built = httpx.Request("POST", "https://x.test/", files=parts)
    read = read_form(built.headers["content-type"], built.read())
    assert [(part.name, part.content) for part in read] == [("image", content), ("subfolder", text.encode())]


def test_headers_of_a_part_are_sent_with_it() -> None:
    file = File(b"x", "a.png", "image/png", {"X-Limit": 7})
    field = File(b"y", None, headers={"X-Limit": True})
    parts = form_parts({"image": [file, file], "note": field}, ["image"], headers={"image": "x-limit"})
    sent = httpx.Request("POST", "https://x.test/", files=parts).read()
    head = b'name="image"; filename="a.png"\r\nX-Limit: 7\r\nContent-Type: image/png\r\n\r\nx'
    assert sent.count(head) == 2
    assert b'name="note"\r\nX-Limit: true\r\n\r\ny' in sent


@pytest.mark.parametrize("value", [b"x", "x", File(b"x"), File(b"x", headers={"X-Other": "1"})])
def test_a_part_without_a_header_that_it_needs_is_refused(value: Any) -> None:
    with pytest.raises(
        ValueError, match=r"note: this part of the form needs the header X-Limit: give a File"
    ):
        form_parts({"note": value}, headers={"note": "X-Limit"})
    assert form_parts({}, headers={"note": "X-Limit"}) == []


@pytest.mark.parametrize("headers", [{"X-A\r\nX-B": "1"}, {"": "1"}, {"X-A": "1\r\nX-B: 2"}, {"X-A": b"1"}])
def test_a_header_of_a_part_adds_no_other(headers: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="header|A single value is needed"):
        form_parts({"image": File(b"x", headers=headers)})


# Raw bodies


def test_raw_content_is_sent_as_octets() -> None:
    request = post_userdata_file.build("workflows/a.json", body=b"{}", overwrite="false")
    assert request.target == "/api/userdata/workflows%2Fa.json?overwrite=false"
    arguments = httpx_arguments(request)
    assert arguments == {"content": b"{}", "headers": {"Content-Type": "application/octet-stream"}}


def test_nothing_secret_is_shown() -> None:
    secret = "not to be shown"
    for request in (
        execute_prompt.build(body={"prompt": {}, "extra_data": {"api_key_comfy_org": secret}}),
        post_userdata_file.build("a", body=secret),
        upload_image.build(body={"image": secret.encode(), "note": secret}),
    ):
        assert secret not in repr(request)
    assert secret not in repr(File(secret.encode()))


def test_the_method_is_that_of_the_operation() -> None:
    assert get_asset_by_id.build("1").method == "GET"
    assert add_asset_tags.build("1", body={"tags": ["a"]}).method == "POST"
