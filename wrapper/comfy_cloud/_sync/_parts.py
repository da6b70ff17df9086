# Made from wrapper/comfy_cloud/_async/_parts.py by `make unasync`. Do not edit.
"""The parts of one client that several resources share, each built when it is first used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._http.forks import free_properties_after_fork
from .._http.shared_properties import shared_property
from ._http.session import Session

if TYPE_CHECKING:
    from ._files.remote_output import RemoteOutput
    from ._jobs.history_reader import HistoryReader
    from ._jobs.job_lists import JobLists
    from ._jobs.job_operations import JobOperations
    from ._submission.workflow_runner import WorkflowRunner
    from ._workflows.catalogue_cache import CatalogueCache
    from .assets import Assets
    from .files import Files
    from .queue import Queue
    from .system import System
    from .tasks import Tasks


@free_properties_after_fork
class ClientParts:
    """The shared parts of one client. Their modules are imported only when a part is used.

    Attributes:
        session: The session that every part sends its requests through.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    @shared_property
    def queue(self) -> Queue:
        """`cloud.queue`."""
        from .queue import Queue

        return Queue(self.session)

    @shared_property
    def tasks(self) -> Tasks:
        """`cloud.tasks`."""
        from .tasks import Tasks

        return Tasks(self.session)

    @shared_property
    def assets(self) -> Assets:
        """`cloud.assets`."""
        from .assets import Assets

        return Assets(self.session, self.tasks)

    @shared_property
    def files(self) -> Files:
        """`cloud.files`."""
        from .files import Files

        return Files(self.session)

    @shared_property
    def system(self) -> System:
        """`cloud.system`."""
        from .system import System

        return System(self.session)

    @shared_property
    def history_reader(self) -> HistoryReader:
        """Reads the history for `cloud.history` and `cloud.jobs`."""
        from ._jobs.history_reader import HistoryReader

        return HistoryReader(self.session, self._output)

    def _output(self, raw: Mapping[str, Any], node_id: str = "", key: str = "") -> RemoteOutput:
        """An output of an entry. Who makes none needs none of the modules that read files."""
        return self.files.output(raw, node_id, key)

    @shared_property
    def job_lists(self) -> JobLists:
        """Lists jobs for `cloud.jobs`."""
        from ._jobs.job_lists import JobLists

        return JobLists(self.session, self.queue, self.history_reader, self.files.output)

    @shared_property
    def job_operations(self) -> JobOperations:
        """The operations on jobs, for `cloud.jobs`, job handles and submissions."""
        from ._jobs.job_operations import JobOperations

        return JobOperations(self.session, self.files, self.queue)

    @shared_property
    def catalogue(self) -> CatalogueCache:
        """The cached node catalogue, for `cloud.nodes` and `cloud.validate`."""
        from ._workflows.catalogue_cache import CatalogueCache

        return CatalogueCache(self.session)

    @shared_property
    def workflow_runner(self) -> WorkflowRunner:
        """`cloud.submit`, `cloud.run` and `cloud.map`."""
        from ._submission.submitter import Submitter
        from ._submission.workflow_runner import WorkflowRunner

        submitter = Submitter(self.session, self.job_operations, self.queue, self.assets, self.catalogue)
        return WorkflowRunner(submitter, self.job_operations, self.system)
