"""The parts of one client that several resources share, each built when it is first used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._http.forks import free_properties_after_fork
from .._http.shared_properties import shared_property
from ._http.session import AsyncSession

if TYPE_CHECKING:
    from ._files.remote_output import AsyncRemoteOutput
    from ._jobs.history_reader import AsyncHistoryReader
    from ._jobs.job_lists import AsyncJobLists
    from ._jobs.job_operations import AsyncJobOperations
    from ._submission.workflow_runner import AsyncWorkflowRunner
    from ._workflows.catalogue_cache import AsyncCatalogueCache
    from .assets import AsyncAssets
    from .files import AsyncFiles
    from .queue import AsyncQueue
    from .system import AsyncSystem
    from .tasks import AsyncTasks


@free_properties_after_fork
class AsyncClientParts:
    """The shared parts of one client. Their modules are imported only when a part is used.

    Attributes:
        session: The session that every part sends its requests through.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    @shared_property
    def queue(self) -> AsyncQueue:
        """`cloud.queue`."""
        from .queue import AsyncQueue

        return AsyncQueue(self.session)

    @shared_property
    def tasks(self) -> AsyncTasks:
        """`cloud.tasks`."""
        from .tasks import AsyncTasks

        return AsyncTasks(self.session)

    @shared_property
    def assets(self) -> AsyncAssets:
        """`cloud.assets`."""
        from .assets import AsyncAssets

        return AsyncAssets(self.session, self.tasks)

    @shared_property
    def files(self) -> AsyncFiles:
        """`cloud.files`."""
        from .files import AsyncFiles

        return AsyncFiles(self.session)

    @shared_property
    def system(self) -> AsyncSystem:
        """`cloud.system`."""
        from .system import AsyncSystem

        return AsyncSystem(self.session)

    @shared_property
    def history_reader(self) -> AsyncHistoryReader:
        """Reads the history for `cloud.history` and `cloud.jobs`."""
        from ._jobs.history_reader import AsyncHistoryReader

        return AsyncHistoryReader(self.session, self._output)

    def _output(self, raw: Mapping[str, Any], node_id: str = "", key: str = "") -> AsyncRemoteOutput:
        """An output of an entry. Who makes none needs none of the modules that read files."""
        return self.files.output(raw, node_id, key)

    @shared_property
    def job_lists(self) -> AsyncJobLists:
        """Lists jobs for `cloud.jobs`."""
        from ._jobs.job_lists import AsyncJobLists

        return AsyncJobLists(self.session, self.queue, self.history_reader, self.files.output)

    @shared_property
    def job_operations(self) -> AsyncJobOperations:
        """The operations on jobs, for `cloud.jobs`, job handles and submissions."""
        from ._jobs.job_operations import AsyncJobOperations

        return AsyncJobOperations(self.session, self.files, self.queue)

    @shared_property
    def catalogue(self) -> AsyncCatalogueCache:
        """The cached node catalogue, for `cloud.nodes` and `cloud.validate`."""
        from ._workflows.catalogue_cache import AsyncCatalogueCache

        return AsyncCatalogueCache(self.session)

    @shared_property
    def workflow_runner(self) -> AsyncWorkflowRunner:
        """`cloud.submit`, `cloud.run` and `cloud.map`."""
        from ._submission.submitter import AsyncSubmitter
        from ._submission.workflow_runner import AsyncWorkflowRunner

        submitter = AsyncSubmitter(self.session, self.job_operations, self.queue, self.assets, self.catalogue)
        return AsyncWorkflowRunner(submitter, self.job_operations, self.system)
