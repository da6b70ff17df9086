"""Asking a server for one operation at a time, holding each answer to the contract, and keeping what was found.

The key goes to the server's own origin, for operations that take one, and never into what is kept. What to ask, and what else
must hold, is in the modules that walk: `reading`, `writing`, `submitting`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode, urljoin

import httpx

from .._errors.redaction import REDACTED, redact_text
from .._http.clients import new_http_client, new_storage_client
from .._http.deviations import Deviation
from .._settings.config import Settings
from .._settings.origins import origin_of
from .bodies import read_json
from .changes import Operation, operations_of
from .checker import ContractChecker
from .results import Report, Unchecked

TRIES: Final = 3
LONGEST_WAIT: Final = 15.0
"""Seconds that the probe waits at most when a server asks for patience; one that asks for more is not waited for."""
MOST_SILENT: Final = 2 * TRIES
"""Requests in a row without any answer, after which no more are sent."""
_PATIENCE: Final = frozenset({429, 502, 503, 504})
_NO_VERDICT: Final = frozenset({401, 403, 429, 500, 502, 503, 504})
_REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_WRONG_KEY: Final = "comfyui-contract-run-wrong-key"
_CONNECTIONS: Final = 4

Key = Literal["own", "none", "wrong"]


@dataclass(frozen=True)
class Request:
    """What is asked: values for the path by name, pairs for the query, and at most one body."""

    operation: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    form: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Answer:
    """A whole answer. `json` is None for anything that is no JSON."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_good(self) -> bool:
        """Whether the server did what it was asked."""
        return self.status < 400

    @property
    def json(self) -> Any:
        """The value in the body."""
        try:
            return read_json(self.content)
        except ValueError:
            return None


class Probe:
    """One run's connection to a server, and what it has found there."""

    def __init__(
        self, settings: Settings, contract: dict[str, Any], *, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._settings = settings
        self._checker = ContractChecker(contract)
        self._operations = {op.id: op for op in operations_of(contract)}
        self._sleep = sleep
        self._http = new_http_client(settings.base_url, _CONNECTIONS)
        self._storage: httpx.Client | None = None
        self._deviations: dict[tuple[str, str, str], Deviation] = {}
        self._checked: dict[str, None] = {}
        self._reasons: dict[str, tuple[str, int | None]] = {}
        self._silent = 0
        self._answered = False
        self._last: dict[str, Request] = {}
        self._requests = 0

    @property
    def was_answered(self) -> bool:
        """Whether the server has answered at all."""
        return self._answered

    @property
    def has_key(self) -> bool:
        """Whether there is a key to send."""
        return self._settings.api_key is not None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        if self._storage is not None:
            self._storage.close()

    def sleep(self, seconds: float) -> None:
        """Wait, by the clock of the run."""
        self._sleep(seconds)

    def operations(self) -> list[Operation]:
        """Every operation of the contract."""
        return list(self._operations.values())

    def asked_for(self, operation: str) -> Request | None:
        """The last request by which an operation succeeded."""
        return self._last.get(operation)

    # Asking

    def ask(self, operation: str, key: Key = "own", **parts: Any) -> Answer | None:
        """Ask once, again where the server asks for patience, and hold every answer to the contract.

        `parts` are the fields of `Request`. Returns the last answer, or None when there was none. What is not a success is
        kept as the reason why the operation is not checked, until one is.
        """
        request = Request(operation, **parts)
        answer = self._ask(request, key)
        if answer is not None and answer.is_good and key == "own":
            self._checked[operation] = None
            self._last[operation] = request
        elif answer is not None and key == "own":
            self._reasons[operation] = (f"the server answers {answer.status}", answer.status)
        return answer

    def ask_for_listed(self, operation: str, **parts: Any) -> Answer | None:
        """Ask for something that a list has shown; that it is not there deviates."""
        answer = self.ask(operation, **parts)
        if answer is not None and answer.status == 404:
            self.deviates(operation, "status", "what a list has shown", "404")
        return answer

    def ask_in_vain(
        self, operation: str, expected: int, why: str, key: Key = "own", **parts: Any
    ) -> Answer | None:
        """Ask for what there is not, or without the right; any status but the expected one deviates.

        A server that lacks the whole operation answers likewise, so nothing is checked off by this.
        """
        answer = self._ask(Request(operation, **parts), key)
        documented = self._operations[operation].raw.get("responses", {})
        # A status that there is not has been told of already; one of refusal or trouble says nothing of the thing.
        if answer is None or (key == "own" and answer.status in _NO_VERDICT):
            return answer
        if answer.status != expected and str(answer.status) in documented:
            self.deviates(operation, "status", f"{expected} {why}", str(answer.status))
        return answer

    def fetch_signed(self, operation: str, location: str) -> bytes | None:
        """The first bytes at a signed address, asked for without any credential; deviates when there are none."""
        target = self._address(location)
        if target is None:
            self.deviates(operation, "header Location", "an http(s) address", "another one")
            return None
        if self._storage is None:
            self._storage = new_storage_client(self._settings.base_url, _CONNECTIONS, self._settings.timeout)
        self._requests += 1
        try:
            with self._storage.stream("GET", target, headers={"Range": "bytes=0-1023"}) as response:
                if response.status_code not in (200, 206):
                    self.deviates(
                        operation, "storage status", "200 or 206 without any key", str(response.status_code)
                    )
                    return None
                return next(response.iter_bytes(1024), b"")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self.deviates(operation, "storage", "an answer without any key", type(error).__name__)
            return None

    def is_own_origin(self, location: str) -> bool:
        """Whether an address belongs to the server that has the key."""
        target = self._address(location)
        return target is not None and origin_of(target) == origin_of(self._settings.base_url)

    def _address(self, location: str) -> str | None:
        """The absolute address for what a Location header says; None when it is no address of the web."""
        try:
            target = urljoin(self._settings.base_url + "/", location)
            origin = origin_of(target)
        except ValueError:
            return None
        return target if origin[0] in ("http", "https") and origin[1] else None

    def holds_key(self, text: str) -> bool:
        """Whether a text shows the key."""
        key = self._settings.api_key
        return key is not None and key.reveal() in text

    def _ask(self, request: Request, key: Key) -> Answer | None:
        op = self._operations[request.operation]
        answer = None
        if any(value in ("", ".", "..") for value in request.path.values()):
            self._reasons[request.operation] = ("what leads to it has no id", None)
            return None
        if self._silent >= MOST_SILENT:
            self._reasons.setdefault(request.operation, ("the server has fallen silent", None))
            return None
        for number in range(TRIES):
            answer = self._send(op, request, key)
            if answer is None:
                if op.method not in _REPEATABLE or number + 1 == TRIES:
                    return None
                if self._answered:  # one that never did is not waited for
                    self._sleep(2.0**number)
                continue
            self._check(op, request, answer)
            wait = _wait_after(answer, number)
            if answer.status not in _PATIENCE or wait > LONGEST_WAIT or number + 1 == TRIES:
                return answer
            if op.method not in _REPEATABLE and answer.status != 429:
                return answer
            self._sleep(wait)
        return answer

    def _send(self, op: Operation, request: Request, key: Key) -> Answer | None:
        headers = {"Accept": "*/*"}
        if request.content is not None:
            headers["Content-Type"] = "application/octet-stream"
        if op.key != "unused" and key == "wrong":
            headers["X-API-Key"] = _WRONG_KEY
        elif op.key != "unused" and key == "own" and self._settings.api_key is not None:
            headers["X-API-Key"] = self._settings.api_key.reveal()
        self._requests += 1
        try:
            response = self._http.request(
                op.method,
                self._settings.base_url + _target(op, request),
                headers=headers,
                json=request.json,
                content=request.content,
                files=None if request.form is None else [*_parts(request.form)],
                timeout=self._settings.timeout,
                follow_redirects=False,
            )
        except httpx.HTTPError as error:
            self._reasons[request.operation] = (f"no answer: {type(error).__name__}", None)
            self._silent += 1
            return None
        finally:
            self._http.cookies.clear()
        self._silent, self._answered = 0, True
        return Answer(response.status_code, response.headers, response.content)

    def _check(self, op: Operation, request: Request, answer: Answer) -> None:
        found = self._checker.response_problems(
            op.method, _path(op, request), answer.status, answer.headers, answer.content
        )
        for problem in found:
            path = (
                problem.path
                if answer.status < 400 or problem.path == "status"
                else f"{answer.status} {problem.path}"
            )
            self._keep(Deviation(op.http, path, problem.kind, problem.expected, problem.seen))

    # What was found

    def deviates(self, operation: str, path: str, expected: str, seen: str) -> None:
        """Keep something that does not hold though the contract's schemas do not say it."""
        self._keep(Deviation(self._operations[operation].http, path, "behaviour", expected, seen))

    def skips(self, operation: str, reason: str) -> None:
        """Keep why an operation is not asked for."""
        self._reasons[operation] = (reason, None)

    def leads_nowhere(self, operation: str, reason: str) -> None:
        """Keep why nothing leads to an operation, unless there is a reason already; a success outweighs it."""
        self._reasons.setdefault(operation, (reason, None))

    def _keep(self, found: Deviation) -> None:
        key = (found.operation, found.path, found.kind)
        known = self._deviations.get(key)
        if known is not None:
            self._deviations[key] = replace(known, count=known.count + 1)
            return
        self._deviations[key] = replace(
            found,
            path=self._clean(found.path),
            expected=self._clean(found.expected),
            seen=self._clean(found.seen),
        )

    def _clean(self, text: str) -> str:
        key = self._settings.api_key
        return redact_text(text.replace(key.reveal(), REDACTED) if key is not None else text)

    def report(self) -> Report:
        """Everything so far, in the order of the contract."""
        unchecked = [
            Unchecked(op.http, *self._reasons.get(name, ("nothing led to it", None)))
            for name, op in self._operations.items()
            if name not in self._checked
        ]
        return Report(
            server=self._settings.base_url,
            checked=tuple(op.http for name, op in self._operations.items() if name in self._checked),
            unchecked=tuple(unchecked),
            deviations=tuple(self._deviations.values()),
            requests=self._requests,
            was_let_in=any(self._operations[name].key == "required" for name in self._checked)
            or all(found.status not in (401, 403) for found in unchecked),
        )


def _path(op: Operation, request: Request) -> str:
    path = op.path
    for name, value in request.path.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def _target(op: Operation, request: Request) -> str:
    query = urlencode(
        {name: value for name, value in request.query.items() if value is not None}, quote_via=quote
    )
    return f"{_path(op, request)}?{query}" if query else _path(op, request)


def _parts(form: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """A pair of a file name and bytes is a file, everything else a plain field."""
    return [(name, value if isinstance(value, tuple) else (None, value)) for name, value in form.items()]


def _wait_after(answer: Answer, number: int) -> float:
    asked = answer.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else 2.0**number
