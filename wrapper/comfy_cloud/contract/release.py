"""What this release was made from: the published contract, the same with our corrections, and the methods by operation.

They travel with the packages: `make generate` and `make api-map` write them. Nothing is fetched.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def published_contract() -> dict[str, Any]:
    """The contract as it was published, without its words: what a newer one is to be compared with. A copy of one's own."""
    return _read("comfy_cloud_api", "published.json")


def merged_contract() -> dict[str, Any]:
    """The contract with everything that the live service is known to do otherwise: what answers are held to."""
    return _read("comfy_cloud_api", "contract.json")


def methods_by_operation() -> dict[str, list[str]]:
    """By operationId: the methods of `ComfyCloud` that lead to it, such as `cloud.history.list`."""
    return _read("comfy_cloud.contract", "methods.json")


def _read(package: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files(package) / name).read_bytes())
    return found
