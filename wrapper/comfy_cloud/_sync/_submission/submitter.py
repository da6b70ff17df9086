# Made from wrapper/comfy_cloud/_async/_submission/submitter.py by `make unasync`. Do not edit.
"""Prepare submissions: set inputs, draw seeds, upload local files, add the partner key.

`submission` sends them. Nothing here decides whether something is sent again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, MutableMapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

from ..._files.progress import ProgressOption
from ..._files.upload_sources import Source, name_of_source
from ..._http.concurrency import in_thread
from ..._http.forks import free_properties_after_fork
from ..._http.shared_properties import shared_property
from ..._jobs.v2_entries import asset_reference
from ..._submission.idempotency_keys import SubmissionKey, nonce_of
from ..._submission.options import SubmitOptions, partner_key_of, shared_by_variants
from ..._submission.variant_digests import VariantDigests, upload_key
from ..._workflows.file_values import FileContent, FileUrl, FileValue
from ..._workflows.graph import classes_of
from ..._workflows.workflow import Workflow, WorkflowSource, converted, load_or_layout
from ...errors import ConfigurationError, NotSupported, UnexpectedResponse
from ...hashing import graph_name, is_loader_name_known
from ...notices import warn
from .._http.session import Session
from .._jobs.job_operations import JobOperations
from .._jobs.job_state import JobState
from .submission import Submission

if TYPE_CHECKING:
    from .._workflows.catalogue_cache import CatalogueCache
    from ..assets import Assets
    from ..queue import Queue
    from .key_use import KeyUse

# What names a file in a graph: a name, or a reference of API v2.
StoredName: TypeAlias = "str | dict[str, Any]"

# How old the node classes may be with which a workflow of the editor is converted, in seconds.
_CLASSES_AGE = 3600.0


@free_properties_after_fork
class Submitter:
    """Makes submissions from workflows, for one client."""

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

    @shared_property
    def keys(self) -> KeyUse:
        """The idempotency keys of this client."""
        from .key_use import KeyUse  # seldom needed

        return KeyUse(self._session, self._operations, self._queue, self._known)

    def submit(
        self,
        workflow: WorkflowSource,
        inputs: Mapping[str, Any] | None,
        options: SubmitOptions,
        started: list[Submission],
    ) -> JobState:
        """See `ComfyCloud.submit`. Appends the submission to `started` before it is sent."""
        loaded = self.load(workflow)
        given = loaded.set_inputs(inputs) if inputs else []
        key = self.key_of(loaded, options) if options.idempotency_key is not None else None
        seeds = self.draw_seeds(loaded, given) if options.randomise_seeds else {}
        self.store_files(loaded, {}, options.upload_progress)
        submission = self.prepare(loaded, options, seeds, key=key)
        started.append(submission)
        return self._sent(submission)

    def _sent(self, submission: Submission) -> JobState:
        """Send a submission; returns its job, with a trace if the client has one."""
        if self._session.tracing is None:
            submission.send()
            return self.job_of(submission)
        trace = self._session.tracing.job()
        try:
            with trace.current():
                submission.send()
        except BaseException as error:
            trace.end(None, error)
            raise
        job = self.job_of(submission)
        job.trace, job.node_classes = trace, classes_of(submission.body["prompt"])
        return job

    def load(self, source: WorkflowSource, *, is_validated: bool = False) -> Workflow:
        """The workflow in a source; one of the editor is converted with the server's classes.

        With `is_validated`, it does not warn of what the validation that follows finds as well.
        """
        loaded = in_thread(load_or_layout, source)
        if isinstance(loaded, Workflow):
            return loaded
        classes = self._catalogue.get(_CLASSES_AGE, stale_if_error=True)
        convert = partial(converted, loaded, classes, is_validated=is_validated)
        return in_thread(convert)

    def key_of(self, workflow: Workflow, options: SubmitOptions) -> SubmissionKey:
        """The nonce of the idempotency key, and the digest of what it is used for.

        That is the graph with its inputs, before seeds are drawn, and local files by their content.
        Raises ConfigurationError if a local file cannot be read.
        """
        digests = VariantDigests()
        shared = shared_by_variants(options)
        request = in_thread(digests.of, workflow, shared, stop=digests.halt.set)
        return SubmissionKey(nonce_of(options.idempotency_key or "", self._session.settings), request)

    def prepare(
        self,
        workflow: Workflow,
        options: SubmitOptions,
        seeds: Mapping[str, int],
        nonce: str | None = None,
        *,
        key: SubmissionKey | None = None,
        keys: KeyUse | None = None,
    ) -> Submission:
        """A submission of a workflow, ready to be sent; with a `key`, by who holds that.

        `keys` are those of a map.
        """
        if key is not None:
            from .keyed_submission import KeyedSubmission  # seldom needed

            client_id = options.client_id or self._operations.shared_live.client_id
            partner_key = self.partner_key(options)
            body = options.body(workflow.graph, workflow.ui, key.nonce, client_id, partner_key, key.request)
            return KeyedSubmission(
                self._session,
                self._queue,
                body,
                key.nonce,
                self._known,
                seeds,
                keys=keys or self.keys,
                request=key.request,
            )
        nonce = nonce or uuid4().hex
        client_id = options.client_id or self._operations.shared_live.client_id
        partner_key = self.partner_key(options)
        body = options.body(workflow.graph, workflow.ui, nonce, client_id, partner_key)
        return Submission(self._session, self._queue, body, nonce, self._known, seeds)

    def job_of(self, submission: Submission) -> JobState:
        """The job of a submission. Warns when not all of the graph will run."""
        if submission.node_errors:
            warn(
                f"The workflow was accepted as job {submission.job_id}, but not all of it will run: "
                f"the server found errors in node {', '.join(map(str, submission.node_errors))}; "
                "see job.node_errors"
            )
        return self._operations.state(
            submission.job_id or "",
            node_errors=submission.node_errors,
            seeds=submission.seeds,
            client_id=submission.body["client_id"] if submission.is_ours else None,
        )

    def remember(self, job_id: str, nonce: str) -> None:
        """Remember a job's nonce: if the job is listed without it, the service drops nonces."""
        self._known[job_id] = nonce

    def draw_seeds(self, workflow: Workflow, given: Collection[str]) -> dict[str, int]:
        """Randomise the seeds of a workflow, except those that the caller has set.

        They are in the range of their node if a node catalogue is at hand; none is requested.
        """
        random = self._session.runtime.random
        catalogue = self._catalogue.known()
        return workflow.randomise_seeds(
            lambda least, most: min(most, least + int(random() * (most - least + 1))),
            keep=given,
            object_info=catalogue,
        )

    def store_files(
        self, workflow: Workflow, stored: MutableMapping[object, StoredName], progress: ProgressOption
    ) -> None:
        """Upload the files of a workflow, and replace each by its stored name or reference.

        `stored` has the names of earlier uploads, and new ones are added to it. `progress` is as
        for `Assets.upload`.
        """
        for found in workflow.files():
            key = upload_key(found.file)
            if key not in stored:
                try:
                    stored[key] = self._upload(found.file, progress)
                except ConfigurationError as error:
                    raise ConfigurationError(
                        f"The input {found.node_id}.{found.input}: {error.message}"
                    ) from None
            workflow.replace_file(found, stored[key])

    def _upload(self, file: FileValue, progress: ProgressOption) -> StoredName:
        """Upload a file; returns what names it in a graph."""
        source: Source
        if isinstance(file, FileContent):
            source, name = file.content, file.name
        else:
            source = file.url if isinstance(file, FileUrl) else file
            name = name_of_source(source)
        was_v2 = self._session.uses_v2
        if was_v2:
            return self._upload_by_v2(source, name)
        try:
            asset = self._assets.upload(source, name=name, progress=progress)
        except NotSupported:
            # A self-hosted server without assets, or with assets switched off.
            try:
                return self._upload_image(source, name, progress)
            except NotSupported as missing:
                settings = self._session.settings
                if settings.api != "auto" or settings.strict:
                    raise
                try:
                    stored = self._upload_by_v2(source, name)
                except NotSupported:
                    raise missing from None
                self._session.use_v2()
                return stored
        if self._session.uses_v2:  # since this upload
            return asset_reference(asset.id or "", asset.hash_, name)
        if not (is_loader_name_known(asset) or self._session.settings.is_comfy_cloud):
            # A self-hosted server that has the content, but does not say by which name.
            return self._upload_image(source, name, progress)
        stored_name = graph_name(asset, name)
        if stored_name is None:
            raise UnexpectedResponse("The stored file came back without the hash that a graph calls it by")
        return stored_name

    def _upload_by_v2(self, source: Source, name: str) -> StoredName:
        from .._files.v2_upload import upload_by_v2  # hardly ever needed

        return upload_by_v2(self._session, source, name)

    def _upload_image(self, source: Source, name: str, progress: ProgressOption) -> str:
        stored = self._operations.files.upload_image(source, name=name, progress=progress)
        if not stored.name:
            raise UnexpectedResponse("The response to the upload contains no name") from None
        return f"{stored.subfolder}/{stored.name}" if stored.subfolder else stored.name

    def partner_key(self, options: SubmitOptions) -> str | None:
        """The key to send for partner nodes, or None."""
        return partner_key_of(self._session.settings, options)
