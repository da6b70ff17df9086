"""The operations of version 1 that the service has and the published contract lacks."""

from __future__ import annotations

from typing import Final

UNPUBLISHED: Final = frozenset(
    {
        ("GET", "/api/assets/{id}/content"),
        ("GET", "/api/billing/balance"),
        ("GET", "/api/billing/plans"),
        ("GET", "/api/billing/status"),
        ("POST", "/api/free"),
        ("GET", "/api/history"),
        ("GET", "/api/history/{prompt_id}"),
        ("POST", "/api/jobs/cancel"),
        ("DELETE", "/api/jobs/{job_id}"),
        ("GET", "/api/jobs/{job_id}/assets"),
        ("POST", "/api/jobs/{job_id}/cancel"),
        ("GET", "/api/tasks"),
        ("GET", "/api/tasks/{task_id}"),
        ("DELETE", "/api/tasks/{task_id}"),
        ("GET", "/api/workflows"),
        ("POST", "/api/workflows"),
        ("GET", "/api/workflows/{workflow_id}"),
        ("DELETE", "/api/workflows/{workflow_id}"),
        ("GET", "/api/workflows/{workflow_id}/content"),
        ("POST", "/api/workflows/{workflow_id}/fork"),
        ("POST", "/api/workflows/{workflow_id}/versions"),
        ("GET", "/api/workspaces/current"),
    }
)
"""By method and path. API v2 has a contract of its own, and stays."""
