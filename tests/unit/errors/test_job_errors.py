"""Why a job failed: from the record that a server keeps, in any form, without secrets."""

from __future__ import annotations

import json

import pytest

from comfy_cloud.errors import job_failed_from

from .responses import KEY, NODE_ERRORS


def test_a_failed_job_has_node_type_and_message() -> None:
    error = job_failed_from(
        "j1",
        {
            "node_id": 6,
            "node_type": "KSampler",
            "exception_type": "OOMError",
            "exception_message": "out of memory\n",
            "traceback": ["line 1", f"key {KEY}", 3],
            "current_inputs": {"seed": [1], "api_key_comfy_org": [KEY]},
        },
    )
    assert str(error) == "job j1 failed in node 6 (KSampler): OOMError: out of memory"
    assert (error.job_id, error.node_id, error.node_class) == ("j1", "6", "KSampler")
    assert (error.exception_type, error.message) == ("OOMError", "out of memory")
    assert error.traceback == ["line 1", "key [REDACTED]"]
    assert error.inputs == {"seed": [1], "api_key_comfy_org": "[REDACTED]"}
    assert KEY not in str(error.raw)


def test_a_refusal_inside_the_message_is_extracted() -> None:
    refusal = {
        "error": {"type": "t", "message": "Prompt outputs failed validation"},
        "node_errors": NODE_ERRORS,
    }
    text = f"Failed to send prompt request: server answered with status 400: {json.dumps(refusal)} (worker 7)"
    error = job_failed_from(
        "j1", {"node_id": "", "exception_type": "ValidationError", "exception_message": text}
    )
    assert error.message == "Prompt outputs failed validation"
    assert error.node_errors == NODE_ERRORS
    assert (error.node_id, error.node_class) == ("6", "KSampler")
    assert str(error) == (
        "job j1 failed in node 6 (KSampler): ValidationError: Prompt outputs failed validation: "
        "node 6 (KSampler): Value not in list (sampler_name: 'x')"
    )


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (None, "the server gave no reason"),
        ({}, "the server gave no reason"),
        ("Job has stagnated", "Job has stagnated"),
        ('{"exception_message": "from JSON text"}', "from JSON text"),
        ({"exception_type": "PanicError"}, "PanicError"),
        ({"exception_message": "braces 400: {not json"}, "braces 400: {not json"),
        ({"exception_message": 'value {"a": 1}'}, 'value {"a": 1}'),
        ({"error": {"message": "inner"}}, "inner"),
    ],
)
def test_sparse_execution_errors(record: object, message: str) -> None:
    error = job_failed_from("j1", record)
    assert error.message == message
    assert (error.node_id, error.node_class, error.traceback, error.inputs) == (None, None, [], {})


def test_a_traceback_may_be_one_text() -> None:
    assert job_failed_from("j1", {"traceback": "a\nb"}).traceback == ["a", "b"]
