"""The lines of a map's journal: what each contains, and what all of them mean when read again.

The first line names the workflow and the server. Each variant then has up to three lines: that it
is about to be sent, with its nonce; the job that it became; and how that ended. Nothing secret is
in them: no inputs, no graph and no key, only digests, ids, seeds and times.

The file itself is in `journal`. What to do about an unfinished attempt is decided by the map.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from .._settings.document_bounds import MOST_JOURNAL_LINE, check_bytes, check_depth
from ..errors import ConfigurationError
from ..times import parse_instant

VERSION = 1
# Every journal begins with these bytes, so that no other file is taken for a torn one and cut.
BEGINNING = b'{"comfy_cloud_map":'

# How an attempt ended. "refused": no job came of it. "gone": the job no longer exists. "left": the
# map cancelled it, because it was left early.
End = Literal["completed", "failed", "cancelled", "gone", "refused", "left"]
# The API by which a submission is sent. For v2 the nonce is its Idempotency-Key.
Api = Literal["v1", "v2"]
_ENDS = frozenset(("completed", "failed", "cancelled", "gone", "refused", "left"))


@dataclass(slots=True)
class Attempt:
    """The latest submission of one variant, as far as it is known.

    `begun_at` is when it was first about to be sent, by the clock of the machine that sent it, and
    `server_at` a time before that, by the server's clock, if it was known. `graph` is the digest of
    the graph to be sent, `seeds` the random seeds in it, and `api` the API it is sent by. Without
    `job_id` and `end` it is unknown whether it was sent.
    """

    nonce: str
    begun_at: datetime
    graph: str
    seeds: Mapping[str, int] = field(default_factory=dict)
    job_id: str | None = None
    end: End | None = None
    server_at: datetime | None = None
    api: Api = "v1"


@dataclass(frozen=True, slots=True)
class VariantKey:
    """Identifies a variant of a map: its digest, and how many with this digest came before it."""

    variant: str
    occurrence: int


def encoded(record: Mapping[str, Any]) -> bytes:
    """A record as one line."""
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def header(workflow: str, server: str, now: datetime) -> dict[str, Any]:
    """The first record: what this journal belongs to."""
    return {"comfy_cloud_map": VERSION, "workflow": workflow, "server": server, "at": now.isoformat()}


def begin_record(key: VariantKey, index: int, attempt: Attempt) -> dict[str, Any]:
    """A variant is about to be sent.

    `index` is its position among the inputs, for human readers.
    """
    server_at = {"server_at": attempt.server_at.isoformat()} if attempt.server_at is not None else {}
    return {
        "begin": attempt.nonce,
        "variant": key.variant,
        "occurrence": key.occurrence,
        "index": index,
        "graph": attempt.graph,
        "seeds": dict(attempt.seeds),
        "at": attempt.begun_at.isoformat(),
        **server_at,
        **({"api": attempt.api} if attempt.api != "v1" else {}),
    }


def job_record(nonce: str, job_id: str) -> dict[str, Any]:
    """The submission with this nonce became a job."""
    return {"job": job_id, "of": nonce}


def end_record(nonce: str, end: End) -> dict[str, Any]:
    """The submission with this nonce has ended."""
    return {"end": end, "of": nonce}


def attempts_in(
    lines: Sequence[bytes], *, path: object, workflow: str, server: str
) -> dict[VariantKey, Attempt]:
    """The latest attempt of each variant, in file order. `path` is only named in messages.

    Raises ConfigurationError if a line is damaged, or if the journal belongs to another workflow or
    server, or has another version.
    """
    _check_header(_Line(path, 1, lines[0]), workflow, server)
    return _latest(_Line(path, number, line) for number, line in enumerate(lines[1:], 2))


def _check_header(line: _Line, workflow: str, server: str) -> None:
    version = line.record.get("comfy_cloud_map")
    if version != VERSION:
        raise ConfigurationError(
            f"The journal {line.path} has version {version!r}, and this release reads version {VERSION}. "
            "Continue "
            "with the release that wrote it, or give a new path"
        )
    if line.text("workflow") != workflow:
        raise ConfigurationError(
            f"The journal {line.path} belongs to another workflow, or to other options for it. Pass the same "
            "workflow and options as when it was created, or give a new path"
        )
    if line.text("server") != server:
        raise ConfigurationError(
            f"The journal {line.path} belongs to {line.text('server')}, and this client to {server}. Use a "
            "client "
            "for the same server, or give a new path"
        )


class _Line:
    """One line of a journal, whose fields are checked when they are read."""

    __slots__ = ("number", "path", "record")

    def __init__(self, path: object, number: int, line: bytes) -> None:
        self.path = path
        self.number = number
        try:
            check_bytes(len(line), MOST_JOURNAL_LINE)
            check_depth(line.decode("utf-8"))
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise self.damaged()
        self.record: dict[str, Any] = record

    def damaged(self) -> ConfigurationError:
        return ConfigurationError(
            f"Line {self.number} of the journal {self.path} is damaged, so it is not certain what was "
            "submitted. "
            "Restore the file from a copy; or see what ran with cloud.jobs.list(), and give a new path to "
            "run "
            "every variant again"
        )

    def text(self, name: str) -> str:
        found = self.record.get(name)
        if not isinstance(found, str) or not found:
            raise self.damaged()
        return found

    def attempt(self) -> tuple[VariantKey, Attempt]:
        begun = parse_instant(self.text("at"))
        occurrence, seeds = self.record.get("occurrence"), self.record.get("seeds")
        if begun is None or type(occurrence) is not int or not isinstance(seeds, dict):
            raise self.damaged()
        if not all(type(seed) is int for seed in seeds.values()):
            raise self.damaged()
        key = VariantKey(self.text("variant"), occurrence)
        attempt = Attempt(self.text("begin"), begun.astimezone(UTC), self.text("graph"), seeds)
        if self.record.get("server_at") is not None:  # earlier releases did not record it
            server_at = parse_instant(self.text("server_at"))
            if server_at is None:
                raise self.damaged()
            attempt.server_at = server_at.astimezone(UTC)
        if self.record.get("api") == "v2":
            attempt.api = "v2"
        return key, attempt


def _latest(lines: Iterator[_Line]) -> dict[VariantKey, Attempt]:
    attempts: dict[VariantKey, Attempt] = {}
    by_nonce: dict[str, Attempt] = {}
    for line in lines:
        record = line.record
        if "begin" in record:
            key, attempt = line.attempt()
            earlier = by_nonce.get(attempt.nonce)
            if earlier is not None:
                # No job came of it, and it is sent again. A job may be as old as the first attempt.
                attempt.begun_at = min(earlier.begun_at, attempt.begun_at)
                attempt.server_at = earlier.server_at
            attempts[key] = by_nonce[attempt.nonce] = attempt
            continue
        known = by_nonce.get(line.text("of"))
        if known is None:
            raise line.damaged()
        if "job" in record:
            known.job_id = line.text("job")
        elif record.get("end") in _ENDS:
            known.end = record["end"]
        else:
            raise line.damaged()
    return attempts
