"""Every operation of API v2."""

from __future__ import annotations

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.signed_urls import Signer

from . import assets, events, jobs, submission
from .documents import Documents
from .idempotency import IdempotencyKeys
from .submitted_graphs import SubmittedGraphs


def v2_operations(store: Store, engine: JobEngine, signer: Signer) -> list[Operation]:
    """The operations of one account, over the same jobs and files as those of version 1."""
    documents = Documents(store, engine, signer)
    keys = IdempotencyKeys(store.library, store.now)
    graphs = SubmittedGraphs(store.library)
    return [
        *jobs.routes(store, engine, documents, graphs),
        *submission.routes(store, engine, documents, keys, graphs),
        *events.routes(store, engine, documents),
        *assets.routes(store, signer, documents, keys),
    ]
