"""What `fuzz` exempts from its checks, each with the reason.

An exemption is for a rule that a schema cannot say, or for a place where a contract contradicts
itself. What a schema can say belongs in the overlay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RULES_BEYOND_SCHEMA: Final[Mapping[str, str]] = {
    "GET /api/jobs": "cursors",
    "GET /api/assets": "cursors, JSON as text, tags that contradict each other",
    "GET /api/assets/tags/refine": "JSON as text, tags that contradict each other",
    "POST /api/assets": "JSON as text, ids that are taken, previews that exist",
    "GET /api/assets/remote-metadata": "addresses that are served",
    "POST /api/assets/download": "addresses that are served, previews that exist",
    "POST /api/upload/image": "content is an image",
    "POST /api/upload/mask": "content is an image, JSON as text",
}
"""Operations that may refuse what their schemas allow, and the rules of their documentation."""

RULES_OF_THE_OVERLAY: Final[Mapping[str, str]] = {
    "POST /api/prompt": "a graph has nodes, and is valid",
    "GET /api/view": "values of channel, files that are not images",
    "GET /api/userdata": "a folder has a name",
    "GET /api/userdata/{file}": "characters that no file name has",
    "POST /api/assets/from-hash": "tags are not empty",
    "PUT /api/assets/{id}": "names are not empty",
    "POST /api/assets/{id}/tags": "tags are not empty",
    "DELETE /api/assets/{id}/tags": "tags are not empty",
}
"""The same where the published contract is taken without the overlay, which has these rules."""

RULES_BEYOND_SCHEMA_V2: Final[Mapping[str, str]] = {
    "POST /api/v2/jobs": "a graph is valid, Idempotency-Keys work once",
    "GET /api/v2/jobs": "cursors",
    "POST /api/v2/assets": "hashes, Idempotency-Keys work once",
}
"""The same for API v2."""

NEVER_REFUSES: Final[Mapping[str, str]] = {
    "POST /api/interrupt": "a body without a job means whatever runs",
    "POST /api/upload/image": "in a form, a number is a text like any other",
    "POST /api/v2/assets": "in a form, a list inside a list is a text like any other",
}
"""Operations that accept what is no valid body, beside those without a status to refuse it with."""

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
