"""What error codes mean, in every spelling that servers use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comfy_cloud._errors.codes import (
    is_billing,
    is_busy,
    is_queue_full,
    is_rate_limit,
    is_switched_off,
    is_workflow_refusal,
)

CODES: dict[Callable[[str | None], bool], list[str]] = {
    is_busy: ["QUEUE_LIMIT", "BILLING_UNAVAILABLE", "PLATFORM_REFUSED"],
    is_queue_full: ["QUEUE_LIMIT"],
    is_switched_off: ["SERVICE_DISABLED"],
    is_rate_limit: [
        "", "429", "UNKNOWN_ERROR", "RATE_LIMIT", "RATE_LIMITED", "RATE_LIMIT_EXCEEDED", "RATE_LIMIT_ERROR",
        "TOO_MANY_REQUESTS",
    ],
    is_workflow_refusal: [
        "INVALID_PROMPT", "MISSING_NODE_TYPE", "NO_PROMPT", "PROMPT_NO_OUTPUTS",
        "PROMPT_OUTPUTS_FAILED_VALIDATION",
    ],
    is_billing: [
        "PAYMENT_REQUIRED", "CLOUD_SUBSCRIPTION_REQUIRED", "INSUFFICIENT_CREDITS", "FREE_TIER_EXHAUSTED",
        "FREE_TIER_UNAVAILABLE", "NO_FUNDS", "BILLING_ERROR",
    ],
}  # fmt: skip
ALL = sorted({code for codes in CODES.values() for code in codes} | {"SOMETHING_NEW"})


@pytest.mark.parametrize("question", CODES, ids=lambda question: question.__name__)
def test_each_code_has_its_meaning_and_no_other(question: Callable[[str | None], bool]) -> None:
    assert [code for code in ALL if question(code)] == sorted(CODES[question])


@pytest.mark.parametrize("question", CODES, ids=lambda question: question.__name__)
def test_case_separators_and_spaces_do_not_matter(question: Callable[[str | None], bool]) -> None:
    for code in CODES[question]:
        spelled = f" {code.lower().replace('_', '-')} "
        assert question(spelled), spelled
        assert question(code.replace("_", " ").title())


def test_no_code_is_about_the_rate_only() -> None:
    assert [question for question in CODES if question(None)] == [is_rate_limit]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Please subscribe", True),
        ("no active subscription", True),
        ("Payment required", True),
        ("insufficient credits", True),
        ("not enough funds", True),
        ("You are out of API credits", True),
        ("buy more credits", True),
        ("no funds", True),
        ("subscribers only", False),
        ("credits", False),
        ("Too many requests", False),
    ],
)
def test_without_a_code_the_message_decides_about_billing(message: str, expected: bool) -> None:
    for code in (None, "", "429", "unknown-error"):
        assert is_billing(code, message) is expected
    assert not is_billing("QUEUE_LIMIT", message)
    assert not is_billing("SOMETHING_NEW", message)
