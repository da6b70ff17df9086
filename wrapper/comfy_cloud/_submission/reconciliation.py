"""Whether a submission whose response was lost became a job: a decision from what the lists showed.

Every submission carries a nonce in its `extra_data`. After an error that leaves the outcome open,
the server's lists are checked for it several times. A job with the nonce settles the question.
Absence is believed only if enough time has passed, two checks in a row read every list back past
the submission, and none of the jobs in them may be ours. Everything else is uncertain, and then
nothing is sent again.

Pure: `_async/_submission/search.py` reads the lists, sleeps, and passes on what it saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import repeat
from typing import Any, Literal

from .idempotency_keys import REQUEST_FIELD

NONCE_FIELD = "comfy_cloud_nonce"
# Seconds after the error before the absence of a job means anything: lists may lag behind
# submissions.
SETTLE = 15.0
# Seconds after which checking ends without a result.
PATIENCE = 60.0
# Seconds by which the clocks of client and server may differ, beyond what the Date header shows.
CLOCK_MARGIN = 600.0
# Seconds after the error at which the lists are checked, and the pause between checks from then on.
_CHECK_TIMES = (0.5, 2.0, 5.0, 10.0, SETTLE, 20.0, 30.0, 45.0, PATIENCE)
_LATER_PAUSE = 30.0
# Seconds between checks when a submission was interrupted, and only a few seconds are left.
_INTERRUPTED_PAUSES = (0.2, 0.3, 0.5)

ListName = Literal["queue", "jobs", "history"]
Outcome = Literal["complete", "missing", "failed"]


class Origin(StrEnum):
    """Who submitted a job.

    `UNEXPLAINED`: it may be ours, as it has no nonce and our graph or none.
    """

    OURS = "ours"
    FOREIGN = "foreign"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A job created since the submission, as one check saw it.

    `created_ms` is in epoch milliseconds. `request` is the digest of what its idempotency key was
    used for, if it has one. `is_stripped` is True if it was read whole, and has no nonce.
    """

    job_id: str
    origin: Origin
    created_ms: float | None = None
    nonce: str | None = None
    request: str | None = None
    is_stripped: bool = False


@dataclass(frozen=True, slots=True)
class ListRead:
    """The result of reading one list.

    It is "complete" if it was read back past the submission, "missing" if the server does not have
    it, and "failed" if it could not be read to its end; `reason` says why. `is_web_page` is True if
    a web page came in its place.
    """

    name: ListName
    outcome: Outcome
    reason: str = ""
    is_web_page: bool = False


@dataclass(frozen=True, slots=True)
class ListCheck:
    """One check of all lists, `at` so many seconds after the error.

    `drops_nonces` is True if a job that is known to be ours was seen without its nonce.
    """

    at: float
    lists: tuple[ListRead, ...]
    candidates: tuple[Candidate, ...] = ()
    drops_nonces: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether it must have seen any job: no list failed, and all states are covered."""
        read = {each.name for each in self.lists if each.outcome == "complete"}
        covers_all = "jobs" in read or {"queue", "history"} <= read
        return covers_all and all(each.outcome != "failed" for each in self.lists)

    @property
    def shows_nothing(self) -> bool:
        """Whether it is complete, and none of the jobs that it saw may be ours."""
        return (
            self.is_complete
            and not self.drops_nonces
            and all(candidate.origin is Origin.FOREIGN for candidate in self.candidates)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks so far prove. `job_id` is the job if it was found."""

    kind: Literal["found", "absent", "check_again", "uncertain"]
    job_id: str | None = None


CHECK_AGAIN = Verdict("check_again")
ABSENT = Verdict("absent")
UNCERTAIN = Verdict("uncertain")


def decide(
    checks: Sequence[ListCheck],
    *,
    settle: float = SETTLE,
    patience: float = PATIENCE,
    outage: float = PATIENCE,
) -> Verdict:
    """What these checks prove, given in the order in which they were made.

    `patience` is how many seconds to go on, and `outage` how many if the lists cannot be read.
    """
    ours = [
        candidate for check in checks for candidate in check.candidates if candidate.origin is Origin.OURS
    ]
    if ours:
        # Of several jobs with one nonce, the oldest is the one whose response was lost.
        return Verdict("found", min(ours, key=_creation_time).job_id)
    if not checks or checks[-1].at < settle:
        return CHECK_AGAIN
    if any(check.drops_nonces for check in checks):
        return UNCERTAIN
    if len(checks) >= 2 and checks[-1].shows_nothing and checks[-2].shows_nothing:
        return ABSENT
    limit = patience if checks[-1].is_complete else max(patience, outage)
    return UNCERTAIN if checks[-1].at >= limit else CHECK_AGAIN


def check_times(outage: float = PATIENCE) -> Iterator[float]:
    """Seconds after the error at which to check.

    The last one, when patience ends, repeats for ever.
    """
    yield from _CHECK_TIMES
    at = PATIENCE
    while True:
        at = min(at + _LATER_PAUSE, max(outage, PATIENCE))
        yield at


def pauses_when_interrupted() -> Iterator[float]:
    """Seconds between the checks after an interruption; the last one repeats for ever."""
    yield from _INTERRUPTED_PAUSES
    yield from repeat(1.0)


def nonce_in(extra_data: object) -> str | None:
    """The nonce in the extra data of a job, or None."""
    found = extra_data.get(NONCE_FIELD) if isinstance(extra_data, Mapping) else None
    return found if isinstance(found, str) and found else None


def request_in(extra_data: object) -> str | None:
    """The digest of what the idempotency key of a job was used for, or None."""
    found = extra_data.get(REQUEST_FIELD) if isinstance(extra_data, Mapping) else None
    return found if isinstance(found, str) and found else None


def job_origin(
    extra_data: object, graph: object, *, nonce: str, is_our_graph: Callable[[Mapping[str, Any]], bool]
) -> Origin:
    """Who submitted a job, by its extra data and its graph; either may be missing."""
    found = nonce_in(extra_data)
    if found is not None:
        return Origin.OURS if found == nonce else Origin.FOREIGN
    if isinstance(graph, Mapping) and graph and not is_our_graph(graph):
        return Origin.FOREIGN
    return Origin.UNEXPLAINED


def evidence_of(checks: Sequence[ListCheck], error: Exception) -> dict[str, Any]:
    """What was tried and seen, for `SubmissionUncertain.evidence`: values that can be logged."""
    last = checks[-1] if checks else None
    return {
        "error": f"{type(error).__name__}: {error}",
        "status": getattr(error, "status", None),
        "looks": len(checks),
        "seconds": round(last.at, 1) if last else 0.0,
        "complete_looks": sum(check.is_complete for check in checks),
        "lists": {
            each.name: f"{each.outcome}: {each.reason}" if each.reason else each.outcome
            for each in (last.lists if last else ())
        },
        "nonces_dropped": any(check.drops_nonces for check in checks),
        "unexplained_jobs": sorted(
            {
                candidate.job_id
                for check in checks
                for candidate in check.candidates
                if candidate.origin is Origin.UNEXPLAINED
            }
        ),
    }


def _creation_time(candidate: Candidate) -> float:
    return candidate.created_ms if candidate.created_ms is not None else float("inf")
