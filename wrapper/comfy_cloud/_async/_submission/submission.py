"""One submission, sent exactly once, even if its response is lost.

`POST /api/prompt` costs money and cannot be repeated safely, so each submission carries a nonce in
its extra data. After a lost response the lists are searched for the nonce (`search`). A submission
is sent again only if it surely was not accepted or, once, if it is proved that no job exists. In
API v2 the nonce is its Idempotency-Key, and sending it again does no harm (`v2_submission`).
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from comfy_cloud_api.api.workflow import execute_prompt
from comfy_cloud_api.types import Request

from ..._http.deadlines import current_deadline
from ..._submission.graph_identity import has_digest, is_same_graph
from ..._submission.journal_records import Api, Attempt
from ..._submission.reconciliation import PATIENCE, pauses_when_interrupted
from ..._submission.submit_errors import leaves_outcome_open
from ..._workflows.link_cycles import reason_for_silence
from ...errors import ComfyCloudError, InvalidWorkflow, NotSupported, SubmissionUncertain, UnexpectedResponse
from ...retry import Retry
from .._http.session import AsyncSession
from .search import AsyncSubmissionSearch

if TYPE_CHECKING:
    from ..queue import AsyncQueue
    from .v2_submission import AsyncV2Search

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
        is_ours: Whether the job was submitted here; False if an idempotency key had it already.
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
        self._search: AsyncSubmissionSearch | AsyncV2Search | None = None
        self._is_by_v2 = session.uses_v2
        self._missing: NotSupported | None = None  # version 1, on a server that may have API v2
        self._lost: ComfyCloudError | None = None  # the error that lost the response being searched for
        self._first: ComfyCloudError | None = None  # the error before that, which proved to leave no job
        self.nonce = nonce
        self.job_id: str | None = None
        self.node_errors: Mapping[str, Any] = {}
        self.seeds: Mapping[str, int] = seeds or {}
        self.due = float("-inf")
        self.is_open = False
        self.process = os.getpid()
        self.is_ours = True

    @property
    def is_lost(self) -> bool:
        """Whether it was sent, and its outcome is still open."""
        return self._lost is not None and self.job_id is None

    @property
    def api(self) -> Api:
        """The API by which it is sent next, or was sent."""
        return "v2" if self._is_by_v2 else "v1"

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
                raise self._late()
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
        self._is_by_v2 = attempt.api == "v2" and self._session.settings.api != "v1"
        self._search = self._new_search(lambda other: has_digest(other, attempt.graph), attempt)
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
            if verdict.kind != "check_again":
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
            self._search = self._new_search(lambda other: is_same_graph(other, ours))
        self.is_open = True  # before it is sent, since it may be interrupted at any point from here on
        try:
            if self._is_by_v2:
                await self._post_by_v2(retry)
            elif not await self._post(retry):
                # Another step, so that a map can record first that it is sent by API v2.
                self.is_open, self._is_by_v2, self._search = False, True, None
                return False
        except ComfyCloudError as error:
            if self._first is not None:
                error.attempts = (*error.attempts, *self._first.attempts, self._first)
            if not self._leaves_open(error):
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
                if (refusal := getattr(self._search, "refusal", None)) is not None:
                    raise refusal
                if self._is_by_v2 != self._session.uses_v2:
                    self._is_by_v2, self._search = self._session.uses_v2, None
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

    def _late(self) -> SubmissionUncertain:
        assert self._lost is not None  # noqa: S101 - it was sent
        error = self._uncertain(
            "The workflow was sent, but the time was over before it was known whether there "
            "is a job. Check cloud.jobs.list() before submitting it again: it could be "
            "charged twice",
            self._lost,
        )
        error.__cause__ = self._lost
        return error

    def _uncertain(self, message: str, lost: ComfyCloudError) -> SubmissionUncertain:
        evidence = self._search.evidence(lost) if self._search is not None else None
        return SubmissionUncertain(message, nonce=self.nonce, evidence=evidence)

    def _begin_search(self, lost: ComfyCloudError, outage: float) -> None:
        assert self._search is not None  # noqa: S101 - made before sending
        self._lost = lost
        self.is_open = True
        self._search.begin(outage)
        self.due = self._search.due

    def _new_search(
        self, is_our_graph: Callable[[Mapping[str, Any]], bool], earlier: Attempt | None = None
    ) -> AsyncSubmissionSearch | AsyncV2Search:
        if not self._is_by_v2:
            return AsyncSubmissionSearch(
                self._session, self._queue, self.nonce, is_our_graph, self._known, earlier
            )
        from .v2_submission import AsyncV2Search  # hardly ever needed

        return AsyncV2Search(self._session, self._body, self.nonce, is_our_graph, self._known, earlier)

    def _leaves_open(self, error: ComfyCloudError) -> bool:
        """Whether there may be a job. By API v2 it may have been sent several times."""
        if not self._is_by_v2:
            return leaves_outcome_open(error)
        from .v2_submission import AsyncV2Search, is_key_taken  # hardly ever needed

        failed = [each for each in error.attempts if isinstance(each, ComfyCloudError)]
        is_open = any(leaves_outcome_open(each) for each in (error, *failed))
        if is_open and is_key_taken(error) and isinstance(self._search, AsyncV2Search):
            self._search.is_taken = True
        return is_open and not isinstance(error, InvalidWorkflow)

    async def _post_by_v2(self, retry: Retry | None) -> None:
        from .v2_submission import post_by_v2  # hardly ever needed

        try:
            self.job_id = await post_by_v2(self._session, self._body, self.nonce, retry)
        except NotSupported:
            if self._missing is not None:
                raise self._missing from None
            raise
        if self._missing is not None:
            self._session.use_v2()

    async def _post(self, retry: Retry | None) -> bool:
        """Send it by version 1; False if that is gone, and API v2 is to be tried."""
        session = self._session
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
            self._missing = missing
            return False
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
        return True
