"""How jobs run: states and instants, slots, the cache, failures, and time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.engine.events import JsonEvent
from tests.contract.exchanges import check_exchange

from ..workflows import Json, job, plain, raw_state, submit, text_to_image
from .entries import events, history_entry

Connect = Callable[[Emulator], httpx.Client]
START = 1_780_000_000.0


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An empty cloud whose time stands still until it is advanced."""
    with Emulator(time="virtual", clock=lambda: START, on_exchange=check_exchange) as emulator:
        yield emulator


# States and instants


def test_a_job_goes_through_the_states_in_order(emulator: Emulator, client: httpx.Client) -> None:
    id = submit(client)
    seen = [(raw_state(client, id), job(client, id)["status"])]
    while seen[-1][1] != "completed" and len(seen) < 10:
        emulator.time.advance(0.02)
        now = (raw_state(client, id), job(client, id)["status"])
        if now != seen[-1]:
            seen.append(now)
    assert seen == [
        ("submitted", "pending"),
        ("allocated", "pending"),
        ("preparing", "pending"),
        ("executing", "in_progress"),
        ("executed", "in_progress"),
        ("success", "completed"),
    ]


def test_nothing_moves_while_the_time_stands(emulator: Emulator, client: httpx.Client) -> None:
    id = submit(client)
    for _ in range(5):
        assert raw_state(client, id) == "submitted"


def test_the_instants_are_milliseconds_and_follow_each_other(
    emulator: Emulator, client: httpx.Client
) -> None:
    id = submit(client, text_to_image())
    emulator.time.advance(3600)
    entry = job(client, id)
    start = int(START * 1000)
    assert entry["create_time"] == start
    assert entry["execution_start_time"] == start + 500
    assert start + 500 < entry["execution_end_time"] < start + 60_000
    messages = entry["execution_status"]["messages"]
    assert [event for event, _ in messages] == ["execution_start", "execution_cached", "execution_success"]
    times = [data["timestamp"] for _, data in messages]
    assert times[0] == entry["execution_start_time"]
    assert times[-1] <= entry["execution_end_time"]
    assert all(earlier <= later for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("steps", "reported", "milliseconds"), [(2, 2, 3_284), (20, 20, 5_444), (400, 200, 51_044)]
)
def test_a_sampler_takes_120_milliseconds_a_step(
    emulator: Emulator, client: httpx.Client, steps: int, reported: int, milliseconds: int
) -> None:
    totals = set[int]()
    emulator.events.listen(
        lambda event: (
            totals.add(event.data["max"])
            if isinstance(event, JsonEvent) and event.type == "progress"
            else None
        )
    )
    id = submit(client, text_to_image(steps=steps))
    emulator.time.advance(3600)
    entry = job(client, id)
    assert entry["execution_end_time"] - entry["execution_start_time"] == milliseconds
    assert totals == {reported}


def test_one_advance_and_many_small_ones_have_the_same_result(connect: Connect) -> None:
    def timeline(steps: list[float]) -> Json:
        with Emulator(time="virtual", clock=lambda: START, quirks={"accept_prompt_id"}) as emulator:
            client = connect(emulator)
            for index in range(3):
                submit(client, text_to_image(index), prompt_id=f"00000000-0000-4000-8000-00000000000{index}")
            for seconds in steps:
                emulator.time.advance(seconds)
            data: Json = client.get("/api/jobs").json()
            return data

    assert timeline([64.0]) == timeline([0.25] * 256)


def test_the_outputs_appear_only_at_the_end(emulator: Emulator, client: httpx.Client) -> None:
    id = submit(client, text_to_image())
    emulator.time.advance(3)
    assert "outputs" not in job(client, id)
    assert client.get(f"/api/history_v2/{id}").status_code == 404
    emulator.time.advance(60)
    entry = job(client, id)
    assert list(entry["outputs"]) == ["9"]
    assert entry["outputs_count"] == 1
    assert history_entry(client, id)["outputs"] == entry["outputs"]
    assert list(entry["execution_meta"]) == ["9"]
    assert client.get("/api/queue").json() == {"queue_running": [], "queue_pending": []}


# Slots


@pytest.mark.parametrize(("tier", "slots"), [("free", 1), ("standard", 1), ("creator", 3), ("pro", 5)])
def test_a_tier_has_a_number_of_slots(connect: Connect, tier: Any, slots: int) -> None:
    with Emulator(time="virtual", tier=tier, on_exchange=check_exchange) as emulator:
        client = connect(emulator)
        ids = [submit(client, text_to_image(seed)) for seed in range(7)]
        emulator.time.advance(2)
        running = {item[1] for item in client.get("/api/queue").json()["queue_running"]}
        assert running == set(ids[:slots])
        data = job(client, ids[-1])
        assert raw_state(client, ids[-1]) == "queued_limited"
        assert (data["queue_reason"], data["queue_position"]) == ("concurrency_limit", 7 - slots)
        emulator.time.advance(600)
        assert {entry["status"] for entry in client.get("/api/jobs").json()["jobs"]} == {"completed"}


def test_slots_are_assigned_in_order_of_submission(emulator: Emulator, client: httpx.Client) -> None:
    ids = [submit(client, text_to_image(seed)) for seed in range(4)]
    emulator.time.advance(600)
    starts = [job(client, id)["execution_start_time"] for id in ids]
    ends = [job(client, id)["execution_end_time"] for id in ids]
    assert starts == sorted(starts)
    assert all(start >= end for start, end in zip(starts[1:], ends, strict=False))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["submit", "advance", "cancel"]), st.integers(0, 9)), max_size=25))
def test_never_more_jobs_run_than_slots_and_none_runs_twice(plan: list[tuple[str, int]]) -> None:
    with Emulator(time="virtual", tier="creator") as emulator:
        client = httpx.Client(
            base_url=emulator.url, headers={"X-API-Key": emulator.key}, verify=False, trust_env=False
        )
        ids: list[str] = []
        with client:
            for action, number in plan:
                if action == "submit":
                    ids.append(submit(client, plain(number)))
                elif action == "advance":
                    emulator.time.advance(number / 10)
                elif ids:
                    emulator.jobs.cancel(ids[number % len(ids)])
                assert emulator.store.count("in_progress") <= 3
            emulator.time.advance(600)
        assert emulator.store.count("pending", "in_progress") == 0
        for id in ids:
            found = emulator.store.get(id)
            assert found is not None
            assert emulator.jobs.executed(id) == (0 if found.start_time is None else 1)


# The cache


def test_the_same_workflow_is_cached(emulator: Emulator, client: httpx.Client) -> None:
    first = submit(client, text_to_image())
    emulator.time.advance(60)
    again, other = submit(client, text_to_image()), submit(client, text_to_image(8))
    emulator.time.advance(60)

    def cached(id: str) -> list[str]:
        return list(history_entry(client, id)["status"]["messages"][1][1]["nodes"])

    assert cached(first) == []
    assert sorted(cached(again)) == ["3", "4", "5", "6", "7", "8", "9"]
    assert sorted(cached(other)) == ["4", "5", "6", "7"]
    assert job(client, again)["outputs"] == job(client, first)["outputs"]
    entry = job(client, again)
    assert entry["execution_end_time"] - entry["execution_start_time"] < 100


def test_the_same_workflow_runs_again_after_forget_results(emulator: Emulator, client: httpx.Client) -> None:
    submit(client)
    emulator.time.advance(60)
    emulator.jobs.forget_results()
    id = submit(client)
    emulator.time.advance(60)
    assert history_entry(client, id)["status"]["messages"][1][1]["nodes"] == []


# Failures


def test_an_invalid_graph_fails_when_the_job_runs(emulator: Emulator, client: httpx.Client) -> None:
    bad = {"1": {"class_type": "NoSuchNode", "inputs": {}}}
    id = submit(client, bad)
    emulator.time.advance(60)
    entry = job(client, id)
    assert entry["status"] == "failed"
    assert entry["execution_error"]["exception_type"] == "ValidationError"
    message = entry["execution_error"]["exception_message"]
    embedded = orjson.loads(message[message.index("{") :])
    assert embedded["error"]["type"] == "missing_node_type"
    assert "execution_start_time" not in entry
    assert emulator.jobs.executed(id) == 0
    assert events(history_entry(client, id)) == ["execution_error"]


def changed(node_id: str, **inputs: Any) -> Json:
    graph = text_to_image()
    graph[node_id]["inputs"] |= inputs
    return graph


def without(node_id: str, name: str) -> Json:
    graph = text_to_image()
    del graph[node_id]["inputs"][name]
    return graph


@pytest.mark.parametrize(
    ("graph", "node_id", "type"),
    [
        (changed("3", steps=0), "3", "value_smaller_than_min"),
        (changed("3", cfg=101), "3", "value_bigger_than_max"),
        (changed("3", sampler_name="eular"), "3", "value_not_in_list"),
        (changed("3", seed="seven"), "3", "invalid_input_type"),
        (changed("3", model=["5", 0]), "3", "return_type_mismatch"),
        (changed("3", model=["99", 0]), "3", "bad_linked_input"),
        (changed("3", model=["4", 7]), "3", "bad_linked_input"),
        (changed("3", model="a model"), "3", "bad_linked_input"),
        (without("3", "seed"), "3", "required_input_missing"),
        (changed("8", samples=["8", 0]), "8", "return_type_mismatch"),
    ],
)
def test_validation_errors(
    emulator: Emulator, client: httpx.Client, graph: Json, node_id: str, type: str
) -> None:
    id = submit(client, graph)
    emulator.time.advance(60)
    message = job(client, id)["execution_error"]["exception_message"]
    found = orjson.loads(message[message.index("{") :])
    assert found["error"]["type"] == "prompt_outputs_failed_validation"
    assert list(found["node_errors"]) == [node_id]
    assert found["node_errors"][node_id]["errors"][0]["type"] == type
    assert found["node_errors"][node_id]["dependent_outputs"] == ["9"]


def test_a_cycle_is_found(emulator: Emulator, client: httpx.Client) -> None:
    turned = {
        "1": {"class_type": "ImageInvert", "inputs": {"image": ["2", 0]}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 0]}},
    }
    id = submit(client, turned)
    emulator.time.advance(60)
    assert "dependency_cycle" in job(client, id)["execution_error"]["exception_message"]


def test_an_invalid_branch_is_left_out_if_another_is_valid(emulator: Emulator, client: httpx.Client) -> None:
    graph = plain() | {
        "8": {"class_type": "EmptyImage", "inputs": {"width": 0, "height": 1, "batch_size": 1, "color": 0}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "bad"}},
    }
    id = submit(client, graph)
    emulator.time.advance(60)
    assert job(client, id)["status"] == "completed"
    assert list(job(client, id)["outputs"]) == ["2"]


def test_only_the_target_outputs_are_made(emulator: Emulator, client: httpx.Client) -> None:
    graph = plain() | {"3": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
    id = submit(client, graph, partial_execution_targets=["3"])
    emulator.time.advance(60)
    assert list(job(client, id)["outputs"]) == ["3"]


def test_unknown_nodes_run_with_the_quirk(connect: Connect) -> None:
    graph = plain() | {"5": {"class_type": "SomebodysOwnNode", "inputs": {"image": ["1", 0]}}}
    graph["2"]["inputs"]["images"] = ["5", 0]
    with Emulator(time="virtual", quirks={"run_unknown_nodes"}) as emulator:
        client = connect(emulator)
        id = submit(client, graph)
        emulator.time.advance(60)
        assert job(client, id)["status"] == "completed"


@pytest.mark.parametrize(
    ("type", "message"),
    [
        ("OOMError", "Workflow execution failed due to insufficient memory (OOM).\n"),
        ("ModelDownloadError", "Failed to download a model that the workflow names\n"),
        ("ImageDownloadError", "Failed to download image: not found\n"),
        ("RuntimeError", "a scripted RuntimeError\n"),
    ],
)
def test_a_scripted_failure_at_a_node(
    emulator: Emulator, client: httpx.Client, type: str, message: str
) -> None:
    emulator.jobs.fail_next(type)
    id, next_id = submit(client, text_to_image()), submit(client, text_to_image(8))
    emulator.time.advance(600)
    error = job(client, id)["execution_error"]
    assert (error["exception_type"], error["exception_message"]) == (type, message)
    assert (error["node_id"], error["node_type"]) == ("3", "KSampler")
    assert error["current_inputs"]["seed"] == [7]
    assert error["executed"] == ["4", "5", "6", "7"]
    assert raw_state(client, id) == "error"
    entry = history_entry(client, id)
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["completed"] is False
    assert events(entry) == ["execution_start", "execution_cached", "execution_error"]
    assert job(client, next_id)["status"] == "completed", "only one job fails"


@pytest.mark.parametrize(
    ("type", "message", "started"),
    [
        ("ServiceError", "Job has stagnated", True),
        ("PanicError", "RIP to the server your workflow was running on.", True),
        ("WebSocketError", "Job went too long without making any progress", True),
        ("UnexpectedServiceError", "Inference service restarted, terminating job", True),
        ("DispatcherError", "Failed to enqueue job for processing", False),
        ("RequestError", "Servers are busy, please try again later", False),
        ("ValidationError", "Invalid workflow: missing 'prompt' field", False),
        ("InsufficientFundsError", "Payment Required: there are not enough credits for this workflow", False),
        ("InactiveSubscriptionError", "This workspace has no active subscription", False),
    ],
)
def test_a_scripted_failure_of_the_service(
    emulator: Emulator, client: httpx.Client, type: str, message: str, started: bool
) -> None:
    emulator.jobs.fail_next(type)
    id = submit(client, text_to_image())
    emulator.time.advance(600)
    entry = job(client, id)
    assert entry["execution_error"]["exception_type"] == type
    assert entry["execution_error"]["exception_message"] == message
    assert entry["execution_error"]["node_id"] == ""
    assert ("execution_start_time" in entry) is started
    assert raw_state(client, id) == "non_retryable_error"


def test_a_scripted_failure_waits_for_its_node(emulator: Emulator, client: httpx.Client) -> None:
    emulator.jobs.fail_next("OOMError", node="VAEDecode", message="no room\n")
    healthy, failing = submit(client), submit(client, text_to_image())
    emulator.time.advance(600)
    assert job(client, healthy)["status"] == "completed"
    error = job(client, failing)["execution_error"]
    assert (error["node_id"], error["exception_message"]) == ("8", "no room\n")


def test_a_failure_happens_even_if_everything_is_cached(emulator: Emulator, client: httpx.Client) -> None:
    submit(client)
    emulator.time.advance(60)
    emulator.jobs.fail_next("OOMError")
    id = submit(client)
    emulator.time.advance(60)
    assert job(client, id)["status"] == "failed"
