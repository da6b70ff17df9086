# Made from wrapper/comfy_cloud/_async/_submission/submission.py by `make unasync`. Do not edit.
"""One submission, exactly once: what is sent, and what is done when the response is lost.

`POST /api/prompt` costs money and cannot be repeated safely, so each submission carries a nonce in its extra data. A lost
response is followed by a search for the nonce (`search`). Sent again is only what surely was not accepted, and, once, what is
proved not to exist.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comfy_cloud_api.api.workflow import execute_prompt
from comfy_cloud_api.types import Request

from ..._submission.graph_identity import has_digest, is_same_graph
from ..._submission.reconciliation import PATIENCE, decide
from ..._submission.submit_errors import leaves_outcome_open
from ..._workflows.validation import reason_for_silence
from ...errors import ComfyCloudError, InvalidWorkflow, SubmissionUncertain, UnexpectedResponse
from ...retry import Retry
from .._http.session import Session
from .search import SubmissionSearch

if TYPE_CHECKING:
    from ..queue import Queue

_MOST_KNOWN = 1000


class Submission:
    """One submission: the body to send, its nonce, and in the end its job. It goes on step by step, as `due` says.

    Attributes:
        job_id: The job, once it is known.
        node_errors: What the server found wrong with the graph when it accepted the job.
        seeds: The seeds that were drawn for it.
        due: When the next step is to be taken, on the client's monotonic clock.
    """

    def __init__(
        self,
        session: Session,
        queue: Queue,
        body: dict[str, Any],
        nonce: str,
        known: OrderedDict[str, str],
        seeds: Mapping[str, int] | None = None,
    ) -> None:
        self._session = session
        self._queue = queue
        self._body = body
        self._known = known
        self._search: SubmissionSearch | None = None
        self._lost: ComfyCloudError | None = None  # the error whose answer is searched for now
        self._first: ComfyCloudError | None = None  # the one before, when it is proved that no job came of it
        self.nonce = nonce
        self.job_id: str | None = None
        self.node_errors: Mapping[str, Any] = {}
        self.seeds: Mapping[str, int] = seeds or {}
        self.due = float("-inf")

    @property
    def is_lost(self) -> bool:
        """Whether it was sent, and it is open what came of it."""
        return self._lost is not None and self.job_id is None

    @property
    def body(self) -> Mapping[str, Any]:
        """What is sent."""
        return self._body

    def send(self) -> None:
        """Send it until its fate is known; `job_id` is set then. Raises when there is no job, or that is not known."""
        runtime = self._session.runtime
        while not self.step():
            runtime.sleep(max(0.0, self.due - runtime.monotonic()))

    def step(self, retry: Retry | None = None, outage: float = PATIENCE) -> bool:
        """Send it, or look for it once; True when its job is known. Raises when there is none, or that is not known.

        After an error that says it was surely not accepted, another step sends it again. `retry` replaces the client's
        policy for sending; `outage` is for how many seconds to look as long as the lists cannot be read.
        """
        lost = self._lost
        is_over = self._send_once(retry, outage) if lost is None else self._look_once(lost)
        if is_over and self.job_id is not None:
            self._known[self.job_id] = self.nonce
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return is_over

    def take_up(self, submitted: datetime, graph: str, outage: float) -> None:
        """Begin with looking for what an earlier program sent at that instant, and did not see the answer of.

        `graph` is the digest of what it sent, in the form of `graph_identity.graph_digest`.
        """
        self._search = SubmissionSearch(
            self._session,
            self._queue,
            self.nonce,
            lambda other: has_digest(other, graph),
            self._known,
            submitted,
        )
        self._begin_search(ComfyCloudError("the program ended before it had the answer"), outage)

    def find_now(self) -> str | None:
        """The job's id, by one look if it is not known: for somebody who was interrupted meanwhile."""
        if self.job_id is None and self._search is not None:
            found = decide([self._search.look(0.0)])
            self.job_id = found.job_id
        return self.job_id

    def _send_once(self, retry: Retry | None, outage: float) -> bool:
        if self._search is None:
            ours = self._body["prompt"]
            self._search = SubmissionSearch(
                self._session, self._queue, self.nonce, lambda other: is_same_graph(other, ours), self._known
            )
        try:
            self._post(retry)
        except ComfyCloudError as error:
            if self._first is not None:
                error.attempts = (*error.attempts, *self._first.attempts, self._first)
            if not leaves_outcome_open(error):
                raise
            self._begin_search(error, outage)
            return False
        return True

    def _look_once(self, lost: ComfyCloudError) -> bool:
        assert self._search is not None  # noqa: S101 - nothing is lost that was not sent
        verdict = self._search.step()
        self.due = self._search.due
        match verdict.kind:
            case "found":
                self.job_id = verdict.job_id
                return True
            case "absent":
                self._lost = None
                self.due = float("-inf")
                if self._first is not None:
                    raise lost
                self._first = lost
            case "uncertain":
                raise SubmissionUncertain(
                    "The workflow was sent, but its answer was lost, and the lists of the service do not prove whether a "
                    "job came of it. Look at cloud.jobs.list() before submitting it again: it could be charged twice",
                    nonce=self.nonce,
                    evidence=self._search.evidence(lost),
                ) from lost
            case _:
                pass
        return False

    def _begin_search(self, lost: ComfyCloudError, outage: float) -> None:
        assert self._search is not None  # noqa: S101 - made before sending
        self._lost = lost
        self._search.begin(outage)
        self.due = self._search.due

    def _post(self, retry: Retry | None) -> None:
        request: Request = execute_prompt.build(body=self._body)
        try:
            found = self._session.call(request, execute_prompt.parse, retry=retry)
        except InvalidWorkflow as error:
            if not error.node_errors and not error.details:
                error.details = reason_for_silence(self._body["prompt"])
            raise
        if not (isinstance(found.prompt_id, str) and found.prompt_id):
            operation = execute_prompt.OPERATION
            raise UnexpectedResponse(
                f"{operation.method} {operation.path} answered 200 without a prompt_id",
                status=200,
                method=operation.method,
                path=operation.path,
            )
        self.job_id = found.prompt_id
        errors: object = found.node_errors
        self.node_errors = errors if isinstance(errors, Mapping) else {}
