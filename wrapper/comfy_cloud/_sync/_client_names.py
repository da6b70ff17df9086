# Made from wrapper/comfy_cloud/_async/_client_names.py by `make unasync`. Do not edit.
"""The names in annotations of the client, imported when somebody evaluates these: `_late_names`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx as httpx

from .._http.runtime import Runtime as Runtime
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
from ._jobs.job import Job as Job
from ._submission.map_result import MapResult as MapResult
from .assets import Assets as Assets
from .files import Files as Files
from .history import History as History
from .jobs import Jobs as Jobs
from .models import Models as Models
from .nodes import Nodes as Nodes
from .queue import Queue as Queue
from .system import System as System
from .tasks import Tasks as Tasks
from .user import User as User
from .userdata import Userdata as Userdata
from .workflows import Workflows as Workflows

if TYPE_CHECKING:
    from .mirror import SyncedMirror as SyncedMirror
else:
    try:
        from .mirror import SyncedMirror as SyncedMirror
    except ImportError:  # without the extra `mirror`, nobody has one
        SyncedMirror = Any
