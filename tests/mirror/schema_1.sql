-- The tables of schema 1, as SQLite had them. `search` has its texts without the words inside names.
CREATE VIEW failures AS
SELECT error_node_class, error_class, count(*) AS jobs, max(created_ms) AS last_ms,
    max(error_message) AS example
FROM jobs WHERE status = 'failed' GROUP BY error_node_class, error_class;
CREATE VIEW model_use AS
SELECT models.kind, models.model, count(DISTINCT jobs.id) AS jobs,
    sum(CASE WHEN jobs.status = 'failed' THEN 1 ELSE 0 END) AS failed,
    min(jobs.created_ms) AS first_ms, max(jobs.created_ms) AS last_ms,
    avg(jobs.run_seconds) AS mean_run_seconds
FROM models JOIN jobs ON jobs.id = models.job_id GROUP BY models.kind, models.model;
CREATE VIEW overview AS
SELECT jobs.id, jobs.status, jobs.created_ms, jobs.finished_ms, jobs.queue_seconds, jobs.run_seconds,
    jobs.credits, jobs.workflow_id, jobs.outputs_count, jobs.error_message, jobs.deleted_ms,
    jobs.prompt, jobs.negative, jobs.model, jobs.seed, jobs.width, jobs.height
FROM jobs;
CREATE TABLE graphs (
    inputs_digest TEXT NOT NULL,
    graph BLOB NOT NULL,
    PRIMARY KEY (inputs_digest)
);
CREATE TABLE inputs (
    job_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    number DOUBLE,
    from_node_id TEXT,
    from_slot INTEGER,
    PRIMARY KEY (job_id, node_id, name),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE jobs (
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    created_ms BIGINT,
    started_ms BIGINT,
    finished_ms BIGINT,
    queue_seconds DOUBLE,
    run_seconds DOUBLE,
    workflow_id TEXT,
    error_class TEXT,
    error_node_id TEXT,
    error_node_class TEXT,
    error_message TEXT,
    credits DOUBLE,
    outputs_count INTEGER NOT NULL,
    graph_digest TEXT,
    inputs_digest TEXT,
    has_details BOOLEAN NOT NULL,
    details_missing_ms BIGINT,
    deleted_ms BIGINT,
    first_seen_ms BIGINT NOT NULL,
    synced_ms BIGINT NOT NULL,
    prompt TEXT,
    negative TEXT,
    model TEXT,
    models TEXT,
    seed TEXT,
    width INTEGER,
    height INTEGER,
    files TEXT,
    PRIMARY KEY (number),
    UNIQUE (id)
);
CREATE TABLE loras (
    job_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    name TEXT NOT NULL,
    lora TEXT NOT NULL,
    strength_model DOUBLE,
    strength_clip DOUBLE,
    PRIMARY KEY (job_id, node_id, name),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE meta (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE models (
    job_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    model TEXT NOT NULL,
    PRIMARY KEY (job_id, node_id, name),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE nodes (
    job_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    class TEXT NOT NULL,
    title TEXT,
    PRIMARY KEY (job_id, node_id),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE output_texts (
    job_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (job_id, position),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE outputs (
    job_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    node_id TEXT NOT NULL,
    "key" TEXT NOT NULL,
    kind TEXT NOT NULL,
    filename TEXT NOT NULL,
    display_name TEXT,
    subfolder TEXT NOT NULL,
    type TEXT NOT NULL,
    media_type TEXT,
    size BIGINT,
    hash TEXT,
    local_path TEXT,
    downloaded_ms BIGINT,
    PRIMARY KEY (job_id, position),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE prompts (
    job_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (job_id, node_id, name, role),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5(
    job_id UNINDEXED, prompts, texts, titles, models, files, tokenize = 'unicode61 remove_diacritics 2');
CREATE TABLE seeds (
    job_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    name TEXT NOT NULL,
    seed TEXT NOT NULL,
    PRIMARY KEY (job_id, node_id, name),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE sizes (
    job_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    batch INTEGER,
    PRIMARY KEY (job_id, node_id),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE INDEX jobs_by_graph ON jobs (graph_digest, created_ms);
CREATE INDEX jobs_by_queue_time ON jobs (queue_seconds);
CREATE INDEX jobs_by_run_time ON jobs (run_seconds);
CREATE INDEX jobs_by_status ON jobs (status, created_ms);
CREATE INDEX jobs_by_time ON jobs (created_ms, id);
CREATE INDEX jobs_by_workflow ON jobs (workflow_id, status, credits);
CREATE INDEX jobs_without_details ON jobs (has_details, details_missing_ms, created_ms);
CREATE INDEX models_by_model ON models (model, job_id);
CREATE INDEX nodes_by_class ON nodes (class, job_id);
CREATE INDEX seeds_by_seed ON seeds (seed, job_id);
