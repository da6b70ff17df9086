"""What API v2 sends of jobs, for the tests of entries and of events."""

from __future__ import annotations

from comfy_cloud import JobStatus

OUTPUT = {
    "node_id": "9",
    "name": "a_00001_.png",
    "type": "image",
    "content_type": "image/png",
    "size_bytes": 5,
    "id": "asset-1",
    "hash": None,
    "url": "https://storage.test/a",
    "url_expires_at": "2026-01-02T03:04:05Z",
}
STATUSES = [
    ("queued", JobStatus.PENDING),
    ("running", JobStatus.IN_PROGRESS),
    ("canceling", JobStatus.IN_PROGRESS),
    ("succeeded", JobStatus.COMPLETED),
    ("failed", JobStatus.FAILED),
    ("expired", JobStatus.FAILED),
    ("canceled", JobStatus.CANCELLED),
]
"""The words of API v2, and what they mean here."""
