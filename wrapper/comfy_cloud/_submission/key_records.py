"""What a store remembers of one idempotency key, and how that may change. Pure rules.

A record goes through these states: nobody has it; a caller holds it for a while (a lease), because
it is about to send, or has sent; it has a job, for ever. A caller that holds a record has a number,
and every further holder gets the next one. So one whose lease ran out while it was stopped notices
that it holds the record no more.

Nothing secret is in a record: digests, ids, drawn seeds and times, but no key, no inputs and no
graph. `key_store` has what keeps records.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from ..times import parse_instant
from .journal_records import Api, Attempt

VERSION = 1
# A lease that was given later than now by so many seconds is from before the clock was set back.
_CLOCK_SET_BACK = 3600.0


class RecordDamaged(Exception):
    """A record cannot be read, or another version of this package wrote it; the message says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """The record of one key.

    `request` is the digest of what is submitted. `owner` is who holds it, "" for nobody, `holder`
    the number of the last holder, `given_at` and `until` when the lease was given and ends, by the
    clock of the store. Each holder needs another length, so no caller judges it by its own.
    `was_sent` says whether there may be a job, which then is that of `attempt`.
    """

    request: str
    owner: str = ""
    holder: int = 0
    until: float = 0.0
    given_at: float = 0.0
    was_sent: bool = False
    begun_at: datetime | None = None
    server_at: datetime | None = None
    graph: str = ""
    seeds: Mapping[str, int] = field(default_factory=dict)
    api: Api = "v1"
    job_id: str | None = None

    def attempt(self, nonce: str) -> Attempt | None:
        """The submission that may have become a job, or None."""
        if not self.was_sent or self.begun_at is None:
            return None
        return Attempt(nonce, self.begun_at, self.graph, self.seeds, server_at=self.server_at, api=self.api)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a caller may do with a key.

    "held": it holds the record; `record.attempt` has what an earlier holder may have sent. "busy":
    another one does. "done": there is a job. "conflict": the key was used for something else.
    """

    kind: Literal["held", "busy", "done", "conflict"]
    record: KeyRecord


def claimed(
    content: bytes | None, now: float, *, owner: str, request: str, seconds: float
) -> tuple[bytes, Claim]:
    """Try to hold a record for so many seconds; returns its content, and what the caller may do."""
    record = decoded(content) if content is not None else None
    if record is not None and record.request != request:
        return encoded(record), Claim("conflict", record)
    if record is not None and record.job_id is not None:
        return encoded(record), Claim("done", record)
    if record is not None and record.owner not in ("", owner) and _is_valid(record, now):
        return encoded(record), Claim("busy", record)
    before = record or KeyRecord(request=request)
    held = replace(before, owner=owner, holder=before.holder + 1, given_at=now, until=now + seconds)
    return encoded(held), Claim("held", held)


def extended(
    content: bytes | None, now: float, *, claim: KeyRecord, seconds: float, attempt: Attempt | None
) -> tuple[bytes | None, bool]:
    """Hold a record longer; returns its content, and whether the caller still holds it.

    `attempt` is what is sent next: from now on there may be a job of it.
    """
    record = decoded(content) if content is not None else None
    if record is None or not _is_held(record, claim):
        return content, False
    record = replace(record, given_at=now, until=now + seconds)
    if attempt is not None:
        first = record.begun_at if record.was_sent and record.begun_at is not None else None
        record = replace(
            record,
            was_sent=True,
            begun_at=attempt.begun_at if first is None else min(first, attempt.begun_at),
            server_at=attempt.server_at if first is None else record.server_at,
            graph=attempt.graph,
            seeds=attempt.seeds,
            api=attempt.api,
        )
    return encoded(record), True


def finished(content: bytes | None, *, claim: KeyRecord, job_id: str) -> tuple[bytes, str]:
    """Record the job of a key; returns the content, and the job that it has: the first one.

    The record of another request is left alone.
    """
    record = decoded(content) if content is not None else None
    if record is None:
        record = claim
    elif record.request != claim.request:
        # It was forgotten while this caller stood still, and the key was used for something else.
        return encoded(record), job_id
    if record.job_id is not None:
        return encoded(record), record.job_id
    return encoded(replace(record, job_id=job_id, owner="", given_at=0.0, until=0.0)), job_id


def released(content: bytes | None, *, claim: KeyRecord, is_open: bool) -> bytes | None:
    """Hold a record no more. Unless there may be a job (`is_open`), it is forgotten."""
    record = decoded(content) if content is not None else None
    if record is None or not _is_held(record, claim) or record.job_id is not None:
        return content
    return encoded(replace(record, owner="", given_at=0.0, until=0.0)) if is_open else None


def _is_valid(record: KeyRecord, now: float) -> bool:
    return now < record.until and record.given_at <= now + _CLOCK_SET_BACK


def _is_held(record: KeyRecord, claim: KeyRecord) -> bool:
    return record.owner == claim.owner and record.holder == claim.holder and record.job_id is None


def encoded(record: KeyRecord) -> bytes:
    """A record as bytes."""
    times = {
        name: None if at is None else at.isoformat()
        for name, at in (("begun_at", record.begun_at), ("server_at", record.server_at))
    }
    plain = {
        "comfy_cloud_key": VERSION,
        "request": record.request,
        "owner": record.owner,
        "holder": record.holder,
        "until": record.until,
        "given_at": record.given_at,
        "was_sent": record.was_sent,
        **times,
        "graph": record.graph,
        "seeds": dict(record.seeds),
        "api": record.api,
        "job": record.job_id,
    }
    return json.dumps(plain, separators=(",", ":")).encode()


def decoded(content: bytes) -> KeyRecord:
    """A record from its bytes. Raises RecordDamaged."""
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError):
        plain = None
    if not isinstance(plain, dict) or "comfy_cloud_key" not in plain:
        raise RecordDamaged("a record in it is damaged")
    if plain["comfy_cloud_key"] != VERSION:
        raise RecordDamaged(f"a record in it has version {plain['comfy_cloud_key']!r}, not {VERSION}")
    try:
        record = KeyRecord(
            request=_typed(plain, "request", str),
            owner=_typed(plain, "owner", str),
            holder=_typed(plain, "holder", int),
            until=float(_typed(plain, "until", (int, float))),
            # Earlier releases do not write it.
            given_at=float(_typed({"given_at": 0.0, **plain}, "given_at", (int, float))),
            was_sent=_typed(plain, "was_sent", bool),
            begun_at=_instant(plain["begun_at"]),
            server_at=_instant(plain["server_at"]),
            graph=_typed(plain, "graph", str),
            seeds={str(name): int(seed) for name, seed in _typed(plain, "seeds", dict).items()},
            api="v2" if plain["api"] == "v2" else "v1",
            job_id=None if plain["job"] is None else _typed(plain, "job", str),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        raise RecordDamaged("a record in it is damaged") from None
    if record.was_sent and record.begun_at is None:  # nobody could search for what was sent
        raise RecordDamaged("a record in it is damaged")
    return record


def _typed(plain: Mapping[str, Any], name: str, kind: Any) -> Any:
    value = plain[name]
    if not isinstance(value, kind):
        raise TypeError(name)
    return value


def _instant(value: object) -> datetime | None:
    if value is None:
        return None
    at = parse_instant(value)
    if at is None:
        raise ValueError
    return at.astimezone(UTC)
