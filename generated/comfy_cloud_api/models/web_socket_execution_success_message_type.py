# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketExecutionSuccessMessageType(OpenEnum):
    """Always `execution_success`; tells this message from others."""

    EXECUTION_SUCCESS = "execution_success"
