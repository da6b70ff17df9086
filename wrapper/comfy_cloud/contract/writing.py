"""The walk that also writes: things of its own, each of them tiny, changed, read back and removed again.

It costs no credits, submits no workflow, and leaves alone whatever was there: only what this run made is changed or removed.
What could touch the work of others (interrupting, clearing) or make the server fetch large files is never asked for.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any, Final
from uuid import uuid4

from .contents import check_content, digest_of
from .probe import Answer, Probe
from .values import items_of, mapping, object_in, objects_of, text_of

TAG: Final = "contract-run"
_NOBODY: Final = "for an id that there is not"


def write_and_remove(probe: Probe) -> None:
    """All that can be written and removed without a trace."""
    made: list[str] = []
    try:
        _upload(probe, made)
        _asset(probe, made)
        _userdata(probe)
        _what_there_is_not(probe)
    finally:
        for asset in made:
            probe.ask("deleteAsset", path={"id": asset})
    probe.skips("interruptJob", "a server may take it for all running jobs")
    probe.skips("createAssetDownload", "it makes the server download a model")


# Pictures


def _upload(probe: Probe, made: list[str]) -> None:
    content = picture(uuid4().bytes)
    form = {"image": ("contract-run.png", content, "image/png"), "type": "input"}
    stored = object_in(probe.ask("uploadImage", form=form))
    name = text_of(stored, "name")
    if not name:
        return
    place = {
        "filename": name,
        "subfolder": text_of(stored, "subfolder"),
        "type": text_of(stored, "type") or "input",
    }
    seen = probe.ask("viewFile", query=place)
    if (stored_content := check_content(probe, "viewFile", seen)) not in (None, content):
        probe.deviates(
            "viewFile", "body", "the picture that was uploaded", f"{len(stored_content or b'')} other bytes"
        )
    mask = {"image": ("contract-mask.png", picture(uuid4().bytes, alpha=True), "image/png")}
    masked = object_in(probe.ask("uploadMask", form={**mask, "original_ref": json.dumps(place)}))
    if mask_name := text_of(masked, "name"):
        probe.ask("getMaskLayers", query={"filename": mask_name})
    for stored_name in (name, mask_name):
        _note_assets_of(probe, stored_name, made)


def _note_assets_of(probe: Probe, stored_name: str, made: list[str]) -> None:
    """Pictures become assets under the hash that names them; those that hold what was uploaded here are this run's."""
    digest = digest_of({"hash": stored_name})
    if digest is None:
        return
    found = object_in(probe.ask("listAssets", query={"hash": digest, "include_public": "false", "limit": 5}))
    made += [
        text_of(asset, "id")
        for asset in objects_of(found, "assets")
        if digest_of(asset) == digest and text_of(asset, "id")
    ]


def picture(noise: bytes, *, alpha: bool = False) -> bytes:
    """A PNG of a few pixels that no other run has: `noise` is in it."""
    pixels = b"\0" + (noise * 4)[: 16 * (4 if alpha else 3)]
    header = struct.pack(">IIBBBBB", 16, 1, 8, 6 if alpha else 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


# Assets


def _asset(probe: Probe, made: list[str]) -> None:
    content = picture(uuid4().bytes)
    form = {
        "file": ("contract-run.png", content, "image/png"),
        "name": "contract-run.png",
        "tags": json.dumps(["input", TAG]),
        "mime_type": "image/png",
    }
    answer = probe.ask("uploadAsset", form=form)
    asset = object_in(answer)
    where = {"id": text_of(asset, "id")}
    if not where["id"]:
        return
    made.append(where["id"])
    if asset.get("created_new") is not True or (answer is not None and answer.status != 201):
        probe.deviates("uploadAsset", "created_new", "true and 201 for new content", "another answer")
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


# What there is not


def _what_there_is_not(probe: Probe) -> None:
    """Cancelling and removing what does not exist: it changes nothing, and tells whether the operation is there."""
    nobody = str(uuid4())
    _check_nothing(probe, "manageQueue", "deleted", probe.ask("manageQueue", json={"delete": [nobody]}))
    probe.ask("manageHistory", json={"delete": [nobody]})
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("cancelJob", {"path": {"job_id": nobody}}),
        ("cancelJobs", {"json": {"job_ids": [nobody]}}),
        ("deleteJob", {"path": {"job_id": nobody}}),
        ("cancelTask", {"path": {"task_id": nobody}}),
        ("deleteAsset", {"path": {"id": nobody}}),
    )
    for operation, parts in asked:
        found = probe.ask_in_vain(operation, 404, _NOBODY, **parts)
        if found is not None:
            probe.skips(operation, f"only asked for what there is not, which it answers with {found.status}")


def _check_nothing(probe: Probe, operation: str, name: str, answer: Answer | None) -> None:
    listed: Any = mapping(answer.json).get(name) if answer is not None else None
    if isinstance(listed, list) and listed:
        probe.deviates(operation, name, "nothing, since there is no such job", f"{len(listed)} ids")
