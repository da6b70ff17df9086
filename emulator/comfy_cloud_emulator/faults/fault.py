"""One fault: what goes wrong, for which requests, and how often."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, Literal, NamedTuple, get_args

from comfy_cloud_emulator.state.store import Store

FaultKind = Literal[
    "status",
    "reset",
    "delay",
    "cut",
    "html",
    "garbage",
    "drift",
    "retired",
    "accepted_then",
    "refused",
    "lag",
    "socket_refuse",
    "socket_silent",
    "socket_drop",
    "socket_garbage",
    "socket_foreign",
    "socket_disorder",
]
Afterwards = Literal["status", "reset", "silence"]

KINDS: Final[tuple[FaultKind, ...]] = get_args(FaultKind)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SOCKET_PREFIX: Final = "socket_"
"""Kinds with this prefix hit websockets; the others hit requests."""
SUBMISSION_KINDS: Final = frozenset({"accepted_then", "refused", "lag"})
"""Kinds that hit `POST /api/prompt` unless `method` or `path` is given."""
MOST_DRIFT: Final = 10_000
"""Jobs that one drift adds or removes, for which all other requests wait."""
_HEADER_VALUE: Final = re.compile(r"(?! )[\t -~\xa0-\xff]{0,1000}(?<! )")
RETIRED_STATUSES: Final = (404, 405, 410, 501)
_DEFAULT_STATUS: Final[dict[FaultKind, int]] = {
    "status": 500,
    "html": 502,
    "garbage": 200,
    "retired": 404,
    "accepted_then": 500,
    "refused": 500,
    "socket_refuse": 503,
}


class Lag(NamedTuple):
    """How long lists hide a new job: `seconds` of emulated time, and a number of list requests."""

    seconds: float
    requests: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Which requests it hits:

    - `method`: None for any
    - `path`: exact, or a glob such as `/api/jobs/*`; None for every API path
    - `after`: how many matching requests pass first
    - `times`: how many requests it hits; None for all

    What happens, by `kind`:

    - `status`: returns `status` (500) with `body`, or an error object; `retry_after` becomes the
      Retry-After header
    - `html`: returns `status` (502) with an HTML page, or with `body`
    - `garbage`: returns `status` (200) with truncated JSON, or with `body`
    - `retired`: returns `status` (404, 405, 410 or 501) for good, whatever `times` is
    - `reset`: resets the connection before any response
    - `cut`: responds properly but closes the connection after `at_bytes` of the body; None for half
      of it
    - `delay`: only waits
    - `drift`: changes the state, then responds properly: adds `insert` newest jobs, removes the
      `delete` newest history entries, calls `mutate` with the store

    Kinds for submissions, which hit `POST /api/prompt` unless `method` or `path` is given:

    - `accepted_then`: the request is carried out, but its response is lost. After `seconds`, `then`
      decides: "status" returns `status` (500) with `body`, "reset" resets the connection, "silence"
      never responds
    - `refused`: returns `status` (500) and carries nothing out
    - `lag`: responds properly, but lists hide the new job for `lag_seconds` and for `lag_requests`
      list requests; both also work with `accepted_then`

    Kinds for websockets; each hits one connection, after `messages` messages were sent on it:

    - `socket_refuse`: responds to the upgrade with `status` (503)
    - `socket_silent`: sends nothing more, but keeps the connection open
    - `socket_drop`: resets the connection
    - `socket_garbage`: sends one frame that is not JSON, then continues
    - `socket_foreign`: sends a message about another job before each further message
    - `socket_disorder`: sends further messages in swapped pairs

    Other kinds wait `seconds` first. `body` may be bytes, text, or a value to be sent as JSON;
    `content_type` is its media type. Raises ValueError for values that are not valid.
    """

    kind: FaultKind
    _: KW_ONLY
    method: str | None = None
    path: str | None = None
    times: int | None = 1
    after: int = 0
    status: int | None = None
    retry_after: int | str | None = None
    body: Any = None
    content_type: str | None = None
    seconds: float = 0.0
    at_bytes: int | None = None
    mutate: Callable[[Store], object] | None = None
    insert: int = 0
    delete: int = 0
    then: Afterwards = "status"
    lag_seconds: float = 0.0
    lag_requests: int = 0
    messages: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}; use one of: {', '.join(KINDS)}")
        if self.status is None and self.kind in _DEFAULT_STATUS:
            object.__setattr__(self, "status", _DEFAULT_STATUS[self.kind])
        if self.kind == "retired":
            object.__setattr__(self, "times", None)
            if self.status not in RETIRED_STATUSES:
                raise ValueError(f"a retired path returns one of {RETIRED_STATUSES}, not {self.status}")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError(f"status: expected a number from 200 to 599, got {self.status}")
        if self.kind == "delay" and self.seconds <= 0:
            raise ValueError("a delay needs seconds above zero")
        if self.method is not None and self.method.upper() not in METHODS:
            raise ValueError(f"method: expected one of {', '.join(METHODS)}, got {self.method!r}")
        if self.then not in get_args(Afterwards):
            raise ValueError(f"then: expected one of {', '.join(get_args(Afterwards))}, got {self.then!r}")
        if self.kind == "lag" and not (self.lag_seconds or self.lag_requests):
            raise ValueError("a lag needs lag_seconds or lag_requests")
        if self.kind in SUBMISSION_KINDS:
            object.__setattr__(self, "method", self.method or "POST")
            object.__setattr__(self, "path", self.path or "/api/prompt")
        if self.kind == "drift" and not (self.insert or self.delete or self.mutate):
            raise ValueError("a drift needs insert, delete or mutate")
        if self.times is not None and self.times < 1:
            raise ValueError(f"times: expected a number above zero, or None for good, got {self.times}")
        for name in ("after", "seconds", "insert", "delete", "lag_seconds", "lag_requests", "messages"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        for name in ("insert", "delete"):
            if getattr(self, name) > MOST_DRIFT:
                raise ValueError(f"{name}: expected at most {MOST_DRIFT} jobs, got {getattr(self, name)}")
        for name in ("retry_after", "content_type"):
            value = getattr(self, name)
            if isinstance(value, str) and _HEADER_VALUE.fullmatch(value) is None:
                raise ValueError(f"{name}: expected text that a header may contain, got {value[:40]!r}")
        if self.at_bytes is not None and self.at_bytes < 0:
            raise ValueError("at_bytes must not be negative")

    @property
    def on_socket(self) -> bool:
        """Whether it hits websockets rather than requests."""
        return self.kind.startswith(SOCKET_PREFIX)

    @property
    def lag(self) -> Lag | None:
        """How long lists hide a job submitted by the request, or None."""
        return Lag(self.lag_seconds, self.lag_requests) if self.lag_seconds or self.lag_requests else None

    def matches(self, method: str, path: str) -> bool:
        """Whether it applies to a request with this method and decoded path."""
        if self.method is not None and self.method.upper() != method:
            return False
        return self.path is None or self.path == path or fnmatchcase(path, self.path)

    # Shorthands, one per kind. `where` takes any other field.

    @classmethod
    def status_burst(cls, status: int = 500, times: int | None = 1, **where: Any) -> Fault:
        """The next `times` responses have this status."""
        return cls("status", status=status, times=times, **where)

    @classmethod
    def reset(cls, **where: Any) -> Fault:
        """The connection is reset before any response."""
        return cls("reset", **where)

    @classmethod
    def delay(cls, seconds: float, **where: Any) -> Fault:
        """The response comes late."""
        return cls("delay", seconds=seconds, **where)

    @classmethod
    def cut(cls, at_bytes: int | None = None, **where: Any) -> Fault:
        """The body is cut off."""
        return cls("cut", at_bytes=at_bytes, **where)

    @classmethod
    def html(cls, status: int = 502, **where: Any) -> Fault:
        """An HTML page in place of the response."""
        return cls("html", status=status, **where)

    @classmethod
    def garbage(cls, **where: Any) -> Fault:
        """A 200 with JSON that cannot be parsed."""
        return cls("garbage", **where)

    @classmethod
    def drift(cls, *, insert: int = 0, delete: int = 0, **where: Any) -> Fault:
        """The state changes before the response."""
        return cls("drift", insert=insert, delete=delete, **where)

    @classmethod
    def retired(cls, path: str, status: int = 404, **where: Any) -> Fault:
        """The path is no longer served."""
        return cls("retired", path=path, status=status, **where)

    @classmethod
    def accepted_then(cls, status: int = 500, **where: Any) -> Fault:
        """The submission is accepted, but its response says otherwise."""
        return cls("accepted_then", status=status, **where)

    @classmethod
    def lagging(cls, *, seconds: float = 0.0, requests: int = 0, **where: Any) -> Fault:
        """Lists hide the submitted job for a while."""
        return cls("lag", lag_seconds=seconds, lag_requests=requests, **where)
