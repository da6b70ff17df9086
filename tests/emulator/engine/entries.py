"""What the tests of the engine read of an entry of the history."""

from __future__ import annotations

import httpx

from ..workflows import Json


def history_entry(client: httpx.Client, id: str) -> Json:
    """The entry of a finished job."""
    data: Json = client.get(f"/api/history_v2/{id}").json()[id]
    return data


def events(entry: Json) -> list[str]:
    """The names of its messages."""
    return [message[0] for message in entry["status"]["messages"]]


def last_message(entry: Json) -> Json:
    """The data of its last message."""
    data: Json = entry["status"]["messages"][-1][1]
    return data
