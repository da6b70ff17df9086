"""Conditions on rows of `jobs`, as SQL with parameters; what users give is a parameter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from .._jobs.history_filter import When, instant_argument
from .._jobs.states import JobStatus, status_from_word
from ..errors import ConfigurationError
from .exact_text import stored_text
from .index_tokens import index_tokens

_HAS_SEED = "(jobs.id IN (SELECT job_id FROM seeds WHERE seed = {}))"


class JobConditions:
    """Conditions that must all hold.

    Attributes:
        texts: The conditions, in SQL.
        values: The values of their parameters, by name.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.values: dict[str, Any] = {}

    @property
    def sql(self) -> str:
        """All conditions as one."""
        return " AND ".join(self.texts) or "1 = 1"

    def add(self, condition: str, value: Any) -> None:
        """Add a condition that has `{}` where its value belongs."""
        self.texts.append(condition.format(self._parameter(value)))

    def _parameter(self, value: Any) -> str:
        name = f"value_{len(self.values)}"
        self.values[name] = stored_text(value) if isinstance(value, str) else value
        return f":{name}"

    def fields(self, exact: Iterable[tuple[str, str]], sign: str = "") -> None:
        """Fields of a search, `status`, `workflow` or `seed`; `sign` is "NOT " to exclude them."""
        for name, value in exact:
            if name == "seed":
                self.add(f"{sign}{_HAS_SEED}", value)
            elif name == "status":
                self.add(f"{sign}(jobs.status = {{}})", status_word(value))
            else:
                self.add(f"{sign}(coalesce(jobs.workflow_id, '') = {{}})", value)

    def times(self, since: When | None, until: When | None) -> None:
        """Created at `since` or later, and before `until`. Raises ConfigurationError."""
        for bound, sign in zip(time_bounds(since, until), (">=", "<"), strict=True):
            if bound is not None:
                self.add(f"jobs.created_ms {sign} {{}}", bound)

    def statuses(self, given: str | Iterable[str] | None) -> None:
        """One of these statuses. Raises ConfigurationError for a word that is none of them."""
        words = status_words(given)
        if words is not None:
            self.texts.append(f"jobs.status IN ({', '.join(map(self._parameter, words))})")

    def workflow(self, workflow_id: str | None) -> None:
        """Of this workflow."""
        if workflow_id is not None:
            self.add("jobs.workflow_id = {}", workflow_id)

    def model(self, name: str | None) -> None:
        """Uses a model whose name has these words in this order. Raises ConfigurationError."""
        if name is None:
            return
        words = index_tokens(name)
        if not words:
            raise ConfigurationError('model must contain a letter or a digit, such as "flux"')
        pattern = f"%{'%'.join(words)}%"
        self.add("jobs.id IN (SELECT job_id FROM models WHERE lower(model) LIKE {})", pattern)


def time_bounds(since: When | None, until: When | None) -> tuple[int | None, int | None]:
    """Both in epoch milliseconds. Raises ConfigurationError."""
    now = datetime.now(UTC)
    instants = (instant_argument("since", since, now), instant_argument("until", until, now))
    first, end = (None if each is None else round(each.timestamp() * 1000) for each in instants)
    return first, end


def status_words(given: str | Iterable[str] | None) -> list[str] | None:
    """The statuses that are meant; None for any. Raises ConfigurationError for other words."""
    if given is None:
        return None
    words = [given] if isinstance(given, str) else list(given)
    if not words:
        raise ConfigurationError('status must name at least one, such as status="failed"')
    return [status_word(word) for word in words]


def status_word(word: object) -> str:
    """The status that a word means. Raises ConfigurationError, which lists them all."""
    found = status_from_word(word)
    if found is JobStatus.UNKNOWN and word != JobStatus.UNKNOWN:
        names = ", ".join(each.value for each in JobStatus)
        raise ConfigurationError(f"There is no status {word!r}; choose from {names}")
    return found.value
