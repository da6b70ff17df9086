"""What a cloud has confirmed, to be compared with what it shows after its process was killed.

Each thing has a key and a list of what it may show: one observation after its last change was
confirmed, two while a change is in progress. A dict as observation matches everything that has at
least its items.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from blake3 import blake3
from PIL import Image

from tests import images

Json = Any
Key = tuple[str, str]
T = TypeVar("T")
HOURS = 2 * 3600
"""Emulated seconds after which every accepted job is over."""


class Ledger:
    """The things of one account, accessed with `client`."""

    def __init__(self) -> None:
        self.facts: dict[Key, list[Json]] = {}
        self.responses = 0

    def change(self, key: Key, after: Json, work: Callable[[], T]) -> T:
        """Make a change after which the thing shows `after`.

        If `work` raises, both outcomes are allowed.
        """
        before = self.facts.get(key, [None])
        self.facts[key] = [*before, after]
        done = work()
        self.facts[key] = [after]
        self.responses += 1
        return done

    def learn(self, key: Key, shown: Json) -> None:
        """Record what a response showed of a thing."""
        self.facts[key] = [shown]
        self.responses += 1

    def differences(self, client: httpx.Client, keys: list[Key] | None = None) -> list[str]:
        """Descriptions of things that show something else than was confirmed.

        Resolves open outcomes.
        """
        wrong: list[str] = []
        for key in list(self.facts) if keys is None else keys:
            seen = observed(client, *key)
            fitting = [shown for shown in self.facts[key] if _fits(shown, seen)]
            if fitting:
                self.facts[key] = [fitting[-1]]
            else:
                wrong.append(f"{key}: expected one of {self.facts[key]}, saw {seen}")
        return wrong


def _fits(shown: Json, seen: Json) -> bool:
    if isinstance(shown, dict) and isinstance(seen, dict):
        return shown.items() <= seen.items()
    return bool(shown == seen)


def json_of(response: httpx.Response, *statuses: int) -> Json:
    """The body of a response that must be successful."""
    request = response.request
    assert response.status_code in (statuses or (200, 201, 202, 204)), (
        f"{request.method} {request.url.path} -> {response.status_code} {response.text[:300]}"
    )
    return response.json() if response.content and "json" in response.headers["content-type"] else None


def observed(client: httpx.Client, kind: str, name: str) -> Json:
    """What a thing shows now; None when it does not exist."""
    return _OBSERVERS[kind](client, name)


def _userdata(client: httpx.Client, path: str) -> Json:
    found = client.get(f"/api/userdata/{path}")
    return None if found.status_code == 404 else (json_of(found), found.text)[1]


def _asset(client: httpx.Client, id: str) -> Json:
    found = client.get(f"/api/assets/{id}")
    if found.status_code == 404:
        return None
    shown = json_of(found)
    digest = content_digest(client, f"/api/assets/{id}/content")
    assert digest == shown["hash"].removeprefix("blake3:"), f"the content of asset {id} is another"
    return {name: shown[name] for name in ("name", "tags", "user_metadata")} | {"content": digest}


def _upload(client: httpx.Client, filename: str) -> Json:
    return content_digest(client, "/api/view", filename=filename)


def _mask(client: httpx.Client, filename: str) -> Json:
    found = client.get("/api/files/mask-layers", params={"filename": filename})
    return None if found.status_code == 404 else json_of(found)


def _task(client: httpx.Client, id: str) -> Json:
    found = client.get(f"/api/tasks/{id}")
    return None if found.status_code == 404 else {"status": json_of(found)["status"]}


def _job(client: httpx.Client, id: str) -> Json:
    found = client.get(f"/api/jobs/{id}")
    if found.status_code == 404:
        return None
    shown = json_of(found)
    assets = json_of(client.get(f"/api/jobs/{id}/assets", params={"limit": 500}))["assets"]
    return {
        "status": shown["status"],
        "outputs": shown.get("outputs"),
        "assets": sorted((asset["node_id"], asset["output_index"], asset["hash"]) for asset in assets),
    }


_OBSERVERS: dict[str, Callable[[httpx.Client, str], Json]] = {
    "userdata": _userdata,
    "asset": _asset,
    "upload": _upload,
    "mask": _mask,
    "task": _task,
    "job": _job,
}


def content_digest(client: httpx.Client, path: str, **query: str) -> str | None:
    """The blake3 digest of the content at a path; None when there is none."""
    sent_on = client.get(path, params=query)
    if sent_on.status_code == 404:
        return None
    json_of(sent_on, 302)
    content = _stored(sent_on.headers["location"])
    return blake3(content).hexdigest()


def _stored(url: str) -> bytes:
    # Loading certificates would take longer than everything else.
    response = httpx.get(url, trust_env=False, verify=False)
    assert response.status_code == 200, response.text[:300]
    return response.content


def incomplete(client: httpx.Client, known: set[str] | None = None) -> list[str]:
    """Descriptions of what is incomplete: endless jobs, missing files, results listed twice or
    never.

    Advances the time until everything that was accepted is over. Skips jobs in `known`, and adds
    the others to it.
    """
    json_of(client.post("/_emulator/time", json={"advance": HOURS}))
    known, wrong = set() if known is None else known, []
    ids: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = json_of(client.get("/api/jobs", params={"limit": 1000, **after}))
        ids += [job["id"] for job in page["jobs"]]
        if not page["pagination"]["has_more"]:
            break
        after = {"after": page["pagination"]["next_cursor"]}
    if len(ids) != len(set(ids)):
        wrong.append("a job is listed twice")
    for id in [id for id in ids if id not in known]:
        known.add(id)
        seen = _job(client, id)
        if seen["status"] not in ("completed", "failed", "cancelled"):
            wrong.append(f"job {id} is {seen['status']}")
        items = [
            item for shown in (seen["outputs"] or {}).values() for kept in shown.values() for item in kept
        ]
        if len(items) != len(seen["assets"]):
            wrong.append(f"job {id} made {len(items)} files and lists {len(seen['assets'])}")
        if seen["status"] == "completed" and not items:
            wrong.append(f"job {id} is over without a file")
        for item in items:
            sent_on = client.get("/api/view", params={"filename": item["filename"]})
            json_of(sent_on, 302)
            content = _stored(sent_on.headers["location"])
            with Image.open(io.BytesIO(content)) as image:
                image.load()
                if "prompt" not in image.info:
                    wrong.append(f"{item['filename']} of job {id} tells no graph")
    return wrong


def png(number: int) -> bytes:
    """A small image that is different for each number."""
    return images.png((number & 255, number >> 8 & 255, number >> 16 & 255))
