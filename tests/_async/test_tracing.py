"""Spans of OpenTelemetry: one per call, per job and per node, without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from comfy_cloud import (
    AsyncComfyCloud,
    BadRequest,
    ConnectionFailed,
    JobFailed,
    Retry,
    Unauthorized,
    WaitTimeout,
)
from comfy_cloud.integrations.otel import OpenTelemetry
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, SAMPLER_GRAPH, client, image_graph, sampler_graph
from .maps import color_inputs, results


class Spans:
    """What was exported."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracing = OpenTelemetry(self.provider)

    def named(self, start: str) -> list[ReadableSpan]:
        return [span for span in self.all if span.name.startswith(start)]

    @property
    def all(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    @property
    def job(self) -> ReadableSpan:
        (span,) = self.named("comfy_cloud.job")
        return span

    @property
    def texts(self) -> str:
        """Everything that an exporter sees, as JSON."""
        return "\n".join(span.to_json() for span in self.all)


@pytest.fixture
def spans() -> Iterator[Spans]:
    made = Spans()
    yield made
    made.provider.shutdown()


def attributes(span: ReadableSpan) -> Mapping[str, Any]:
    return span.attributes or {}


def parent(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent is not None else None


def identity(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.span_id


# Calls


async def test_a_call_is_a_span_with_the_usual_names(
    emulator: Emulator, time: FakeTime, spans: Spans
) -> None:
    async with client(emulator, time, tracing=spans.tracing) as cloud:
        await cloud.history.list(1)
    (span,) = spans.all
    assert span.name == "GET /api/history_v2"
    assert span.kind.name == "CLIENT"
    host, port = emulator.url.removeprefix("http://").split(":")
    expected = {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "url.template": "/api/history_v2",
        "url.full": f"{emulator.url}/api/history_v2",
        "server.address": host,
        "server.port": int(port),
        "comfy_cloud.operation": "getHistory",
    }
    assert expected.items() <= attributes(span).items()
    assert span.status.status_code is StatusCode.UNSET


async def test_attempts_are_one_span(emulator: Emulator, time: FakeTime, spans: Spans) -> None:
    emulator.faults.add(Fault("status", path="/api/user"))
    async with client(emulator, time, tracing=spans.tracing) as cloud:
        await cloud.user.get()
    (span,) = spans.all
    assert attributes(span)["http.request.resend_count"] == 1
    assert attributes(span)["http.response.status_code"] == 200
    (event,) = span.events
    assert event.name == "retry"
    assert event.attributes == {"comfy_cloud.retry.delay_seconds": 0.5, "error.type": "ServerError"}


async def test_an_error_is_a_class_and_no_text(emulator: Emulator, time: FakeTime, spans: Spans) -> None:
    body = {"message": "the words of a server", "code": "BAD"}
    emulator.faults.add(Fault("status", status=400, path="/api/user", body=body))
    async with client(emulator, time, tracing=spans.tracing) as cloud:
        with pytest.raises(BadRequest):
            await cloud.user.get()
    (span,) = spans.all
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description is None
    assert attributes(span)["error.type"] == "BadRequest"
    assert "the words of a server" not in spans.texts


async def test_a_call_without_a_response_is_a_span(emulator: Emulator, time: FakeTime, spans: Spans) -> None:
    emulator.faults.add(Fault("reset", path="/api/user", times=5))
    async with client(emulator, time, tracing=spans.tracing, retry=Retry.none()) as cloud:
        with pytest.raises(ConnectionFailed):
            await cloud.user.get()
    (span,) = spans.all
    assert attributes(span)["error.type"] == "ConnectionFailed"
    assert "http.response.status_code" not in attributes(span)


async def test_no_secret_and_no_query_is_in_a_span(emulator: Emulator, time: FakeTime, spans: Spans) -> None:
    secret = "comfyui-hidden-word-of-a-key"
    async with client(emulator, time, tracing=spans.tracing) as cloud:
        await cloud.request("GET", "/api/jobs?limit=1")
        await cloud.run(IMAGE_GRAPH, extra_data={"api_key_comfy_org": "hidden-word"})
    async with client(emulator, time, tracing=spans.tracing, api_key=secret) as cloud:
        with pytest.raises(Unauthorized):
            await cloud.request("GET", f"/api/userdata/{secret}")
    assert len(spans.named("GET")) > 3
    assert "hidden-word" not in spans.texts
    assert emulator.key not in spans.texts
    assert "limit=1" not in spans.texts


# Jobs


async def test_a_run_is_a_job_with_its_nodes_and_calls(
    empty_emulator: Emulator, time: FakeTime, spans: Spans
) -> None:
    async with client(empty_emulator, time, tracing=spans.tracing) as cloud:
        job = await cloud.run(SAMPLER_GRAPH)
    span = spans.job
    assert job.created_at is not None
    assert job.started_at is not None
    assert job.finished_at is not None
    expected = {
        "comfy_cloud.job.id": job.id,
        "comfy_cloud.job.status": "completed",
        "comfy_cloud.job.queue_seconds": (job.started_at - job.created_at).total_seconds(),
        "comfy_cloud.job.run_seconds": (job.finished_at - job.started_at).total_seconds(),
    }
    assert dict(attributes(span)) == expected
    nodes = spans.named("comfy_cloud.node")
    assert {(attributes(node)["comfy_cloud.node.id"], node.name) for node in nodes} == {
        (node_id, f"comfy_cloud.node {node['class_type']}") for node_id, node in SAMPLER_GRAPH.items()
    }
    assert [attributes(node)["comfy_cloud.node.class"] for node in nodes if node.name.endswith("KSampler")]
    assert {parent(node) for node in nodes} == {identity(span)}
    assert span.start_time is not None
    for node in nodes:
        assert node.start_time is not None
        assert node.end_time is not None
        assert span.start_time <= node.start_time <= node.end_time
    (post,) = spans.named("POST /api/prompt")
    assert {parent(call) for call in [post, *spans.named("GET /api/jobs/")]} == {identity(span)}


async def test_a_failed_job_names_the_node(empty_emulator: Emulator, time: FakeTime, spans: Spans) -> None:
    empty_emulator.jobs.fail_next("OOMError", node="2")
    async with client(empty_emulator, time, tracing=spans.tracing) as cloud:
        with pytest.raises(JobFailed) as caught:
            await cloud.run(IMAGE_GRAPH)
    assert attributes(spans.job)["comfy_cloud.job.status"] == "failed"
    assert attributes(spans.job)["error.type"] == "JobFailed"
    failed = [node for node in spans.named("comfy_cloud.node") if node.status.status_code is StatusCode.ERROR]
    assert [attributes(node)["comfy_cloud.node.id"] for node in failed] == ["2"]
    assert caught.value.message not in spans.texts


async def test_a_submitted_job_ends_with_its_wait(
    empty_emulator: Emulator, time: FakeTime, spans: Spans
) -> None:
    async with client(empty_emulator, time, tracing=spans.tracing) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        assert not spans.named("comfy_cloud.job")
        await job.wait()
        assert attributes(spans.job)["comfy_cloud.job.status"] == "completed"
        assert len(spans.named("comfy_cloud.node")) == 2
        await job.wait()
    assert len(spans.named("comfy_cloud.job")) == 1


async def test_events_and_a_refresh_end_a_job_too(
    empty_emulator: Emulator, time: FakeTime, spans: Spans
) -> None:
    async with client(empty_emulator, time, tracing=spans.tracing) as cloud:
        async with aclosing((await cloud.submit(image_graph(1))).events()) as events:
            async for _ in events:
                pass
        job = await cloud.submit(image_graph(2))
        time.advance(600)
        await job.refresh()
    statuses = [attributes(span)["comfy_cloud.job.status"] for span in spans.named("comfy_cloud.job")]
    assert statuses == ["completed", "completed"]


async def test_a_job_that_is_given_up_ends_with_its_handle(
    empty_emulator: Emulator, time: FakeTime, spans: Spans
) -> None:
    async with client(empty_emulator, time, tracing=spans.tracing) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        assert spans.named("comfy_cloud.job") == []
        assert job.id
        del job
    assert spans.job.end_time is not None


async def test_a_wait_that_times_out_ends_only_the_span_of_a_run(
    empty_emulator: Emulator, time: FakeTime, spans: Spans
) -> None:
    async with client(empty_emulator, time, tracing=spans.tracing) as cloud:
        with pytest.raises(WaitTimeout):
            await cloud.run(sampler_graph(1, steps=200), timeout=5)
        assert attributes(spans.job)["error.type"] == "WaitTimeout"
        job = await cloud.submit(sampler_graph(2, steps=200))
        with pytest.raises(WaitTimeout):
            await job.wait(timeout=5)
        assert len(spans.named("comfy_cloud.job")) == 1
        await job.wait()
        assert len(spans.named("comfy_cloud.job")) == 2


async def test_a_refused_submission_is_a_job_with_an_error(
    empty_emulator: Emulator, time: FakeTime, spans: Spans
) -> None:
    async with client(empty_emulator, time, tracing=spans.tracing, api_key="comfyui-wrong") as cloud:
        with pytest.raises(Unauthorized):
            await cloud.submit(IMAGE_GRAPH)
    assert attributes(spans.job)["error.type"] == "Unauthorized"
    assert "comfy_cloud.job.id" not in attributes(spans.job)


# Maps, and the context of the caller


async def test_each_variant_of_a_map_is_a_job(empty_emulator: Emulator, time: FakeTime, spans: Spans) -> None:
    tracer = spans.provider.get_tracer("test")
    async with client(empty_emulator, time, tracing=spans.tracing) as cloud:
        with tracer.start_as_current_span("sweep") as sweep:
            found = await results(cloud.map(IMAGE_GRAPH, color_inputs(6), concurrency=3))
    assert all(result.ok for result in found)
    jobs = spans.named("comfy_cloud.job")
    assert sorted(attributes(span)["comfy_cloud.map.index"] for span in jobs) == list(range(6))
    assert {attributes(span)["comfy_cloud.job.status"] for span in jobs} == {"completed"}
    assert {parent(span) for span in jobs} == {sweep.get_span_context().span_id}
    by_id = {attributes(span)["comfy_cloud.job.id"]: identity(span) for span in jobs}
    polls = spans.named("GET /api/jobs/")
    assert polls
    # Several are read at the same time, by threads or tasks.
    for poll in polls:
        assert parent(poll) == by_id[str(attributes(poll)["url.full"]).rpartition("/")[2]]
    assert {parent(node) for node in spans.named("comfy_cloud.node")} <= set(by_id.values())
    assert {attributes(node)["comfy_cloud.node.class"] for node in spans.named("comfy_cloud.node")} <= {
        "EmptyImage",
        "SaveImage",
    }


async def test_a_map_that_is_left_ends_its_jobs(
    empty_emulator: Emulator, time: FakeTime, spans: Spans
) -> None:
    async with client(empty_emulator, time, tracing=spans.tracing) as cloud:
        async with aclosing(cloud.map(IMAGE_GRAPH, color_inputs(6), concurrency=3)) as mapped:
            async for _ in mapped:
                break
    jobs = spans.named("comfy_cloud.job")
    assert len(jobs) == len(empty_emulator.submissions) > 1


async def test_jobs_of_api_v2_are_traced(empty_emulator: Emulator, time: FakeTime, spans: Spans) -> None:
    async with client(empty_emulator, time, tracing=spans.tracing, api="v2") as cloud:
        job = await cloud.run(IMAGE_GRAPH)
    assert attributes(spans.job)["comfy_cloud.job.id"] == job.id
    (post,) = spans.named("POST /api/v2/jobs")
    assert parent(post) == identity(spans.job)


async def test_calls_side_by_side_belong_to_their_caller(
    emulator: Emulator, time: FakeTime, spans: Spans, tmp_path: Path
) -> None:
    tracer = spans.provider.get_tracer("test")
    async with client(emulator, time, tracing=spans.tracing) as cloud:
        outputs = [output for entry in (await cloud.history.list(8)) for output in entry.outputs[:1]]
        with tracer.start_as_current_span("outer") as outer:
            await cloud.files.download_all(outputs, tmp_path, concurrency=4)
    views = spans.named("GET /api/view")
    assert len(views) == len(outputs) > 1
    assert {parent(span) for span in views} == {outer.get_span_context().span_id}


async def test_without_tracing_nothing_is_traced(cloud: AsyncComfyCloud) -> None:
    job = await cloud.submit(IMAGE_GRAPH)
    assert job._state.trace is None
    assert job._state.node_classes == {}
