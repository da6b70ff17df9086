"""Comfy Cloud from Python: `ComfyCloud` and `AsyncComfyCloud`, their values, and every exception.

A name is imported when it is first used, so `import comfy_cloud` costs next to nothing. The block
below is the list of public names; `make exports` writes `_exports.py` from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from ._async._files.file_content import AsyncFileContent as AsyncFileContent
    from ._async._files.remote_output import AsyncRemoteOutput as AsyncRemoteOutput
    from ._async._jobs.job import AsyncJob as AsyncJob
    from ._async._submission.map_result import (
        AsyncMapFailure as AsyncMapFailure,
    )
    from ._async._submission.map_result import (
        AsyncMapResult as AsyncMapResult,
    )
    from ._async._submission.map_result import (
        AsyncMapSuccess as AsyncMapSuccess,
    )
    from ._async.assets import AsyncAssets as AsyncAssets
    from ._async.client import AsyncComfyCloud as AsyncComfyCloud
    from ._async.files import AsyncFiles as AsyncFiles
    from ._async.history import AsyncHistory as AsyncHistory
    from ._async.jobs import AsyncJobs as AsyncJobs
    from ._async.mirror import AsyncSyncedMirror as AsyncSyncedMirror
    from ._async.models import AsyncModels as AsyncModels
    from ._async.nodes import AsyncNodes as AsyncNodes
    from ._async.queue import AsyncQueue as AsyncQueue
    from ._async.system import AsyncSystem as AsyncSystem
    from ._async.tasks import AsyncTasks as AsyncTasks
    from ._async.user import AsyncUser as AsyncUser
    from ._async.userdata import AsyncUserdata as AsyncUserdata
    from ._async.workflows import AsyncWorkflows as AsyncWorkflows
    from ._errors.exceptions import (
        ApiError as ApiError,
    )
    from ._errors.exceptions import (
        BadRequest as BadRequest,
    )
    from ._errors.exceptions import (
        ComfyCloudError as ComfyCloudError,
    )
    from ._errors.exceptions import (
        ComfyCloudWarning as ComfyCloudWarning,
    )
    from ._errors.exceptions import (
        ConfigurationError as ConfigurationError,
    )
    from ._errors.exceptions import (
        Conflict as Conflict,
    )
    from ._errors.exceptions import (
        ConnectionFailed as ConnectionFailed,
    )
    from ._errors.exceptions import (
        Forbidden as Forbidden,
    )
    from ._errors.exceptions import (
        IdempotencyConflict as IdempotencyConflict,
    )
    from ._errors.exceptions import (
        InvalidWorkflow as InvalidWorkflow,
    )
    from ._errors.exceptions import (
        JobCancelled as JobCancelled,
    )
    from ._errors.exceptions import (
        JobFailed as JobFailed,
    )
    from ._errors.exceptions import (
        NotFound as NotFound,
    )
    from ._errors.exceptions import (
        NotSupported as NotSupported,
    )
    from ._errors.exceptions import (
        PayloadTooLarge as PayloadTooLarge,
    )
    from ._errors.exceptions import (
        PaymentRequired as PaymentRequired,
    )
    from ._errors.exceptions import (
        RateLimited as RateLimited,
    )
    from ._errors.exceptions import (
        RequestTimeout as RequestTimeout,
    )
    from ._errors.exceptions import (
        ServerError as ServerError,
    )
    from ._errors.exceptions import (
        SubmissionUncertain as SubmissionUncertain,
    )
    from ._errors.exceptions import (
        TaskFailed as TaskFailed,
    )
    from ._errors.exceptions import (
        Unauthorized as Unauthorized,
    )
    from ._errors.exceptions import (
        UnexpectedResponse as UnexpectedResponse,
    )
    from ._errors.exceptions import (
        WaitTimeout as WaitTimeout,
    )
    from ._files.saved_files import SavedFiles as SavedFiles
    from ._files.user_files import UserFile as UserFile
    from ._http.deviations import (
        Deviation as Deviation,
    )
    from ._http.deviations import (
        Deviations as Deviations,
    )
    from ._jobs.entries import HistoryEntry as HistoryEntry
    from ._jobs.events import (
        Event as Event,
    )
    from ._jobs.events import (
        FeatureFlags as FeatureFlags,
    )
    from ._jobs.events import (
        JobChanged as JobChanged,
    )
    from ._jobs.events import (
        JobErrored as JobErrored,
    )
    from ._jobs.events import (
        JobInterrupted as JobInterrupted,
    )
    from ._jobs.events import (
        JobStarted as JobStarted,
    )
    from ._jobs.events import (
        JobSubmitted as JobSubmitted,
    )
    from ._jobs.events import (
        JobSucceeded as JobSucceeded,
    )
    from ._jobs.events import (
        NodeExecuting as NodeExecuting,
    )
    from ._jobs.events import (
        NodeFinished as NodeFinished,
    )
    from ._jobs.events import (
        NodesCached as NodesCached,
    )
    from ._jobs.events import (
        NodesProgress as NodesProgress,
    )
    from ._jobs.events import (
        NodeState as NodeState,
    )
    from ._jobs.events import (
        NodeText as NodeText,
    )
    from ._jobs.events import (
        Notification as Notification,
    )
    from ._jobs.events import (
        Preview as Preview,
    )
    from ._jobs.events import (
        Progress as Progress,
    )
    from ._jobs.events import (
        QueueStatus as QueueStatus,
    )
    from ._jobs.events import (
        TaskProgress as TaskProgress,
    )
    from ._jobs.events import (
        UnknownEvent as UnknownEvent,
    )
    from ._jobs.outputs import Output as Output
    from ._jobs.queue_items import (
        QueueItem as QueueItem,
    )
    from ._jobs.queue_items import (
        QueueState as QueueState,
    )
    from ._jobs.states import JobStatus as JobStatus
    from ._settings.config import Settings as Settings
    from ._submission.key_store import IdempotencyStore as IdempotencyStore
    from ._submission.redis_store import RedisIdempotencyStore as RedisIdempotencyStore
    from ._submission.sqlite_store import SQLiteIdempotencyStore as SQLiteIdempotencyStore
    from ._sync._files.file_content import FileContent as FileContent
    from ._sync._files.remote_output import RemoteOutput as RemoteOutput
    from ._sync._jobs.job import Job as Job
    from ._sync._submission.map_result import (
        MapFailure as MapFailure,
    )
    from ._sync._submission.map_result import (
        MapResult as MapResult,
    )
    from ._sync._submission.map_result import (
        MapSuccess as MapSuccess,
    )
    from ._sync.assets import Assets as Assets
    from ._sync.client import ComfyCloud as ComfyCloud
    from ._sync.files import Files as Files
    from ._sync.history import History as History
    from ._sync.jobs import Jobs as Jobs
    from ._sync.mirror import SyncedMirror as SyncedMirror
    from ._sync.models import Models as Models
    from ._sync.nodes import Nodes as Nodes
    from ._sync.queue import Queue as Queue
    from ._sync.system import System as System
    from ._sync.tasks import Tasks as Tasks
    from ._sync.user import User as User
    from ._sync.userdata import Userdata as Userdata
    from ._sync.workflows import Workflows as Workflows
    from ._workflows.conversion.convert import convert_workflow as convert_workflow
    from ._workflows.conversion.explanation import (
        Conversion as Conversion,
    )
    from ._workflows.conversion.explanation import (
        ConvertedNode as ConvertedNode,
    )
    from ._workflows.layout.layout import (
        WorkflowLayout as WorkflowLayout,
    )
    from ._workflows.layout.layout import (
        layout_workflow as layout_workflow,
    )
    from ._workflows.node_catalogue import NodeCatalogue as NodeCatalogue
    from ._workflows.stubs.module import node_stubs as node_stubs
    from ._workflows.validation import Problem as Problem
    from ._workflows.workflow import Workflow as Workflow
    from .hooks import (
        RequestInfo as RequestInfo,
    )
    from .hooks import (
        ResponseInfo as ResponseInfo,
    )
    from .retry import Retry as Retry
else:  # a type checker must notice a name that does not exist
    from ._exports import MODULES

    # Not in `__all__`: they need the extra `mirror`, and `import *` must not.
    _NEED_AN_EXTRA = {"AsyncSyncedMirror", "SyncedMirror"}
    __all__ = sorted(
        [*(MODULES.keys() - _NEED_AN_EXTRA), "__version__"], key=lambda name: (name.startswith("_"), name)
    )

    def __getattr__(name: str) -> Any:
        if name not in MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        if name in _NEED_AN_EXTRA:
            from .mirror import check_libraries

            check_libraries()
        value = getattr(import_module(MODULES[name], __name__), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted([*MODULES, "__version__"])
