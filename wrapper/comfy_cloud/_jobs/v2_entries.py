"""A job of API v2 as an entry: from `GET /api/v2/jobs/{id}`, or with less from its list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from .._lenient import field_in, text_in
from ..errors import JobFailed, job_failed_from
from ..hashing import hash_hex, hash_in_name
from ..times import epoch_ms, parse_instant
from .entries import HistoryEntry
from .outputs import Factory, Output
from .states import JobStatus, status_from_word

_STOPPING: Final = "canceling"


class V2JobEntry(HistoryEntry):
    """A job in any state. From a list it has no outputs and no error."""

    def __init__(self, raw: Any, output: Factory[Output] = Output) -> None:
        super().__init__(raw, text_in(getattr(raw, "id", None)), output)

    @property
    def _status_object(self) -> Any:
        return None

    @property
    def _outputs_object(self) -> Any:
        return None

    @property
    def created_at(self) -> datetime | None:
        """When the job was submitted, in UTC."""
        found = getattr(self._raw, "created_at", None) or getattr(self._raw, "create_time", None)
        return parse_instant(found)

    @property
    def created_ms(self) -> float | None:
        """`created_at` as epoch milliseconds."""
        return epoch_ms(self.created_at)

    @property
    def started_at(self) -> datetime | None:
        """When execution began, in UTC; None in a list."""
        return parse_instant(getattr(self._raw, "started_at", None))

    @property
    def finished_at(self) -> datetime | None:
        """When the job ended, in UTC; None in a list."""
        return parse_instant(getattr(self._raw, "completed_at", None))

    @property
    def status(self) -> JobStatus:
        """Its state. A job that is about to stop still runs."""
        return status_in(self._raw)

    @cached_property
    def outputs(self) -> list[Output]:
        """The files that it made so far; none in a list."""
        listed = getattr(self._raw, "outputs", None)
        found = [output_in(each, self._output) for each in listed] if isinstance(listed, list) else []
        return [each for each in found if each is not None]

    @property
    def texts(self) -> list[str]:
        """The texts that it made: none, since API v2 has texts as files."""
        return []

    @property
    def is_partial(self) -> bool:
        """Whether it came from a list, which has no outputs."""
        return self.status.is_terminal and getattr(self._raw, "outputs", None) is None

    @property
    def error(self) -> JobFailed | None:
        """Why it failed. None unless `status` is failed."""
        if self.status is not JobStatus.FAILED:
            return None
        found = getattr(self._raw, "error", None)
        record = {
            "node_id": field_in(found, "node_id"),
            "node_type": field_in(found, "class_type"),
            "exception_type": field_in(found, "code"),
            "exception_message": field_in(found, "message"),
            "traceback": field_in(found, "traceback"),
        }
        if found is None and getattr(self._raw, "status", None) == "expired":
            record["exception_message"] = "the job expired"
        return job_failed_from(self.id, {name: value for name, value in record.items() if value is not None})


def status_in(raw: Any) -> JobStatus:
    """The status in a job or an event of API v2. A job that is about to stop still runs."""
    word = field_in(raw, "status")
    return JobStatus.IN_PROGRESS if word == _STOPPING else status_from_word(word)


def output_in(listed: Any, output: Factory[Output]) -> Output | None:
    """An output as a job or an event of API v2 lists it; None for one without a name."""
    raw = listed.to_dict() if hasattr(listed, "to_dict") else listed
    if not isinstance(raw, Mapping) or not text_in(raw.get("name")):
        return None
    return output({**raw, "filename": raw["name"], "type": "output"}, str(raw.get("node_id", "")), "")


def asset_id_of(output: Output) -> str | None:
    """The id of the asset that an output of API v2 is; None for an output of version 1."""
    raw = output.raw
    return text_in(raw.get("id")) if "url_expires_at" in raw else None


def asset_reference(asset_id: str, hash: str | None = None, file_path: str | None = None) -> dict[str, Any]:
    """What stands in a graph of API v2 for an asset, in the place of a file name."""
    hints = {"hash": hash, "file_path": file_path}
    info = {"id": asset_id, **{name: value for name, value in hints.items() if value is not None}}
    return {"__type": "core/ASSET", "info": info}


def hash_of_output(output: Output) -> str | None:
    """The hash of an output's content as hex digits; None if it is not known.

    Version 1 has it in the name of the file, API v2 in a field of its own.
    """
    if asset_id_of(output) is None:
        return hash_in_name(output.filename)
    return hash_hex(output.raw.get("hash"))
