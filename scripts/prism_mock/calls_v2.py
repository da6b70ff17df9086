"""One call of the client for each operation of API v2, with valid arguments.

Most go through the generated modules, as `cloud.call` sends them; the wrapper sends what it has.
"""

from __future__ import annotations

from typing import Any, Final

from comfy_cloud_api_v2.api.assets import (
    asset_from_hash,
    delete_asset,
    get_asset,
    get_asset_content,
    head_asset_by_hash,
    post_assets,
)
from comfy_cloud_api_v2.api.jobs import cancel_job, get_job_events, get_job_workflow, list_jobs, post_jobs
from comfy_cloud_api_v2.models import PostAssetsBody
from comfy_cloud_api_v2.types import File
from scripts.prism_mock.calls import GRAPH, HASH, ID, IMAGE, Call

KEY: Final = "5a1c2b3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"


def _upload(cloud: Any) -> Any:
    # Without tags: Prism takes a list in a form for one text, however its items are sent.
    body = PostAssetsBody(
        file=File(IMAGE, "a b.png", "image/png"), content_type="image/png", file_path="ä b.png"
    )
    return cloud.call(post_assets, body=body, idempotency_key=KEY)


CALLS_V2: Final[dict[str, Call]] = {
    "postAssets": _upload,
    "assetFromHash": lambda cloud: cloud.call(asset_from_hash, body={"hash": HASH, "tags": ["input"]}),
    "headAssetByHash": lambda cloud: cloud.call(head_asset_by_hash, HASH),
    "getAsset": lambda cloud: cloud.call(get_asset, ID),
    "deleteAsset": lambda cloud: cloud.call(delete_asset, ID),
    "getAssetContent": lambda cloud: cloud.call(get_asset_content, ID, range_="bytes=0-9"),
    "listJobs": lambda cloud: cloud.call(list_jobs, limit=3, cursor="next"),
    "postJobs": lambda cloud: cloud.call(post_jobs, body={"workflow": GRAPH}, idempotency_key=ID),
    "getJob": lambda cloud: cloud.jobs.get(ID),
    "getJobWorkflow": lambda cloud: cloud.call(get_job_workflow, ID),
    "getJobEvents": lambda cloud: cloud.call(get_job_events, ID),
    "cancelJob": lambda cloud: cloud.call(cancel_job, ID),
}
