"""Submitting a workflow exactly once, and running many variants of one.

Pure rules, which open no file and no socket:

- `options`: the options of `submit`, `run` and `map`, and the request body.
- `submit_errors`: what an error means for one submission, and for all others.
- `graph_identity`: when two graphs are the same.
- `reconciliation`: whether a submission whose response was lost became a job.
- `journal_records`: the lines of a map's journal.
- `idempotency_keys`: which keys are valid, and the nonce that a key becomes.
- `key_records`: what a store remembers of a key, and how that may change.
- `key_store`: the interface of stores, and the choice of one by a setting.
- `map_arguments`: checked arguments of `map`, and the default concurrency.

I/O: `journal` (the journal file), `variant_digests` (reads local files to hash them),
`sqlite_store` and `redis_store` (where idempotency keys are remembered).
"""
