"""Steps of `drive` about assets, for servers that have them switched on."""

from __future__ import annotations

import os
from typing import Any

from comfy_cloud import NotFound, NotSupported
from tests.images import png

from .forms import Form, Step
from .steps_files import loads
from .steps_jobs import expect, images


async def _has_assets(form: Form) -> bool:
    response = await form(form.cloud.request("GET", "/api/features"))
    return bool(response.json().get("assets"))


async def assets_switched_off(form: Form) -> str:
    if await _has_assets(form):
        return "not tried: they are on"
    try:
        await form(form.cloud.assets.list(limit=1))
    except NotSupported:
        return "NotSupported"
    raise AssertionError("a list without assets")


async def upload_and_find_an_asset(form: Form) -> str:
    if not await _has_assets(form):
        return "not tried: they are off"
    cloud = form.cloud.assets
    content = png(tuple(os.urandom(3)))
    asset = await form(cloud.upload(content, name="drive.png", tags=["input", "drive"]))
    again = await form(cloud.upload(content, name="drive.png", tags=["input", "drive"]))
    expect(again.asset_hash == asset.asset_hash, (asset, again))
    read = await form(cloud.get(asset.id))
    listed = [each.id for each in await form(cloud.list(limit=5, tags=["drive"]))]
    expect(asset.id in listed, listed)
    added = await form(cloud.add_tags(asset.id, "more"))
    removed = await form(cloud.remove_tags(asset.id, "more"))
    expect("more" in added.total_tags and "more" not in removed.total_tags, (added, removed))
    tags = {tag.name for tag in await form(cloud.tags(limit=100))}
    expect("drive" in tags, tags)
    target = form.folder / "asset.png"
    await form(cloud.download(asset.id, target))
    expect(target.read_bytes() == content, "other bytes")
    await form(cloud.update(asset.id, name="renamed.png"))
    hash = read.asset_hash or ""
    exists = await form(cloud.exists(hash))
    made = await form(cloud.from_hash(hash, name="same.png", tags=["input"]))
    await form(cloud.delete(asset.id))
    try:
        await form(cloud.get(asset.id))
    except NotFound:
        return f"found, tagged, read, renamed, deleted; exists {exists}, from its hash {bool(made.id)}"
    raise AssertionError("still there")


async def a_file_whose_content_is_an_asset_as_input(form: Form) -> str:
    if not await _has_assets(form):
        return "not tried: they are off"
    content = png(tuple(os.urandom(3)))
    await form(form.cloud.assets.upload(content, name="known.png", tags=["input"]))
    path = form.folder / "known.png"
    path.write_bytes(content)
    job = await form(form.cloud.run(loads(""), {"1.image": path}, timeout=60))
    expect(len(job.outputs) == 1, job.status)
    return str(job.status)


async def an_asset_as_input(form: Form) -> str:
    if not await _has_assets(form):
        return "not tried: they are off"
    asset: Any = await form(form.cloud.assets.upload(png(tuple(os.urandom(3))), name="own.png"))
    job = await form(form.cloud.run(loads(""), {"1.image": asset}, timeout=60))
    expect(len(job.outputs) == 1, job.status)
    return str(job.status)


async def outputs_are_assets(form: Form) -> str:
    if not await _has_assets(form):
        return "not tried: they are off"
    job = await form(form.cloud.run(images(2), timeout=60))
    try:
        found = await form.listed(job.assets())
    except NotSupported:
        found = None
    listed = await form(form.cloud.assets.list(limit=20, tags=["output"]))
    expect(listed, "no asset with the tag output")
    return f"{len(listed)} with the tag output; job.assets {'NotSupported' if found is None else len(found)}"


STEPS: list[Step] = [
    assets_switched_off,
    upload_and_find_an_asset,
    a_file_whose_content_is_an_asset_as_input,
    an_asset_as_input,
    outputs_are_assets,
]
