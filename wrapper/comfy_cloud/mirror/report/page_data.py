"""The jobs of a mirror as the JSON that the page reads.

`columns` names what a row of `jobs` holds. Texts are numbers in `strings`; the inputs of a job are
numbers too, in the order of its entry in `shapes`, since many jobs share their nodes. The fourth
part of an output is a number in `thumbs`, -1 for an image to be loaded from the server, or null.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, desc, func, select

from ..schema import (
    INPUTS,
    JOBS,
    LORAS,
    MODELS,
    NODES,
    OUTPUT_TEXTS,
    OUTPUTS,
    PROMPTS,
    SEEDS,
    SIZES,
)
from ..store import read_meta
from .page_strings import PageStrings, page_name

COLUMNS = (
    "id", "status", "created", "started", "finished", "queue", "run", "workflow", "credits", "error",
    "details", "deleted", "outputs", "prompts", "seeds", "models", "loras", "sizes", "texts", "nodes",
    "shape", "values",
)  # fmt: skip
MOST_JOBS = 5_000
"""How many jobs a page has unless asked otherwise."""
_MOST_OUTPUTS = 200
_MOST_INPUTS = 2_000
_AT_ONCE = 500


class JobFilter(NamedTuple):
    """Which jobs are wanted; times in epoch milliseconds, `until_ms` exclusive."""

    since_ms: int | None = None
    until_ms: int | None = None
    statuses: Collection[str] = ()
    model: str | None = None
    workflow_id: str | None = None

    def of(self, query: Select[Any]) -> Select[Any]:
        """The query with these conditions."""
        if self.since_ms is not None:
            query = query.where(JOBS.c.created_ms >= self.since_ms)
        if self.until_ms is not None:
            query = query.where(JOBS.c.created_ms < self.until_ms)
        if self.statuses:
            query = query.where(JOBS.c.status.in_(list(self.statuses)))
        if self.workflow_id is not None:
            query = query.where(JOBS.c.workflow_id == self.workflow_id)
        if self.model is not None:
            named = select(MODELS.c.job_id).where(
                func.lower(MODELS.c.model).contains(self.model.lower(), autoescape=True)
            )
            query = query.where(JOBS.c.id.in_(named))
        return query


ALL_JOBS = JobFilter()


class PageImage(NamedTuple):
    """An image among the outputs of the page: the place where its thumbnail is noted."""

    job: int
    output: int
    columns: Mapping[str, Any]


class PageData(NamedTuple):
    """The data, and the images in it, the newest jobs first."""

    json: dict[str, Any]
    images: list[PageImage]


def page_data(
    connection: Connection, wanted: JobFilter = ALL_JOBS, *, limit: int = MOST_JOBS, made_ms: int
) -> PageData:
    """The newest jobs that are wanted, and what is known of each."""
    query = wanted.of(select(JOBS)).order_by(desc(JOBS.c.created_ms).nulls_last(), desc(JOBS.c.id))
    rows = [dict(row) for row in connection.execute(query.limit(limit)).mappings()]
    total = connection.execute(wanted.of(select(func.count()).select_from(JOBS))).scalar_one()
    meta = read_meta(connection)
    strings = PageStrings()
    shapes: dict[tuple[Any, ...], int] = {}
    jobs: list[list[Any]] = []
    images: list[PageImage] = []
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        parts = _Parts(connection, [row["id"] for row in part])
        for row in part:
            images += parts.images(len(jobs), row["id"])
            jobs.append(_job(row, parts, strings, shapes))
    return PageData(
        {
            "version": 1,
            "live": False,
            "made": made_ms,
            "account": page_name(meta.get("account")),
            "origin": page_name(meta.get("origin")),
            "total": total,
            "columns": COLUMNS,
            "shapes": list(shapes),
            "strings": strings.texts,
            "thumbs": [],
            "jobs": jobs,
        },
        images,
    )


class _Parts:
    """The rows of other tables for some jobs, by job."""

    def __init__(self, connection: Connection, ids: Sequence[str]) -> None:
        self._connection = connection
        self._ids = ids
        self.outputs = self._rows(OUTPUTS, OUTPUTS.c.position)
        self.texts = self._rows(OUTPUT_TEXTS, OUTPUT_TEXTS.c.position)
        self.prompts = self._rows(PROMPTS)
        self.seeds = self._rows(SEEDS)
        self.models = self._rows(MODELS)
        self.loras = self._rows(LORAS)
        self.sizes = self._rows(SIZES)
        self.nodes = self._rows(NODES)
        self.inputs = self._rows(INPUTS, where=INPUTS.c.type != "link")

    def _rows(self, table: Table, *order: Any, where: Any = None) -> Mapping[str, list[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        query = select(table).where(table.c.job_id.in_(self._ids)).order_by(table.c.job_id, *order)
        if where is not None:
            query = query.where(where)
        for row in self._connection.execute(query).mappings():
            found[row["job_id"]].append(dict(row))
        return found

    def images(self, job: int, job_id: str) -> Iterable[PageImage]:
        """The images among the outputs of a job."""
        for index, row in enumerate(self.outputs[job_id][:_MOST_OUTPUTS]):
            if row["kind"] == "image":
                yield PageImage(job, index, row)


def _job(
    row: Mapping[str, Any], parts: _Parts, strings: PageStrings, shapes: dict[tuple[Any, ...], int]
) -> list[Any]:
    job_id = row["id"]
    number = strings.number
    shape, values = _inputs(parts.nodes[job_id], parts.inputs[job_id], strings)
    error = [page_name(row[name]) for name in ("error_class", "error_node_id", "error_node_class")]
    if row["error_message"] is not None:
        error.append(strings.texts[number(row["error_message"])])
    else:
        error.append(None)
    made = {
        "id": page_name(job_id),
        "status": page_name(row["status"]),
        "created": row["created_ms"],
        "started": row["started_ms"],
        "finished": row["finished_ms"],
        "queue": _finite(row["queue_seconds"]),
        "run": _finite(row["run_seconds"]),
        "workflow": page_name(row["workflow_id"]),
        "credits": _finite(row["credits"]),
        "error": error if any(part is not None for part in error) else None,
        "details": bool(row["has_details"]),
        "deleted": row["deleted_ms"] is not None,
        "outputs": [
            [page_name(each["display_name"] or each["filename"]), page_name(each["kind"]), each["size"], None]
            for each in parts.outputs[job_id][:_MOST_OUTPUTS]
        ],
        "prompts": [
            [page_name(each["role"]), number(each["text"])] for each in parts.prompts[job_id] if each["text"]
        ],
        "seeds": [number(each["seed"]) for each in parts.seeds[job_id]],
        "models": [[page_name(each["kind"]), number(each["model"])] for each in parts.models[job_id]],
        "loras": [[number(each["lora"]), _finite(each["strength_model"])] for each in parts.loras[job_id]],
        "sizes": [[each["width"], each["height"], each["batch"]] for each in parts.sizes[job_id]],
        "texts": [number(each["text"]) for each in parts.texts[job_id]],
        "nodes": number("\n".join(f"{each['title'] or ''} {each['class']}" for each in parts.nodes[job_id])),
        "shape": None if shape is None else shapes.setdefault(shape, len(shapes)),
        "values": values,
    }
    return [made[name] for name in COLUMNS]


def _inputs(
    nodes: Iterable[Mapping[str, Any]], inputs: Iterable[Mapping[str, Any]], strings: PageStrings
) -> tuple[tuple[Any, ...] | None, list[int]]:
    """The node id, class, title and name of every input that is not a link, and the values."""
    known = {row["node_id"]: (page_name(row["class"]), page_name(row["title"])) for row in nodes}
    if not known:
        return None, []
    own = sorted(islice(inputs, _MOST_INPUTS), key=lambda row: (_number_first(row["node_id"]), row["name"]))
    shape = tuple(
        (page_name(row["node_id"]), *known.get(row["node_id"], ("", None)), page_name(row["name"]))
        for row in own
    )
    return shape, [strings.input_number(row["name"], row["value"]) for row in own]


def _finite(value: float | None) -> float | None:
    """The number; None for infinity and NaN, which JSON does not have."""
    return value if value is None or math.isfinite(value) else None


def _number_first(node_id: str) -> tuple[int, str]:
    """Node 9 before node 10, as people count."""
    return (
        int(node_id) if node_id.isascii() and node_id.isdecimal() and len(node_id) < 10 else 1 << 40,
        node_id,
    )
