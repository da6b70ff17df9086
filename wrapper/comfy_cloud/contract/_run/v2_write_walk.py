"""The walk over API v2 that also writes: one small asset, uploaded, read back and deleted again.

It costs no credits and submits no workflow. Only what this run made is deleted.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ..._http.response_shapes import shown_name
from .file_content import digest_of
from .json_access import mapping, object_in, text_of
from .png import noise_png
from .probe import Probe
from .raw_response import RawResponse
from .v2_read_walk import NO_HASH, read_asset

TAG = "contract-run"
_NAME = "contract-run.png"


def write_and_remove(probe: Probe) -> None:
    """Write everything that can be removed again, and remove it."""
    made: list[str] = []
    try:
        _upload(probe, made)
    finally:
        for asset in made:
            probe.ask("deleteAsset", path={"id": asset})
    missing = {"id": str(uuid4())}
    probe.ask_in_vain("deleteAsset", 404, "for an id that does not exist", path=missing)
    found = probe.ask_in_vain("cancelJob", 404, "for an id that does not exist", path=missing)
    if found is not None:
        reason = f"only asked for something that does not exist; the server responded with {found.status}"
        probe.skips("cancelJob", reason)


def _upload(probe: Probe, made: list[str]) -> None:
    content = noise_png(uuid4().bytes)
    form: dict[str, Any] = {
        "file": (_NAME, content, "image/png"),
        "content_type": "image/png",
        "file_path": _NAME,
        "tags": ["input", TAG],
    }
    response, asset = _posted(probe, form, made)
    if not asset:
        return
    if response is not None and (asset.get("created_new") is not True or response.status != 201):
        probe.deviates("postAssets", "created_new", "true and 201 for new content", "another response")
    seen = read_asset(probe, asset)
    if seen is not None and not content.startswith(seen[:1024]):
        probe.deviates("getAssetContent", "body", "the bytes that were uploaded", "others")
    again, copy = _posted(probe, form, made)
    if again is not None and copy and (copy.get("created_new") is True or again.status != 200):
        expected = "false and 200 for content that is there"
        probe.deviates("postAssets", "created_new", expected, "another response")
    wrong = {**form, "expected_hash": NO_HASH}
    refused = probe.ask_in_vain(
        "postAssets", 409, "for another hash than the content has", form=wrong, headers=_fresh_key()
    )
    check_code(probe, "postAssets", refused, 409, "hash_mismatch")
    _from_hash(probe, digest_of(asset), made)
    where = {"id": text_of(asset, "id")}
    removed = probe.ask("deleteAsset", path=where)
    if removed is not None and removed.is_good:
        made.remove(where["id"])
        for operation in ("getAsset", "deleteAsset"):
            probe.ask_in_vain(operation, 404, "for an asset that was deleted", path=where)


def _posted(probe: Probe, form: dict[str, Any], made: list[str]) -> tuple[RawResponse | None, dict[str, Any]]:
    """Upload with a fresh Idempotency-Key, and once more with the same: that one is refused."""
    key = _fresh_key()
    response = probe.ask("postAssets", form=form, headers=key)
    asset = object_in(response)
    if not text_of(asset, "id"):
        return response, {}
    made.append(asset["id"])
    check_reuse(probe, "postAssets", made, form=form, headers=key)
    return response, asset


def _from_hash(probe: Probe, digest: str | None, made: list[str]) -> None:
    if digest is not None:
        body = {"hash": digest, "file_path": f"contract-run-{uuid4()}.png", "tags": ["input", TAG]}
        copy = object_in(probe.ask("assetFromHash", json=body))
        if (id := text_of(copy, "id")) and id not in made:
            made.append(id)
        if copy and digest_of(copy) not in (digest, None):
            probe.deviates("assetFromHash", "hash", "the hash that was given", "another one")
    else:
        probe.skips("assetFromHash", "the server has not computed the hash of the upload")
    absent = probe.ask_in_vain(
        "assetFromHash", 404, "for content that does not exist", json={"hash": NO_HASH}
    )
    check_code(probe, "assetFromHash", absent, 404, "blob_not_found")


def check_reuse(probe: Probe, operation: str, made: list[str] | None = None, **parts: Any) -> None:
    """The same request with an Idempotency-Key that was used is refused, and makes nothing.

    What a server makes all the same is added to `made`.
    """
    refused = probe.ask_in_vain(operation, 422, "for an Idempotency-Key that was used", **parts)
    check_code(probe, operation, refused, 422, "idempotency_key_reuse")
    if made is not None and (id := text_of(object_in(refused), "id")) and id not in made:
        made.append(id)


def check_code(probe: Probe, operation: str, response: RawResponse | None, status: int, code: str) -> None:
    """An error of this status has the code that the contract names for it."""
    if response is None or response.status != status:
        return
    seen = text_of(mapping(mapping(response.json).get("error")), "code")
    if seen != code:
        probe.deviates(operation, f"{status} error.code", code, shown_name(seen) if seen else "nothing")


def _fresh_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}
