# Made from wrapper/comfy_cloud/_async/_submission/map_result.py by `make unasync`. Do not edit.
"""What `cloud.map` gives for each variant. How the variants are run is in `mapping`."""

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
        index: Which of the inputs it is, counted from 0.
        inputs: These inputs, as they were given.
        job: Its job, read after its end; None when there is none, or that is not known.
        error: Why there is no finished job, or why it did not end well; None when all went well.
        from_journal: Whether an earlier call with the same journal submitted it.
    """

    index: int
    inputs: Mapping[str, Any] | None = field(repr=False)
    job: Job | None
    error: ComfyCloudError | None = None
    from_journal: bool = False

    @property
    def is_completed(self) -> bool:
        """Whether all went well."""
        return self.error is None

    def unwrap(self) -> Job:
        """The job, when all went well. Raises `error` otherwise."""
        if self.error is not None:
            raise self.error
        if self.job is None:
            raise UnexpectedResponse("there is neither a job nor an error")
        return self.job
