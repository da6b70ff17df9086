"""The document of the control routes is valid and complete, and each operation keeps to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.routes.control.accounts import ADDITIONS, CHANGES
from comfy_cloud_emulator.routes.control.clock import CHANGES as TIME_CHANGES
from comfy_cloud_emulator.routes.control.health import SETTINGS
from comfy_cloud_emulator.routes.control.jobs import FAILURE
from comfy_cloud_emulator.routes.control.openapi import document
from comfy_cloud_emulator.routes.control.operations import control_operations

from ..workflows import plain, text_to_image

Json = dict[str, Any]
DOCUMENT = document()
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
UNKNOWN = {"id": "unknown", "name": "unknown"}

# The operation, what it is sent, and the status that it responds with. JOB is a waiting job, OVER
# one that has ended, SEEDED one of the seed data.
CASES: list[tuple[str, Json, int]] = [
    ("getHealth", {}, 200),
    ("getHealth", {"params": {"verbose": 1}}, 400),
    ("getDocument", {}, 200),
    ("reset", {}, 200),
    ("reset", {"json": {"seed_data": 2, "seed": 3, "tier": "pro", "credits": 5, "quirks": "published"}}, 200),
    ("reset", {"json": {"time": "real", "speed": 2.5, "auto_advance": True, "quirks": ["v1_gone"]}}, 200),
    ("reset", {"json": {"seed_data": "everything"}}, 400),
    ("reset", {"json": {"seed_data": 100_001}}, 400),
    ("reset", {"json": {"seed": True}}, 400),
    ("reset", {"json": {"auto_advance": -1}}, 400),
    ("reset", {"json": {"speed": 0}}, 400),
    ("reset", {"json": {"speed": 1e308}}, 400),
    ("reset", {"json": {"data": "/tmp"}}, 400),
    ("listJobs", {}, 200),
    ("listJobs", {"params": {"status": "failed", "limit": 1, "account": "second"}}, 200),
    ("listJobs", {"params": {"status": "broken"}}, 400),
    ("listJobs", {"params": {"limit": 0}}, 400),
    ("listJobs", {"params": {"account": "unknown"}}, 404),
    ("getJob", {"id": "JOB"}, 200),
    ("getJob", {"id": "FAILED"}, 200),
    ("getJob", {"id": "JOB", "params": {"account": "second"}}, 404),
    ("getJob", UNKNOWN, 404),
    ("finishJob", {"id": "JOB"}, 200),
    ("finishJob", {"id": "OVER"}, 409),
    ("finishJob", {"id": "SEEDED"}, 409),
    ("finishJob", UNKNOWN, 404),
    ("failJob", {"id": "JOB"}, 200),
    ("failJob", {"id": "JOB", "json": {"exception_type": "PanicError", "message": "m", "node": None}}, 200),
    ("failJob", {"id": "JOB", "json": {"node": "SaveImage"}}, 200),
    ("failJob", {"id": "JOB", "json": {"node": "NoSuchClass"}}, 400),
    ("failJob", {"id": "JOB", "json": {"message": 1}}, 400),
    ("failJob", {"id": "OVER"}, 409),
    ("holdJob", {"id": "JOB"}, 200),
    ("holdJob", {"id": "SEEDED"}, 409),
    ("releaseJob", {"id": "JOB"}, 200),
    ("releaseJob", UNKNOWN, 404),
    ("cancelJob", {"id": "JOB"}, 200),
    ("cancelJob", {"id": "SEEDED"}, 200),
    ("cancelJob", {"id": "OVER"}, 409),
    ("failNextJob", {}, 201),
    ("failNextJob", {"json": {"exception_type": "ServiceError"}, "params": {"account": "second"}}, 201),
    ("failNextJob", {"json": {"type": "ServiceError"}}, 400),
    ("listSubmissions", {}, 200),
    ("listSubmissions", {"params": {"account": "unknown"}}, 404),
    ("listAccounts", {}, 200),
    ("addAccount", {}, 201),
    ("addAccount", {"json": {"key": "a-third-key", "name": "third", "tier": "free", "credits": 0.5}}, 201),
    ("addAccount", {"json": {"name": "second"}}, 400),
    ("addAccount", {"json": {"credits": "many"}}, 400),
    ("getAccount", {"name": "second"}, 200),
    ("getAccount", UNKNOWN, 404),
    ("changeAccount", {"name": "second", "json": {"tier": "pro", "subscription_active": False}}, 200),
    ("changeAccount", {"name": "second", "json": {"tier": "gold"}}, 400),
    ("changeAccount", {"name": "unknown", "json": {}}, 404),
    ("getTime", {}, 200),
    ("changeTime", {"json": {"advance": 60}}, 200),
    ("changeTime", {"json": {"set": "2030-01-01T00:00:00Z", "frozen": True}}, 200),
    ("changeTime", {"json": {"set": "2030-01-01"}}, 400),
    ("changeTime", {"json": {"frozen": False}}, 400),
    ("changeTime", {"json": {"advance": -1}}, 400),
    ("changeTime", {"json": {"advance": 1, "set": 2_000_000_000}}, 400),
    ("changeTime", {}, 400),
    *(
        case
        for noun in ("Fault", "FileFault")
        for case in (
            (f"list{noun}s", {}, 200),
            (f"add{noun}s", {"json": [{"kind": "reset"}, "500 x2"]}, 201),
            (f"add{noun}s", {"json": {"kind": "none"}}, 400),
            (f"clear{noun}s", {}, 204),
            (f"remove{noun}", {"id": "1"}, 204),
            (f"remove{noun}", {"id": "99"}, 404),
        )
    ),
    ("listRequests", {}, 200),
    ("listRequests", {"params": {"method": "post", "path": "/api/*", "status": 200, "limit": 1}}, 200),
    ("listRequests", {"params": {"status": "ok"}}, 400),
    ("clearRequests", {}, 204),
    ("listFileRequests", {}, 200),
    ("listLeaks", {}, 200),
]  # fmt: skip


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """One job of every kind, a second account, faults, requests and a leak."""
    with Emulator(time="virtual", clock=lambda: 1_780_000_000.0) as emulator:
        emulator.store.add_job("pending", id="SEEDED")
        emulator.add_account("a-second-key", name="second")
        emulator.store.add_job("failed", id="FAILED")
        yield emulator


@pytest.fixture
def client(emulator: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=emulator.url, trust_env=False, verify=False, timeout=10) as client:
        yield client


@pytest.fixture
def jobs(emulator: Emulator, client: httpx.Client) -> dict[str, str]:
    """The ids in the URLs of the cases."""
    headers = {"X-API-Key": emulator.key}
    over, waiting = (
        str(client.post("/api/prompt", json={"prompt": graph}, headers=headers).json()["prompt_id"])
        for graph in (plain(), text_to_image())
    )
    emulator.jobs.finish(over)
    for path in ("/_emulator/faults", "/_emulator/file_faults"):
        client.post(path, json="503 x1 /nowhere")
    client.get(f"{emulator.files_url}/x", headers=headers)
    return {"JOB": waiting, "OVER": over}


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_the_document_has_every_operation(emulator: Emulator) -> None:
    served = {(each.method.lower(), each.path) for each in control_operations(emulator, "default", ())}
    assert {(method, path) for method, path, _ in OPERATIONS.values()} == served
    assert {id for id, _, _ in CASES} == set(OPERATIONS)
    tried = {(id, status) for id, _, status in CASES}
    for id, (_, _, operation) in OPERATIONS.items():
        assert any((id, int(status)) in tried for status in operation["responses"] if status < "300")


def test_the_document_has_every_field() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name, types in {
        "Settings": SETTINGS,
        "Failure": FAILURE,
        "AccountChanges": CHANGES,
        "NewAccount": ADDITIONS,
        "TimeChange": TIME_CHANGES,
    }.items():
        assert set(schemas[name]["properties"]) == set(types)


@pytest.mark.parametrize(("id", "given", "status"), CASES)
def test_an_operation_responds_as_documented(
    client: httpx.Client, jobs: dict[str, str], id: str, given: Json, status: int
) -> None:
    method, path, operation = OPERATIONS[id]
    sent = {name: value for name, value in given.items() if name in ("json", "params")}
    values = {name: jobs.get(value, value) for name, value in given.items() if name not in sent}
    response = client.request(method, path.format(**values), **sent)
    assert response.status_code == status, response.text
    if "json" in sent and status < 300:
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        validate(body, sent["json"])
    described = operation["responses"][str(status)]
    if "$ref" in described:
        described = DOCUMENT["components"]["responses"][described["$ref"].rpartition("/")[2]]
    if "content" not in described:
        assert response.content == b""
        return
    assert response.headers["content-type"] == "application/json"
    validate(described["content"]["application/json"]["schema"], response.json())


def validate(schema: Json, value: object) -> None:
    Draft202012Validator(DOCUMENT | schema).validate(value)


def test_the_document_is_served(client: httpx.Client) -> None:
    assert client.get("/_emulator/openapi.json").json() == DOCUMENT
