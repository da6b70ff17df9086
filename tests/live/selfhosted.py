"""How a self-hosted ComfyUI responds to plain HTTP requests, as observations to compare.

Only requests that a fresh server without models can handle; they leave a few small images and jobs
behind. The client is not used: these are observations of the server.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import re
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

from .shapes import body_shape, shape

UNKNOWN = "0aa57c75-8b51-4e2f-9d0c-3f1f6f5d7a10"
_HEADERS = ("etag", "last-modified", "content-disposition", "content-range", "accept-ranges", "location")


class Observation(NamedTuple):
    """One observation: a name, and what must be the same on another server."""

    name: str
    seen: dict[str, Any]


def graph(color: int = 0, prefix: str = "live") -> dict[str, Any]:
    """A graph whose image needs no model."""
    empty = {"width": 64, "height": 64, "batch_size": 1, "color": color}
    return {
        "1": {"class_type": "EmptyImage", "inputs": empty},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": prefix}},
    }


def observe(url: str) -> Iterator[Observation]:
    """All observations of a server."""
    with httpx.Client(base_url=url, timeout=60) as http:
        yield from _plain_calls(http)
        yield from _jobs(http)
        yield from _prompts(http)
        yield from _files(http)
        yield from _userdata(http)
        yield from _names(http)
    yield from asyncio.run(_sockets(url))


def _seen(response: httpx.Response) -> dict[str, Any]:
    content_type = response.headers.get("content-type", "").partition(";")[0]
    headers = sorted(name for name in _HEADERS if name in response.headers)
    body = "page" if content_type == "text/html" else body_shape(content_type, response.content)
    return {"status": response.status_code, "type": content_type, "headers": headers, "body": body}


def _call(http: httpx.Client, method: str, path: str, name: str = "", **rest: Any) -> Observation:
    return Observation(name or f"{method} {path}", _seen(http.request(method, path, **rest)))


def _plain_calls(http: httpx.Client) -> Iterator[Observation]:
    for path in (
        "/api/system_stats", "/api/features", "/api/prompt", "/api/queue", "/api/object_info/EmptyImage",
        "/api/object_info/NoSuchClass", "/api/embeddings", "/api/extensions", "/api/users", "/api/settings",
        "/api/workflow_templates", "/api/experiment/models", "/api/experiment/models/checkpoints",
        "/api/experiment/models/nope", "/api/models", "/api/models/nope",
        "/api/experiment/models/preview/checkpoints/0/none.safetensors",
        "/api/history_v2", f"/api/history_v2/{UNKNOWN}", "/api/jobs", f"/api/jobs/{UNKNOWN}", "/api/user",
        f"/api/job/{UNKNOWN}/status", "/api/assets", "/api/tags", "/api/files/mask-layers?filename=a.png",
        "/api/global_subgraphs", f"/api/history/{UNKNOWN}", "/api/history?max_items=zz", "/api/no_such_route",
        "/api/billing/balance", "/queue", "/prompt", "/object_info/SaveImage", "/history?max_items=0",
    ):  # fmt: skip
        yield _call(http, "GET", path)
    yield _call(http, "HEAD", "/api/no_such_route")
    for method, path in (
        ("POST", "/api/no_such_route"), ("PUT", "/api/no_such_route"), ("DELETE", f"/api/jobs/{UNKNOWN}"),
        ("POST", f"/api/jobs/{UNKNOWN}/cancel"), ("POST", "/api/jobs/cancel"), ("POST", "/api/assets"),
        ("HEAD", f"/api/assets/hash/blake3:{'0' * 64}"), ("POST", "/api/interrupt"),
    ):  # fmt: skip
        yield _call(http, method, path)
    yield _call(http, "POST", "/api/interrupt", "interrupt an unknown job", json={"prompt_id": UNKNOWN})
    yield _call(http, "POST", "/api/interrupt", "interrupt with a list", json=[1])
    yield _call(http, "POST", "/api/interrupt", "interrupt with bad JSON", content=b"{")
    yield _call(http, "POST", "/api/queue", "delete unknown from the queue", json={"delete": [UNKNOWN]})
    yield _call(http, "POST", "/api/queue", "clear the queue", json={"clear": True})
    yield _call(http, "POST", "/api/queue", "queue with bad JSON", content=b"{")
    yield _call(http, "POST", "/api/history", "delete unknown from the history", json={"delete": [UNKNOWN]})
    yield _call(http, "POST", "/api/history", "history without an action", json={})
    yield _call(http, "GET", "/api/queue", "another origin", headers={"origin": "http://example.com"})
    yield _call(http, "GET", "/api/queue", "a key", headers={"x-api-key": "anything"})


def _jobs(http: httpx.Client) -> Iterator[Observation]:
    """Lists of jobs with arguments that are not valid, and cancelling jobs that do not exist."""
    for query in (
        "limit=0", "limit=zz", "sort_by=create_time", "sort_order=up", "status=nope", "offset=zz",
    ):  # fmt: skip
        yield _call(http, "GET", f"/api/jobs?{query}")
    bodies: tuple[Any, ...] = (
        {"job_ids": []}, {"job_ids": [UNKNOWN]}, {"job_ids": ["x"]}, {"job_ids": [1]}, {"job_ids": "x"}, [1],
    )  # fmt: skip
    for body in bodies:
        yield _call(http, "POST", "/api/jobs/cancel", f"cancel with {body}", json=body)
    for id in ("x", None, UNKNOWN.upper()):
        body = {"prompt": graph(random.randrange(1 << 24)), "prompt_id": id}
        yield _call(http, "POST", "/api/prompt", f"submit with the id {id}", json=body)


def _prompts(http: httpx.Client) -> Iterator[Observation]:
    good = graph(random.randrange(1 << 24))
    invert = {"class_type": "ImageInvert", "inputs": {"image": ["3", 0]}}
    save = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}
    save_3 = {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}}
    save_6 = {"class_type": "SaveImage", "inputs": {"images": ["6", 0], "filename_prefix": "x"}}
    broken = {"class_type": "EmptyImage", "inputs": {"width": -5, "height": "x", "batch_size": 1}}
    load = {"class_type": "LoadImage", "inputs": {"image": "nope.png"}}
    decode = {"class_type": "VAEDecode", "inputs": {"samples": ["1", 0], "vae": ["1", 0]}}
    graphs: dict[str, Any] = {
        "an empty graph": {},
        "an unknown class": {"1": {"class_type": "Nope", "inputs": {}}},
        "a node without class": {"1": {"inputs": {}}},
        "a graph of the editor": {"nodes": [], "links": []},
        "no outputs": {"1": good["1"]},
        "wrong values": {"1": broken, "2": save},
        "a value not in the list": {**good, "1": load},
        "a cycle": {"1": invert, "3": {**invert, "inputs": {"image": ["1", 0]}}, "2": save},
        "a wrong link": {"1": {"class_type": "ImageInvert", "inputs": {"image": ["2", 0]}}, "2": save},
        "a link to the wrong type": {**good, "3": decode, "4": save_3},
        "one of two outputs wrong": {**good, "6": {"class_type": "ImageInvert", "inputs": {}}, "7": save_6},
    }
    bodies: dict[str, Any] = {
        "no prompt": {},
        "prompt null": {"prompt": None},
        "prompt a list": {"prompt": [1]},
        **{name: {"prompt": graph} for name, graph in graphs.items()},
    }
    for name, body in bodies.items():
        yield _call(http, "POST", "/api/prompt", f"submit {name}", json=body)
    yield _call(http, "POST", "/api/prompt", "submit bad JSON", content=b"{")
    chosen = str(uuid.uuid4())
    response = http.post("/api/prompt", json={"prompt": good, "number": 1.5, "prompt_id": chosen})
    yield Observation("submit a number and an id", {**_seen(response), "kept": chosen in response.text})
    response = http.post("/api/prompt", json={"prompt": graph(random.randrange(1 << 24)), "front": True})
    yield Observation("submit to the front", _seen(response) | {"negative": response.json()["number"] < 0})
    yield from _history_of(http, good)


def _history_of(http: httpx.Client, good: dict[str, Any]) -> Iterator[Observation]:
    keys = {"api_key_comfy_org": "not-a-key", "mine": 1}
    first = http.post("/api/prompt", json={"prompt": good, "extra_data": keys}).json()["prompt_id"]
    entry = _ended(http, first)
    yield Observation("an entry of the history", {"body": shape(entry), "kinds": _messages(entry)})
    yield _call(http, "GET", f"/api/jobs/{first}", "a job")
    yield _call(http, "GET", "/api/jobs?limit=1", "the latest job")
    failing = {**graph(), "1": {"class_type": "LoadImage", "inputs": {"image": _broken_image(http)}}}
    failed = http.post("/api/prompt", json={"prompt": failing}).json()
    if "prompt_id" in failed:
        entry = _ended(http, failed["prompt_id"])
        yield Observation(
            "an entry that failed", {"status": shape(entry["status"]), "kinds": _messages(entry)}
        )
    both = http.get("/api/history", params={"max_items": 2}).json()
    oldest_first = list(both) == sorted(both, key=lambda each: both[each]["prompt"][0])
    yield Observation("two of the history", {"count": len(both), "by number": oldest_first})
    yield _call(http, "POST", "/api/history", "delete from the history", json={"delete": [first]})
    yield _call(http, "GET", f"/api/history/{first}", "a deleted entry")


def _messages(entry: dict[str, Any]) -> list[str]:
    return [kind for kind, _ in entry["status"]["messages"]]


def _broken_image(http: httpx.Client) -> str:
    form = {"image": ("broken.png", b"\x89PNG\r\n\x1a\nnothing more", "image/png")}
    name: str = http.post("/api/upload/image", files=form, data={"overwrite": "true"}).json()["name"]
    return name


def _ended(http: httpx.Client, job: str) -> dict[str, Any]:
    """The history entry of a job, polled without a pause until it exists."""
    for _ in range(20_000):
        found = http.get(f"/api/history/{job}").json()
        if found:
            entry: dict[str, Any] = found[job]
            return entry
    raise AssertionError(f"job {job} did not end")


def _files(http: httpx.Client) -> Iterator[Observation]:
    image = _png((1, 2, random.randrange(256)))
    name = f"live {uuid.uuid4().hex[:6]} ü.png"

    def upload(content: bytes, **fields: str) -> httpx.Response:
        return http.post("/api/upload/image", files={"image": (name, content, "image/png")}, data=fields)

    first = upload(image)
    yield Observation(
        "upload", _seen(first) | {"name kept": first.json()["name"] == name, "kind": first.json()["type"]}
    )
    again = upload(image)
    yield Observation("upload it again", _seen(again) | {"same name": again.json()["name"] == name})
    other = upload(_png((9, 9, 9)))
    renamed = other.json()["name"] == name.replace(".png", " (1).png")
    yield Observation("upload another of that name", _seen(other) | {"renamed": renamed})
    over = upload(_png((8, 8, 8)), overwrite="1", subfolder="deep/er", type="temp")
    yield Observation(
        "upload over it", _seen(over) | {"kind": over.json()["type"], "under": over.json()["subfolder"]}
    )
    yield _call(http, "POST", "/api/upload/image", "upload nothing")
    yield Observation("upload outside", _seen(upload(image, subfolder="../../x")))
    yield Observation("upload of an unknown kind", _seen(upload(image, type="nonsense")))
    reference = json.dumps({"filename": name, "type": "input", "subfolder": ""})
    mask = {"image": (f"mask {name}", _png((0, 0, 0)), "image/png")}
    yield _call(http, "POST", "/api/upload/mask", "mask", files=mask, data={"original_ref": reference})
    yield _call(http, "POST", "/api/upload/mask", "mask of nothing", files=mask)
    view = f"/api/view?type=input&filename={quote(name)}"
    seen = http.get(view)
    yield Observation("view", _seen(seen) | {"whole": seen.content == image})
    part = http.get(view, headers={"range": "bytes=1-3"})
    yield Observation("view a part", _seen(part) | {"part": part.content == image[1:4]})
    yield _call(http, "GET", view, "view past the end", headers={"range": "bytes=999999-"})
    known = {"if-none-match": seen.headers.get("etag", "")}
    yield _call(http, "GET", view, "view with a known etag", headers=known)
    yield _call(http, "GET", f"{view}&preview=webp;50", "view a preview")
    for channel in ("rgb", "a"):
        yield _call(http, "GET", f"{view}&channel={channel}", f"view channel {channel}")
    yield _call(http, "GET", f"/api/view?filename={quote(name)}", "view among the outputs")
    yield _call(http, "GET", "/api/view", "view nothing")
    yield _call(http, "GET", "/api/view?filename=none.png&type=input", "view a missing file")
    yield _call(http, "GET", "/api/view?filename=a.png&type=nonsense", "view an unknown kind")
    yield _call(http, "GET", "/api/view?filename=../x.png&type=input", "view outside")
    yield _call(http, "GET", "/api/view?filename=x.png&type=input&subfolder=../..", "view a folder outside")


def _png(color: tuple[int, int, int]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), color).save(buffer, "PNG")
    return buffer.getvalue()


def _userdata(http: httpx.Client) -> Iterator[Observation]:
    folder = f"live_{uuid.uuid4().hex[:6]}"
    file = f"/api/userdata/{folder}%2Fa%20b.json"
    yield _call(http, "GET", "/api/userdata", "userdata without a folder")
    yield _call(http, "GET", "/api/userdata?dir=no_such_folder", "userdata of a missing folder")
    yield _call(http, "POST", file, "write a file", content=b"{}")
    yield _call(http, "POST", f"{file}?full_info=true", "write it with details", content=b"{}")
    yield _call(http, "POST", f"{file}?overwrite=false", "write an existing file", content=b"{}")
    yield _call(http, "POST", f"/api/userdata/{folder}/raw.json", "write with a raw slash", content=b"{}")
    yield _call(http, "POST", "/api/userdata/..%2F..%2Fx.json", "write outside", content=b"{}")
    yield _call(http, "GET", file, "read a file")
    yield _call(http, "GET", f"/api/userdata/{folder}%2Fnone.json", "read a missing file")
    for query in ("", "&full_info=true", "&split=true", "&recurse=true"):
        yield _call(http, "GET", f"/api/userdata?dir={folder}{query}", f"list a folder{query}")
    yield _call(http, "DELETE", file, "delete a file")
    yield _call(http, "DELETE", file, "delete it again")


def _names(http: httpx.Client) -> Iterator[Observation]:
    """Names of files with folders, dots and variables, in saving, uploading and viewing."""
    mark = uuid.uuid4().hex[:6]
    for prefix in (
        "%year%_%month%", "%width%x%height%", "%YEAR%", "%batch_num%", "%date:yyyy-MM-dd%/a", "a/b",
        "a//b", "./c", "d/../e", "a/", "trail/.", "..", "a\\b", " s ", "é", "\"q",
    ):  # fmt: skip
        given = prefix[:-1] + mark + prefix[-1:] if prefix.endswith(("/", ".")) else prefix + mark
        given = given if prefix != ".." else prefix
        for time in ("first", "second"):
            saved = [(item["subfolder"], item["filename"]) for item in _saved(http, given)]
            shown = [[re.sub("[0-9]", "0", part.replace(mark, "")) for part in item] for item in saved]
            numbers = [name.rsplit("_", 2)[-2] for _, name in saved] if prefix != ".." else []
            yield Observation(f"save as {prefix!r} for the {time} time", {"names": shown, "numbers": numbers})
    for prefix in ("../x", "/x", "a/../../x"):
        yield Observation(f"save as {prefix!r}", {"saved": _saved(http, prefix)})
    folder = f"live_{mark}"

    def uploaded(name: str, **fields: str) -> dict[str, Any]:
        form = {"image": (name, _png((1, 2, 3)), "image/png")}
        response = http.post("/api/upload/image", files=form, data={"overwrite": "1", **fields})
        name = response.json()["name"].replace(mark, "") if response.status_code == 200 else ""
        return {"status": response.status_code, "name": name}

    for name, subfolder in (
        (f"{folder}/a.png", ""), (f"own{mark}.png", ""), ("a.png", folder), (f"{folder}/b.png", ""),
        ("../c.png", folder), ("q.png", f"{folder}/x/../y"), ("q.png", f"/{folder}"), ("q.png", f"{folder}/"),
        ("q/", folder), (".", folder), ("..png", ""), ("a..b.png", ""), ("a\\b.png", ""),
        ("../../x.png", folder),
    ):  # fmt: skip
        title = f"upload as {name!r} in {subfolder!r}".replace(mark, "")
        yield Observation(title, uploaded(name, subfolder=subfolder))
    own = f"own{mark}.png"
    for query in (
        {"filename": f"{folder}/{own}"}, {"filename": f"{folder}/a.png"}, {"filename": "own..png"},
        {"filename": "a.png", "subfolder": folder}, {"filename": "a.png", "subfolder": f"{folder}//"},
        {"filename": own, "subfolder": f"{folder}/.."}, {"filename": "a.png", "subfolder": ".."},
        {"filename": "a.png", "subfolder": f"/{folder}"}, {"filename": f"{own} [input]", "type": "output"},
        {"filename": f"{own}[input]"}, {"filename": f"{own} [output]"}, {"filename": "[input]"},
        {"filename": "a.png [input]", "subfolder": folder, "type": "temp"}, {"filename": f"{folder}/"},
    ):  # fmt: skip
        response = http.get("/api/view", params={"type": "input", **query})
        disposition = response.headers.get("content-disposition", "").replace(mark, "")
        yield Observation(
            f"view {query}".replace(mark, ""), {"status": response.status_code, "name": disposition}
        )


def _saved(http: httpx.Client, prefix: str) -> Any:
    """The files that two images are saved as, or the type of the error."""
    made = graph(random.randrange(1 << 24), prefix)
    made["1"]["inputs"] |= {"batch_size": 2, "height": 32}
    entry = _ended(http, http.post("/api/prompt", json={"prompt": made}).json()["prompt_id"])
    if "2" in entry["outputs"]:
        return entry["outputs"]["2"]["images"]
    return entry["status"]["messages"][-1][1]["exception_type"]


async def _sockets(url: str) -> list[Observation]:
    """The websocket messages of a new run, and of one that is served from the cache."""
    from websockets.asyncio.client import connect

    base = url.replace("http", "ws", 1)
    found: list[Observation] = []
    color = random.randrange(1 << 24)
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        ours, other = uuid.uuid4().hex, uuid.uuid4().hex
        async with (
            connect(f"{base}/ws?clientId={ours}", proxy=None) as socket,
            connect(f"{base}/ws?clientId={other}", proxy=None) as bystander,
        ):
            first = json.loads(await socket.recv())
            found.append(
                Observation("first message", shape(first) | {"sid is ours": first["data"].get("sid") == ours})
            )
            await socket.send(
                json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
            )
            await bystander.recv()
            for name in ("a run", "the same again"):
                body = {"prompt": graph(color, "socket"), "client_id": ours}
                await http.post("/api/prompt", json=body)
                found.append(
                    Observation(f"messages of {name}", {"messages": await _messages_of_a_run(socket)})
                )
            kinds = {json.loads(message)["type"] for message in await _drained(bystander)}
            found.append(Observation("messages to other clients", {"kinds": sorted(kinds)}))
    return found


async def _messages_of_a_run(socket: Any) -> list[Any]:
    """The messages until the end of a run.

    Repeated messages count once, since their number depends on the speed.
    """
    found: list[Any] = []
    async for message in socket:
        if isinstance(message, bytes):
            continue
        each = json.loads(message)
        # The number of status messages in between depends on the speed as well.
        if each["type"] != "status" and (not found or found[-1] != [each["type"], shape(each["data"])]):
            found.append([each["type"], shape(each["data"])])
        if each["type"] == "executing" and each["data"].get("node") is None:
            break
    return found


async def _drained(socket: Any) -> list[str]:
    """The messages that have arrived: everything before the response to a ping."""
    pong = await socket.ping()
    await pong
    found = []
    while True:
        try:
            async with asyncio.timeout(0.05):
                found.append(await socket.recv())
        except TimeoutError:
            return found
