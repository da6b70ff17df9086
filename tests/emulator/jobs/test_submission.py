"""Submitting workflows: what is accepted, kept and refused, and lost responses."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator, Fault, Quirks
from tests.contract.exchanges import check_exchange

from ..workflows import job, plain, submit, text_to_image

Connect = Callable[[Emulator], httpx.Client]


def error_type(response: httpx.Response) -> str:
    assert set(response.json()) == {"error", "node_errors"}
    assert response.json()["error"]["message"]
    return str(response.json()["error"]["type"])


def test_a_workflow_becomes_a_waiting_job(emulator: Emulator, client: httpx.Client) -> None:
    emulator.store.add_job()
    response = client.post("/api/prompt", json={"prompt": text_to_image()})
    data = response.json()
    assert uuid.UUID(data["prompt_id"]).version == 4
    assert data == {"prompt_id": data["prompt_id"], "number": 2, "node_errors": {}}
    entry = job(client, data["prompt_id"])
    assert entry["status"] == "pending"
    assert entry["create_time"] == emulator.store.now()
    assert entry["workflow"]["prompt"] == text_to_image()
    assert client.get("/api/prompt").json()["exec_info"]["queue_remaining"] == 1
    assert client.get("/api/queue").json()["queue_pending"][0][1] == data["prompt_id"]


def test_extra_data_is_kept(emulator: Emulator, client: httpx.Client) -> None:
    secret = "comfyui-0123456789"
    id = submit(
        client,
        extra_data={"nonce": "n-1", "api_key_comfy_org": secret},
        workflow_id="w-1",
        client_id="c-1",
        partial_execution_targets=["2"],
    )
    entry = job(client, id)
    assert entry["workflow_id"] == "w-1"
    assert entry["workflow"]["extra_data"] == {
        "nonce": "n-1",
        "api_key_comfy_org": "[REDACTED]",
        "client_id": "c-1",
    }
    (submission,) = emulator.submissions
    assert submission.prompt_id == id
    assert submission.graph == plain()
    assert submission.extra_data["api_key_comfy_org"] == secret
    assert submission.partial_execution_targets == ("2",)
    assert secret not in repr(submission)


def test_the_nonce_is_in_the_history_at_the_end(connect: Connect) -> None:
    with Emulator(time="virtual", on_exchange=check_exchange) as emulator:
        client = connect(emulator)
        id = submit(client, extra_data={"nonce": "n-1"})
        emulator.time.advance(60)
        (entry,) = client.get("/api/history_v2").json()["history"]
        assert entry["prompt"]["extra_data"] == {"nonce": "n-1"}
        detail = client.get(f"/api/history_v2/{id}").json()[id]
        assert detail["prompt"]["extra_data"] == {"nonce": "n-1"}


def test_extra_data_is_dropped_with_the_quirk(connect: Connect) -> None:
    with Emulator(time="virtual", quirks={"drop_extra_data"}) as emulator:
        client = connect(emulator)
        id = submit(client, extra_data={"nonce": "n-1"})
        assert job(client, id)["workflow"]["extra_data"] == {}
        assert emulator.submissions[0].extra_data == {"nonce": "n-1"}


@pytest.mark.beyond_contract
@pytest.mark.parametrize(
    ("body", "type"),
    [
        (b"", "invalid_prompt"),
        (b"{", "invalid_prompt"),
        (b"[]", "invalid_prompt"),
        (b"{}", "no_prompt"),
        (b'{"prompt": null}', "no_prompt"),
        (b'{"prompt": []}', "invalid_prompt"),
        (b'{"prompt": "1"}', "invalid_prompt"),
        (b'{"prompt": {}}', "prompt_no_outputs"),
        (b'{"prompt": {"nodes": [], "links": []}}', "invalid_prompt"),
        (b'{"prompt": {"1": {}}, "extra_data": []}', "invalid_prompt"),
        (b'{"prompt": {"1": {}}, "workflow_id": 1}', "invalid_prompt"),
        (b'{"prompt": {"1": {}}, "partial_execution_targets": "1"}', "invalid_prompt"),
        (b'{"prompt": {"1": {}}, "partial_execution_targets": [1]}', "invalid_prompt"),
    ],
)
def test_wrong_bodies_are_refused(emulator: Emulator, client: httpx.Client, body: bytes, type: str) -> None:
    response = client.post("/api/prompt", content=body)
    assert response.status_code == 400
    assert error_type(response) == type
    assert len(emulator.store) == 0
    assert emulator.submissions == []


def test_a_body_may_have_32_mebibytes(emulator: Emulator, client: httpx.Client) -> None:
    longest = b'{"prompt": {}}'.ljust(33_554_432)
    assert error_type(client.post("/api/prompt", content=longest)) != "PAYLOAD_TOO_LARGE"
    response = client.post("/api/prompt", content=longest + b" ")
    assert (response.status_code, error_type(response)) == (413, "PAYLOAD_TOO_LARGE")
    assert emulator.submissions == []


def test_a_client_cannot_choose_the_id(client: httpx.Client) -> None:
    chosen = "0f3b6a52-6a57-4d6e-8a1e-5f2a1c1d9e10"
    assert submit(client, prompt_id=chosen) != chosen


def test_a_client_can_choose_the_id_with_the_quirk(connect: Connect) -> None:
    chosen = "0f3b6a52-6a57-4d6e-8a1e-5f2a1c1d9e10"
    with Emulator(quirks={"accept_prompt_id"}) as emulator:
        client = connect(emulator)
        assert submit(client, prompt_id=chosen) == chosen
        again = client.post("/api/prompt", json={"prompt": plain(), "prompt_id": chosen})
        wrong = client.post("/api/prompt", json={"prompt": plain(), "prompt_id": chosen.upper()})
        assert [each.status_code for each in (again, wrong)] == [400, 400]
        assert error_type(again) == error_type(wrong) == "invalid_prompt_id"
        assert len(emulator.submissions) == 1


def test_a_full_queue_refuses_jobs(emulator: Emulator, client: httpx.Client) -> None:
    for _ in range(100):
        emulator.store.add_job("pending")
    response = client.post("/api/prompt", json={"prompt": plain()})
    assert response.status_code == 429
    assert error_type(response) == "QUEUE_LIMIT"
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize(("quirks", "status"), [("live", 402), ("published", 429)])
def test_without_credits_or_subscription_nothing_runs(connect: Connect, quirks: str, status: int) -> None:
    with Emulator(credits=0.0, quirks=quirks, on_exchange=check_exchange) as emulator:
        client = connect(emulator)
        broke = client.post("/api/prompt", json={"prompt": plain()})
        assert (broke.status_code, error_type(broke)) == (status, "PAYMENT_REQUIRED")
        emulator.account.tier = "free"
        assert error_type(client.post("/api/prompt", json={"prompt": plain()})) == "FREE_TIER_EXHAUSTED"
        emulator.account.credits = 1.0
        emulator.account.subscription_active = False
        ended = client.post("/api/prompt", json={"prompt": plain()})
        assert (ended.status_code, error_type(ended)) == (status, "CLOUD_SUBSCRIPTION_REQUIRED")
        emulator.account.subscription_active = True
        submit(client)
        assert len(emulator.submissions) == 1


def test_a_second_costs_0_39_credits(connect: Connect) -> None:
    with Emulator(credits=100.0, time="virtual") as emulator:
        client = connect(emulator)
        id = submit(client, text_to_image())
        emulator.time.advance(60)
        entry = job(client, id)
        seconds = (entry["execution_end_time"] - entry["execution_start_time"]) / 1000
        assert seconds > 1
        assert emulator.account.credits == pytest.approx(100 - 0.39 * seconds, abs=0.01)


def test_jobs_stop_at_zero_credits(connect: Connect) -> None:
    with Emulator(credits=1.0, time="virtual") as emulator:
        client = connect(emulator)
        submit(client, text_to_image())
        emulator.time.advance(60)
        assert emulator.account.credits == 0.0
        assert client.post("/api/prompt", json={"prompt": plain()}).status_code == 402


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.accepted_then(), 500),
        (Fault.accepted_then(502, body="<html>", content_type="text/html"), 502),
        (Fault.accepted_then(504, lag_requests=1), 504),
    ],
)
def test_an_accepted_submission_may_get_an_error(
    emulator: Emulator, client: httpx.Client, fault: Fault, status: int
) -> None:
    emulator.faults.add(fault)
    response = client.post("/api/prompt", json={"prompt": plain(), "extra_data": {"nonce": "n"}})
    assert response.status_code == status
    assert "prompt_id" not in response.text
    (submission,) = emulator.submissions
    assert job(client, submission.prompt_id)["status"] == "pending"
    assert emulator.requests[0].fault == "accepted_then"


def test_an_accepted_submission_may_get_no_response(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault("accepted_then", then="reset"), Fault("accepted_then", then="silence"))
    with pytest.raises(httpx.NetworkError):
        client.post("/api/prompt", json={"prompt": plain()})
    with pytest.raises(httpx.ReadTimeout):
        client.post("/api/prompt", json={"prompt": plain(1)}, timeout=0.05)
    assert len(emulator.submissions) == 2


def test_a_refused_submission_leaves_nothing(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault("refused"))
    assert client.get("/api/jobs").status_code == 200, "only submissions are hit"
    assert client.post("/api/prompt", json={"prompt": plain()}).status_code == 500
    assert emulator.submissions == []
    submit(client)


def test_an_invalid_submission_keeps_its_own_error(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.accepted_then(502))
    assert client.post("/api/prompt", json={"prompt": {}}).status_code == 400


def lists(client: httpx.Client) -> list[int]:
    return [
        len(client.get("/api/jobs").json()["jobs"]),
        len(client.get("/api/queue").json()["queue_pending"]),
    ]


def test_lists_lag_for_some_requests(emulator: Emulator, client: httpx.Client) -> None:
    emulator.faults.add(Fault.lagging(requests=3))
    id = submit(client)
    assert lists(client) == [0, 0]
    assert job(client, id)["id"] == id, "only lists lag"
    assert lists(client) == [0, 1]
    assert client.get("/api/jobs").json()["pagination"]["total"] == 1


def test_lists_lag_for_some_time(connect: Connect) -> None:
    with Emulator(time="virtual") as emulator:
        client = connect(emulator)
        emulator.faults.add(Fault.lagging(seconds=30))
        submit(client)
        emulator.time.advance(29.9)
        assert client.get("/api/jobs").json()["jobs"] == []
        assert client.get("/api/history_v2").json()["history"] == []
        emulator.time.advance(0.2)
        assert len(client.get("/api/jobs").json()["jobs"]) == 1
        assert len(client.get("/api/history_v2").json()["history"]) == 1


def test_invalid_graphs_are_refused_at_submission_with_the_quirk(connect: Connect) -> None:
    bad: dict[str, Any] = plain(width=0)
    with Emulator(quirks="published", on_exchange=check_exchange) as emulator:
        client = connect(emulator)
        response = client.post("/api/prompt", json={"prompt": bad})
        assert response.status_code == 400
        data = response.json()
        assert data["error"]["type"] == "prompt_outputs_failed_validation"
        assert data["node_errors"]["1"]["class_type"] == "EmptyImage"
        assert data["node_errors"]["1"]["dependent_outputs"] == ["2"]
        assert data["node_errors"]["1"]["errors"][0]["type"] == "value_smaller_than_min"
        both = bad | {each + "x": node for each, node in plain().items()}
        both["2x"]["inputs"]["images"] = ["1x", 0]
        partly = client.post("/api/prompt", json={"prompt": both})
        assert partly.status_code == 200
        assert list(partly.json()["node_errors"]) == ["1"]


def test_quirks_are_read_by_preset_or_name() -> None:
    assert Quirks.read("live") == Quirks()
    assert Quirks.read("published").billing_as_429
    assert Quirks.read(["drop_extra_data"]) == Quirks(drop_extra_data=True)
    with pytest.raises(ValueError, match="use one of: live, published"):
        Emulator(quirks="newest")
    with pytest.raises(ValueError, match="drop_extra_data"):
        Emulator(quirks=["drop_extra"])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "lag"}, "lag_seconds"),
        ({"kind": "accepted_then", "then": "html"}, "status, reset, silence"),
        ({"kind": "lag", "lag_requests": -1}, "lag_requests"),
    ],
)
def test_invalid_faults(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault(**fields)


def test_the_account_has_one_of_four_tiers() -> None:
    with pytest.raises(ValueError, match="free, standard, creator, pro"):
        Emulator(tier="team")  # type: ignore[arg-type]


def test_the_features_depend_on_the_tier(connect: Connect) -> None:
    with Emulator(tier="creator") as emulator:
        assert connect(emulator).get("/api/features").json()["max_concurrent_jobs"] == 3


# From other languages


def test_faults_of_submissions_and_sockets_in_json(emulator: Emulator, client: httpx.Client) -> None:
    faults = [
        {"kind": "accepted_then", "then": "reset", "lag_seconds": 2, "lag_requests": 1},
        {"kind": "socket_drop", "messages": 3},
    ]
    assert client.post("/_emulator/faults", json=faults).status_code == 201
    first, second = emulator.faults.pending()
    assert (first.then, first.lag) == ("reset", (2, 1))
    assert (second.messages, second.on_socket) == (3, True)
    shown = client.get("/_emulator/faults").json()["faults"]
    assert shown == [faults[0] | {"method": "POST", "path": "/api/prompt", "status": 500}, faults[1]]


def test_time_and_failures_over_http(connect: Connect) -> None:
    with Emulator(time="virtual") as emulator:
        client = connect(emulator)
        now = client.get("/_emulator/time").json()["now"]
        failure = {"exception_type": "ServiceError", "message": "gone"}
        assert client.post("/_emulator/failures", json=failure).status_code == 201
        id = submit(client, extra_data={"auth_token_comfy_org": "secret-token", "nonce": "n"})
        assert client.post("/_emulator/time", json={"advance": 60}).json()["now"] == now + 60
        assert job(client, id)["execution_error"]["exception_message"] == "gone"
        (shown,) = client.get("/_emulator/submissions").json()["submissions"]
        assert shown["prompt_id"] == id
        assert shown["executed"] == 1
        assert shown["extra_data"] == {"auth_token_comfy_org": "[REDACTED]", "nonce": "n"}
        for path, body in (
            ("time", {"advance": -1}),
            ("time", {"advance": "1"}),
            ("time", {}),
            ("failures", {"node": 3}),
        ):
            assert client.post(f"/_emulator/{path}", json=body).status_code == 400
