"""How jobs fail: the data of an execution_error for each kind of failure.

The types are those that the service documents, and any name of a Python exception for what a node
raises. The messages are those that clients recognise, where there are such; the others are made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from comfy_cloud_emulator.state.json_values import Json, is_array

NODE_MESSAGES: Final[dict[str, str]] = {
    "OOMError": "Workflow execution failed due to insufficient memory (OOM).\n",
    "ImageDownloadError": "Failed to download image: not found\n",
    "ModelDownloadError": "Failed to download a model that the workflow names\n",
    "ModelAccessError": "The model needs an access that this account does not have\n",
    "AccessRequired": "The model needs an access that this account does not have\n",
    "PreprocessingTimeout": "Preparing the inputs took too long\n",
}
"""Failures of a node, and their messages."""
SERVICE_MESSAGES: Final[dict[str, str]] = {
    "ValidationError": "Invalid workflow: missing 'prompt' field",
    "ServiceError": "Job has stagnated",
    "UnexpectedServiceError": "Inference service restarted, terminating job",
    "PanicError": "RIP to the server your workflow was running on.",
    "WebSocketError": "Job went too long without making any progress",
    "DispatcherError": "Failed to enqueue job for processing",
    "RequestError": "Servers are busy, please try again later",
    "InsufficientFundsError": "Payment Required: there are not enough credits for this workflow",
    "InactiveSubscriptionError": "This workspace has no active subscription",
}
"""Failures of the service around the job, not of a node, and their messages."""
BEFORE_START: Final = frozenset(
    {
        "ValidationError",
        "DispatcherError",
        "RequestError",
        "InsufficientFundsError",
        "InactiveSubscriptionError",
    }
)
"""Failures that prevent a job from starting."""


class NodeFailure(Exception):
    """Raised by a node to fail its job with one of the service's exception types."""

    def __init__(self, exception_type: str, message: str) -> None:
        super().__init__(message)
        self.exception_type = exception_type


@dataclass(frozen=True, slots=True)
class Failure:
    """A scripted failure.

    `node` is the id or class of the node where it happens; None leaves it to the type.
    """

    exception_type: str
    node: str | None = None
    message: str | None = None

    @property
    def at_node(self) -> bool:
        """Whether it is the failure of a node."""
        return self.node is not None or self.exception_type not in SERVICE_MESSAGES

    @property
    def before_start(self) -> bool:
        """Whether the job fails before it starts."""
        return not self.at_node and self.exception_type in BEFORE_START

    def inside_node(self) -> Failure:
        """The same failure on a server where only nodes can fail, with Python exceptions."""
        if self.exception_type not in NODE_MESSAGES | SERVICE_MESSAGES:
            return self
        message = self.message if self.message is not None else f"{self.text.rstrip()}\n"
        return Failure("RuntimeError", self.node, message)

    @property
    def text(self) -> str:
        """The message of the failure."""
        if self.message is not None:
            return self.message
        messages = NODE_MESSAGES | SERVICE_MESSAGES
        return messages.get(self.exception_type, f"a scripted {self.exception_type}\n")


def of_service(exception_type: str, message: str) -> Json:
    """The error of a job that failed outside its nodes."""
    return {"exception_type": exception_type, "exception_message": message}


def late_refusal(refusal: Json) -> Json:
    """The error of a job whose graph the worker refused, with the worker's response in it."""
    text = f"Failed to send prompt request: unexpected status code 400: {orjson.dumps(refusal).decode()}"
    return of_service("ValidationError", text)


def of_node(
    node_id: str,
    node: Json,
    exception_type: str,
    message: str,
    executed: Sequence[str],
    outputs: Sequence[str],
) -> Json:
    """The error of a job that failed at a node."""
    shown: dict[str, Any] = {
        name: [value] for name, value in node.get("inputs", {}).items() if not is_array(value)
    }
    class_type = node["class_type"]
    return {
        "node_id": node_id,
        "node_type": class_type,
        "executed": list(executed),
        "exception_type": exception_type,
        "exception_message": message,
        "traceback": [
            '  File "/app/execution.py", line 496, in execute\n',
            f'  File "/app/nodes.py", line 1524, in {class_type}\n',
        ],
        "current_inputs": shown,
        "current_outputs": list(outputs),
    }
