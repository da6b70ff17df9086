"""One job of the mirror: its whole id from the beginning of it, and its graph."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, select

from ..errors import ConfigurationError
from .schema import GRAPHS, JOBS

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

# Fewer characters than this mean too many jobs.
_SHORTEST = 4
_MOST_NAMED = 4


class UnknownJob(ConfigurationError, LookupError):
    """The mirror has no job of this id."""


class StoredJob(NamedTuple):
    """A job and its graph in API format."""

    id: str
    graph_digest: str | None
    graph: dict[str, Any]


def stored_job(mirror: OpenMirror, job_id: str) -> StoredJob:
    """A job, by its id or the beginning of it.

    Raises UnknownJob if there is none, and ConfigurationError if there are several, or if its graph
    is not known.
    """
    with mirror.connect() as connection:
        found = whole_id(connection, job_id)
        row = connection.execute(
            select(JOBS.c.graph_digest, GRAPHS.c.graph)
            .join_from(JOBS, GRAPHS, JOBS.c.inputs_digest == GRAPHS.c.inputs_digest)
            .where(JOBS.c.id == found)
        ).first()
    if row is None:
        raise ConfigurationError(
            f"The mirror has no graph of the job {found}: its details were not fetched yet, or the service "
            "has none. Run: comfy-cloud history sync"
        )
    return StoredJob(found, row[0], json.loads(zlib.decompress(row[1])))


def whole_id(connection: Connection, text: str) -> str:
    """The id that `text` is, or is the beginning of. Raises UnknownJob and ConfigurationError."""
    exact = connection.execute(select(JOBS.c.id).where(JOBS.c.id == text)).scalar()
    if exact is not None:
        return str(exact)
    found: list[str] = []
    if len(text) >= _SHORTEST:
        # A range of the index; LIKE would read all ids, and take % and _ as patterns.
        query = select(JOBS.c.id).where(JOBS.c.id >= text, JOBS.c.id < f"{text}\U0010ffff")
        found = [str(each) for each in connection.execute(query.limit(_MOST_NAMED)).scalars()]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigurationError(f"Several jobs begin with {text!r}: {', '.join(found)}. Give more of the id")
    raise UnknownJob(f"The mirror has no job {text!r}. Check the id, or run: comfy-cloud history sync")
