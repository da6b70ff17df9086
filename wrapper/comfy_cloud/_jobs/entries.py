"""One entry of a user's execution history, whichever of the three endpoints it came from.

`HistoryEntry` reads the newest form, /api/history_v2. `JobHistoryEntry` reads what /api/jobs has
instead, and `ComfyHistoryEntry` a self-hosted ComfyUI's /api/history. All are views: nothing is
converted before it is asked for, and `raw` is what the server sent, without keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from comfy_cloud_api.types import peek

from .._errors.redaction import redact, redact_partner_keys, redact_text
from .._lenient import field_in, text_in
from ..errors import JobFailed, job_failed_from
from ..times import MILLISECONDS_FROM, duration_between, epoch_ms, parse_instant
from .outputs import Factory, Output, find_outputs, find_preview, find_texts
from .quick_reads import QuickRun, quick_count, quick_run
from .states import JobStatus, Timeline, status_from_history, status_from_word, timeline

_UNREAD: Any = object()


class _Listed(Protocol):
    """What lists and GET /api/jobs/{job_id} have, and a single entry of the history has not."""

    @property
    def created_at(self) -> datetime | None: ...

    @property
    def workflow_id(self) -> str | None: ...


class HistoryEntry:
    """A finished job from GET /api/history_v2.

    Attributes:
        id: The job's id, the same as `job.id`; `prompt_id` in other programs.
        raw: The generated model (`raw.create_time` is the number of milliseconds that the server
            sent; also `raw["create_time"]`, `raw.to_dict()`). Keys for partner nodes are redacted.

    `output` makes the outputs. A client passes a class whose outputs can be read and saved.
    """

    _is_redacted = False
    _listed: _Listed | None = None
    _run: QuickRun | None = _UNREAD

    def __init__(self, raw: Any, prompt_id: str | None = None, output: Factory[Output] = Output) -> None:
        self._raw = raw
        self._output = output
        self.id: str = (
            prompt_id
            or text_in(getattr(raw, "prompt_id", None))
            or text_in(field_in(self._prompt, "prompt_id"))
            or ""
        )

    def filled_in_from(self, listed: _Listed) -> HistoryEntry:
        """This entry, with the creation time and workflow id of another entry of the same job.

        A single entry of Comfy Cloud's history has neither.
        """
        self._listed = listed
        return self

    # Where each form keeps its parts

    @property
    def _status_object(self) -> Any:
        return getattr(self._raw, "status", None)

    @property
    def _outputs_object(self) -> Any:
        return getattr(self._raw, "outputs", None)

    @property
    def _prompt(self) -> Any:
        return getattr(self._raw, "prompt", None)

    @cached_property
    def _timeline(self) -> Timeline:
        return timeline(self._status_object)

    def _read_run(self) -> QuickRun | None:
        """Status and times of the usual form, while `raw` is bytes that only this entry reads."""
        content = peek(self._raw, "status")
        run = self._run = None if content is None else quick_run(content)
        return run

    @property
    def _error_object(self) -> Any:
        return self._timeline.error

    # What a user reads

    @property
    def raw(self) -> Any:
        """What the server sent; see the class. Redacted when first asked for: it costs time."""
        if not self._is_redacted:
            redact_partner_keys(field_in(self._prompt, "extra_data"))
            # The inputs of a failed partner node include its key.
            inputs = field_in(self._error_object, "current_inputs")
            if isinstance(inputs, dict):
                inputs.update(redact(inputs))
            self._run = None  # from now on, somebody may change what is read
            self._is_redacted = True  # only now: another thread gets no key, nor does one after Ctrl-C
        return self._raw

    @property
    def unredacted(self) -> Any:
        """What the server sent, as it is: only for what never shows or stores it whole."""
        return self._raw

    @property
    def prompt_id(self) -> str:
        """The same as `id`, under the name that the API uses."""
        return self.id

    @property
    def created_at(self) -> datetime | None:
        """When the job was submitted, in UTC; None when the server did not say."""
        found = parse_instant(getattr(self._raw, "create_time", None))
        if found is not None:
            return found
        found = parse_instant(self.extra_data.get("create_time"))
        return self._listed.created_at if found is None and self._listed is not None else found

    @property
    def created_ms(self) -> float | None:
        """`created_at` as epoch milliseconds.

        The list is ordered by it; it is cheaper than a datetime.
        """
        number = getattr(self._raw, "create_time", None)
        if isinstance(number, int) and number >= MILLISECONDS_FROM:
            return number
        return epoch_ms(self.created_at)

    @property
    def instant(self) -> datetime | None:
        """The date of the entry: when the job was submitted, else began, else ended."""
        return self.created_at or self.started_at or self.finished_at

    @property
    def started_at(self) -> datetime | None:
        """When execution began, in UTC; None when it never did, or the server did not say."""
        run = self._read_run() if self._run is _UNREAD else self._run
        return self._timeline.started_at if run is None else run.started_at

    @property
    def finished_at(self) -> datetime | None:
        """When execution ended, successfully or not, in UTC; None when the server did not say."""
        run = self._read_run() if self._run is _UNREAD else self._run
        return self._timeline.finished_at if run is None else run.finished_at

    @property
    def duration(self) -> timedelta | None:
        """How long it ran: from `started_at` to `finished_at`.

        None when one of them is missing, or the end is before the start.
        """
        return duration_between(self.started_at, self.finished_at)

    @property
    def status(self) -> JobStatus:
        """How it ended.

        Failed and cancelled jobs differ here, though the server calls both "error".
        """
        run = self._read_run() if self._run is _UNREAD else self._run
        return status_from_history(self._status_object) if run is None else run.status

    @property
    def was_interrupted(self) -> bool:
        """Whether the messages of the run end with its interruption, whatever `status` says."""
        return self._timeline.interrupted is not None

    @property
    def workflow_id(self) -> str | None:
        """The id of the workflow that it was run from, if any."""
        found = self._workflow_id
        return self._listed.workflow_id if found is None and self._listed is not None else found

    @property
    def _workflow_id(self) -> str | None:
        return text_in(getattr(self._raw, "workflow_id", None))

    @property
    def extra_data(self) -> Mapping[str, Any]:
        """What was submitted along with the graph."""
        found = field_in(self._prompt, "extra_data")
        redact_partner_keys(found)
        return found if isinstance(found, dict) else {}

    @property
    def workflow(self) -> Mapping[str, Any] | None:
        """The graph in API format. Only entries from `history.get` have it."""
        found = field_in(self._prompt, "prompt")
        return found if isinstance(found, dict) else None

    @cached_property
    def outputs(self) -> list[Output]:
        """The files that it made, in a stable order, without repeats."""
        return find_outputs(self._outputs_object, self._output)

    @property
    def outputs_count(self) -> int:
        """The number of files that it made: that of `outputs`, but without making these.

        Of an entry that has only a preview (`is_partial`), it is what the server reports.
        """
        content = None if self._is_redacted or "outputs" in self.__dict__ else peek(self._raw, "outputs")
        count = None if content is None else quick_count(content)
        return len(self.outputs) if count is None else count

    @property
    def texts(self) -> list[str]:
        """The texts that it made."""
        return find_texts(self._outputs_object)

    @property
    def is_partial(self) -> bool:
        """Whether `outputs` and `texts` are only a preview; `history.get` has all of them.

        The lists of GET /api/jobs have only one output of each job.
        """
        return False

    @property
    def error(self) -> JobFailed | None:
        """Why it failed: an exception to read or to raise. None unless `status` is failed."""
        if self.status is not JobStatus.FAILED:
            return None
        return job_failed_from(self.id, self._timeline.error or {})

    def __repr__(self) -> str:
        created = self.created_at
        when = created.isoformat() if created else "no time"
        return redact_text(f"<{type(self).__name__} {self.id} {self.status.value} {when}>")

    def _repr_html_(self) -> str:
        from .._notebook.representations import job_html

        return job_html(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HistoryEntry) and (self.id, self.raw) == (other.id, other.raw)

    def __hash__(self) -> int:
        return hash(self.id)


class JobHistoryEntry(HistoryEntry):
    """A finished job from GET /api/jobs.

    `outputs` holds only the preview until the details are fetched.
    """

    def __init__(self, raw: Any, output: Factory[Output] = Output) -> None:
        super().__init__(raw, text_in(getattr(raw, "id", None)), output)

    @property
    def _status_object(self) -> Any:
        return getattr(self._raw, "execution_status", None)

    @property
    def _outputs_object(self) -> Any:
        return getattr(self._raw, "outputs", None)

    @property
    def _prompt(self) -> Any:
        return getattr(self._raw, "workflow", None)

    @property
    def _error_object(self) -> Any:
        return field_in(self._raw, "execution_error") or self._timeline.error

    @property
    def started_at(self) -> datetime | None:
        """When execution began, in UTC."""
        return parse_instant(field_in(self._raw, "execution_start_time")) or super().started_at

    @property
    def finished_at(self) -> datetime | None:
        """When execution ended, in UTC."""
        return parse_instant(field_in(self._raw, "execution_end_time")) or super().finished_at

    @property
    def status(self) -> JobStatus:
        """How it ended."""
        return status_from_word(getattr(self._raw, "status", None))

    @cached_property
    def outputs(self) -> list[Output]:
        """The files that it made. An entry without details has only the one that is its preview."""
        found = find_outputs(self._outputs_object, self._output)
        preview = None if found else find_preview(field_in(self._raw, "preview_output"), self._output)
        return [preview] if isinstance(preview, Output) else found

    @property
    def outputs_count(self) -> int:
        """The number of files that it made, as far as the server reports it."""
        count = field_in(self._raw, "outputs_count") if self._outputs_object is None else None
        return count if type(count) is int else len(self.outputs)

    @property
    def texts(self) -> list[str]:
        """The texts that it made. An entry without details has only the one that is its preview."""
        found = find_texts(self._outputs_object)
        preview = None if found else find_preview(field_in(self._raw, "preview_output"))
        return [preview] if isinstance(preview, str) else found

    @property
    def is_partial(self) -> bool:
        """Whether `outputs` and `texts` are only a preview: the entry came from a list."""
        if self._outputs_object is not None:
            return False
        count = field_in(self._raw, "outputs_count")
        shown = len(self.outputs) + len(self.texts)
        return self.status.is_terminal if not isinstance(count, int) else count > shown

    @property
    def error(self) -> JobFailed | None:
        """Why it failed. None unless `status` is failed."""
        if self.status is not JobStatus.FAILED:
            return None
        details = field_in(self._raw, "execution_error")
        details = details.to_dict() if hasattr(details, "to_dict") else details
        return job_failed_from(self.id, details or self._timeline.error or {})


class ComfyHistoryEntry(HistoryEntry):
    """A finished job from a self-hosted ComfyUI's GET /api/history; `raw` is a plain dict.

    Its `prompt` is a list: number, id, graph, extra data, output nodes.
    """

    def __init__(self, job_id: str, raw: Mapping[str, Any], output: Factory[Output] = Output) -> None:
        super().__init__(raw, job_id, output)

    @property
    def _status_object(self) -> Any:
        return field_in(self._raw, "status")

    @property
    def _outputs_object(self) -> Any:
        return field_in(self._raw, "outputs")

    @property
    def _prompt(self) -> Any:
        prompt = field_in(self._raw, "prompt")
        if not isinstance(prompt, list):
            return prompt
        names = ("number", "prompt_id", "prompt", "extra_data", "outputs_to_execute")
        return dict(zip(names, prompt, strict=False))

    @property
    def _workflow_id(self) -> str | None:
        return workflow_id_in(self.extra_data)


def workflow_id_in(extra_data: object) -> str | None:
    """The id of the workflow in extra data, or None. A self-hosted ComfyUI has no other."""
    workflow = field_in(field_in(extra_data, "extra_pnginfo"), "workflow")
    return text_in(field_in(workflow, "id"))
