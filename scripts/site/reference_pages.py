"""Which public objects stand on which page of the reference of the Python API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class ReferencePage:
    """A page: its name, title and first sentence, and the objects on it as (module, name)."""

    name: str
    title: str
    about: str
    objects: tuple[tuple[str, str], ...]


def _of(module: str, names: str) -> tuple[tuple[str, str], ...]:
    return tuple((module, name) for name in names.split())


PAGES: Final = (
    ReferencePage(
        "python-client.md",
        "The client",
        "`ComfyCloud` and what its attributes can do. `AsyncComfyCloud` has the same methods, with `await`,"
        " `async for` and `async with`.",
        _of(
            "comfy_cloud",
            "ComfyCloud History Jobs Queue Workflows Nodes Models Files Assets Tasks Userdata User System",
        ),
    ),
    ReferencePage(
        "python-results.md",
        "Jobs, entries and outputs",
        "The objects that the methods of the client return and take.",
        _of(
            "comfy_cloud",
            "Job JobStatus HistoryEntry Output RemoteOutput FileContent SavedFiles MapSuccess "
            "MapFailure QueueItem QueueState UserFile Workflow Conversion ConvertedNode Problem "
            "NodeCatalogue WorkflowLayout convert_workflow layout_workflow node_stubs Deviation "
            "Deviations",
        ),
    ),
    ReferencePage(
        "python-events.md",
        "Events",
        "What `job.events()`, `cloud.events()` and `on_event=` give: one class per kind of event.",
        _of(
            "comfy_cloud",
            "Event JobSubmitted QueueStatus JobStarted NodesCached NodeExecuting Progress "
            "NodesProgress NodeState NodeText Preview NodeFinished JobSucceeded JobErrored "
            "JobInterrupted JobChanged Notification TaskProgress FeatureFlags UnknownEvent",
        ),
    ),
    ReferencePage(
        "python-settings.md",
        "Settings, retries and hooks",
        "What can be given to a client, or replaced.",
        _of(
            "comfy_cloud",
            "Settings Retry RequestInfo ResponseInfo IdempotencyStore SQLiteIdempotencyStore "
            "RedisIdempotencyStore",
        ),
    ),
    ReferencePage(
        "python-errors.md",
        "Exceptions",
        "Every exception that the library raises, with its attributes.",
        _of(
            "comfy_cloud",
            "ComfyCloudError ApiError BadRequest Unauthorized PaymentRequired Forbidden NotFound "
            "Conflict PayloadTooLarge RateLimited ServerError NotSupported UnexpectedResponse "
            "ConnectionFailed RequestTimeout SubmissionUncertain IdempotencyConflict "
            "InvalidWorkflow JobFailed JobCancelled TaskFailed WaitTimeout ConfigurationError "
            "ComfyCloudWarning",
        ),
    ),
    ReferencePage(
        "python-mirror.md",
        "The mirror",
        "The history in a database of one's own: `cloud.mirror()` syncs it, `Mirror.open` only reads it.",
        (("comfy_cloud", "SyncedMirror"), ("comfy_cloud.mirror", "Mirror")),
    ),
    ReferencePage(
        "python-emulator.md",
        "The emulator",
        "A local Comfy Cloud in the process of a test, and recordings of sessions with a real one.",
        _of(
            "comfy_cloud_emulator",
            "Emulator JobControl EngineTime Fault FaultScript Account Tenant Tenants Quirks Job "
            "Store Submission Request Leak Recorder Replay RecordingRefused",
        ),
    ),
)
