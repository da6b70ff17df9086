# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketMessageType(OpenEnum):
    """Kinds of messages. `notification` has a sentence for people (`value`, `id`), `feature_flags`
    the response to the client's own, `logs` lines of the server, `asset_download` and
    `asset_export` the progress of a task (`task_id`, `progress` from 0 to 1, `status`, byte
    counts, `error`). Skip kinds that you do not know.
    """

    ASSET_DOWNLOAD = "asset_download"
    ASSET_EXPORT = "asset_export"
    EXECUTED = "executed"
    EXECUTING = "executing"
    EXECUTION_CACHED = "execution_cached"
    EXECUTION_ERROR = "execution_error"
    EXECUTION_INTERRUPTED = "execution_interrupted"
    EXECUTION_START = "execution_start"
    EXECUTION_SUCCESS = "execution_success"
    FEATURE_FLAGS = "feature_flags"
    LOGS = "logs"
    NOTIFICATION = "notification"
    PROGRESS = "progress"
    PROGRESS_STATE = "progress_state"
    STATUS = "status"
