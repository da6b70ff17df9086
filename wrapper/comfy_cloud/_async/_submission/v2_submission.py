"""Submitting by API v2, which an Idempotency-Key makes safe to repeat: `POST /api/v2/jobs`.

After a lost response the same request is sent again, with the same key: either it was not accepted
before and is now, or the service refuses the key. Only then is its job looked for, in the list.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import aclosing
from typing import Any
from uuid import UUID

from comfy_cloud_api_v2.api.jobs import post_jobs

from ..._http.api_v2 import parser_of, request_of
from ..._jobs.outputs import Output
from ..._submission.graph_identity import is_same_graph
from ..._submission.submit_errors import leaves_outcome_open
from ...errors import BadRequest, ComfyCloudError, SubmissionUncertain, UnexpectedResponse
from ...retry import Retry
from .._http.session import AsyncSession
from .._jobs.v2_jobs import AsyncV2Jobs

_REUSED = "IDEMPOTENCY_KEY_REUSE"
_PARTNER_KEY = "api_key_comfy_org"
_MOST_JOBS = 100


async def submit_by_v2(
    session: AsyncSession,
    body: Mapping[str, Any],
    nonce: str,
    known: Collection[str],
    retry: Retry | None = None,
) -> str:
    """Submit the body of a `POST /api/prompt` by API v2; returns the id of the job.

    `known` are the ids of jobs that other submissions of this client made. Raises NotSupported,
    and SubmissionUncertain when it is not known whether there is a job.
    """
    key = str(UUID(nonce)) if _is_uuid(nonce) else nonce
    extra_data = body.get("extra_data")
    partner_key = extra_data.get(_PARTNER_KEY) if isinstance(extra_data, Mapping) else None
    sent: dict[str, Any] = {"workflow": body["prompt"]}
    if partner_key:
        sent["extra_data"] = {_PARTNER_KEY: partner_key}
    request = request_of(post_jobs.build(body=sent, idempotency_key=key))
    try:
        found = await session.call(request, parser_of(post_jobs.parse), retry=retry)
    except BadRequest as error:
        if (error.code or "").upper() != _REUSED or not error.attempts:
            raise
        return await _job_of(session, body["prompt"], nonce, known, error)
    except ComfyCloudError as error:
        if not leaves_outcome_open(error):
            raise
        raise SubmissionUncertain(
            "The workflow was sent, but no response to it arrived, so it is not known whether there is "
            "a job. Check cloud.jobs.list() before submitting it again: it could be charged twice",
            nonce=nonce,
            evidence={"error": f"{type(error).__name__}: {error}", "idempotency_key": key},
        ) from error
    if not (isinstance(found.id, str) and found.id):
        operation = post_jobs.OPERATION
        raise UnexpectedResponse(
            f"The response to {operation.method} {operation.path} does not contain an id",
            status=201,
            method=operation.method,
            path=operation.path,
        )
    return found.id


async def _job_of(
    session: AsyncSession, graph: Any, nonce: str, known: Collection[str], reused: BadRequest
) -> str:
    """The job of a submission whose key the service knows: the only new one with its graph."""
    jobs = AsyncV2Jobs(session, Output)
    found: list[str] = []
    count = 0
    try:
        async with aclosing(jobs.listed()) as listed:
            async for entry in listed:
                count += 1
                # A job that this client knew before is older, and so is what follows.
                if entry.id in known or count > _MOST_JOBS:
                    break
                if is_same_graph(await jobs.workflow(entry.id), graph):
                    found.append(entry.id)
    except ComfyCloudError as error:
        raise _uncertain(nonce, found, error) from reused
    if len(found) != 1:
        raise _uncertain(nonce, found, reused) from reused
    return found[0]


def _uncertain(nonce: str, found: list[str], error: ComfyCloudError) -> SubmissionUncertain:
    return SubmissionUncertain(
        "The service has seen this submission, but the list of jobs does not show which job it became. "
        "Check cloud.jobs.list() before submitting it again: it could be charged twice",
        nonce=nonce,
        evidence={"error": f"{type(error).__name__}: {error}", "jobs": found},
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
