"""What `fuzz` exempts from its checks, each with the reason.

An exemption is for a rule that a schema cannot say, or for a place where a contract contradicts
itself. What a schema can say belongs into the overlay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RULES_BEYOND_SCHEMA: Final[Mapping[str, str]] = {
    "POST /api/prompt": "a graph has nodes",
    "GET /api/jobs": "values of status, cursors",
    "GET /api/tasks": "values of status",
    "GET /api/assets": "cursors, hashes, JSON as text, tags that contradict each other",
    "GET /api/assets/tags/refine": "JSON as text, tags that contradict each other",
    "GET /api/view": "values of channel, files that are not images",
    "GET /api/userdata": "a folder has a name",
    "GET /api/userdata/{file}": "characters that no file name has",
    "POST /api/assets": "hashes, JSON as text, ids that are taken",
    "POST /api/assets/from-hash": "tags are not empty",
    "GET /api/assets/remote-metadata": "addresses that are served",
    "POST /api/assets/download": "addresses that are served, previews that exist",
    "PUT /api/assets/{id}": "names are not empty, previews exist, public models stay as they are",
    "POST /api/assets/{id}/tags": "tags are not empty, public models stay as they are",
    "DELETE /api/assets/{id}/tags": "tags are not empty, public models stay as they are",
    "POST /api/upload/image": "content is an image, values of type",
    "POST /api/upload/mask": "content is an image, JSON as text",
}
"""Operations that may refuse what their schemas allow, and the rules of their documentation."""

RULES_BEYOND_SCHEMA_V2: Final[Mapping[str, str]] = {
    "POST /api/v2/jobs": "a graph is valid, Idempotency-Keys work once",
    "GET /api/v2/jobs": "cursors",
    "POST /api/v2/assets": "hashes, Idempotency-Keys work once",
}
"""The same for API v2."""

NEVER_REFUSES: Final[Mapping[str, str]] = {
    "POST /api/interrupt": "a body without a job means whatever runs",
}
"""Operations that accept any body, beside those without a status to refuse it with."""

_NO_KEY: Final = "the contract requires a key here, and lists no status for a request without one"

UNDOCUMENTED_REFUSALS: Final[Mapping[str, Mapping[str, str]]] = {
    "POST /api/prompt": {"401": _NO_KEY},
    "GET /api/object_info": {"401": _NO_KEY},
    "GET /api/view": {"401": _NO_KEY},
    "GET /api/files/mask-layers": {"401": _NO_KEY},
    "GET /api/queue": {"401": _NO_KEY},
}
"""Operations of the published contract, and statuses that are accepted beside the listed ones."""

CONTRADICTIONS: Final[Mapping[str, str]] = {
    "QueueItem": "an object, such as the graph, always matches two of the alternatives, and may match one"
}
"""Schemas of the published contract that nothing useful can match."""
