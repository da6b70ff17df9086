# Made from wrapper/comfy_cloud/_async/_submission/submitter.py by `make unasync`. Do not edit.
"""From a workflow to a submission: inputs set, seeds drawn, local files uploaded, the partner key added.

Sending is in `submission`. Nothing here decides whether something is sent again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ..._http.runtime import in_thread
from ..._submission.options import SubmitOptions, has_partner_node
from ..._submission.variant_digests import file_key
from ..._workflows.workflow import Workflow
from ...errors import ConfigurationError, NotSupported, UnexpectedResponse
from ...hashing import graph_name
from ...notices import warn
from .._http.session import Session
from .._jobs.job_operations import JobOperations
from .._jobs.job_state import JobState
from .._workflows.catalogue_cache import CatalogueCache
from .submission import Submission

if TYPE_CHECKING:
    from ..assets import Assets
    from ..queue import Queue


class Submitter:
    """Makes submissions from workflows, for one client: inputs, seeds, files, the partner key."""

    def __init__(
        self,
        session: Session,
        operations: JobOperations,
        queue: Queue,
        assets: Assets,
        catalogue: CatalogueCache,
    ) -> None:
        self._session = session
        self._operations = operations
        self._queue = queue
        self._assets = assets
        self._catalogue = catalogue
        self._known: OrderedDict[str, str] = OrderedDict()

    def submit(
        self,
        workflow: object,
        inputs: Mapping[str, Any] | None,
        options: SubmitOptions,
        under_way: list[Submission] | None = None,
    ) -> JobState:
        """See `ComfyCloud.submit`. The submission is put into `under_way` before it is sent."""
        filled = in_thread(Workflow.load, workflow)
        given = filled.set_inputs(inputs) if inputs else []
        seeds = self.draw_seeds(filled, given) if options.randomise_seeds else {}
        self.store_files(filled, {})
        submission = self.prepare(filled, options, seeds)
        if under_way is not None:
            under_way.append(submission)
        submission.send()
        return self.job_of(submission)

    def prepare(
        self, workflow: Workflow, options: SubmitOptions, seeds: Mapping[str, int], nonce: str | None = None
    ) -> Submission:
        """A submission of a workflow that is ready to be sent."""
        nonce = nonce or uuid4().hex
        listener = options.client_id or uuid4().hex
        partner_key = self.partner_key(workflow.graph, options)
        body = options.body(workflow.graph, workflow.ui, nonce, listener, partner_key)
        return Submission(self._session, self._queue, body, nonce, self._known, seeds)

    def job_of(self, submission: Submission) -> JobState:
        """The job that a submission became; with a warning when not all of it will run."""
        if submission.node_errors:
            warn(
                f"The workflow was accepted as job {submission.job_id}, but not all of it will run: the server "
                f"found errors in node {', '.join(map(str, submission.node_errors))}; see job.node_errors"
            )
        return self._operations.state(
            submission.job_id or "",
            node_errors=submission.node_errors,
            seeds=submission.seeds,
            client_id=submission.body["client_id"],
        )

    def remember(self, job_id: str, nonce: str) -> None:
        """Note a job that was submitted with this nonce: when it is listed without it, the service drops nonces."""
        self._known[job_id] = nonce

    def draw_seeds(self, workflow: Workflow, given: Collection[str]) -> dict[str, int]:
        """Randomise the seeds of a workflow, except those that the caller gave."""
        random = self._session.runtime.random
        return workflow.randomise_seeds(
            lambda least, most: min(most, least + int(random() * (most - least + 1))), keep=given
        )

    def store_files(self, workflow: Workflow, stored: MutableMapping[object, str]) -> None:
        """Upload the local files of a workflow, and replace them by their stored names. `stored` holds earlier uploads."""
        for file in workflow.local_files():
            key = file_key(file.path)
            if key not in stored:
                stored[key] = self._upload(file.path)
            workflow.replace_file(file, stored[key])

    def _upload(self, path: Path) -> str:
        """Store a local file, and return the name by which a graph calls it."""
        try:
            asset = self._assets.upload(path)
        except NotSupported:
            # A self-hosted server without assets, or with assets switched off.
            stored = self._operations.files.upload_image(path)
            if not stored.name:
                raise UnexpectedResponse("The response to the upload contains no name") from None
            return f"{stored.subfolder}/{stored.name}" if stored.subfolder else stored.name
        name = graph_name(asset, path.name)
        if name is None:
            raise UnexpectedResponse("The stored file came back without the hash that a graph calls it by")
        return name

    def partner_key(self, graph: Mapping[str, Any], options: SubmitOptions) -> str | None:
        """The key to send along for partner nodes, None when there is none to send. Nothing is fetched to find out."""
        if options.partner_nodes is False or options.has_partner_key:
            return None
        settings = self._session.settings
        key = settings.partner_api_key or settings.api_key
        if key is None:
            if options.partner_nodes:
                raise ConfigurationError(
                    "Partner nodes need a key: pass partner_api_key= or api_key= to the client"
                )
            return None
        if not options.partner_nodes:
            catalogue = self._catalogue.peek()
            if catalogue is None or not has_partner_node(graph, catalogue.raw):
                return None
        return key.reveal()
