"""One call of the client for each operation of the published contract, with arguments that the contract allows.

The same lines serve both colours: a call gives a value, or something to await. Nothing is sent or judged here.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, Final

from comfy_cloud.contract._run.png import noise_png

ID: Final = "0b7e7a4c-4a7e-4f0e-9b1e-1f2f3a4b5c6d"
HASH: Final = f"blake3:{'0' * 64}"
URL: Final = "https://example.com/model.safetensors"
PICTURE: Final = noise_png(bytes(16))
GRAPH: Final = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}

Call = Callable[[Any], Any]

CALLS: Final[dict[str, Call]] = {
    "executePrompt": lambda cloud: cloud.submit(GRAPH),
    "getPromptInfo": lambda cloud: cloud.queue.remaining(),
    "getNodeInfo": lambda cloud: cloud.nodes.all(max_age=0),
    "getFeatures": lambda cloud: cloud.system.features(),
    "getWorkflowTemplates": lambda cloud: cloud.workflows.templates(),
    "getGlobalSubgraphs": lambda cloud: cloud.workflows.subgraphs(),
    "getGlobalSubgraph": lambda cloud: cloud.workflows.subgraph("one"),
    "getModelFolders": lambda cloud: cloud.models.folders(),
    "getModelsInFolder": lambda cloud: cloud.models.list("checkpoints"),
    "getModelPreview": lambda cloud: cloud.models.preview("checkpoints", "a b.safetensors"),
    "manageHistory": lambda cloud: cloud.history.delete(ID),
    "getHistory": lambda cloud: cloud.history.list(5, 10),
    # The mock's answer holds no entry of this id, which `history.get` would take for there being none.
    "getHistoryForPrompt": lambda cloud: cloud.request("GET", f"/api/history_v2/{ID}"),
    "listJobs": lambda cloud: cloud.jobs.list(),
    "getJobDetail": lambda cloud: cloud.jobs.get(ID),
    "viewFile": lambda cloud: cloud.files.open("a b.png", type="output").read(),
    "getMaskLayers": lambda cloud: cloud.files.mask_layers("a b.png"),
    "listAssets": lambda cloud: cloud.assets.list(tags=["input", "models"], limit=3),
    "uploadAsset": lambda cloud: cloud.assets.upload(PICTURE, name="ä b.png", tags=["input"], deduplicate=False),
    "createAssetFromHash": lambda cloud: cloud.assets.from_hash(HASH, tags=["input"]),
    "getRemoteAssetMetadata": lambda cloud: cloud.assets.remote_metadata(URL),
    "createAssetDownload": lambda cloud: cloud.assets.download_model(URL, "checkpoints", timeout=0),
    "getAssetById": lambda cloud: cloud.assets.get(ID),
    "updateAsset": lambda cloud: cloud.assets.update(ID, name="new"),
    "deleteAsset": lambda cloud: cloud.assets.delete(ID),
    "addAssetTags": lambda cloud: cloud.assets.add_tags(ID, "one", "two"),
    "removeAssetTags": lambda cloud: cloud.assets.remove_tags(ID, "one"),
    "listTags": lambda cloud: cloud.assets.tags(prefix="in", limit=3),
    "getAssetTagHistogram": lambda cloud: cloud.assets.tag_histogram(tags=["input"]),
    "checkAssetByHash": lambda cloud: cloud.assets.exists(HASH),
    "getQueueInfo": lambda cloud: cloud.queue.get(),
    "manageQueue": lambda cloud: cloud.queue.cancel(ID),
    "interruptJob": lambda cloud: cloud.queue.interrupt(),
    "getUserdata": lambda cloud: cloud.userdata.list(),
    "getUserdataFile": lambda cloud: cloud.userdata.read("workflows/a b.json"),
    "postUserdataFile": lambda cloud: cloud.userdata.write("workflows/a b.json", b"{}"),
    "deleteUserdataFile": lambda cloud: cloud.userdata.delete("workflows/a b.json"),
    "uploadImage": lambda cloud: cloud.files.upload_image(io.BytesIO(PICTURE), name="ä b.png"),
    "uploadMask": lambda cloud: cloud.files.upload_mask(PICTURE, "original.png", name="mask.png"),
    "getSystemStats": lambda cloud: cloud.system.stats(),
    "getUser": lambda cloud: cloud.user.get(),
    "getJobStatus": lambda cloud: cloud.jobs.status(ID),
}  # fmt: skip


def calls() -> Iterator[tuple[str, Call]]:
    """The operations with their calls, in the order of the table."""
    yield from CALLS.items()
