# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketExecutionErrorMessageType(OpenEnum):
    """Always `execution_error`; identifies this kind of message."""

    EXECUTION_ERROR = "execution_error"
