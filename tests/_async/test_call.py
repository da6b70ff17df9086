"""`cloud.call`: any operation of the generated client, sent as every other method sends its own."""

from __future__ import annotations

import types

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ConfigurationError,
    NotFound,
    NotSupported,
    RequestInfo,
    ResponseInfo,
    Unauthorized,
)
from comfy_cloud_api.api.asset import upload_asset
from comfy_cloud_api.api.job import get_job_detail, list_jobs
from comfy_cloud_api.api.user import get_user
from comfy_cloud_api.models.upload_asset_body import UploadAssetBody
from comfy_cloud_api.types import File
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client


async def test_the_value_is_that_of_the_generated_parser(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    page = await cloud.call(list_jobs, limit=3)
    assert page.jobs is not None
    assert len(page.jobs) == 3
    job = await cloud.call(get_job_detail, str(page.jobs[0].id))
    assert job.id == page.jobs[0].id
    assert emulator.requests[0].query == [("limit", "3")]
    assert emulator.requests[0].headers["x-api-key"] == emulator.key


async def test_a_body_with_a_file(cloud: AsyncComfyCloud) -> None:
    body = UploadAssetBody(file=File(b"words", "words.txt", "text/plain"), name="words.txt", tags='["input"]')
    made = await cloud.call(upload_asset, body=body)
    assert (await cloud.assets.get(str(made.id))).size == len(b"words")


async def test_retries_and_hooks(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault("status", path="/api/user"))
    requests: list[RequestInfo] = []
    responses: list[ResponseInfo] = []
    options = {"on_request": requests.append, "on_response": responses.append}
    async with client(empty_emulator, time, **options) as cloud:
        assert (await cloud.call(get_user)).status == "active"
    assert [(info.operation, info.attempt) for info in requests] == [("getUser", 1), ("getUser", 2)]
    assert [info.status for info in responses] == [500, 200]


async def test_errors_are_those_of_the_library(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        with pytest.raises(NotFound):
            await cloud.call(get_job_detail, "6f0f5b2e-0000-4000-8000-000000000000")
        empty_emulator.faults.add(
            Fault("status", status=404, body=b"", content_type="application/octet-stream")
        )
        with pytest.raises(NotSupported, match="getUser"):
            await cloud.call(get_user)
    async with client(empty_emulator, time, api_key="comfyui-wrong") as cloud:
        with pytest.raises(Unauthorized):
            await cloud.call(get_user)


@pytest.mark.parametrize("wrong", [None, "getUser", get_user.build, types, get_user.OPERATION])
async def test_anything_else_is_refused(empty_emulator: Emulator, time: FakeTime, wrong: object) -> None:
    async with client(empty_emulator, time) as cloud:
        with pytest.raises(ConfigurationError, match=r"from comfy_cloud_api\.api\.user import get_user"):
            await cloud.call(wrong)  # type: ignore[arg-type]
    assert empty_emulator.requests == []


async def test_an_id_that_would_reach_another_path_is_refused(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    with pytest.raises(ConfigurationError):
        await cloud.call(get_job_detail, "..")
    assert empty_emulator.requests == []
