# Made from wrapper/comfy_cloud/_async/submission.py by `make unasync`. Do not edit.
"""Submitting a workflow exactly once: what is sent, and what is done when the answer is lost.

`POST /api/prompt` costs money and cannot be repeated safely, so each submission carries a nonce in its extra data. An answer
that leaves the outcome open is followed by a search for the nonce (`reconciling`); sent again is only what surely was not
accepted, and what is proved not to exist, once.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from comfy_cloud_api.api.workflow import execute_prompt
from comfy_cloud_api.types import Request, UnreadableBody

from .._runtime import in_thread
from ..errors import (
    ComfyCloudError,
    ComfyCloudWarning,
    ConfigurationError,
    InvalidWorkflow,
    NotSupported,
    SubmissionUncertain,
    UnexpectedResponse,
)
from ..node_catalogue import NodeCatalogue
from ..reconcile import decide
from ..submitting import SubmitOptions, graph_name, has_partner_node, is_open
from ..validation import reason_for_silence
from ..workflow import Workflow
from .job import Job
from .reconciling import Reconciliation

if TYPE_CHECKING:
    from .client import ComfyCloud

_MOST_KNOWN = 1000


class Submission:
    """One submission: the body to send, its nonce, and in the end its job."""

    def __init__(
        self, cloud: ComfyCloud, body: dict[str, Any], nonce: str, known: OrderedDict[str, str]
    ) -> None:
        self._cloud = cloud
        self._body = body
        self._known = known
        self.nonce = nonce
        self.search: Reconciliation | None = None
        self.job_id: str | None = None

    def send(self) -> Mapping[str, Any]:
        """Send it until its fate is known; `job_id` is set then. Returns the node errors. Raises when there is no job."""
        first: ComfyCloudError | None = None
        while True:
            if self.search is None:
                graph = self._body["prompt"]
                self.search = Reconciliation(self._cloud, self.nonce, graph, self._known)
            try:
                node_errors = self._post()
                break
            except ComfyCloudError as error:
                if first is not None:
                    error.attempts = (*error.attempts, *first.attempts, first)
                if not is_open(error):
                    raise
                found = self._search(error)
                if found is not None:
                    self.job_id, node_errors = found, {}
                    break
                if first is not None:
                    raise
                first = error
        assert self.job_id is not None  # noqa: S101 - the loop ends no other way
        self._known[self.job_id] = self.nonce
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return node_errors

    def find_now(self) -> str | None:
        """The job's id, by one look if it is not known: for somebody who was interrupted meanwhile."""
        if self.job_id is None and self.search is not None:
            found = decide([self.search.look(0.0)])
            self.job_id = found.job_id
        return self.job_id

    def _post(self) -> Mapping[str, Any]:
        request: Request = execute_prompt.build(body=self._body)
        try:
            found = self._cloud._call(request, execute_prompt.parse)
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
        return errors if isinstance(errors, Mapping) else {}

    def _search(self, error: ComfyCloudError) -> str | None:
        assert self.search is not None  # noqa: S101 - made before sending
        try:
            return self.search.find()
        except LookupError:
            raise SubmissionUncertain(
                "The workflow was sent, but its answer was lost, and the lists of the service do not prove whether a job "
                "came of it. Look at cloud.jobs.list() before submitting it again: it could be charged twice",
                nonce=self.nonce,
                evidence=self.search.evidence(error),
            ) from error


class Submitter:
    """Makes submissions out of workflows, for one client."""

    def __init__(self, cloud: ComfyCloud) -> None:
        self._cloud = cloud
        self._known: OrderedDict[str, str] = OrderedDict()
        self._catalogue: NodeCatalogue | None = None
        self._has_read_copy = False

    def submit(
        self,
        workflow: object,
        inputs: Mapping[str, Any] | None,
        options: SubmitOptions,
        under_way: list[Submission] | None = None,
    ) -> Job:
        """See `ComfyCloud.submit`. The submission is put into `under_way` before it is sent."""
        prepared, seeds = self._prepare(workflow, inputs, options.randomise_seeds)
        nonce = uuid4().hex
        listener = options.client_id or uuid4().hex
        partner_key = self._partner_key(prepared.graph, options)
        body = options.body(prepared.graph, prepared.ui, nonce, listener, partner_key)
        submission = Submission(self._cloud, body, nonce, self._known)
        if under_way is not None:
            under_way.append(submission)
        node_errors = submission.send()
        if node_errors:
            warnings.warn(
                f"The workflow was accepted as job {submission.job_id}, but not all of it will run: the server found faults "
                f"in node {', '.join(map(str, node_errors))}; see job.node_errors",
                ComfyCloudWarning,
                stacklevel=3,
            )
        return Job(
            self._cloud,
            submission.job_id or "",
            node_errors=node_errors,
            seeds=seeds,
            client_id=listener,
        )

    def _prepare(
        self, source: object, inputs: Mapping[str, Any] | None, randomise_seeds: bool
    ) -> tuple[Workflow, dict[str, int]]:
        """The workflow to send, with its inputs set, its files uploaded and its seeds drawn; and these seeds."""
        workflow = in_thread(Workflow.load, source)
        given = workflow.set_inputs(inputs) if inputs else []
        random = self._cloud._runtime.random
        seeds: dict[str, int] = {}
        if randomise_seeds:
            # A seed that the caller gave is meant.
            seeds = workflow.randomise_seeds(
                lambda least, most: min(most, least + int(random() * (most - least + 1))), keep=given
            )
        stored: dict[Path, str] = {}
        for file in workflow.local_files():
            if file.path not in stored:
                stored[file.path] = self._upload(file.path)
            workflow.replace_file(file, stored[file.path])
        return workflow, seeds

    def _upload(self, path: Path) -> str:
        """Store a local file, and return the name by which a graph calls it."""
        try:
            asset = self._cloud.assets.upload(path)
        except NotSupported:
            # A self-hosted server without assets, or with assets switched off.
            stored = self._cloud.files.upload_image(path)
            if not stored.name:
                raise UnexpectedResponse("The upload was answered without a name") from None
            return f"{stored.subfolder}/{stored.name}" if stored.subfolder else stored.name
        return graph_name(asset, path)

    def _partner_key(self, graph: Mapping[str, Any], options: SubmitOptions) -> str | None:
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
            catalogue = self._known_classes()
            if catalogue is None or not has_partner_node(graph, catalogue.raw):
                return None
        return key.reveal()

    def _known_classes(self) -> NodeCatalogue | None:
        nodes = self._cloud.nodes
        if nodes._known is not None:
            return nodes._known[0]
        if not self._has_read_copy:
            self._has_read_copy = True
            copy = in_thread(nodes._file.read)
            try:
                self._catalogue = NodeCatalogue.from_bytes(copy[0]) if copy is not None else None
            except UnreadableBody:
                self._catalogue = None
        return self._catalogue
