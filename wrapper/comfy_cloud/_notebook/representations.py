"""What a notebook shows of entries, jobs and outputs. Nothing here raises: text is always there."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from inspect import iscoroutinefunction
from typing import Any

from .html import facts_html

LARGEST_IMAGE = 8_000_000
"""Bytes of an image that a notebook shows."""
_MOST_NAMES = 20
_BEGINNINGS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


def job_html(job: Any) -> str:
    """An entry of the history, or a job: what is known without asking the server."""
    error = job.error
    failed = None if error is None else f"{error.node_class or 'job'}: {error}"
    return facts_html(
        f"Job {job.id}",
        [
            ("Status", job.status.value),
            ("Created", _time(job.created_at)),
            ("Started", _time(job.started_at)),
            ("Finished", _time(job.finished_at)),
            ("Ran for", job.duration),
            ("Workflow", getattr(job, "workflow_id", None)),
            ("Error", failed),
            ("Outputs", _names(job.outputs)),
            ("Texts", "\n".join(job.texts[:_MOST_NAMES])),
        ],
    )


def output_bundle(output: Any, read: Callable[[int], Any] | None) -> dict[str, Any]:
    """An output by media type: its image if it is one that can be read, else what is known of it.

    `read` gives at most so many bytes, or None if there are more. A coroutine cannot be awaited
    here, so outputs of an async client show their facts.
    """
    shown: dict[str, Any] = {"text/plain": repr(output)}
    failure = None
    if output.kind == "image" and read is not None and not iscoroutinefunction(read):
        try:
            content = read(LARGEST_IMAGE)
            media_type = _media_type(content or b"")
            if media_type is not None:
                return {**shown, media_type: base64.b64encode(content).decode()}
            failure = "too large to be shown" if content is None else "not an image that can be shown"
        except Exception as error:  # noqa: BLE001 - a cell shows why, and goes on
            failure = f"cannot be read: {type(error).__name__}: {error}"
    facts = [
        ("File", output.filename),
        ("Name", output.display_name),
        ("Kind", output.kind),
        ("Node", output.node_id),
        ("Image", failure),
    ]
    return {**shown, "text/html": facts_html("Output", facts)}


def _media_type(content: bytes) -> str | None:
    """The type of an image that notebooks show, by its first bytes."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)


def _names(outputs: Sequence[Any]) -> str:
    names = [output.display_name or output.filename for output in outputs[:_MOST_NAMES]]
    left = len(outputs) - len(names)
    return "\n".join([*names, f"and {left} more"] if left > 0 else names)


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant:%Y-%m-%d %H:%M:%S} UTC"
