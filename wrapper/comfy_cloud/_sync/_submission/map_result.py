# Made from wrapper/comfy_cloud/_async/_submission/map_result.py by `make unasync`. Do not edit.
"""The result of each variant of `cloud.map`: a success or a failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias

from ..._late_names import names_imported_late
from ...errors import ComfyCloudError

if TYPE_CHECKING:
    from .._jobs.job import Job


@names_imported_late(Job=".._jobs.job")
@dataclass(frozen=True, slots=True)
class MapSuccess:
    """A variant of `cloud.map` whose job completed.

    Attributes:
        index: The index of the variant among the inputs, from 0.
        inputs: The inputs of the variant, as given.
        job: Its job, read after its end.
        error: None.
        from_journal: Whether an earlier call with the same journal submitted the job.
        ok: True.
    """

    index: int
    inputs: Mapping[str, Any] | None = field(repr=False)
    job: Job
    error: None = None
    from_journal: bool = False
    ok: Literal[True] = field(default=True, init=False, repr=False)

    @property
    def is_completed(self) -> Literal[True]:
        """The same as `ok`."""
        return self.ok

    def unwrap(self) -> Job:
        """The job."""
        return self.job


@names_imported_late(Job=".._jobs.job")
@dataclass(frozen=True, slots=True)
class MapFailure:
    """A variant of `cloud.map` whose job did not complete.

    Attributes:
        index: The index of the variant among the inputs, from 0.
        inputs: The inputs of the variant, as given.
        job: Its job, as last read; None if there is none, or if that is not known.
        error: Why there is no finished job, or why it failed.
        from_journal: Whether an earlier call with the same journal submitted the job.
        ok: False.
    """

    index: int
    inputs: Mapping[str, Any] | None = field(repr=False)
    job: Job | None
    error: ComfyCloudError
    from_journal: bool = False
    ok: Literal[False] = field(default=False, init=False, repr=False)

    @property
    def is_completed(self) -> Literal[False]:
        """The same as `ok`."""
        return self.ok

    def unwrap(self) -> NoReturn:
        """Raises `error`."""
        raise self.error


# How one variant of `cloud.map` ended. mypy knows which of the two it is after `if result.ok:`,
# every type checker after `if result.error is None:`.
MapResult: TypeAlias = MapSuccess | MapFailure
