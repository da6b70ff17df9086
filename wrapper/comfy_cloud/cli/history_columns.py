"""The columns of a history list: what each is called, its value in JSON and CSV, and its text in a table.

Instants are ISO text in UTC in JSON and CSV, and local wall time in tables. Nothing is printed or fetched here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .exits import CommandError

if TYPE_CHECKING:
    from comfy_cloud import HistoryEntry, JobFailed, Output

STATUS_STYLES = {"completed": "green", "failed": "red", "cancelled": "yellow"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `value` is what JSON shows, `text` what a cell of a table or of CSV shows when that is not the same."""

    value: Callable[[HistoryEntry], Any]
    text: Callable[[HistoryEntry], Any] | None = None
    is_instant: bool = False


def iso_text(instant: datetime | None) -> str | None:
    """An instant as ISO text in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant is not None else None


def wall_time(instant: datetime | None, utc: bool) -> str:
    """An instant as a clock on the wall shows it, without its zone."""
    return _in_zone(instant, utc).strftime("%Y-%m-%d %H:%M:%S") if instant is not None else ""


def zone_name(instant: datetime, utc: bool) -> str:
    """The short name of the zone that `wall_time` uses at that instant."""
    return _in_zone(instant, utc).tzname() or "local"


def _in_zone(instant: datetime, utc: bool) -> datetime:
    return instant.astimezone(UTC if utc else None)


def duration_text(duration: timedelta | None) -> str:
    """A duration for people: 2.0 s, 1m 05s, 3h 20m."""
    if duration is None:
        return ""
    seconds = duration.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    return f"{minutes // 60}h {minutes % 60:02d}m"


def outputs_text(outputs: list[Output], texts: Sequence[str] = ()) -> str:
    """How many outputs of which kind: `2 image, 1 video`. Texts that are no files count as text."""
    kinds = Counter(output.kind for output in outputs)
    if texts:
        kinds["text"] += len(texts)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())


def output_value(output: Output) -> dict[str, Any]:
    """One output as JSON shows it."""
    names = ("filename", "display_name", "kind", "media_type", "node_id", "subfolder", "type")
    return {name: getattr(output, name) for name in names}


def error_value(error: JobFailed | None) -> dict[str, Any] | None:
    """Why a job failed, as JSON shows it."""
    if error is None:
        return None
    names = ("message", "node_id", "node_class", "exception_type")
    return {name: getattr(error, name) for name in names}


def error_text(error: JobFailed | None) -> str:
    """Why a job failed, in one line."""
    if error is None:
        return ""
    what = f"{error.exception_type}: {error.message}" if error.exception_type else error.message
    if error.node_id is None:
        return what.strip()
    return f"{what.strip()} (node {error.node_id}{f', {error.node_class}' if error.node_class else ''})"


def _seconds(entry: HistoryEntry) -> float | None:
    return entry.duration.total_seconds() if entry.duration is not None else None


COLUMNS = {
    "id": Column(lambda entry: entry.prompt_id),
    "status": Column(lambda entry: entry.status.value),
    "created": Column(lambda entry: entry.created_at, is_instant=True),
    "started": Column(lambda entry: entry.started_at, is_instant=True),
    "finished": Column(lambda entry: entry.finished_at, is_instant=True),
    "duration": Column(_seconds, lambda entry: duration_text(entry.duration)),
    "workflow": Column(lambda entry: entry.workflow_id),
    "outputs": Column(
        lambda entry: [output_value(output) for output in entry.outputs],
        lambda entry: outputs_text(entry.outputs, entry.texts),
    ),
    "files": Column(
        lambda entry: [output.filename for output in entry.outputs],
        lambda entry: " ".join(output.filename for output in entry.outputs),
    ),
    "texts": Column(lambda entry: entry.texts, lambda entry: "\n".join(entry.texts)),
    "error": Column(lambda entry: error_value(entry.error), lambda entry: error_text(entry.error)),
}
TABLE_COLUMNS = ("id", "status", "created", "duration", "outputs", "error")
DATA_COLUMNS = tuple(name for name in COLUMNS if name != "files")  # files only repeats what outputs has


def chosen_columns(text: str | None, default: tuple[str, ...]) -> list[str]:
    """The columns named in `a,b,c`. Raises CommandError, naming those that there are."""
    if text is None:
        return list(default)
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or not names:
        problem = f"no column is called {unknown[0]!r}" if unknown else "--columns names no column"
        raise CommandError(f"{problem}; choose from {', '.join(COLUMNS)}")
    return list(dict.fromkeys(names))


def json_record(entry: HistoryEntry, names: list[str]) -> dict[str, Any]:
    """The columns of an entry as JSON."""
    return {name: _data(COLUMNS[name], entry) for name in names}


def csv_cells(entry: HistoryEntry, names: list[str]) -> list[Any]:
    """The columns of an entry as cells of CSV: durations in seconds, outputs and errors as text."""
    return [
        column.text(entry) if column.text and name != "duration" else _data(column, entry)
        for name, column in ((name, COLUMNS[name]) for name in names)
    ]


def table_cells(entry: HistoryEntry, names: list[str], utc: bool) -> list[str]:
    """The columns of an entry as cells of a table."""
    cells = []
    for name in names:
        column = COLUMNS[name]
        found = (column.text or column.value)(entry)
        cells.append(wall_time(found, utc) if column.is_instant else str(found or ""))
    return cells


def table_headers(entries: list[HistoryEntry], names: list[str], utc: bool) -> list[str]:
    """The names of the columns; the first one of instants names the zone, or both zones across a clock change."""
    headers = list(names)
    for number, name in enumerate(names):
        if COLUMNS[name].is_instant:
            instants = (COLUMNS[name].value(entry) for entry in entries)
            zones = dict.fromkeys(zone_name(instant, utc) for instant in instants if instant is not None)
            if zones:
                headers[number] = f"{name} ({', '.join(zones)})"
                break
    return headers


def _data(column: Column, entry: HistoryEntry) -> Any:
    found = column.value(entry)
    return iso_text(found) if column.is_instant else found
