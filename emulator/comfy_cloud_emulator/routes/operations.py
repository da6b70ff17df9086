"""Every operation of the cloud, in the order in which paths are matched."""

from __future__ import annotations

from collections.abc import Callable

from comfy_cloud_emulator.api_v2.operations import v2_operations
from comfy_cloud_emulator.engine.import_progress import ImportProgress
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.signed_urls import Signer

from .assets import assets, creation, tags, tasks
from .files import uploads, userdata, view, workflows
from .jobs import cancellation, history, jobs, prompt, queue
from .service import billing, memory, models, nodes, user


def cloud_operations(
    store: Store,
    engine: JobEngine,
    signer: Signer,
    imports: ImportProgress,
    is_foreign_job: Callable[[str], bool],
) -> list[Operation]:
    """The operations of one account. `is_foreign_job` says whether a job is another account's."""
    account, quirks = engine.account, engine.quirks
    return [
        *history.routes(store),
        *jobs.routes(store, quirks, is_foreign_job),
        *cancellation.routes(store, engine),
        *prompt.routes(store, engine),
        *queue.routes(store, engine),
        *nodes.routes(engine.catalogue),
        *user.routes(account),
        *view.routes(store, signer),
        *uploads.routes(store),
        # The fixed paths of these two come before the id of an asset.
        *creation.routes(store, imports, quirks),
        *tags.routes(store),
        *assets.routes(store, quirks),
        *tasks.routes(store),
        *userdata.routes(store, quirks),
        *models.routes(store),
        *billing.routes(account),
        *workflows.routes(store, account),
        *memory.routes(),
        *v2_operations(store, engine, signer),
    ]
