"""Write records of jobs into every table. Idempotent: the same record changes nothing. I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeAlias

from sqlalchemy import Connection, select

from . import schema
from .exact_text import original_text, stored_text
from .facts.graph import short_key
from .facts.values import typed_value
from .records import JobRecord
from .search_index import filter_words
from .search_rowids import free_rowids, is_at_home
from .search_writing import IndexedRow, SearchRow, delete_search_rows, indexed_row, insert_indexed_rows
from .summaries import summary
from .usual_entries import UsualJob
from .usual_writing import insert_usual_jobs
from .writing import Row, delete_rows_of, insert_rows, most_values, next_number

Job: TypeAlias = "JobRecord | UsualJob"

_LOOKED_UP_AT_ONCE = (2000, 500)
_KEPT_AT_ONCE = 500
_BY_JOB = (
    schema.OUTPUTS,
    schema.OUTPUT_TEXTS,
    schema.NODES,
    schema.INPUTS,
    schema.PROMPTS,
    schema.MODELS,
    schema.LORAS,
    schema.SEEDS,
    schema.SIZES,
)


class KnownJob(NamedTuple):
    """What is in the table `jobs` about a job that may change."""

    number: int
    status: str
    created_ms: int | None
    started_ms: int | None
    finished_ms: int | None
    workflow_id: str | None
    credits: float | None
    has_details: bool
    details_missing_ms: int | None
    deleted_ms: int | None
    first_seen_ms: int
    search_rowid: int

    def is_changed_by(self, record: JobRecord) -> bool:
        """Whether a record has more than is known, or something else."""
        return (
            self.status != record.status
            or self.deleted_ms is not None
            or (record.is_whole and not self.has_details)
            or (self.created_ms is None and record.created_ms is not None)
        )


@dataclass(slots=True)
class Written:
    """The ids of jobs that were new, and of those that changed; and the number of each job."""

    added: list[str]
    changed: list[str]
    numbers: dict[str, int]


def known_jobs(connection: Connection, job_ids: Iterable[str]) -> dict[str, KnownJob]:
    """What is known of each of these jobs that is there."""
    ids = [stored_text(job_id) for job_id in dict.fromkeys(job_ids)]
    found: dict[str, KnownJob] = {}
    many, few = (min(count, most_values(connection)) for count in _LOOKED_UP_AT_ONCE)
    start = 0
    while start < len(ids):
        some = tuple(ids[start : start + (many if len(ids) - start >= many else few)])
        start += len(some)
        query = _known_query(connection.dialect.name, len(some))
        for job_id, *rest in connection.exec_driver_sql(query, some).all():
            found[original_text(job_id)] = KnownJob(*rest)
    return found


@cache
def _known_query(dialect: str, count: int) -> str:
    """A plain statement: SQLAlchemy would build it anew for each page."""
    names = ", ".join(("id", *KnownJob._fields))
    marks = ", ".join(["?" if dialect == "sqlite" else "%s"] * count)
    return f"SELECT {names} FROM jobs WHERE id IN ({marks})"  # noqa: S608 - names of ours


def write_records(connection: Connection, jobs: Sequence[Job], now_ms: int) -> Written:
    """Add or update jobs, and everything about them. Of jobs with one id, the first counts."""
    unique: dict[str, Job] = {}
    for job in jobs:
        if job.id:
            unique.setdefault(job.id, job)
    known = known_jobs(connection, unique)
    added = [job for job_id, job in unique.items() if job_id not in known]
    changed = [
        record
        for job_id, job in unique.items()
        if job_id in known and known[job_id].is_changed_by(record := _record(job))
    ]
    before = {job_id: job.number for job_id, job in known.items()}
    if not (added or changed):
        return Written([], [], before)
    first = next_number(connection) if added else 0
    numbers = range(first, first + len(added))
    for record in changed:
        _complete(record, known[record.id])
    moved = [each for each in changed if not is_at_home(known[each.id].search_rowid, each.created_ms)]
    rowids = free_rowids(connection, [job.created_ms for job in [*added, *moved]])
    indexed = _add(connection, list(zip(numbers, rowids[: len(added)], added, strict=True)), now_ms)
    if changed:
        own = {record.id: known[record.id].search_rowid for record in changed}
        own |= {record.id: rowid for record, rowid in zip(moved, rowids[len(added) :], strict=True)}
        _change(connection, changed, known, own, now_ms)
        indexed += [indexed_row(_search_row(record, own[record.id])) for record in changed]
    insert_indexed_rows(connection, indexed)
    ids = [job.id for job in added]
    after = before | dict(zip(ids, numbers, strict=True))
    return Written(ids, [record.id for record in changed], after)


def _record(job: Job) -> JobRecord:
    return job if isinstance(job, JobRecord) else job.record()


def _add(connection: Connection, jobs: Sequence[tuple[int, int, Job]], now_ms: int) -> list[IndexedRow]:
    """Insert new jobs with their numbers and rowids in the index; returns their rows in that."""
    usual = [(number, rowid, job) for number, rowid, job in jobs if isinstance(job, UsualJob)]
    indexed = insert_usual_jobs(connection, usual, now_ms)
    if len(usual) < len(jobs):
        others = [(number, rowid, job) for number, rowid, job in jobs if isinstance(job, JobRecord)]
        rows = [_job_row(record, number, rowid, None, now_ms) for number, rowid, record in others]
        insert_rows(connection, schema.JOBS, rows)
        _insert_parts(connection, [record for _, _, record in others])
        indexed += [indexed_row(_search_row(record, rowid)) for _, rowid, record in others]
    return indexed


def _change(
    connection: Connection,
    records: Sequence[JobRecord],
    known: dict[str, KnownJob],
    rowids: dict[str, int],
    now_ms: int,
) -> None:
    """Write jobs anew, but for their rows in the index, which are deleted."""
    rows = [
        _job_row(record, known[record.id].number, rowids[record.id], known[record.id], now_ms)
        for record in records
    ]
    insert_rows(connection, schema.JOBS, rows, replace=True)
    _keep_downloads(connection, records)
    for table in _BY_JOB:
        delete_rows_of(connection, table, [record.id for record in records])
    delete_search_rows(connection, [(known[record.id].search_rowid, record.id) for record in records])
    _insert_parts(connection, records)


def _complete(record: JobRecord, known: KnownJob) -> None:
    """Add what is known already: a list and a single entry have different fields."""
    record.created_ms = known.created_ms if record.created_ms is None else record.created_ms
    record.started_ms = known.started_ms if record.started_ms is None else record.started_ms
    record.finished_ms = known.finished_ms if record.finished_ms is None else record.finished_ms
    record.workflow_id = known.workflow_id if record.workflow_id is None else record.workflow_id
    record.credits = known.credits if record.credits is None else record.credits


def _insert_parts(connection: Connection, records: Sequence[JobRecord]) -> None:
    insert_rows(
        connection,
        schema.OUTPUTS,
        [
            (record.id, position, *output)
            for record in records
            for position, output in enumerate(record.outputs)
        ],
    )
    insert_rows(
        connection,
        schema.OUTPUT_TEXTS,
        [(record.id, position, text) for record in records for position, text in enumerate(record.texts)],
    )
    detailed = [record for record in records if record.facts is not None]
    if detailed:
        _insert_facts(connection, detailed)


def _insert_facts(connection: Connection, records: Sequence[JobRecord]) -> None:
    facts = [(record.id, record.facts) for record in records if record.facts is not None]
    graphs = {found.inputs_digest: found.packed for _, found in facts}
    insert_rows(connection, schema.GRAPHS, graphs.items(), replace=True)
    insert_rows(connection, schema.NODES, (row for record in records for row in _nodes(record)))
    insert_rows(connection, schema.INPUTS, (row for record in records for row in _inputs(record)))
    for table, rows in (
        (schema.PROMPTS, ((job, found.prompts) for job, found in facts)),
        (schema.MODELS, ((job, found.models) for job, found in facts)),
        (schema.LORAS, ((job, found.loras) for job, found in facts)),
        (schema.SEEDS, ((job, found.seeds) for job, found in facts)),
    ):
        insert_rows(connection, table, (_keyed(job, row) for job, found in rows for row in found))
    insert_rows(
        connection,
        schema.SIZES,
        ((job, short_key(size.node_id), *size[1:]) for job, found in facts for size in found.sizes),
    )


def _keyed(job_id: str, row: Row) -> Row:
    node_id, name, *rest = row
    return job_id, short_key(node_id), short_key(name), *rest


def _nodes(record: JobRecord) -> Iterator[Row]:
    for node in record.facts.nodes.values() if record.facts else ():
        yield record.id, short_key(node.id), short_key(node.kind), node.title


def _inputs(record: JobRecord) -> Iterator[Row]:
    for node in record.facts.nodes.values() if record.facts else ():
        node_id = short_key(node.id)
        for name, value in node.inputs.items():
            kind, text, number = typed_value(value)
            link = node.links.get(name)
            if link is None:
                yield record.id, node_id, short_key(name), kind, text, number, None, None
            else:
                yield (
                    record.id,
                    node_id,
                    short_key(name),
                    "link",
                    text,
                    None,
                    short_key(link.node_id),
                    link.slot,
                )


def _job_row(record: JobRecord, number: int, rowid: int, known: KnownJob | None, now_ms: int) -> Row:
    facts = record.facts
    return (
        number,
        record.id,
        record.status,
        record.created_ms,
        record.started_ms,
        record.finished_ms,
        record.queue_seconds,
        record.run_seconds,
        record.workflow_id,
        *record.error,
        record.credits,
        len(record.outputs),
        facts.graph_digest if facts else None,
        facts.inputs_digest if facts else None,
        record.is_whole,
        None,
        None,
        now_ms if known is None else known.first_seen_ms,
        now_ms,
        *summary(record),
        rowid,
    )


def _search_row(record: JobRecord, rowid: int) -> SearchRow:
    # Stored names are hashes of the content; people know a file by the other one.
    files = " ".join([output[4] or output[3] for output in record.outputs])
    texts = "\n".join(record.texts) if record.texts else ""
    facts = record.facts
    seeds = [seed.seed for seed in facts.seeds] if facts is not None else []
    filters = filter_words(record.status, record.workflow_id, seeds)
    if facts is None:
        return SearchRow(rowid, record.id, filters, "", texts, "", "", files)
    prompts = {prompt.text for prompt in facts.prompts}
    values = "\n".join(
        value
        for node in facts.nodes.values()
        for value in node.inputs.values()
        if isinstance(value, str) and " " in value and value not in prompts
    )
    return SearchRow(
        rowid,
        record.id,
        filters,
        "\n".join(prompt.text for prompt in facts.prompts),
        f"{texts}\n{values}",
        "\n".join(f"{node.title or ''} {node.kind}" for node in facts.nodes.values()),
        "\n".join(model.model for model in facts.models),
        files,
    )


def _keep_downloads(connection: Connection, records: Sequence[JobRecord]) -> None:
    """Carry over where outputs were saved, before their rows are written anew."""
    outputs = schema.OUTPUTS.c
    names = (outputs.node_id, outputs.filename, outputs.subfolder, outputs.type)
    kept = (outputs.size, outputs.hash, outputs.local_path, outputs.downloaded_ms)
    for start in range(0, len(records), _KEPT_AT_ONCE):
        some = {record.id: record for record in records[start : start + _KEPT_AT_ONCE]}
        query = select(outputs.job_id, *names, *kept).where(
            outputs.job_id.in_(list(some)), outputs.downloaded_ms.is_not(None)
        )
        for job_id, *found in connection.execute(query):
            name, (size, digest, local_path, downloaded_ms) = found[:4], found[4:]
            record = some[job_id]
            record.outputs = [
                (*output[:-4], output[-4] or size, output[-3] or digest, local_path, downloaded_ms)
                if [output[0], output[3], output[5], output[6]] == name
                else output
                for output in record.outputs
            ]
