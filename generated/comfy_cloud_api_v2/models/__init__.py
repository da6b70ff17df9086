# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""The models of the contract. Each is imported when it is first used, since importing all is slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .asset import Asset
    from .asset_from_hash_body import AssetFromHashBody
    from .asset_reference import AssetReference
    from .asset_reference_field_1 import AssetReferenceField1
    from .asset_reference_info import AssetReferenceInfo
    from .error_envelope import ErrorEnvelope
    from .error_envelope_error import ErrorEnvelopeError
    from .job import Job
    from .job_error import JobError
    from .job_list import JobList
    from .job_status import JobStatus
    from .job_summary import JobSummary
    from .job_urls import JobUrls
    from .job_workflow_response import JobWorkflowResponse
    from .job_workflow_response_format import JobWorkflowResponseFormat
    from .log_event import LogEvent
    from .output import Output
    from .output_type import OutputType
    from .post_assets_body import PostAssetsBody
    from .post_jobs_body import PostJobsBody
    from .post_jobs_body_extra_data import PostJobsBodyExtraData
    from .preview_event import PreviewEvent
    from .progress import Progress
    from .status_event import StatusEvent

_MODULES: dict[str, str] = {
    "Asset": "asset",
    "AssetFromHashBody": "asset_from_hash_body",
    "AssetReference": "asset_reference",
    "AssetReferenceField1": "asset_reference_field_1",
    "AssetReferenceInfo": "asset_reference_info",
    "ErrorEnvelope": "error_envelope",
    "ErrorEnvelopeError": "error_envelope_error",
    "Job": "job",
    "JobError": "job_error",
    "JobList": "job_list",
    "JobStatus": "job_status",
    "JobSummary": "job_summary",
    "JobUrls": "job_urls",
    "JobWorkflowResponse": "job_workflow_response",
    "JobWorkflowResponseFormat": "job_workflow_response_format",
    "LogEvent": "log_event",
    "Output": "output",
    "OutputType": "output_type",
    "PostAssetsBody": "post_assets_body",
    "PostJobsBody": "post_jobs_body",
    "PostJobsBodyExtraData": "post_jobs_body_extra_data",
    "PreviewEvent": "preview_event",
    "Progress": "progress",
    "StatusEvent": "status_event",
}

__all__: list[str] = [
    "Asset",
    "AssetFromHashBody",
    "AssetReference",
    "AssetReferenceField1",
    "AssetReferenceInfo",
    "ErrorEnvelope",
    "ErrorEnvelopeError",
    "Job",
    "JobError",
    "JobList",
    "JobStatus",
    "JobSummary",
    "JobUrls",
    "JobWorkflowResponse",
    "JobWorkflowResponseFormat",
    "LogEvent",
    "Output",
    "OutputType",
    "PostAssetsBody",
    "PostJobsBody",
    "PostJobsBodyExtraData",
    "PreviewEvent",
    "Progress",
    "StatusEvent",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
