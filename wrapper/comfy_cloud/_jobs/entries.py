"""One entry of a user's execution history, whichever of the three endpoints it came from.

`HistoryEntry` reads the newest form, /api/history_v2. `JobHistoryEntry` and `ComfyHistoryEntry` read what /api/jobs and a
self-hosted ComfyUI's /api/history have instead. All are views: nothing is converted before it is asked for, and `raw` is
what the server sent. Nothing here fetches anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from ..errors import ConfigurationError, JobFailed, job_failed_from
from ..times import MILLISECONDS_FROM, duration_ms, parse_instant, parse_when
from .outputs import Factory, Output, find_outputs, find_preview, find_texts
from .states import JobStatus, Timeline, status_from_history, status_from_word, timeline


class HistoryEntry:
    """A finished job as GET /api/history_v2 tells it.

    Attributes:
        prompt_id: The job's id; the same as `job.id`.
        raw: The generated model (`raw.create_time` is the number of milliseconds that the server sent; also
            `raw["create_time"]`, `raw.to_dict()`).

    `output` makes the outputs; a client passes one whose outputs can be read and saved.
    """

    def __init__(self, raw: Any, prompt_id: str | None = None, output: Factory[Output] = Output) -> None:
        self.raw = raw
        self._output = output
        self.prompt_id: str = (
            prompt_id
            or _text(getattr(raw, "prompt_id", None))
            or _text(_field(self._prompt, "prompt_id"))
            or ""
        )

    # Where each form keeps its parts

    @property
    def _status_object(self) -> Any:
        return getattr(self.raw, "status", None)

    @property
    def _outputs_object(self) -> Any:
        return getattr(self.raw, "outputs", None)

    @property
    def _prompt(self) -> Any:
        return getattr(self.raw, "prompt", None)

    @cached_property
    def _timeline(self) -> Timeline:
        return timeline(self._status_object)

    # What a user reads

    @property
    def created_at(self) -> datetime | None:
        """When the job was submitted, in UTC; None when the server did not say."""
        return parse_instant(getattr(self.raw, "create_time", None)) or parse_instant(
            self.extra_data.get("create_time")
        )

    @property
    def created_ms(self) -> float | None:
        """The creation time as epoch milliseconds: what the list is ordered by, without the cost of a datetime."""
        number = getattr(self.raw, "create_time", None)
        if isinstance(number, int) and number >= MILLISECONDS_FROM:
            return number
        created = self.created_at
        return created.timestamp() * 1000 if created else None

    @property
    def instant(self) -> datetime | None:
        """What the entry is dated by: when the job was submitted; where the server does not say, when it began, else ended."""
        return self.created_at or self.started_at or self.finished_at

    @property
    def started_at(self) -> datetime | None:
        """When execution began, in UTC; None when it never did, or the server did not say."""
        return self._timeline.started_at

    @property
    def finished_at(self) -> datetime | None:
        """When execution ended, in UTC, whether well or not."""
        return self._timeline.finished_at

    @property
    def duration(self) -> timedelta | None:
        """How long it ran: from `started_at` to `finished_at`; None when one is missing, or they contradict each other."""
        return duration_ms(self.started_at, self.finished_at)

    @property
    def status(self) -> JobStatus:
        """How it ended. Failed and cancelled jobs are told apart, though the server calls both "error"."""
        return status_from_history(self._status_object)

    @property
    def was_interrupted(self) -> bool:
        """Whether the messages of the run end with its interruption, whatever `status` says."""
        return self._timeline.interrupted is not None

    @property
    def workflow_id(self) -> str | None:
        """The id of the workflow that it was run from, if any."""
        return _text(getattr(self.raw, "workflow_id", None))

    @property
    def extra_data(self) -> Mapping[str, Any]:
        """What was submitted beside the graph."""
        found = _field(self._prompt, "extra_data")
        return found if isinstance(found, dict) else {}

    @property
    def workflow(self) -> Mapping[str, Any] | None:
        """The graph in API format; only entries from `history.get` have it."""
        found = _field(self._prompt, "prompt")
        return found if isinstance(found, dict) else None

    @cached_property
    def outputs(self) -> list[Output]:
        """The files that it made, in a stable order, each once."""
        return find_outputs(self._outputs_object, self._output)

    @property
    def texts(self) -> list[str]:
        """The texts that it made."""
        return find_texts(self._outputs_object)

    @property
    def error(self) -> JobFailed | None:
        """Why it failed: an exception that you can read or raise. None unless `status` is failed."""
        if self.status is not JobStatus.FAILED:
            return None
        return job_failed_from(self.prompt_id, self._timeline.error or {})

    def __repr__(self) -> str:
        created = self.created_at
        return f"<{type(self).__name__} {self.prompt_id} {self.status.value} {created.isoformat() if created else 'no time'}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HistoryEntry) and (self.prompt_id, self.raw) == (other.prompt_id, other.raw)

    def __hash__(self) -> int:
        return hash(self.prompt_id)


class JobHistoryEntry(HistoryEntry):
    """A finished job as GET /api/jobs tells it: `outputs` holds the preview alone until the details are fetched."""

    def __init__(self, raw: Any, output: Factory[Output] = Output) -> None:
        super().__init__(raw, _text(getattr(raw, "id", None)), output)

    @property
    def _status_object(self) -> Any:
        return getattr(self.raw, "execution_status", None)

    @property
    def _outputs_object(self) -> Any:
        return getattr(self.raw, "outputs", None)

    @property
    def _prompt(self) -> Any:
        return getattr(self.raw, "workflow", None)

    @property
    def started_at(self) -> datetime | None:
        """When execution began, in UTC."""
        return parse_instant(_field(self.raw, "execution_start_time")) or super().started_at

    @property
    def finished_at(self) -> datetime | None:
        """When execution ended, in UTC."""
        return parse_instant(_field(self.raw, "execution_end_time")) or super().finished_at

    @property
    def status(self) -> JobStatus:
        """How it ended."""
        return status_from_word(getattr(self.raw, "status", None))

    @cached_property
    def outputs(self) -> list[Output]:
        """The files that it made; of an entry without details, the one that is shown as its preview."""
        found = find_outputs(self._outputs_object, self._output)
        preview = None if found else find_preview(_field(self.raw, "preview_output"), self._output)
        return [preview] if isinstance(preview, Output) else found

    @property
    def texts(self) -> list[str]:
        """The texts that it made; of an entry without details, the one that is shown as its preview."""
        found = find_texts(self._outputs_object)
        preview = None if found else find_preview(_field(self.raw, "preview_output"))
        return [preview] if isinstance(preview, str) else found

    @property
    def error(self) -> JobFailed | None:
        """Why it failed. None unless `status` is failed."""
        if self.status is not JobStatus.FAILED:
            return None
        details = _field(self.raw, "execution_error")
        details = details.to_dict() if hasattr(details, "to_dict") else details
        return job_failed_from(self.prompt_id, details or self._timeline.error or {})


class ComfyHistoryEntry(HistoryEntry):
    """A finished job as a self-hosted ComfyUI's GET /api/history tells it; `raw` is a plain dict.

    There `prompt` is a list: number, id, graph, extra data, output nodes.
    """

    def __init__(self, prompt_id: str, raw: Mapping[str, Any], output: Factory[Output] = Output) -> None:
        super().__init__(raw, prompt_id, output)

    @property
    def _status_object(self) -> Any:
        return _field(self.raw, "status")

    @property
    def _outputs_object(self) -> Any:
        return _field(self.raw, "outputs")

    @property
    def _prompt(self) -> Any:
        prompt = _field(self.raw, "prompt")
        if not isinstance(prompt, list):
            return prompt
        names = ("number", "prompt_id", "prompt", "extra_data", "outputs_to_execute")
        return dict(zip(names, prompt, strict=False))

    @property
    def workflow_id(self) -> str | None:
        """The id of the workflow that was sent along with the graph, if any."""
        return workflow_id_in(self.extra_data)


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which entries `history.iter` yields."""

    since: datetime | None
    until: datetime | None
    statuses: frozenset[JobStatus] | None

    @classmethod
    def of(cls, since: object, until: object, status: object, now: datetime) -> HistoryFilter:
        """A filter from what a caller may pass. Raises ConfigurationError for what cannot be read."""
        return cls(given_instant("since", since, now), given_instant("until", until, now), _statuses(status))

    def admits(self, entry: HistoryEntry) -> bool:
        """Whether an entry passes. One of which no time is known passes only when no time was asked for."""
        if self.statuses is not None and entry.status not in self.statuses:
            return False
        if self.since is None and self.until is None:
            return True
        created = entry.instant
        if created is None:
            return False
        return (self.since is None or created >= self.since) and (self.until is None or created < self.until)

    def is_before(self, page: Sequence[HistoryEntry]) -> bool:
        """Whether a whole page was created before `since`: what follows is older still."""
        if self.since is None or not page:
            return False
        return all(
            created is not None and created < self.since for created in (entry.instant for entry in page)
        )


def workflow_id_in(extra_data: object) -> str | None:
    """The id of the workflow that extra data hold, None when there is none: a self-hosted ComfyUI knows no other."""
    workflow = _field(_field(extra_data, "extra_pnginfo"), "workflow")
    return _text(_field(workflow, "id"))


def given_instant(name: str, value: object, now: datetime) -> datetime | None:
    """The instant that a caller gives as argument `name`: a datetime, or what people type. Raises ConfigurationError."""
    if value is None:
        return None
    from dateutil.tz import tzlocal  # knows the summer time of other days too; costs import time

    if isinstance(value, datetime):
        try:
            return (value if value.tzinfo else value.replace(tzinfo=tzlocal())).astimezone(UTC)
        except (OverflowError, ValueError):
            return value.replace(tzinfo=UTC)  # datetime.min or max: so far away, hours do not matter
    if isinstance(value, str):
        try:
            return parse_when(value, now, tzlocal())
        except ValueError as error:
            raise ConfigurationError(f"{name}: {error}") from None
    raise ConfigurationError(f"{name} must be a datetime or text, not {type(value).__name__}")


def _statuses(value: object) -> frozenset[JobStatus] | None:
    if value is None:
        return None
    words = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else [value]
    found = [status_from_word(word) for word in words]
    for word, status in zip(words, found, strict=True):
        if status is JobStatus.UNKNOWN and word != JobStatus.UNKNOWN:
            known = ", ".join(status.value for status in JobStatus)
            raise ConfigurationError(f"There is no status {word!r}; the history knows {known}")
    return frozenset(found)


def _field(value: Any, name: str) -> Any:
    """A field of a model or dict by its JSON name; None of anything else."""
    return value.get(name) if hasattr(value, "get") else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
