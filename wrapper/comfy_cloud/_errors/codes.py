"""What error codes mean where the status does not say: billing, a busy service, a refused graph.

Servers spell codes in several ways ("QUEUE_LIMIT", "queue-limit"), so every question here compares
their normalised form. Nothing here reads a body or chooses an exception.
"""

from __future__ import annotations

import re

_QUEUE_FULL = "QUEUE_LIMIT"
_BUSY = frozenset((_QUEUE_FULL, "BILLING_UNAVAILABLE", "PLATFORM_REFUSED"))
# What a self-hosted ComfyUI sends for an operation that its owner switched off.
_SWITCHED_OFF = "SERVICE_DISABLED"

# Values of the code field that say nothing.
_NO_CODE = frozenset(("", "429", "UNKNOWN_ERROR"))
_RATE_LIMIT = _NO_CODE | {
    "RATE_LIMIT",
    "RATE_LIMITED",
    "RATE_LIMIT_EXCEEDED",
    "RATE_LIMIT_ERROR",
    "TOO_MANY_REQUESTS",
}
# FREE_TIER_UNAVAILABLE comes with 429, but the server does not promise that waiting helps: billing.
_BILLING = re.compile(r"PAYMENT|SUBSCRIPTION|CREDIT|FREE_TIER|FUNDS|BILLING")
_BILLING_MESSAGE = re.compile(
    r"(?i)\bsubscri(?:be|ption)\b|\bpayment required\b|"
    r"\b(?:insufficient|not enough|out of|no|more)\s+(?:\w+\s+)?(?:credits?|funds)\b"
)
_WORKFLOW = frozenset(
    (
        "INVALID_WORKFLOW",
        "INVALID_PROMPT",
        "MISSING_ASSET",
        "MISSING_NODE_TYPE",
        "NO_PROMPT",
        "PROMPT_NO_OUTPUTS",
        "PROMPT_OUTPUTS_FAILED_VALIDATION",
        "WORKFLOW_FORMAT_UI",
    )
)


def is_busy(code: str | None) -> bool:
    """Whether the service is busy or the queue full, so the same request may succeed later."""
    return _normalised(code) in _BUSY


def is_queue_full(code: str | None) -> bool:
    """Whether the queue is full. It empties as jobs end."""
    return _normalised(code) == _QUEUE_FULL


def is_switched_off(code: str | None) -> bool:
    """Whether the server's owner switched the operation off."""
    return _normalised(code) == _SWITCHED_OFF


def is_rate_limit(code: str | None) -> bool:
    """Whether a 429 is about the rate of requests. A missing or empty code counts."""
    return _normalised(code) in _RATE_LIMIT


def is_billing(code: str | None, message: str = "") -> bool:
    """Whether a 402 or 429 means billing, not a busy service: by its code, else by its message."""
    code = _normalised(code)
    if code in _NO_CODE:
        return bool(_BILLING_MESSAGE.search(message))
    return code not in _BUSY and bool(_BILLING.search(code))


def is_workflow_refusal(code: str | None) -> bool:
    """Whether a 400, or a 422 of API v2, is about the graph."""
    return _normalised(code) in _WORKFLOW


def _normalised(code: str | None) -> str:
    return (code or "").strip().upper().replace("-", "_").replace(" ", "_")
