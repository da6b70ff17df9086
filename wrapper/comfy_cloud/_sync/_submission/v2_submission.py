# Made from wrapper/comfy_cloud/_async/_submission/v2_submission.py by `make unasync`. Do not edit.
"""Submitting by API v2, which an Idempotency-Key makes safe to repeat: `POST /api/v2/jobs`.

The key is the nonce of the submission, so a journal has it too. After a lost response the same
request is sent again, with the same key: either it was not accepted before and is now, or the
service refuses the key. Only then is its job looked for, in the list, by its graph.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from typing import Any
from uuid import UUID

from comfy_cloud_api_v2.api.jobs import post_jobs

from ..._http.api_v2 import parser_of, request_of
from ..._jobs.outputs import Output
from ..._submission.journal_records import Attempt
from ..._submission.reconciliation import (
    ABSENT,
    CHECK_AGAIN,
    CLOCK_MARGIN,
    PATIENCE,
    UNCERTAIN,
    Verdict,
    check_times,
)
from ...errors import BadRequest, ComfyCloudError, InvalidWorkflow, NotFound, NotSupported, UnexpectedResponse
from ...retry import Retry
from .._http.session import Session
from .._jobs.v2_jobs import V2Jobs

_REUSED = "IDEMPOTENCY_KEY_REUSE"
_PARTNER_KEY = "api_key_comfy_org"
_MOST_JOBS = 100
# Seconds for which a key surely protects. The service forgets it after 24 hours.
_KEY_SECONDS = 23 * 3600.0
_ONCE = Retry.none()


def key_of(nonce: str) -> str:
    """The Idempotency-Key of a submission: its nonce, as a UUID where it is one."""
    try:
        return str(UUID(nonce))
    except ValueError:
        return nonce


def is_key_taken(error: ComfyCloudError) -> bool:
    """Whether the service refused a request because it had accepted its key before."""
    return isinstance(error, BadRequest) and (error.code or "").upper() == _REUSED


def post_by_v2(session: Session, body: Mapping[str, Any], nonce: str, retry: Retry | None = None) -> str:
    """Submit the body of a `POST /api/prompt` by API v2; returns the id of the job."""
    extra_data = body.get("extra_data")
    partner_key = extra_data.get(_PARTNER_KEY) if isinstance(extra_data, Mapping) else None
    sent: dict[str, Any] = {"workflow": body["prompt"]}
    if partner_key:
        sent["extra_data"] = {_PARTNER_KEY: partner_key}
    request = request_of(post_jobs.build(body=sent, idempotency_key=key_of(nonce)))
    found = session.call(request, parser_of(post_jobs.parse), retry=retry)
    if not (isinstance(found.id, str) and found.id):
        operation = post_jobs.OPERATION
        raise UnexpectedResponse(
            f"The response to {operation.method} {operation.path} does not contain an id",
            status=201,
            method=operation.method,
            path=operation.path,
        )
    return found.id


class V2Search:
    """What became of one submission by API v2: found by sending it again with its key.

    It has the steps of `search.SubmissionSearch`. A submission of an earlier program,
    `earlier`, is not sent again once the service may have forgotten the key, nor if its age is not
    certain.

    Attributes:
        due: The time of the next step, on the client's monotonic clock.
        is_taken: Whether the service refused the key, so that there is a job.
        refusal: Why the service refused the workflow, which proves that there is no job.
    """

    def __init__(
        self,
        session: Session,
        body: Mapping[str, Any],
        nonce: str,
        is_our_graph: Callable[[Mapping[str, Any]], bool],
        known: Collection[str],
        earlier: Attempt | None = None,
    ) -> None:
        self._session = session
        self._body = body
        self._nonce = nonce
        self._is_our_graph = is_our_graph
        self._known = known
        self._earlier = earlier
        self._submitted = session.runtime.now()
        self._submitted_at = session.runtime.monotonic()
        self._started_at = 0.0
        self._outage = PATIENCE
        self._times = check_times()
        self._steps = 0
        self._jobs: list[str] = []
        self._error: ComfyCloudError | None = None
        self.due = 0.0
        self.is_taken = False
        self.refusal: InvalidWorkflow | None = None

    def begin(self, outage: float = PATIENCE) -> None:
        """Start, since a response was lost just now. `outage` is how many seconds to go on."""
        self._started_at = self._session.runtime.monotonic()
        self._outage = outage
        self._times = check_times(outage)
        self._set_due()

    def step(self) -> Verdict:
        """Send it again, or read the list; returns the verdict. Never raises a ComfyCloudError."""
        self._steps += 1
        self._error = None
        verdict = CHECK_AGAIN
        try:
            if not self.is_taken and self._is_key_known():
                verdict = self._send_again()
            if verdict is CHECK_AGAIN:
                verdict = self._read_list()
        except NotSupported as error:
            self._error = error
            verdict = UNCERTAIN
        except ComfyCloudError as error:
            self._error = error
        self._set_due()
        if verdict is CHECK_AGAIN:
            limit = PATIENCE if self._error is None else max(PATIENCE, self._outage)
            verdict = UNCERTAIN if self._seconds >= limit else CHECK_AGAIN
        return verdict

    @property
    def meets_only_web_pages(self) -> bool:
        """Whether the last step got a web page: the service is not reached."""
        return isinstance(self._error, UnexpectedResponse) and self._error.is_web_page

    def evidence(self, error: Exception) -> dict[str, Any]:
        """What was tried and found, for `SubmissionUncertain.evidence`."""
        last = self._error or error
        return {
            "error": f"{type(last).__name__}: {last}",
            "status": getattr(last, "status", None),
            "idempotency_key": key_of(self._nonce),
            "key_taken": self.is_taken,
            "looks": self._steps,
            "seconds": round(self._seconds, 1),
            "jobs": list(self._jobs),
        }

    @property
    def _seconds(self) -> float:
        return self._session.runtime.monotonic() - self._started_at

    def _set_due(self) -> None:
        self.due = max(self._started_at + next(self._times), self._session.runtime.monotonic() + 0.5)

    def _send_again(self) -> Verdict:
        try:
            return Verdict("found", post_by_v2(self._session, self._body, self._nonce, _ONCE))
        except InvalidWorkflow as error:
            self.refusal = error
            return ABSENT
        except BadRequest as error:
            if not is_key_taken(error):
                raise
            self.is_taken = True
            return CHECK_AGAIN

    def _read_list(self) -> Verdict:
        """The job that has this graph, if there is exactly one that may be it."""
        jobs = V2Jobs(self._session, Output)
        since_ms = self._since_ms
        found: list[str] = []
        count = 0
        with closing(jobs.listed()) as listed:
            for entry in listed:
                if entry.created_ms is not None and entry.created_ms < since_ms:
                    break
                if entry.id in self._known:
                    continue
                count += 1
                if count > _MOST_JOBS:
                    return UNCERTAIN
                try:
                    graph = jobs.workflow(entry.id)
                except NotFound:
                    continue
                if self._is_our_graph(graph):
                    found.append(entry.id)
        self._jobs = found
        # Without the service's word that it has the key, an equal job may be another submission's.
        if len(found) == 1 and self.is_taken:
            return Verdict("found", found[0])
        return CHECK_AGAIN if not found and self.is_taken else UNCERTAIN

    def _is_key_known(self) -> bool:
        """Whether the service surely remembers the key, if it has seen it."""
        if self._earlier is None:
            return True
        runtime, earlier = self._session.runtime, self._earlier
        ages = [(runtime.now() - earlier.begun_at).total_seconds()]
        server_now = self._session.server_time
        if server_now is not None and earlier.server_at is not None:
            ages.append((server_now - earlier.server_at).total_seconds())
        return all(-CLOCK_MARGIN <= age < _KEY_SECONDS for age in ages)

    @property
    def _since_ms(self) -> float:
        """A time surely before the submission by the server's clock, in epoch milliseconds."""
        runtime, server_now = self._session.runtime, self._session.server_time
        if self._earlier is not None:
            server_at = self._earlier.server_at
            if server_at is None:
                return float("-inf")
            return (min(server_at, self._earlier.begun_at).timestamp() - CLOCK_MARGIN) * 1000
        if server_now is None:
            return float("-inf")
        by_wall = (runtime.now() - self._submitted).total_seconds()
        passed = max(runtime.monotonic() - self._submitted_at, by_wall)
        since = min(server_now.timestamp() - passed, self._submitted.timestamp())
        return (since - CLOCK_MARGIN) * 1000
