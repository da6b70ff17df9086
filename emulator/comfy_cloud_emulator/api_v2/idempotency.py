"""The Idempotency-Keys of one account: each works for one request, and is forgotten after a day."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from starlette.requests import Request

from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.state.database import Database

LIFETIME: Final = 24 * 3600 * 1000
"""Milliseconds after which a key may be used again."""
LONGEST: Final = 255
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS idempotency_keys (key TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID
"""


class IdempotencyKeys:
    """The keys in use. `now` gives Unix milliseconds. Safe to use from any thread."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now
        database.create(_SCHEMA)

    @contextmanager
    def claimed(self, request: Request) -> Generator[None]:
        """Claim the key of a request, if it has one, and release it when the block refuses it.

        Raises ApiProblem when the key was used before, whatever for.
        """
        key = request.headers.get("idempotency-key")
        if key is None:
            yield
            return
        if not 0 < len(key) <= LONGEST:
            raise ApiProblem(422, f"Idempotency-Key: expected 1 to {LONGEST} characters")
        self._claim(key)
        try:
            yield
        except ApiProblem:
            with self._database.write() as database:
                database.execute("DELETE FROM idempotency_keys WHERE key = ?", (key,))
            raise

    def _claim(self, key: str) -> None:
        now = self._now()
        with self._database.write() as database:
            database.execute("DELETE FROM idempotency_keys WHERE at <= ?", (now - LIFETIME,))
            added = database.execute(
                "INSERT OR IGNORE INTO idempotency_keys (key, at) VALUES (?, ?)", (key, now)
            )
            if not added.rowcount:
                raise ApiProblem(
                    422,
                    "this Idempotency-Key was used before; look for what it made",
                    code="idempotency_key_reuse",
                )
