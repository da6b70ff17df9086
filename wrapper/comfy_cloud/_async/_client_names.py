"""The names in annotations of the client, imported when somebody evaluates these: `_late_names`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx as httpx

from .._http.runtime import AsyncRuntime as AsyncRuntime
from .._jobs.events import Event as Event
from .._settings.fields import ApiChoice as ApiChoice
from .._submission.key_store import IdempotencyStore as IdempotencyStore
from .._submission.options import SubmitArguments as SubmitArguments
from .._workflows.validation import Problem as Problem
from .._workflows.workflow import WorkflowSource as WorkflowSource
from ..hooks import RequestInfo as RequestInfo
from ..hooks import ResponseInfo as ResponseInfo
from ..retry import Retry as Retry
from ..tracing import Tracing as Tracing
from ._jobs.job import AsyncJob as AsyncJob
from ._submission.map_result import AsyncMapResult as AsyncMapResult
from .assets import AsyncAssets as AsyncAssets
from .files import AsyncFiles as AsyncFiles
from .history import AsyncHistory as AsyncHistory
from .jobs import AsyncJobs as AsyncJobs
from .models import AsyncModels as AsyncModels
from .nodes import AsyncNodes as AsyncNodes
from .queue import AsyncQueue as AsyncQueue
from .system import AsyncSystem as AsyncSystem
from .tasks import AsyncTasks as AsyncTasks
from .user import AsyncUser as AsyncUser
from .userdata import AsyncUserdata as AsyncUserdata
from .workflows import AsyncWorkflows as AsyncWorkflows

if TYPE_CHECKING:
    from .mirror import AsyncSyncedMirror as AsyncSyncedMirror
else:
    try:
        from .mirror import AsyncSyncedMirror as AsyncSyncedMirror
    except ImportError:  # without the extra `mirror`, nobody has one
        AsyncSyncedMirror = Any
