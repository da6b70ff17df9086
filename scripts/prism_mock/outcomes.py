"""What Prism reports of each request, by operation of the contract."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from comfy_cloud.contract._checks.routes import Routes


@dataclass
class Outcome:
    """One operation: the statuses of its responses, and what is wrong with its requests."""

    operation: str
    statuses: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.statuses and not self.problems:
            return f"{self.operation}: no request was sent"
        verdict = "; ".join(self.problems) or "ok"
        return f"{self.operation}: {verdict} ({', '.join(map(str, self.statuses)) or 'no response'})"

    @property
    def is_ok(self) -> bool:
        """Whether a request arrived and no problem was found."""
        return bool(self.statuses) and not self.problems


class OutcomeRecorder:
    """Records for each request which operation it was, and what Prism found wrong with it."""

    def __init__(self, document: dict[str, Any], operations: list[str]) -> None:
        self._routes = Routes(document)
        self.outcomes = {name: Outcome(name) for name in operations}

    def record(self, response: httpx.Response) -> None:
        """Record one response: a hook for `httpx.Client`."""
        request = response.request
        path = request.url.raw_path.decode().partition("?")[0]
        found = self._routes.find(request.method, path)
        if found is None:
            return
        outcome = self.outcomes.get(found[0].id)
        if outcome is None:
            return
        outcome.statuses.append(response.status_code)
        for violation in json.loads(response.headers.get("sl-violations", "[]")):
            if violation["location"][0] == "request":
                location = ".".join(map(str, violation["location"]))
                outcome.problems.append(f"{location}: {violation['message']}")

    async def async_record(self, response: httpx.Response) -> None:
        """The same hook for `httpx.AsyncClient`."""
        self.record(response)
