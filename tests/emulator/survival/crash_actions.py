"""Every kind of write through the API, recorded in the ledger: one function for each."""

from __future__ import annotations

import json
import uuid

import httpx
from blake3 import blake3

from ..workflows import plain, text_to_image
from .crash_ledger import Json, Ledger, _job, json_of, png

_BINARY = {"content-type": "application/octet-stream"}


def submit(client: httpx.Client, ledger: Ledger, graph: Json = None) -> str:
    """Submit a workflow. Returns the id of its job."""
    shown = json_of(client.post("/api/prompt", json={"prompt": graph or plain()}))
    ledger.learn(("job", shown["prompt_id"]), {})
    return str(shown["prompt_id"])


def look(client: httpx.Client, ledger: Ledger, id: str) -> str:
    """Read a job and return its status; what a finished job shows must not change."""
    seen = _job(client, id)
    if seen["status"] in ("completed", "failed", "cancelled"):
        ledger.learn(("job", id), seen)
    return str(seen["status"])


def cancel(client: httpx.Client, ledger: Ledger, id: str, *, by_queue: bool = False) -> None:
    """Cancel a job in one of two ways; a finished one stays as it is."""
    key, before = ("job", id), ledger.facts["job", id]
    ledger.facts[key] = [*before, {"status": "cancelled"}]
    if by_queue:
        is_cancelled = id in json_of(client.post("/api/queue", json={"delete": [id]}))["deleted"]
    else:
        is_cancelled = json_of(client.post(f"/api/jobs/{id}/cancel"))["cancelled"]
    ledger.facts[key] = [{"status": "cancelled"}] if is_cancelled else before
    ledger.responses += 1


def forget(client: httpx.Client, ledger: Ledger, id: str) -> None:
    """Delete a finished job from the history."""
    ledger.change(("job", id), None, lambda: json_of(client.post("/api/history", json={"delete": [id]})))


def delete(client: httpx.Client, ledger: Ledger, id: str) -> None:
    """Delete a finished job with its assets."""
    assets = json_of(client.get(f"/api/jobs/{id}/assets"))["assets"]
    ledger.change(("job", id), None, lambda: json_of(client.delete(f"/api/jobs/{id}")))
    for asset in assets:
        ledger.learn(("asset", asset["id"]), None)


def upload(client: httpx.Client, ledger: Ledger, number: int) -> str:
    """Upload an image. Returns its stored name."""
    content = png(number)
    digest = blake3(content).hexdigest()
    files = {"image": (f"{number}.png", content, "image/png")}
    shown = ledger.change(
        ("upload", f"{digest}.png"),
        digest,
        lambda: json_of(client.post("/api/upload/image", files=files, data={"type": "input"})),
    )
    ledger.learn(("asset", shown["asset"]["id"]), {"content": digest, "name": f"{number}.png"})
    return str(shown["name"])


def mask(client: httpx.Client, ledger: Ledger, number: int, original: str) -> None:
    """Upload a mask over an image."""
    content = png(number)
    name = f"{blake3(content).hexdigest()}.png"
    data = {"original_ref": json.dumps({"filename": original})}
    files = {"image": ("mask.png", content, "image/png")}
    layers = {"mask": name, "paint": None, "painted": None, "painted_masked": None}
    ledger.change(
        ("mask", name), layers, lambda: json_of(client.post("/api/upload/mask", files=files, data=data))
    )
    ledger.learn(("upload", name), name[:64])


def asset(client: httpx.Client, ledger: Ledger, number: int) -> str:
    """Create an asset with a chosen id. Returns the id."""
    id, content = str(uuid.uuid4()), f"weights {number}".encode()
    shown = {
        "name": f"{number}.bin",
        "tags": ["input", "new"],
        "user_metadata": {"n": number},
        "content": blake3(content).hexdigest(),
    }
    data = {
        "id": id,
        "name": shown["name"],
        "tags": json.dumps(shown["tags"]),
        "user_metadata": json.dumps(shown["user_metadata"]),
    }
    files = {"file": (f"{number}.bin", content, "application/octet-stream")}
    ledger.change(("asset", id), shown, lambda: json_of(client.post("/api/assets", files=files, data=data)))
    return id


def rename(client: httpx.Client, ledger: Ledger, id: str, name: str) -> None:
    """Change an asset's name and metadata."""
    body = {"name": name, "user_metadata": {"renamed": True}}
    after = ledger.facts["asset", id][0] | body
    ledger.change(("asset", id), after, lambda: json_of(client.put(f"/api/assets/{id}", json=body)))


def retag(client: httpx.Client, ledger: Ledger, id: str, tag: str) -> None:
    """Add a tag to an asset, and remove one."""
    before = ledger.facts["asset", id][0]
    path = f"/api/assets/{id}/tags"
    after = before | {"tags": [*before["tags"], tag]}
    ledger.change(("asset", id), after, lambda: json_of(client.post(path, json={"tags": [tag]})))
    gone = after["tags"][0]
    last = after | {"tags": after["tags"][1:]}
    ledger.change(("asset", id), last, lambda: json_of(client.request("DELETE", path, json={"tags": [gone]})))


def discard(client: httpx.Client, ledger: Ledger, id: str) -> None:
    """Delete an asset."""
    ledger.change(("asset", id), None, lambda: json_of(client.delete(f"/api/assets/{id}")))


def write(client: httpx.Client, ledger: Ledger, path: str, text: str) -> None:
    """Write a personal file, overwriting what exists."""
    ledger.change(
        ("userdata", path),
        text,
        lambda: json_of(client.post(f"/api/userdata/{path}", content=text.encode(), headers=_BINARY)),
    )


def unlink(client: httpx.Client, ledger: Ledger, path: str) -> None:
    """Delete a personal file."""
    ledger.change(("userdata", path), None, lambda: json_of(client.delete(f"/api/userdata/{path}")))


def import_model(client: httpx.Client, ledger: Ledger, number: int) -> None:
    """Start importing a model."""
    url = f"https://huggingface.co/someone/models/resolve/main/loras/number_{number}.safetensors"
    shown = json_of(
        client.post("/api/assets/download", json={"source_url": url, "tags": ["models", "loras"]})
    )
    if "task_id" in shown:
        ledger.learn(("task", shown["task_id"]), {})


def advance(client: httpx.Client, seconds: float) -> None:
    """Advance the time."""
    json_of(client.post("/_emulator/time", json={"advance": seconds}))


def everything(client: httpx.Client, ledger: Ledger) -> None:
    """Each kind of write once or twice, one after the other, with unfinished jobs at the end."""
    first, second, third = (submit(client, ledger, graph) for graph in (plain(1), text_to_image(1), plain(2)))
    advance(client, 0.6)
    original = upload(client, ledger, 1)
    mask(client, ledger, 2, original)
    kept, gone = asset(client, ledger, 1), asset(client, ledger, 2)
    rename(client, ledger, kept, "other.bin")
    retag(client, ledger, kept, "old")
    discard(client, ledger, gone)
    write(client, ledger, "workflows%2Fa.json", "one")
    write(client, ledger, "workflows%2Fb.json", "two")
    write(client, ledger, "workflows%2Fa.json", "three")
    unlink(client, ledger, "workflows%2Fb.json")
    import_model(client, ledger, 1)
    advance(client, 60)
    for id in (first, second, third):
        assert look(client, ledger, id) == "completed"
    waiting, running = submit(client, ledger, plain(3)), submit(client, ledger, text_to_image(3))
    cancel(client, ledger, waiting, by_queue=True)
    advance(client, 4)
    cancel(client, ledger, running)
    forget(client, ledger, first)
    delete(client, ledger, third)
    submit(client, ledger, text_to_image(4))
    submit(client, ledger, plain(4))
    advance(client, 1.5)
