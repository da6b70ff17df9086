"""What the words in an error body mean, where the status alone does not tell: billing, a busy service, a refused graph.

This module reads no body and chooses no exception.
"""

from __future__ import annotations

import re

# What the error type of a 402 or 429 says. The status alone does not tell billing from a busy service.
BUSY_TYPES = frozenset(("QUEUE_LIMIT", "BILLING_UNAVAILABLE", "PLATFORM_REFUSED"))
_NO_TYPES = frozenset(("", "429", "UNKNOWN_ERROR"))
RATE_LIMIT_TYPES = _NO_TYPES | {
    "RATE_LIMIT",
    "RATE_LIMITED",
    "RATE_LIMIT_EXCEEDED",
    "RATE_LIMIT_ERROR",
    "TOO_MANY_REQUESTS",
}
# FREE_TIER_UNAVAILABLE comes with 429, but the server does not promise that waiting helps: it counts as billing.
_BILLING_TYPE = re.compile(r"PAYMENT|SUBSCRIPTION|CREDIT|FREE_TIER|FUNDS|BILLING")
_BILLING_MESSAGE = re.compile(
    r"(?i)\bsubscri(?:be|ption)\b|\bpayment required\b|"
    r"\b(?:insufficient|not enough|out of|no|more)\s+(?:\w+\s+)?(?:credits?|funds)\b"
)
WORKFLOW_TYPES = frozenset(
    (
        "invalid_prompt",
        "missing_node_type",
        "no_prompt",
        "prompt_no_outputs",
        "prompt_outputs_failed_validation",
    )
)


def is_billing(code: str | None, message: str = "") -> bool:
    """Whether a 402 or 429 means billing and not a busy service: by its error type, else by the message."""
    word = (code or "").upper().replace("-", "_")
    if word in _NO_TYPES:
        return bool(_BILLING_MESSAGE.search(message))
    return word not in BUSY_TYPES and bool(_BILLING_TYPE.search(word))
