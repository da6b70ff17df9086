"""Comfy Cloud from Python: `ComfyCloud` and `AsyncComfyCloud`, their values, and every exception.

Each name is imported when it is first asked for, so that `import comfy_cloud` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from ._async.client import AsyncComfyCloud
    from ._async.job import AsyncJob
    from ._async.map_result import AsyncMapResult
    from ._async.remote_outputs import AsyncRemoteOutput
    from ._sync.client import ComfyCloud
    from ._sync.job import Job
    from ._sync.map_result import MapResult
    from ._sync.remote_outputs import RemoteOutput
    from .config import Settings
    from .deviations import Deviation, Deviations
    from .entries import HistoryEntry
    from .errors import (
        ApiError,
        BadRequest,
        ComfyCloudError,
        ComfyCloudWarning,
        ConfigurationError,
        Conflict,
        ConnectionFailed,
        Forbidden,
        InvalidWorkflow,
        JobCancelled,
        JobFailed,
        NotFound,
        NotSupported,
        PayloadTooLarge,
        PaymentRequired,
        RateLimited,
        RequestTimeout,
        ServerError,
        SubmissionUncertain,
        TaskFailed,
        Unauthorized,
        UnexpectedResponse,
        WaitTimeout,
    )
    from .events import (
        Event,
        FeatureFlags,
        JobChanged,
        JobErrored,
        JobInterrupted,
        JobStarted,
        JobSubmitted,
        JobSucceeded,
        NodeExecuting,
        NodeFinished,
        NodesCached,
        NodesProgress,
        NodeState,
        NodeText,
        Notification,
        Preview,
        Progress,
        QueueStatus,
        TaskProgress,
        UnknownEvent,
    )
    from .hooks import RequestInfo, ResponseInfo
    from .outputs import Output
    from .queue_items import QueueItem, QueueState
    from .retry import Retry
    from .states import JobStatus
    from .user_files import UserFile
    from .validation import Problem
    from .workflow import Workflow

_MODULES = {
    "AsyncComfyCloud": "._async.client",
    "ComfyCloud": "._sync.client",
    "Settings": ".config",
    "Deviation": ".deviations",
    "Deviations": ".deviations",
    "HistoryEntry": ".entries",
    "RequestInfo": ".hooks",
    "ResponseInfo": ".hooks",
    "Output": ".outputs",
    "Retry": ".retry",
    "JobStatus": ".states",
    "AsyncRemoteOutput": "._async.remote_outputs",
    "RemoteOutput": "._sync.remote_outputs",
    "UserFile": ".user_files",
    "AsyncJob": "._async.job",
    "AsyncMapResult": "._async.map_result",
    "Job": "._sync.job",
    "MapResult": "._sync.map_result",
    "QueueItem": ".queue_items",
    "QueueState": ".queue_items",
    "Problem": ".validation",
    "Workflow": ".workflow",
    **dict.fromkeys(
        [
            "Event",
            "FeatureFlags",
            "JobChanged",
            "JobErrored",
            "JobInterrupted",
            "JobStarted",
            "JobSubmitted",
            "JobSucceeded",
            "NodeExecuting",
            "NodeFinished",
            "NodesCached",
            "NodesProgress",
            "NodeState",
            "NodeText",
            "Notification",
            "Preview",
            "Progress",
            "QueueStatus",
            "TaskProgress",
            "UnknownEvent",
        ],
        ".events",
    ),
    **dict.fromkeys(
        [
            "ApiError",
            "BadRequest",
            "ComfyCloudError",
            "ComfyCloudWarning",
            "ConfigurationError",
            "Conflict",
            "ConnectionFailed",
            "Forbidden",
            "InvalidWorkflow",
            "JobCancelled",
            "JobFailed",
            "NotFound",
            "NotSupported",
            "PayloadTooLarge",
            "PaymentRequired",
            "RateLimited",
            "RequestTimeout",
            "ServerError",
            "SubmissionUncertain",
            "TaskFailed",
            "Unauthorized",
            "UnexpectedResponse",
            "WaitTimeout",
        ],
        ".errors",
    ),
}

__all__ = [
    "ApiError",
    "AsyncComfyCloud",
    "AsyncJob",
    "AsyncMapResult",
    "AsyncRemoteOutput",
    "BadRequest",
    "ComfyCloud",
    "ComfyCloudError",
    "ComfyCloudWarning",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "Deviation",
    "Deviations",
    "Event",
    "FeatureFlags",
    "Forbidden",
    "HistoryEntry",
    "InvalidWorkflow",
    "Job",
    "JobCancelled",
    "JobChanged",
    "JobErrored",
    "JobFailed",
    "JobInterrupted",
    "JobStarted",
    "JobStatus",
    "JobSubmitted",
    "JobSucceeded",
    "MapResult",
    "NodeExecuting",
    "NodeFinished",
    "NodeState",
    "NodeText",
    "NodesCached",
    "NodesProgress",
    "NotFound",
    "NotSupported",
    "Notification",
    "Output",
    "PayloadTooLarge",
    "PaymentRequired",
    "Preview",
    "Problem",
    "Progress",
    "QueueItem",
    "QueueState",
    "QueueStatus",
    "RateLimited",
    "RemoteOutput",
    "RequestInfo",
    "RequestTimeout",
    "ResponseInfo",
    "Retry",
    "ServerError",
    "Settings",
    "SubmissionUncertain",
    "TaskFailed",
    "TaskProgress",
    "Unauthorized",
    "UnexpectedResponse",
    "UnknownEvent",
    "UserFile",
    "WaitTimeout",
    "Workflow",
    "__version__",
]


if not TYPE_CHECKING:  # a type checker shall notice a name that does not exist

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(_MODULES[name], __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
