"""The two vocabularies for a job's state, and how one maps to the other.

The jobs list has five public statuses. The old status route shows the scheduler's raw states. This
module does not decide when a job moves from one state to the next.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

JobStatus = Literal["pending", "in_progress", "completed", "failed", "cancelled"]

STATUSES: Final[tuple[JobStatus, ...]] = get_args(JobStatus)
TERMINAL: Final[frozenset[JobStatus]] = frozenset({"completed", "failed", "cancelled"})

_RAW_STATES: Final[dict[JobStatus, tuple[str, ...]]] = {
    # The first state of each row is the default.
    "pending": (
        "queued_waiting",
        "submitted",
        "queued_limited",
        "allocated",
        "preparing",
        "pending_execution",
    ),
    "in_progress": ("executing", "executed"),
    "completed": ("success",),
    "failed": ("error", "non_retryable_error", "erroring", "lost"),
    "cancelled": ("cancelled", "cancel_requested", "cancel_pending", "cancelling_preparing"),
}

_STATUS_OF_STATE: Final[dict[str, JobStatus]] = {
    state: status for status, states in _RAW_STATES.items() for state in states
}


def default_state(status: JobStatus) -> str:
    """The raw state that a job of this public status usually shows."""
    return _RAW_STATES[status][0]


def raw_states(status: JobStatus) -> tuple[str, ...]:
    """Every raw state that means this public status."""
    return _RAW_STATES[status]


def status_of(state: str) -> JobStatus:
    """The public status of a raw state. Raises ValueError for an unknown one."""
    try:
        return _STATUS_OF_STATE[state]
    except KeyError:
        known = ", ".join(sorted(_STATUS_OF_STATE))
        raise ValueError(f"unknown raw state {state!r}; use one of: {known}") from None
