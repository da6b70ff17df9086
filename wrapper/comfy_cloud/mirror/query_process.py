"""Runs a query in a process of its own, which is ended when it goes on for too long. I/O.

Between two of their steps SQLite and DuckDB look whether the time is over, but one call of a
function is one step, whatever it is given. Only the end of a process stops it.
"""

# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, cast

from ..errors import ConfigurationError
from .query_program import NOT_PLAIN, Answer, Request

GRACE_SECONDS = 2.0
"""How much longer than its query a process may take: to start, and to send the rows."""
_PROGRAM = Path(__file__).with_name("query_program.py")
# The types of values that DuckDB has beside those of Python itself.
_TYPES = {
    ("datetime", "date"), ("datetime", "datetime"), ("datetime", "time"), ("datetime", "timedelta"),
    ("datetime", "timezone"), ("decimal", "Decimal"), ("uuid", "UUID"), ("uuid", "SafeUUID"),
    ("pytz", "_UTC"), ("pytz", "_p"), ("zoneinfo", "ZoneInfo"),
}  # fmt: skip


def is_possible() -> bool:
    """Whether this interpreter can start another one."""
    return bool(sys.executable) and not getattr(sys, "frozen", False)


def environment() -> dict[str, str]:
    """That of such a process: it finds the same packages, and gets no settings of this one."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("COMFY")}
    return {**found, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def run(request: Request, tables: Iterable[Any] = ()) -> Answer:
    """Send the request, and each table as a stream of Arrow; returns the answer.

    The time of the request is that for both, the tables and the query.

    Raises ConfigurationError if the process cannot be started.
    """
    try:
        content = pickle.dumps(dict(request))
    except (pickle.PicklingError, TypeError, AttributeError):
        return "failed", NOT_PLAIN
    ends = time.monotonic() + request["timeout"]
    try:
        process = subprocess.Popen(  # noqa: S603 - a program of this package
            [sys.executable, "-P", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
    except OSError as error:
        raise ConfigurationError(f"No process can be started for the query: {error.strerror}") from None
    try:
        try:
            with cast("IO[bytes]", process.stdin) as given:
                given.write(content)
                for table in tables:
                    if not _send(table, given, ends):
                        return "late", ""
        except OSError:  # it has ended; why is in its status
            pass
        process.stdin = None
        content, _ = process.communicate(timeout=max(0.0, ends - time.monotonic()) + GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        return "late", ""
    finally:
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        process.wait()
    try:
        return cast("Answer", _Values(io.BytesIO(content)).load())
    except (EOFError, pickle.UnpicklingError):  # it was ended, perhaps in the middle of its answer
        return "memory", ""


def _send(table: Any, given: IO[bytes], ends: float) -> bool:
    """Send a table; False if the time is over before its end."""
    import pyarrow

    with pyarrow.ipc.new_stream(given, table.schema) as writer:
        for batch in table:
            if time.monotonic() > ends:
                return False
            writer.write_batch(batch)
    return True


class _Values(pickle.Unpickler):
    """Reads values, and nothing that could run."""

    def find_class(self, module: str, name: str) -> Any:
        """One of the few types that a result can have."""
        if (module, name) == ("builtins", "getattr"):  # how a time zone names what makes it
            return _time_zone_maker
        if (module, name) not in _TYPES:
            raise ConfigurationError(f"The result has a value of the type {module}.{name}. Cast it to text")
        return super().find_class(module, name)


def _time_zone_maker(owner: Any, name: str) -> Any:
    from zoneinfo import ZoneInfo

    if (owner, name) != (ZoneInfo, "_unpickle"):
        raise ConfigurationError("The result has a value of a type that is not known. Cast it to text")
    return getattr(owner, name)
