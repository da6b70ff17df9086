"""Hiding a new job from the lists for as long as a fault says."""

from __future__ import annotations

from starlette.requests import Request

from comfy_cloud_emulator.engine.submissions import Submission
from comfy_cloud_emulator.state.store import Store

from .fault import Lag


def hide_new_job(request: Request, store: Store, submission: Submission) -> None:
    """Keep a new job out of the lists if a fault with a lag hit its submission."""
    lag: Lag | None = getattr(request.state, "lag", None)
    if lag is not None:
        until = submission.create_time + int(lag.seconds * 1000)
        store.hidden.hide(submission.prompt_id, until=until, requests=lag.requests)
