"""What rows mean for a user, by the beginning of their names. The longest beginning counts.

A row without one is shown with its numbers alone.
"""

from __future__ import annotations

_ADDED = "How much the client adds to a request: types, checks, retries and the log."

MEANINGS = {
    "import comfy_cloud": "Naming the package in a program costs nothing until a class is used.",
    "from comfy_cloud import": "A script with the client starts nearly as soon as one with httpx alone.",
    "comfy-cloud --version": "The shortest call of the command: what every call of it costs at least.",
    "comfy-cloud --help": "The help appears about as soon as a bare click program starts.",
    "a second client": "A client per task or per thread is cheap: certificates are read once.",
    "one small GET": _ADDED,
    "64 GETs in flight": "The same with many requests side by side, as a busy server sends them.",
    "64 GETs in flight, extra `fast`": "The same with the extra `fast`, which sends over aiohttp.",
    "a job's end to the return of": "How long after its end a program has the job in hand.",
    "a slot of `map`": "How soon a sweep sends its next variant: it limits sweeps of quick jobs.",
    "a history page of 1,000": "Reading a thousand history entries to compare ids, times and states.",
    "a history page of 1,000: ids, times, status: every field": "The same if a program reads everything.",
    "a jobs page of 1,000": "Listing a thousand jobs.",
    "object_info: one class": "Looking up one node class of a server that has hundreds.",
    "object_info: one class: all classes": "Reading every node class, as an editor does.",
    "iterating 100,000 entries": "Going through a long history from a loop.",
    "iterating 100,000 entries: its": "A long history needs no more memory than a short one.",
    "100,000 entries into the mirror: its": "Nor does the first sync of a long history.",
    "50,000 websocket events": "Following many jobs live: what an event costs.",
    "100,000 entries into the mirror": "The first sync of a long history, without waiting for the network.",
    "requests of a sync, nothing new": "A sync every few minutes asks little of the service.",
    "99th of 100 searches": "Nearly every search of the mirror is over within this time.",
    "stats": "Counting a whole history by model, state and week.",
    "peak memory of": "A large history does not need a large machine.",
    "300 files of 1 MB": "Downloading the outputs of a sweep over a connection with latency.",
    "hashing": "Content is hashed before an upload and after a download, at nearly full speed.",
    "start the emulator": "A local Comfy Cloud is ready about as soon as its libraries are loaded.",
    "slowest of": "Long lists of the emulator stay quick.",
    "500 GETs in flight": "Many clients at once do not slow each other down.",
    "a message, 200 listeners": "Many listeners of the websocket are served about as well as one.",
    "memory for an asset": "Large uploads go to the disk, not into memory.",
    "a session's emulator starts": "What the plugin adds to a whole test session, once.",
    "a reset and one GET": "What the plugin adds to each test.",
    "a reset to the demo": "The same where each test begins with the demo account.",
}


def meaning(work: str) -> str:
    """What a row means; empty if nobody has written it."""
    fitting = [start for start in MEANINGS if work.startswith(start)]
    return MEANINGS[max(fitting, key=len)] if fitting else ""
