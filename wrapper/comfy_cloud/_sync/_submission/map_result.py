# Made from wrapper/comfy_cloud/_async/_submission/map_result.py by `make unasync`. Do not edit.
"""The result of each variant of `cloud.map`. `map_run` runs the variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...errors import ComfyCloudError, UnexpectedResponse

if TYPE_CHECKING:
    from .._jobs.job import Job


@dataclass(frozen=True, slots=True)
class MapResult:
    """How one variant of `cloud.map` ended.

    Attributes:
        index: The index of the variant among the inputs, from 0.
        inputs: The inputs of the variant, as given.
        job: Its job, read after its end; None if there is none, or if that is not known.
        error: Why there is no finished job, or why it failed; None if the job completed.
        from_journal: Whether an earlier call with the same journal submitted the job.
    """

    index: int
    inputs: Mapping[str, Any] | None = field(repr=False)
    job: Job | None
    error: ComfyCloudError | None = None
    from_journal: bool = False

    @property
    def is_completed(self) -> bool:
        """Whether the job completed without an error."""
        return self.error is None

    def unwrap(self) -> Job:
        """The job, if it completed. Raises `error` otherwise."""
        if self.error is not None:
            raise self.error
        if self.job is None:
            raise UnexpectedResponse("there is neither a job nor an error")
        return self.job
