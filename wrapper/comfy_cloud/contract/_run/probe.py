"""Asking a server for one operation at a time, checking each response, and keeping what was found.

Requests are sent by `connection`. What to ask, and what must hold beyond the contract's schemas, is
in the walks: `read_walk`, `write_walk` and `job_walk`. The key is never part of what is kept.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal

import httpx

from ..._errors.key_forms import REDACTED, KnownKey
from ..._errors.redaction import redact_text
from ..._http.deviations import Deviation
from ..._http.runtime import Runtime
from ..._settings.config import Settings
from ..._settings.fields import Secret
from ...retry import TRANSIENT_STATUSES
from .._checks.checker import ContractChecker
from .._documents.operations import ContractOperation, operations_of
from .connection import Connection, RequestParts, request_of
from .raw_response import RawResponse
from .report import Report, Unchecked

_NO_VERDICT: Final = TRANSIENT_STATUSES | {401, 403, 429}
_WRONG_KEY: Final = Secret("comfyui-contract-run-wrong-key")

Key = Literal["own", "none", "wrong"]


class Probe:
    """One run over a server: it asks, checks, and keeps deviations and what was not checked."""

    def __init__(
        self, settings: Settings, contract: dict[str, Any], runtime: Runtime, api: str = "v1"
    ) -> None:
        self._api = api
        self._settings = settings
        self._runtime = runtime
        self._checker = ContractChecker(contract)
        self._operations = {op.id: op for op in operations_of(contract)}
        self._connection = Connection(settings, runtime)
        self._deviations: dict[tuple[str, str, str], Deviation] = {}
        self._checked: dict[str, None] = {}
        self._reasons: dict[str, tuple[str, int | None]] = {}
        self._last: dict[str, RequestParts] = {}
        key = settings.api_key
        self._known_key = None if key is None else KnownKey(key.reveal())

    @property
    def has_response(self) -> bool:
        """Whether the server has responded at all."""
        return self._connection.has_responded

    @property
    def has_key(self) -> bool:
        """Whether there is a key to send."""
        return self._settings.api_key is not None

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def sleep(self, seconds: float) -> None:
        """Wait, by the clock of the run."""
        self._runtime.sleep(seconds)

    def operations(self) -> list[ContractOperation]:
        """Every operation of the contract."""
        return list(self._operations.values())

    def has(self, operation: str) -> bool:
        """Whether the contract has an operation. Another contract may lack those of the walks."""
        return operation in self._operations

    def last_good(self, operation: str) -> RequestParts | None:
        """What the last successful request of an operation was filled with."""
        return self._last.get(operation)

    # Asking

    def ask(self, operation: str, key: Key = "own", **parts: Any) -> RawResponse | None:
        """Send one operation and check every response, those of retries included.

        `parts` are the fields of `RequestParts`. Returns the last response, or None when there was
        none. An error status is kept as the reason why the operation is not checked, until a
        success is seen.
        """
        given = RequestParts(**parts)
        response = self._ask(operation, given, key)
        if response is not None and key == "own":
            if response.is_good:
                self._checked[operation] = None
                self._last[operation] = given
            else:
                self._reasons[operation] = (f"the server returned {response.status}", response.status)
        return response

    def ask_for_listed(self, operation: str, **parts: Any) -> RawResponse | None:
        """Ask for something that a list has shown; a 404 is a deviation."""
        response = self.ask(operation, **parts)
        if response is not None and response.status == 404:
            self.deviates(operation, "status", "what a list has shown", "404")
        return response

    def ask_in_vain(
        self, operation: str, expected: int, why: str, key: Key = "own", **parts: Any
    ) -> RawResponse | None:
        """Send a request that must fail (missing thing or bad key); another status is a deviation.

        The operation does not count as checked: a server that lacks it altogether responds alike.
        """
        response = self._ask(operation, RequestParts(**parts), key)
        if response is None or (key == "own" and response.status in _NO_VERDICT):
            return response
        # A status that the contract does not have is a deviation already.
        documented = self._operations[operation].raw.get("responses", {})
        if response.status != expected and str(response.status) in documented:
            self.deviates(operation, "status", f"{expected} {why}", str(response.status))
        return response

    def try_key(self, operation: str, key: Key, **parts: Any) -> RawResponse | None:
        """Send a request with another key, or with none. Any documented status is right."""
        return self._ask(operation, RequestParts(**parts), key)

    def fetch_signed(self, operation: str, location: str) -> bytes | None:
        """The first bytes at a signed address, fetched without any credentials.

        None when there are none, which is a deviation of the operation that led there.
        """
        url = self._connection.absolute(location)
        if url is None:
            self.deviates(operation, "header Location", "an http(s) address", "another one")
            return None
        try:
            status, content = self._connection.read_signed(url)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            self.deviates(operation, "storage", "a response without any key", type(error).__name__)
            return None
        if status not in (200, 206):
            self.deviates(operation, "storage status", "200 or 206 without any key", str(status))
            return None
        return content

    def is_own_origin(self, location: str) -> bool:
        """Whether an address is on the server that the key is for."""
        return self._connection.is_own_origin(location)

    def holds_key(self, text: str) -> bool:
        """Whether a text shows the key."""
        return self._without_key(text) != text

    def _without_key(self, text: str) -> str:
        if self._settings.api_key is None or self._known_key is None:
            return text
        return self._known_key.redact(text.replace(self._settings.api_key.reveal(), REDACTED))

    def _ask(self, operation: str, parts: RequestParts, key: Key) -> RawResponse | None:
        if not self.has(operation):
            return None
        op = self._operations[operation]
        if any(value in ("", ".", "..") for value in parts.path.values()):
            self._reasons[operation] = ("what leads to it has no id", None)
            return None
        if self._connection.has_fallen_silent:
            self._reasons.setdefault(operation, ("the server has fallen silent", None))
            return None
        try:
            request = request_of(op, parts)
        except UnicodeError:
            self._reasons[operation] = ("what leads to it is not valid text", None)
            return None
        keys = {"own": self._settings.api_key, "none": None, "wrong": _WRONG_KEY}
        path = request.target.partition("?")[0]
        found = self._connection.send(request, keys[key], partial(self._check, op, path), stream=parts.stream)
        if isinstance(found, RawResponse):
            return found
        self._reasons[operation] = (found, None)
        return None

    def _check(self, op: ContractOperation, path: str, response: RawResponse) -> None:
        for problem in self._checker.response_problems(
            op.method, path, response.status, response.headers, response.content
        ):
            where = problem.path
            if not response.is_good and where != "status":
                where = f"{response.status} {where}"
            self._note(Deviation(op.http, where, problem.kind, problem.expected, problem.seen))

    def check_event(self, operation: str, kind: str, data: str) -> None:
        """Check one event of a stream: its kind, and its data by the schema of that kind."""
        op = self._operations[operation]
        for problem in self._checker.event_problems(op.method, op.path, kind, data):
            self._note(Deviation(op.http, problem.path, problem.kind, problem.expected, problem.seen))

    # What was found

    def deviates(self, operation: str, path: str, expected: str, seen: str) -> None:
        """Keep a deviation from a rule that the contract's schemas do not state."""
        if self.has(operation):
            self._note(Deviation(self._operations[operation].http, path, "behaviour", expected, seen))

    def skips(self, operation: str, reason: str) -> None:
        """Keep why an operation is not asked for."""
        if self.has(operation):
            self._reasons[operation] = (reason, None)

    def leads_nowhere(self, operation: str, listing: str, reason: str) -> None:
        """Keep why nothing leads to an operation, unless there is a reason already.

        `listing` is the operation that would: where it failed, that is the reason.
        """
        if listing not in self._checked and listing in self._reasons:
            name = self._operations[listing]
            reason = f"{name.method} {name.path} lists what it needs, and {self._reasons[listing][0]}"
        self._reasons.setdefault(operation, (reason, None))

    def _note(self, found: Deviation) -> None:
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
        return redact_text(self._without_key(text))

    def _unchecked(self, name: str, op: ContractOperation) -> Unchecked:
        reason, status = self._reasons.get(name, ("nothing led to it", None))
        return Unchecked(op.http, self._without_key(reason), status)

    def report(self) -> Report:
        """Everything so far, in the order of the contract."""
        unchecked = [
            self._unchecked(name, op) for name, op in self._operations.items() if name not in self._checked
        ]
        return Report(
            server=self._settings.base_url,
            checked=tuple(op.http for name, op in self._operations.items() if name in self._checked),
            unchecked=tuple(unchecked),
            deviations=tuple(self._deviations.values()),
            requests=self._connection.requests,
            was_let_in=any(self._operations[name].key == "required" for name in self._checked)
            or all(found.status not in (401, 403) for found in unchecked),
            api=self._api,
        )
