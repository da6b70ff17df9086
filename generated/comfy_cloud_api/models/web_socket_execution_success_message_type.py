# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketExecutionSuccessMessageType(OpenEnum):
    """Always `execution_success`; identifies this kind of message."""

    EXECUTION_SUCCESS = "execution_success"
