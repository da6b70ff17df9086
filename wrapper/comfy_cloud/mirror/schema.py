"""The tables of the mirror. Documented and stable: people write SQL against them.

Times are epoch milliseconds in UTC, durations are seconds. A column is NULL where the server did
not say. Rows about the graph of a job are there once its details were fetched (`jobs.has_details`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from .exact_text import ExactText

SCHEMA_VERSION = 2

METADATA = MetaData()


def _job_id() -> Column[str]:
    return Column("job_id", ExactText, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)


# One tree instead of a table and an index of its key, which would be as large.
_BY_JOB: dict[str, Any] = {"sqlite_with_rowid": False}


META = Table(
    "meta",
    METADATA,
    Column("name", ExactText, primary_key=True),  # schema_version, account, origin, created_ms
    Column("value", ExactText, nullable=False),
)

JOBS = Table(
    "jobs",
    METADATA,
    # Counts in the order of writing.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("id", ExactText, unique=True, nullable=False),
    Column("status", ExactText, nullable=False),  # the words of JobStatus
    Column("created_ms", BigInteger),
    Column("started_ms", BigInteger),
    Column("finished_ms", BigInteger),
    Column("queue_seconds", Double),  # from created to started
    Column("run_seconds", Double),  # from started to finished
    Column("workflow_id", ExactText),
    Column("error_class", ExactText),  # the exception's type on the server
    Column("error_node_id", ExactText),
    Column("error_node_class", ExactText),
    Column("error_message", ExactText),
    Column("credits", Double),  # what it cost, where the service says so
    Column("outputs_count", Integer, nullable=False, default=0),
    Column("graph_digest", ExactText),  # classes and wiring; the same for other values of inputs
    Column("inputs_digest", ExactText),  # classes, wiring and values: the key of `graphs`
    Column("has_details", Boolean, nullable=False, default=False),
    Column("details_missing_ms", BigInteger),  # when the service turned out to have no details of it
    Column("deleted_ms", BigInteger),  # when the service turned out to have deleted it
    Column("first_seen_ms", BigInteger, nullable=False),
    Column("synced_ms", BigInteger, nullable=False),  # when the mirror last changed this row
    # A summary of the tables below, so that lists and exports read one table; see `summaries`.
    Column("prompt", ExactText),
    Column("negative", ExactText),
    Column("model", ExactText),  # the checkpoint or diffusion model
    Column("models", ExactText),  # all of them, divided by ", "
    Column("seed", ExactText),
    Column("width", Integer),
    Column("height", Integer),
    Column("files", ExactText),  # the names of the outputs, divided by ", "
    Column("search_rowid", BigInteger),  # the rowid of `search`, in the order of time; see `search_rowids`
)
Index("jobs_by_time", JOBS.c.created_ms, JOBS.c.id)
Index("jobs_by_status", JOBS.c.status, JOBS.c.created_ms)
Index("jobs_by_workflow", JOBS.c.workflow_id, JOBS.c.status, JOBS.c.credits)
Index("jobs_by_run_time", JOBS.c.run_seconds)
Index("jobs_by_queue_time", JOBS.c.queue_seconds)
Index("jobs_by_graph", JOBS.c.graph_digest, JOBS.c.created_ms)
JOBS_BY_SEARCH_ROWID = Index("jobs_by_search_rowid", JOBS.c.search_rowid, JOBS.c.created_ms)
Index("jobs_without_details", JOBS.c.has_details, JOBS.c.details_missing_ms, JOBS.c.created_ms)

GRAPHS = Table(
    "graphs",
    METADATA,
    Column("inputs_digest", ExactText, primary_key=True),
    Column("graph", LargeBinary, nullable=False),  # the graph in API format: JSON, zlib; no keys
)

OUTPUTS = Table(
    "outputs",
    METADATA,
    _job_id(),
    Column("position", Integer, primary_key=True),  # the order of `entry.outputs`
    Column("node_id", ExactText, nullable=False),
    Column("key", ExactText, nullable=False),  # such as "images"
    Column("kind", ExactText, nullable=False),  # image, video, audio, 3d, text or file
    Column("filename", ExactText, nullable=False),
    Column("display_name", ExactText),
    Column("subfolder", ExactText, nullable=False),
    Column("type", ExactText, nullable=False),  # output, input or temp
    Column("media_type", ExactText),
    Column("size", BigInteger),  # bytes
    Column("hash", ExactText),
    Column("local_path", ExactText),  # where `history download` saved it
    Column("downloaded_ms", BigInteger),
    **_BY_JOB,
)

OUTPUT_TEXTS = Table(
    "output_texts",
    METADATA,
    _job_id(),
    Column("position", Integer, primary_key=True),
    Column("text", ExactText, nullable=False),
    **_BY_JOB,
)

NODES = Table(
    "nodes",
    METADATA,
    _job_id(),
    Column("node_id", ExactText, primary_key=True),
    Column("class", ExactText, nullable=False),
    Column("title", ExactText),
    **_BY_JOB,
)
Index("nodes_by_class", NODES.c["class"], NODES.c.job_id)

INPUTS = Table(
    "inputs",
    METADATA,
    _job_id(),
    Column("node_id", ExactText, primary_key=True),
    Column("name", ExactText, primary_key=True),
    Column("type", ExactText, nullable=False),  # integer, number, text, boolean, null, link or json
    Column("value", ExactText, nullable=False),  # exact: text as it is, everything else as JSON
    Column("number", Double),  # to compare with: integers and numbers, rounded to a double
    Column("from_node_id", ExactText),  # of a link
    Column("from_slot", Integer),
    **_BY_JOB,
)

PROMPTS = Table(
    "prompts",
    METADATA,
    _job_id(),
    Column("node_id", ExactText, primary_key=True),
    Column("name", ExactText, primary_key=True),  # the input that holds it
    Column("role", ExactText, primary_key=True),  # positive, negative or text (role unknown)
    Column("text", ExactText, nullable=False),
    **_BY_JOB,
)

MODELS = Table(
    "models",
    METADATA,
    _job_id(),
    Column("node_id", ExactText, primary_key=True),
    Column("name", ExactText, primary_key=True),  # the input
    Column("kind", ExactText, nullable=False),  # checkpoint, unet, lora, vae, clip, controlnet, ... or model
    Column("model", ExactText, nullable=False),
    **_BY_JOB,
)
Index("models_by_model", MODELS.c.model, MODELS.c.job_id)

LORAS = Table(
    "loras",
    METADATA,
    _job_id(),
    Column("node_id", ExactText, primary_key=True),
    Column("name", ExactText, primary_key=True),
    Column("lora", ExactText, nullable=False),
    Column("strength_model", Double),
    Column("strength_clip", Double),
    **_BY_JOB,
)

SEEDS = Table(
    "seeds",
    METADATA,
    _job_id(),
    Column("node_id", ExactText, primary_key=True),
    Column("name", ExactText, primary_key=True),
    Column("seed", ExactText, nullable=False),  # decimal digits: seeds go beyond 2**63
    **_BY_JOB,
)
Index("seeds_by_seed", SEEDS.c.seed, SEEDS.c.job_id)

SIZES = Table(
    "sizes",
    METADATA,
    _job_id(),
    Column("node_id", ExactText, primary_key=True),
    Column("width", Integer, nullable=False),  # pixels
    Column("height", Integer, nullable=False),
    Column("batch", Integer),
    **_BY_JOB,
)

# Beside these: `search` and `search_words`, made by `search_index`.
