"""What users' type checkers see: checked by mypy, basedpyright and ty, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, assert_type

import httpx

from comfy_cloud import (
    ApiError,
    AsyncComfyCloud,
    AsyncJob,
    AsyncMapResult,
    ComfyCloud,
    ComfyCloudError,
    ConfigurationError,
    ConnectionFailed,
    HistoryEntry,
    InvalidWorkflow,
    Job,
    JobCancelled,
    JobFailed,
    JobStatus,
    JobSubmitted,
    MapFailure,
    MapResult,
    MapSuccess,
    NotFound,
    NotSupported,
    Output,
    RequestInfo,
    RequestTimeout,
    ResponseInfo,
    Retry,
    SavedFiles,
    Settings,
    SubmissionUncertain,
    UnexpectedResponse,
    WaitTimeout,
    __version__,
)
from comfy_cloud_api.api.file import view_file
from comfy_cloud_api.api.job import list_jobs
from comfy_cloud_api.api.user import get_user
from comfy_cloud_api.models.job_output_asset import JobOutputAsset
from comfy_cloud_api.models.jobs_list_response import JobsListResponse
from comfy_cloud_api.models.tag_info import TagInfo
from comfy_cloud_api.models.task import Task
from comfy_cloud_api.models.user_response import UserResponse
from comfy_cloud_api.types import Redirect


def log_request(info: RequestInfo) -> None:
    assert_type(info.operation, str)
    assert_type(info.method, str)
    assert_type(info.path, str)
    assert_type(info.attempt, int)


def log_response(info: ResponseInfo) -> None:
    assert_type(info.elapsed, float)
    assert_type(info.status, int | None)
    assert_type(info.request_id, str | None)
    assert_type(info.error, BaseException | None)
    assert_type(info.retry_in, float | None)


def creates_clients() -> None:
    version: str = __version__
    print(version)
    assert_type(ComfyCloud(), ComfyCloud)
    ComfyCloud(
        api_key="key",
        base_url="http://localhost:8188",
        timeout=30,
        retry=Retry(attempts=5, budget=60),
        http_client=httpx.Client(),
        partner_api_key=None,
        max_connections=10,
        max_response_bytes=None,
        on_request=log_request,
        on_response=log_response,
        profile="work",
        allow_insecure=True,
        strict=True,
    )
    AsyncComfyCloud(retry=3, http_client=httpx.AsyncClient(), on_request=lambda info: print(info.path))
    ComfyCloud(http_client=httpx.AsyncClient())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    ComfyCloud("key")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # ty: ignore[too-many-positional-arguments]
    ComfyCloud(api_key=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]


def reads_history() -> None:
    with ComfyCloud() as cloud:
        assert_type(cloud, ComfyCloud)
        assert_type(cloud.settings, Settings)
        for entry in cloud.history:
            assert_type(entry, HistoryEntry)
        assert_type(cloud.history.list(limit=20, offset=0), list[HistoryEntry])
        assert_type(cloud.history.list(max_items=20), list[HistoryEntry])  # the service's own word
        assert_type(cloud.history.list(), list[HistoryEntry])
        assert_type(cloud.history.get("id"), HistoryEntry)
        found = cloud.history.iter(
            since="2 hours ago", until=datetime.now(), status="failed", limit=5, page_size=50
        )
        assert_type(found, Iterator[HistoryEntry])
        cloud.history.iter(status=[JobStatus.COMPLETED, "cancelled"], details=True)
        cloud.history.iter(since=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
        cloud.history.delete("a", "b")
        cloud.history.clear()
        assert_type(cloud.request("GET", "/api/user", params={"a": 1}), httpx.Response)
        cloud.request("POST", "/api/queue", json={"delete": []})
        cloud.close()


async def reads_history_async() -> None:
    async with AsyncComfyCloud() as cloud:
        assert_type(cloud, AsyncComfyCloud)
        async for entry in cloud.history:
            assert_type(entry, HistoryEntry)
        assert_type(await cloud.history.list(20), list[HistoryEntry])
        assert_type(await cloud.history.get("id"), HistoryEntry)
        found = cloud.history.iter(since=datetime.now(), status=JobStatus.FAILED)
        assert_type(found, AsyncIterator[HistoryEntry])
        assert_type([entry.id async for entry in found], list[str])
        await cloud.history.delete("a", "b")
        await cloud.history.clear()
        assert_type(await cloud.request("GET", "/api/user"), httpx.Response)
        await cloud.close()


def reads_an_entry(entry: HistoryEntry) -> None:
    assert_type(entry.id, str)
    assert_type(entry.prompt_id, str)
    assert_type(entry.created_at, datetime | None)
    assert_type(entry.started_at, datetime | None)
    assert_type(entry.finished_at, datetime | None)
    assert_type(entry.duration, timedelta | None)
    assert_type(entry.status, JobStatus)
    assert_type(entry.workflow_id, str | None)
    assert_type(entry.workflow, Mapping[str, Any] | None)
    assert_type(entry.extra_data, Mapping[str, Any])
    assert_type(entry.outputs, list[Output])
    assert_type(entry.texts, list[str])
    assert_type(entry.error, JobFailed | None)
    for output in entry.outputs:
        assert_type(output.filename, str)
        assert_type(output.display_name, str | None)
        assert_type(output.node_id, str)
        assert_type(output.media_type, str | None)
        assert_type(output.subfolder, str)
        assert_type(output.type, str)
        assert_type(output.raw, Mapping[str, Any])
        assert_type(output.kind, Literal["image", "video", "audio", "3d", "text", "file"])
    if entry.error is not None:
        raise entry.error


def reads_a_status(status: JobStatus) -> str:
    assert_type(status.is_terminal, bool)
    match status:
        case JobStatus.PENDING | JobStatus.IN_PROGRESS:
            return "not yet"
        case JobStatus.COMPLETED | JobStatus.FAILED | JobStatus.CANCELLED:
            return status.value
        case JobStatus.UNKNOWN:
            return status  # a status is text


def reads_exceptions(cloud: ComfyCloud) -> None:
    try:
        cloud.history.list()
    except InvalidWorkflow as error:
        assert_type(error.node_errors, Mapping[str, Any])
    except NotFound as error:
        assert_type(error.status, int)
    except ApiError as error:
        assert_type(error.status, int)
        assert_type(error.code, str | None)
        assert_type(error.message, str)
        assert_type(error.retry_after, float | None)
        assert_type(error.request_id, str | None)
        assert_type(error.method, str)
        assert_type(error.path, str)
        assert_type(error.attempts, tuple[Exception, ...])
        assert_type(error.body, bytes)
    except NotSupported as error:
        assert_type(error.operation, str)
        assert_type(error.status, int | None)
    except UnexpectedResponse as error:
        assert_type(error.status, int | None)
        assert_type(error.content_type, str | None)
        assert_type(error.excerpt, str)
    except SubmissionUncertain as error:
        assert_type(error.nonce, str | None)
        assert_type(error.evidence, Mapping[str, Any])
    except JobFailed as error:
        assert_type(error.job_id, str)
        assert_type(error.node_id, str | None)
        assert_type(error.node_class, str | None)
        assert_type(error.exception_type, str | None)
        assert_type(error.traceback, list[str])
        assert_type(error.inputs, Mapping[str, Any])
    except JobCancelled as error:
        assert_type(error.job_id, str)
    except WaitTimeout as error:
        assert_type(error.timeout, float | None)
    except (ConnectionFailed, RequestTimeout, ConfigurationError) as error:
        assert_type(error.message, str)
    except ComfyCloudError as error:
        assert_type(error.attempts, tuple[Exception, ...])


def standard_exceptions() -> None:
    """Code that knows only the standard library can catch these."""
    timeout: type[TimeoutError] = RequestTimeout
    late: type[TimeoutError] = WaitTimeout
    lost: type[ConnectionError] = ConnectionFailed
    missing: type[LookupError] = NotFound
    wrong: type[ValueError] = ConfigurationError
    print(timeout, late, lost, missing, wrong)


def retries() -> None:
    policy = Retry(attempts=3, budget=10.0, base=0.1, cap=5, max_retry_after=30)
    assert_type(policy.attempts, int)
    assert_type(policy.budget, float)
    assert_type(Retry.none(), Retry)
    policy.attempts = 5  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # ty: ignore[invalid-assignment]


def maps(cloud: ComfyCloud) -> None:
    found = cloud.map(
        "workflow.json",
        ({"6.text": text} for text in ("a", "b")),
        concurrency=3,
        journal=Path("map.jsonl"),
        retry_failed=True,
        timeout=600,
        detach=False,
        on_event=lambda event: print(event.index if isinstance(event, JobSubmitted) else event.job_id),
        randomise_seeds=True,
    )
    assert_type(found, Generator[MapResult, None, None])
    for result in found:
        assert_type(result.index, int)
        assert_type(result.inputs, Mapping[str, Any] | None)
        assert_type(result.job, Job | None)
        assert_type(result.error, ComfyCloudError | None)
        assert_type(result.from_journal, bool)
        assert_type(result.is_completed, bool)
        assert_type(result.unwrap(), Job)
        if result.error is None:
            assert_type(result, MapSuccess)
            assert_type(result.job.outputs, list[Output])
        else:
            assert_type(result, MapFailure)
            assert_type(result.error, ComfyCloudError)
        if result.ok:  # pyright does not tell by the truth of an attribute which of a union it is
            assert_type(result.job, Job)  # pyright: ignore[reportAssertTypeFailure]
        else:
            assert_type(result.error, ComfyCloudError)  # pyright: ignore[reportAssertTypeFailure]
        handle(result)
        result.index = 3  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # ty: ignore[invalid-assignment]
    cloud.map({}, [None, {}])
    cloud.map({})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # ty: ignore[missing-argument]
    cloud.submit(42)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    cloud.run(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    cloud.submit(Path("workflow.json"))
    cloud.validate(b"{}")
    cloud.map({}, [3])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]


def handle(result: MapResult) -> None:
    print(result.job.id)  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]  # ty: ignore[missing-union-attribute]


def downloads(cloud: ComfyCloud, job: Job) -> None:
    saved = job.download(Path("out"), if_exists="skip", timeout=60, partial=True)
    assert_type(saved, SavedFiles[Path])
    assert_type(saved[0], Path)
    assert_type(saved.skipped, list[Path])
    plain: list[Path] = saved
    job.download(Path(), progress=True)
    cloud.files.upload_image("a.png", progress="lines")
    cloud.assets.upload("a.png", tags=["input"], progress=lambda done, total: print(done, total))
    cloud.tasks.wait("id", progress="bar")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    assert_type(job.download("out"), SavedFiles[Path] | SavedFiles[str])
    assert_type(cloud.files.download_all(job.outputs, Path(), if_exists="rename"), SavedFiles[Path])
    assert_type(cloud.files.download("a.png", Path("b.png"), if_exists="overwrite"), Path)
    assert_type(cloud.assets.download("id", Path("b.png"), overwrite=True), Path)
    job.download(plain[0], if_exists="replace")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]  # ty: ignore[no-matching-overload]


async def maps_async(cloud: AsyncComfyCloud) -> None:
    async for result in cloud.map({}, [{}]):
        assert_type(result, AsyncMapResult)
        assert_type(result.job, AsyncJob | None)
        assert_type(await result.unwrap().refresh(), AsyncJob)


def jobs_and_tasks(cloud: ComfyCloud, job: Job) -> None:
    assert_type(cloud.jobs.cancel("a", job), list[str])
    assert_type(cloud.jobs.assets(job, limit=3), Iterator[JobOutputAsset])
    assert_type(job.assets(), Iterator[JobOutputAsset])
    assert_type(cloud.tasks.list(status=["running"], created_after="1 day ago"), list[Task])
    assert_type(cloud.tasks.iter(task_name="asset_download"), Iterator[Task])
    assert_type(cloud.tasks.get("id").create_time, datetime | None)
    assert_type(cloud.tasks.wait("id", timeout=3, progress=lambda done, total: None), Task)
    cloud.tasks.cancel("id")
    for task in cloud.tasks:
        assert_type(task, Task)
    assert_type(cloud.assets.iter_tags(prefix="a", order="name_asc"), Iterator[TagInfo])
    cloud.tasks.list(size="large")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def unknown_names() -> None:
    from comfy_cloud import ComfyClod  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]  # ty: ignore[missing-module-member]

    print(ComfyClod)


def calls_generated_operations(cloud: ComfyCloud) -> None:
    assert_type(cloud.call(get_user), UserResponse)
    assert_type(cloud.call(list_jobs, limit=3), JobsListResponse)
    assert_type(cloud.call(view_file, filename="a.png"), bytes | Redirect)
    cloud.call(list_jobs, most=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # ty: ignore[unknown-argument]


async def calls_generated_operations_async(cloud: AsyncComfyCloud) -> None:
    assert_type(await cloud.call(list_jobs, limit=3), JobsListResponse)
