"""One submission, sent exactly once, even if its response is lost.

`POST /api/prompt` costs money and cannot be repeated safely, so each submission carries a nonce in
its extra data. After a lost response the lists are searched for the nonce (`search`). A submission
is sent again only if it surely was not accepted or, once, if it is proved that no job exists.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from comfy_cloud_api.api.workflow import execute_prompt
from comfy_cloud_api.types import Request

from ..._http.deadlines import current_deadline
from ..._submission.graph_identity import has_digest, is_same_graph
from ..._submission.journal_records import Attempt
from ..._submission.reconciliation import PATIENCE, pauses_when_interrupted
from ..._submission.submit_errors import leaves_outcome_open
from ..._workflows.validation import reason_for_silence
from ...errors import ComfyCloudError, InvalidWorkflow, NotSupported, SubmissionUncertain, UnexpectedResponse
from ...retry import Retry
from .._http.session import AsyncSession
from .search import AsyncSubmissionSearch

if TYPE_CHECKING:
    from ..queue import AsyncQueue

_MAX_KNOWN = 1000


def check_open(session: AsyncSession) -> None:
    """Raise ConfigurationError if nothing can be submitted any more: the client is closed."""
    session.check_open(execute_prompt.OPERATION)


class AsyncSubmission:
    """One submission: the body to send, its nonce, and in the end its job. It proceeds in steps.

    Attributes:
        nonce: The nonce that identifies the submission.
        job_id: The id of the job, once it is known.
        node_errors: The errors in the graph that the server reported on accepting the job.
        seeds: The seeds that were drawn for the job.
        due: The time of the next step, on the client's monotonic clock.
        is_open: Whether it may have been accepted as a job that is not known.
        process: The id of the process that made it, which alone may cancel its job.
    """

    def __init__(
        self,
        session: AsyncSession,
        queue: AsyncQueue,
        body: dict[str, Any],
        nonce: str,
        known: OrderedDict[str, str],
        seeds: Mapping[str, int] | None = None,
    ) -> None:
        self._session = session
        self._queue = queue
        self._body = body
        self._known = known
        self._search: AsyncSubmissionSearch | None = None
        self._lost: ComfyCloudError | None = None  # the error that lost the response being searched for
        self._first: ComfyCloudError | None = None  # the error before that, which proved to leave no job
        self.nonce = nonce
        self.job_id: str | None = None
        self.node_errors: Mapping[str, Any] = {}
        self.seeds: Mapping[str, int] = seeds or {}
        self.due = float("-inf")
        self.is_open = False
        self.process = os.getpid()

    @property
    def is_lost(self) -> bool:
        """Whether it was sent, and its outcome is still open."""
        return self._lost is not None and self.job_id is None

    @property
    def body(self) -> Mapping[str, Any]:
        """The body of the request."""
        return self._body

    async def send(self) -> None:
        """Send it and search until its outcome is known; then `job_id` is set.

        Raises when there is no job, or when its existence remains unknown, such as at a deadline.
        """
        runtime = self._session.runtime
        while not await self.step():
            pause = max(0.0, self.due - runtime.monotonic())
            deadline = current_deadline()
            if self._lost is not None and deadline is not None and pause >= deadline.seconds_left:
                deadline.is_over = True
                raise self._uncertain(
                    "The workflow was sent, but the time was over before it was known whether there "
                    "is a job. Check cloud.jobs.list() before submitting it again: it could be "
                    "charged twice",
                    self._lost,
                ) from self._lost
            await runtime.sleep(pause)

    async def step(self, retry: Retry | None = None, outage: float = PATIENCE) -> bool:
        """Send it, or search for it once; True when its job is known.

        Raises when there is no job, or when its existence remains unknown. After an error that
        proves it was not accepted, another step sends it again. `retry` replaces the client's
        policy for sending. `outage` is how many seconds to search while the lists cannot be read.
        """
        lost = self._lost
        is_finished = await (self._send_once(retry, outage) if lost is None else self._search_once(lost))
        if is_finished:
            self.is_open = False
            self._remember()
        return is_finished

    def resume(self, attempt: Attempt, outage: float) -> None:
        """Start by searching for a submission of an earlier program that saw no response."""
        self._search = AsyncSubmissionSearch(
            self._session,
            self._queue,
            self.nonce,
            lambda other: has_digest(other, attempt.graph),
            self._known,
            attempt,
        )
        self._begin_search(ComfyCloudError("the program ended before it received the response"), outage)

    async def settle(self, seconds: float) -> None:
        """Find out within so many seconds what became of it, after an interruption.

        Afterwards `job_id` is set if there is a job. If it is not set, `is_open` says whether there
        may be one nevertheless. Checks the lists at least once if the outcome is open.
        """
        if self.job_id is not None or not self.is_open or self._search is None:
            return
        runtime = self._session.runtime
        ends = runtime.monotonic() + seconds
        if self._lost is None:
            self._begin_search(ComfyCloudError("the request was interrupted"), PATIENCE)
        for pause in pauses_when_interrupted():
            verdict = await self._search.step()
            if verdict.kind in ("found", "absent"):
                self.job_id = verdict.job_id
                self.is_open = False
                return
            if runtime.monotonic() + pause > ends:
                return
            await runtime.sleep(pause)

    def _remember(self) -> None:
        if self.job_id is None:
            return
        self._known[self.job_id] = self.nonce
        while len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)

    async def _send_once(self, retry: Retry | None, outage: float) -> bool:
        if self._search is None:
            ours = self._body["prompt"]
            self._search = AsyncSubmissionSearch(
                self._session, self._queue, self.nonce, lambda other: is_same_graph(other, ours), self._known
            )
        self.is_open = True  # before it is sent, since it may be interrupted at any point from here on
        try:
            await self._post(retry)
        except ComfyCloudError as error:
            if self._first is not None:
                error.attempts = (*error.attempts, *self._first.attempts, self._first)
            if not leaves_outcome_open(error):
                self.is_open = False
                raise
            self._begin_search(error, outage)
            return False
        return True

    async def _search_once(self, lost: ComfyCloudError) -> bool:
        assert self._search is not None  # noqa: S101 - made before sending
        verdict = await self._search.step()
        self.due = self._search.due
        if isinstance(lost, UnexpectedResponse) and lost.is_web_page and self._search.meets_only_web_pages:
            # Something in between responds for the service, so the workflow never got there.
            self.is_open = False
            raise lost
        match verdict.kind:
            case "found":
                self.job_id = verdict.job_id
                return True
            case "absent":
                self._lost = None
                self.is_open = False
                self.due = float("-inf")
                if self._first is not None:
                    raise lost
                self._first = lost
            case "uncertain":
                raise self._uncertain(
                    "The workflow was sent, but its response was lost, and the lists of the service do "
                    "not prove whether there is a job. Check cloud.jobs.list() before submitting it "
                    "again: it could be charged twice",
                    lost,
                ) from lost
            case _:
                pass
        return False

    def _uncertain(self, message: str, lost: ComfyCloudError) -> SubmissionUncertain:
        evidence = self._search.evidence(lost) if self._search is not None else None
        return SubmissionUncertain(message, nonce=self.nonce, evidence=evidence)

    def _begin_search(self, lost: ComfyCloudError, outage: float) -> None:
        assert self._search is not None  # noqa: S101 - made before sending
        self._lost = lost
        self.is_open = True
        self._search.begin(outage)
        self.due = self._search.due

    async def _post_by_v2(self, retry: Retry | None) -> None:
        from .v2_submission import submit_by_v2  # hardly ever needed

        self.job_id = await submit_by_v2(self._session, self._body, self.nonce, self._known, retry)

    async def _post(self, retry: Retry | None) -> None:
        session = self._session
        if session.uses_v2:
            await self._post_by_v2(retry)
            return
        request: Request = execute_prompt.build(body=self._body)
        try:
            found = await session.call(request, execute_prompt.parse, retry=retry)
        except InvalidWorkflow as error:
            if not error.node_errors and not error.details:
                error.details = reason_for_silence(self._body["prompt"])
            raise
        except NotSupported as missing:
            if session.settings.api != "auto" or session.settings.strict:
                raise
            try:
                await self._post_by_v2(retry)
            except NotSupported:
                raise missing from None
            session.use_v2()
            return
        if not (isinstance(found.prompt_id, str) and found.prompt_id):
            operation = execute_prompt.OPERATION
            raise UnexpectedResponse(
                f"The response to {operation.method} {operation.path} does not contain a prompt_id",
                status=200,
                method=operation.method,
                path=operation.path,
            )
        self.job_id = found.prompt_id
        errors: object = found.node_errors
        self.node_errors = errors if isinstance(errors, Mapping) else {}
