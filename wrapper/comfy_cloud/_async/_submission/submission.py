"""Submitting a workflow exactly once: what is sent, and what is done when the answer is lost.

`POST /api/prompt` costs money and cannot be repeated safely, so each submission carries a nonce in its extra data. An answer
that leaves the outcome open is followed by a search for the nonce (`reconciling`); sent again is only what surely was not
accepted, and what is proved not to exist, once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from comfy_cloud_api.api.workflow import execute_prompt
from comfy_cloud_api.types import Request, UnreadableBody

from ..._http.concurrency import async_in_thread
from ..._submission.options import SubmitOptions, graph_name, has_partner_node, is_open
from ..._submission.reconciliation import PATIENCE, decide, is_same_graph
from ..._submission.variants import file_key, graph_digest
from ..._workflows.node_catalogue import NodeCatalogue
from ..._workflows.validation import reason_for_silence
from ..._workflows.workflow import Workflow
from ...errors import (
    ComfyCloudError,
    ConfigurationError,
    InvalidWorkflow,
    NotSupported,
    SubmissionUncertain,
    UnexpectedResponse,
)
from ...notices import warn
from ...retry import Retry
from .._jobs.job import AsyncJob
from .search import AsyncReconciliation

if TYPE_CHECKING:
    from ..client import AsyncComfyCloud

_MOST_KNOWN = 1000


class AsyncSubmission:
    """One submission: the body to send, its nonce, and in the end its job. It goes on step by step, as `due` says.

    Attributes:
        job_id: The job, once it is known.
        node_errors: What the server found wrong with the graph when it accepted the job.
        seeds: The seeds that were drawn for it.
        due: When the next step is to be taken, on the client's monotonic clock.
    """

    def __init__(
        self,
        cloud: AsyncComfyCloud,
        body: dict[str, Any],
        nonce: str,
        known: OrderedDict[str, str],
        seeds: Mapping[str, int] | None = None,
    ) -> None:
        self._cloud = cloud
        self._body = body
        self._known = known
        self._search: AsyncReconciliation | None = None
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

    async def send(self) -> None:
        """Send it until its fate is known; `job_id` is set then. Raises when there is no job, or that is not known."""
        runtime = self._cloud._runtime
        while not await self.step():
            await runtime.sleep(max(0.0, self.due - runtime.monotonic()))

    async def step(self, retry: Retry | None = None, outage: float = PATIENCE) -> bool:
        """Send it, or look for it once; True when its job is known. Raises when there is none, or that is not known.

        After an error that says it was surely not accepted, another step sends it again. `retry` replaces the client's
        policy for sending; `outage` is for how many seconds to look as long as the lists cannot be read.
        """
        lost = self._lost
        is_over = await (self._send_once(retry, outage) if lost is None else self._look_once(lost))
        if is_over and self.job_id is not None:
            self._known[self.job_id] = self.nonce
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return is_over

    def take_up(self, submitted: datetime, graph: str, outage: float) -> None:
        """Begin with looking for what an earlier program sent at that instant, and did not see the answer of.

        `graph` is the digest of what it sent, in the form of `variants.graph_digest`.
        """
        self._search = AsyncReconciliation(
            self._cloud, self.nonce, lambda other: graph_digest(other) == graph, self._known, submitted
        )
        self._begin_search(ComfyCloudError("the program ended before it had the answer"), outage)

    async def find_now(self) -> str | None:
        """The job's id, by one look if it is not known: for somebody who was interrupted meanwhile."""
        if self.job_id is None and self._search is not None:
            found = decide([await self._search.look(0.0)])
            self.job_id = found.job_id
        return self.job_id

    async def _send_once(self, retry: Retry | None, outage: float) -> bool:
        if self._search is None:
            ours = self._body["prompt"]
            self._search = AsyncReconciliation(
                self._cloud, self.nonce, lambda other: is_same_graph(other, ours), self._known
            )
        try:
            await self._post(retry)
        except ComfyCloudError as error:
            if self._first is not None:
                error.attempts = (*error.attempts, *self._first.attempts, self._first)
            if not is_open(error):
                raise
            self._begin_search(error, outage)
            return False
        return True

    async def _look_once(self, lost: ComfyCloudError) -> bool:
        assert self._search is not None  # noqa: S101 - nothing is lost that was not sent
        verdict = await self._search.step()
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

    async def _post(self, retry: Retry | None) -> None:
        request: Request = execute_prompt.build(body=self._body)
        try:
            found = await self._cloud._call(request, execute_prompt.parse, retry=retry)
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


class AsyncSubmitter:
    """Makes submissions out of workflows, for one client."""

    def __init__(self, cloud: AsyncComfyCloud) -> None:
        self._cloud = cloud
        self._known: OrderedDict[str, str] = OrderedDict()
        self._catalogue: NodeCatalogue | None = None
        self._has_read_copy = False

    async def submit(
        self,
        workflow: object,
        inputs: Mapping[str, Any] | None,
        options: SubmitOptions,
        under_way: list[AsyncSubmission] | None = None,
    ) -> AsyncJob:
        """See `AsyncComfyCloud.submit`. The submission is put into `under_way` before it is sent."""
        filled = await async_in_thread(Workflow.load, workflow)
        given = filled.set_inputs(inputs) if inputs else []
        seeds = self.draw_seeds(filled, given) if options.randomise_seeds else {}
        await self.store_files(filled, {})
        submission = await self.prepare(filled, options, seeds)
        if under_way is not None:
            under_way.append(submission)
        await submission.send()
        return self.job_of(submission)

    async def prepare(
        self, workflow: Workflow, options: SubmitOptions, seeds: Mapping[str, int], nonce: str | None = None
    ) -> AsyncSubmission:
        """A submission of a workflow that is ready to be sent."""
        nonce = nonce or uuid4().hex
        listener = options.client_id or uuid4().hex
        partner_key = await self.partner_key(workflow.graph, options)
        body = options.body(workflow.graph, workflow.ui, nonce, listener, partner_key)
        return AsyncSubmission(self._cloud, body, nonce, self._known, seeds)

    def job_of(self, submission: AsyncSubmission) -> AsyncJob:
        """The job that a submission became; with a warning when not all of it will run."""
        if submission.node_errors:
            warn(
                f"The workflow was accepted as job {submission.job_id}, but not all of it will run: the server found faults "
                f"in node {', '.join(map(str, submission.node_errors))}; see job.node_errors"
            )
        return AsyncJob(
            self._cloud,
            submission.job_id or "",
            node_errors=submission.node_errors,
            seeds=submission.seeds,
            client_id=submission.body["client_id"],
        )

    def remember(self, job_id: str, nonce: str) -> None:
        """Take note of a job that was submitted with this nonce: seen without it, it tells that the service drops them."""
        self._known[job_id] = nonce

    def draw_seeds(self, workflow: Workflow, given: Collection[str]) -> dict[str, int]:
        """Draw the seeds of a workflow anew, but for those that the caller gave: these are meant."""
        random = self._cloud._runtime.random
        return workflow.randomise_seeds(
            lambda least, most: min(most, least + int(random() * (most - least + 1))), keep=given
        )

    async def store_files(self, workflow: Workflow, stored: MutableMapping[object, str]) -> None:
        """Upload the local files of a workflow, and put their stored names into it. `stored` is what was uploaded before."""
        for file in workflow.local_files():
            key = file_key(file.path)
            if key not in stored:
                stored[key] = await self._upload(file.path)
            workflow.replace_file(file, stored[key])

    async def _upload(self, path: Path) -> str:
        """Store a local file, and return the name by which a graph calls it."""
        try:
            asset = await self._cloud.assets.upload(path)
        except NotSupported:
            # A self-hosted server without assets, or with assets switched off.
            stored = await self._cloud.files.upload_image(path)
            if not stored.name:
                raise UnexpectedResponse("The upload was answered without a name") from None
            return f"{stored.subfolder}/{stored.name}" if stored.subfolder else stored.name
        return graph_name(asset, path)

    async def partner_key(self, graph: Mapping[str, Any], options: SubmitOptions) -> str | None:
        """The key to send along for partner nodes, None when there is none to send. Nothing is fetched to find out."""
        if options.partner_nodes is False or options.has_partner_key:
            return None
        settings = self._cloud.settings
        key = settings.partner_api_key or settings.api_key
        if key is None:
            if options.partner_nodes:
                raise ConfigurationError(
                    "Partner nodes need a key: pass partner_api_key= or api_key= to the client"
                )
            return None
        if not options.partner_nodes:
            catalogue = await self._known_classes()
            if catalogue is None or not has_partner_node(graph, catalogue.raw):
                return None
        return key.reveal()

    async def _known_classes(self) -> NodeCatalogue | None:
        nodes = self._cloud.nodes
        if nodes._known is not None:
            return nodes._known[0]
        if not self._has_read_copy:
            self._has_read_copy = True
            copy = await async_in_thread(nodes._file.read)
            try:
                self._catalogue = NodeCatalogue.from_bytes(copy[0]) if copy is not None else None
            except UnreadableBody:
                self._catalogue = None
        return self._catalogue
