"""What each way to read a job, and each way to list jobs, offers.

`job_sources` and `job_lists` choose among them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from ..._jobs.entries import HistoryEntry
from ...retry import Retry


class AsyncJobSource:
    """One way to read a job."""

    async def read(self, job_id: str, retry: Retry | None = None) -> HistoryEntry:
        """The current state of a job. `retry` replaces the client's policy.

        Raises NotFound and NotSupported.
        """
        raise NotImplementedError


class AsyncJobList:
    """One way to list jobs. Queries are those of GET /api/jobs, made by `list_query`."""

    async def page(self, query: dict[str, Any], limit: int, offset: int) -> list[HistoryEntry]:
        """One page of jobs. Raises NotSupported."""
        raise NotImplementedError

    def walk(
        self, query: dict[str, Any], page_size: int, seen: set[str]
    ) -> AsyncGenerator[HistoryEntry, None]:
        """Every job that is not in `seen`, each once; adds their ids to it. Raises NotSupported."""
        raise NotImplementedError
