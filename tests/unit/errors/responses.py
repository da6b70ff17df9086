"""Made-up responses for the tests of errors, and what they contain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from comfy_cloud.errors import ApiError, error_from_response

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
KEY = "comfyui-0123456789abcdef"
NODE_ERRORS = {
    "6": {
        "errors": [
            {"type": "value_not_in_list", "message": "Value not in list", "details": "sampler_name: 'x'"}
        ],
        "dependent_outputs": ["9"],
        "class_type": "KSampler",
    }
}


def response(
    status: int, body: object = b"", headers: Mapping[str, str] | None = None, **more: Any
) -> ApiError:
    """The error that a response becomes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return error_from_response(
        status=status, headers=headers or {}, body=content, method="GET", path="/api/jobs", now=NOW, **more
    )
