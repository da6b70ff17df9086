"""Did a submission whose answer was lost become a job? A pure decision over what the server's lists showed.

Every submission carries a nonce in its `extra_data`. After an answer that leaves the outcome open, the lists are looked
through for it, several times. A job with the nonce ends the question. That there is none is believed only when enough time
has gone by, two looks in a row read every list back past the submission, and nothing they showed might be the job after
all. Everything else is uncertain, and then nothing is sent again.

This module sends nothing, sleeps nowhere and reads no clock: `_async/submission.py` looks, and passes what it saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

NONCE_FIELD = "comfy_cloud_nonce"
# Seconds after an answer before the absence of a job means anything: lists may lag behind what was accepted.
SETTLE = 15.0
# Seconds after which looking ends, when it has led to nothing.
PATIENCE = 60.0
# Seconds by which the clocks of client and service may differ, beyond what the Date header of an answer tells.
CLOCK_MARGIN = 600.0
# Seconds after the answer at which the lists are looked through, and the pause between looks from then on.
_LOOKS_AT = (0.5, 2.0, 5.0, 10.0, SETTLE, 20.0, 30.0, 45.0, PATIENCE)
_LATER_LOOKS = 30.0

ListName = Literal["queue", "jobs", "history"]
Outcome = Literal["complete", "missing", "failed"]


class Origin(StrEnum):
    """Whose a job is. `UNEXPLAINED` is one that may be ours: it has no nonce and our graph, or cannot be read."""

    OURS = "ours"
    FOREIGN = "foreign"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A job created since the submission, as one look saw it. `created_ms` is in epoch milliseconds, None when unknown."""

    job_id: str
    origin: Origin
    created_ms: float | None = None


@dataclass(frozen=True, slots=True)
class ListRead:
    """How the reading of one list went: back past the submission, not served by this server, or not to its end."""

    name: ListName
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One look through the lists, `at` so many seconds after the answer was lost.

    `drops_nonces` tells that a job which is known to be ours was seen without its nonce.
    """

    at: float
    lists: tuple[ListRead, ...]
    candidates: tuple[Candidate, ...] = ()
    drops_nonces: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether a job that exists must have been seen: no list failed, and those read cover every state of a job."""
        read = {each.name for each in self.lists if each.outcome == "complete"}
        covers_all = "jobs" in read or {"queue", "history"} <= read
        return covers_all and all(each.outcome != "failed" for each in self.lists)

    @property
    def shows_nothing(self) -> bool:
        """Whether it is complete and none of the jobs it saw may be ours."""
        return (
            self.is_complete
            and not self.drops_nonces
            and all(candidate.origin is Origin.FOREIGN for candidate in self.candidates)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the looks so far mean. `job_id` is the job when it was found."""

    kind: Literal["found", "absent", "look_again", "uncertain"]
    job_id: str | None = None


LOOK_AGAIN = Verdict("look_again")
ABSENT = Verdict("absent")
UNCERTAIN = Verdict("uncertain")


def decide(
    looks: Sequence[Look], *, settle: float = SETTLE, patience: float = PATIENCE, outage: float = PATIENCE
) -> Verdict:
    """What is proved by these looks, in the order in which they were made.

    `patience` is in seconds, and so is `outage`: how long to go on as long as the lists cannot be read.
    """
    ours = [candidate for look in looks for candidate in look.candidates if candidate.origin is Origin.OURS]
    if ours:
        # Of several with one nonce the oldest is the one that the first answer was about.
        return Verdict("found", min(ours, key=_age).job_id)
    if not looks or looks[-1].at < settle:
        return LOOK_AGAIN
    if any(look.drops_nonces for look in looks):
        return UNCERTAIN
    if len(looks) >= 2 and looks[-1].shows_nothing and looks[-2].shows_nothing:
        return ABSENT
    limit = patience if looks[-1].is_complete else max(patience, outage)
    return UNCERTAIN if looks[-1].at >= limit else LOOK_AGAIN


def look_times(outage: float = PATIENCE) -> Iterator[float]:
    """Seconds after the lost answer at which to look; the last of them is the end of all patience, again and again."""
    yield from _LOOKS_AT
    at = PATIENCE
    while True:
        at = min(at + _LATER_LOOKS, max(outage, PATIENCE))
        yield at


def nonce_in(extra_data: object) -> str | None:
    """The nonce of a submission among its extra data, None when there is none."""
    found = extra_data.get(NONCE_FIELD) if isinstance(extra_data, Mapping) else None
    return found if isinstance(found, str) and found else None


def origin_of(
    extra_data: object, graph: object, *, nonce: str, is_our_graph: Callable[[Mapping[str, Any]], bool]
) -> Origin:
    """Whose a job is, from its extra data and graph; either may be missing."""
    found = nonce_in(extra_data)
    if found is not None:
        return Origin.OURS if found == nonce else Origin.FOREIGN
    if isinstance(graph, Mapping) and graph and not is_our_graph(graph):
        return Origin.FOREIGN
    return Origin.UNEXPLAINED


def is_same_graph(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two graphs run the same nodes with the same inputs. What else stands beside a node does not count:
    servers add to it."""
    return one.keys() == other.keys() and all(_core(one[node]) == _core(other[node]) for node in one)


def evidence_of(looks: Sequence[Look], error: Exception) -> dict[str, Any]:
    """What was tried and seen, for an exception: plain values, fit to be logged."""
    last = looks[-1] if looks else None
    return {
        "error": f"{type(error).__name__}: {error}",
        "status": getattr(error, "status", None),
        "looks": len(looks),
        "seconds": round(last.at, 1) if last else 0.0,
        "complete_looks": sum(look.is_complete for look in looks),
        "lists": {
            each.name: f"{each.outcome}: {each.reason}" if each.reason else each.outcome
            for each in (last.lists if last else ())
        },
        "nonces_dropped": any(look.drops_nonces for look in looks),
        "unexplained_jobs": sorted(
            {
                candidate.job_id
                for look in looks
                for candidate in look.candidates
                if candidate.origin is Origin.UNEXPLAINED
            }
        ),
    }


def _age(candidate: Candidate) -> float:
    return candidate.created_ms if candidate.created_ms is not None else float("inf")


def _core(node: object) -> object:
    if not isinstance(node, Mapping):
        return node
    return node.get("class_type"), node.get("inputs") or {}
