"""The walk that also writes: tiny things of its own, made, changed, read back and removed again.

It costs no credits and submits no workflow. Only what this run made is changed or removed. What
could touch the work of others (interrupting, clearing) or make the server fetch large files is
never asked for.
"""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import uuid4

from .file_content import check_content, digest_of
from .json_access import items_of, mapping, object_in, objects_of, text_of
from .png import noise_png
from .probe import Probe
from .raw_response import RawResponse

TAG: Final = "contract-run"
_NO_SUCH_ID: Final = "for an id that does not exist"


def write_and_remove(probe: Probe) -> None:
    """Write everything that can be removed again without a trace, and remove it."""
    made: list[str] = []
    try:
        _upload(probe, made)
        _asset(probe, made)
        _userdata(probe)
        _missing_things(probe)
    finally:
        for asset in made:
            probe.ask("deleteAsset", path={"id": asset})
    probe.skips("interruptJob", "a server may take it for all running jobs")
    probe.skips("createAssetDownload", "it makes the server download a model")


# Images


def _upload(probe: Probe, made: list[str]) -> None:
    content = noise_png(uuid4().bytes)
    form = {"image": ("contract-run.png", content, "image/png"), "type": "input"}
    stored = object_in(probe.ask("uploadImage", form=form))
    name = text_of(stored, "name")
    if not name:
        return
    stored_as = {
        "filename": name,
        "subfolder": text_of(stored, "subfolder"),
        "type": text_of(stored, "type") or "input",
    }
    seen = probe.ask("viewFile", query=stored_as)
    if (stored_content := check_content(probe, "viewFile", seen)) not in (None, content):
        probe.deviates(
            "viewFile", "body", "the image that was uploaded", f"{len(stored_content or b'')} other bytes"
        )
    mask = {"image": ("contract-mask.png", noise_png(uuid4().bytes, alpha=True), "image/png")}
    masked = object_in(probe.ask("uploadMask", form={**mask, "original_ref": json.dumps(stored_as)}))
    if mask_name := text_of(masked, "name"):
        probe.ask("getMaskLayers", query={"filename": mask_name})
    for stored_name in (name, mask_name):
        _note_assets_of(probe, stored_name, made)


def _note_assets_of(probe: Probe, stored_name: str, made: list[str]) -> None:
    """Add an uploaded image's assets to `made`: the server makes an asset of the same hash."""
    digest = digest_of({"hash": stored_name})
    if digest is None:
        return
    found = object_in(probe.ask("listAssets", query={"hash": digest, "include_public": "false", "limit": 5}))
    made += [
        text_of(asset, "id")
        for asset in objects_of(found, "assets")
        if digest_of(asset) == digest and text_of(asset, "id")
    ]


# Assets


def _asset(probe: Probe, made: list[str]) -> None:
    content = noise_png(uuid4().bytes)
    form = {
        "file": ("contract-run.png", content, "image/png"),
        "name": "contract-run.png",
        "tags": json.dumps(["input", TAG]),
        "mime_type": "image/png",
    }
    response = probe.ask("uploadAsset", form=form)
    asset = object_in(response)
    where = {"id": text_of(asset, "id")}
    if not where["id"]:
        return
    made.append(where["id"])
    if asset.get("created_new") is not True or (response is not None and response.status != 201):
        probe.deviates("uploadAsset", "created_new", "true and 201 for new content", "another response")
    again = object_in(probe.ask("uploadAsset", form=form))
    if text_of(again, "id") not in ("", where["id"]):
        made.append(text_of(again, "id"))  # a server that keeps the same content twice
    elif again.get("created_new") is not False:
        probe.deviates("uploadAsset", "created_new", "false for content that is there", "another value")
    renamed = f"contract-run-{uuid4()}.png"
    probe.ask("updateAsset", path=where, json={"name": renamed})
    if text_of(object_in(probe.ask("getAssetById", path=where)), "name") != renamed:
        probe.deviates("updateAsset", "name", "the name that was given", "another one")
    _tags(probe, where)
    if (digest := digest_of(asset)) is not None:
        probe.ask("checkAssetByHash", path={"hash": digest})
        copy = object_in(probe.ask("createAssetFromHash", json={"hash": digest, "tags": ["input", TAG]}))
        if text_of(copy, "id") not in ("", where["id"]):
            made.append(text_of(copy, "id"))
    removed = probe.ask("deleteAsset", path=where)
    if removed is not None and removed.is_good:
        made.remove(where["id"])
        probe.ask_in_vain("getAssetById", 404, "for an asset that was deleted", path=where)


def _tags(probe: Probe, where: dict[str, str]) -> None:
    tag = f"contract-run-{uuid4().hex[:8]}"
    added = object_in(probe.ask("addAssetTags", path=where, json={"tags": [tag]}))
    if tag not in items_of(added, "total_tags"):
        probe.deviates("addAssetTags", "total_tags", "the tag that was added among them", "without it")
    removed = object_in(probe.ask("removeAssetTags", path=where, json={"tags": [tag]}))
    if tag in items_of(removed, "total_tags"):
        probe.deviates("removeAssetTags", "total_tags", "the tag that was removed not among them", "with it")


# Stored files


def _userdata(probe: Probe) -> None:
    where = {"file": f"contract-run-{uuid4()}.json"}
    content = b'{"written by": "a contract run, which removes it"}'
    written = probe.ask(
        "postUserdataFile", path=where, content=content, query={"overwrite": "true", "full_info": "true"}
    )
    if written is None or not written.is_good:
        return
    try:
        found = probe.ask("getUserdataFile", path=where)
        if found is not None and found.is_good and found.content != content:
            probe.deviates("getUserdataFile", "body", "the bytes that were written", "others")
        probe.ask_in_vain(
            "postUserdataFile", 409, "for a file that is there, with overwrite=false",
            path=where, content=content, query={"overwrite": "false", "full_info": "true"},
        )  # fmt: skip
    finally:
        removed = probe.ask("deleteUserdataFile", path=where)
    if removed is not None and removed.is_good:
        probe.ask_in_vain("getUserdataFile", 404, "for a file that was deleted", path=where)


# Missing things


def _missing_things(probe: Probe) -> None:
    """Cancel and remove what does not exist. It changes nothing, and finds missing operations."""
    missing = str(uuid4())
    _check_nothing(probe, "manageQueue", "deleted", probe.ask("manageQueue", json={"delete": [missing]}))
    probe.ask("manageHistory", json={"delete": [missing]})
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("cancelJob", {"path": {"job_id": missing}}),
        ("cancelJobs", {"json": {"job_ids": [missing]}}),
        ("deleteJob", {"path": {"job_id": missing}}),
        ("cancelTask", {"path": {"task_id": missing}}),
        ("deleteAsset", {"path": {"id": missing}}),
    )
    for operation, parts in asked:
        found = probe.ask_in_vain(operation, 404, _NO_SUCH_ID, **parts)
        if found is not None:
            probe.skips(
                operation,
                f"only asked for something that does not exist; the server responded with {found.status}",
            )


def _check_nothing(probe: Probe, operation: str, name: str, response: RawResponse | None) -> None:
    listed: Any = mapping(response.json).get(name) if response is not None else None
    if isinstance(listed, list) and listed:
        probe.deviates(operation, name, "nothing, since there is no such job", f"{len(listed)} ids")
