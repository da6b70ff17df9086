"""The contracts that this release was made from, and the client's methods by operation.

They are files of the installed packages, written by `make generate` and `make api-map`. Nothing
is fetched.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final, Literal

_APIS: Final[tuple[Literal["v1", "v2"], ...]] = ("v1", "v2")
_PACKAGES: Final = {"v1": "comfy_cloud_api", "v2": "comfy_cloud_api_v2"}


def published_contract(api: Literal["v1", "v2"] = "v1") -> dict[str, Any]:
    """The published contract without descriptions, the baseline for diffs. Returns a fresh copy.

    `api` chooses between version 1 of the API and API v2.
    """
    return _read(_PACKAGES[api], "published.json")


def merged_contract(api: Literal["v1", "v2"] = "v1") -> dict[str, Any]:
    """The published contract with all corrections applied; what responses are checked against.

    The corrections are the known differences of the live service. `api` chooses between version 1
    of the API and API v2. Returns a fresh copy.
    """
    return _read(_PACKAGES[api], "contract.json")


def methods_by_operation(api: Literal["v1", "v2"] = "v1") -> dict[str, list[str]]:
    """operationId -> the methods of `ComfyCloud` that call it, such as `cloud.history.list`.

    `api` chooses between version 1 of the API and API v2.
    """
    return _read("comfy_cloud.contract", "methods.json" if api == "v1" else "methods_v2.json")


def api_of(document: dict[str, Any]) -> Literal["v1", "v2"]:
    """The version of the API that shares most operations with a contract; version 1 of equals."""
    from .operations import operations_of  # only here: it needs the extra `contract`

    theirs = {op.http for op in operations_of(document)}
    shared = {api: len(theirs & {op.http for op in operations_of(published_contract(api))}) for api in _APIS}
    return max(_APIS, key=lambda api: shared[api])


def _read(package: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files(package) / name).read_bytes())
    return found
