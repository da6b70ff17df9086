"""What rows mean for a user, by the beginning of their names. The longest beginning counts.

A row without one is shown with its numbers alone.
"""

from __future__ import annotations

_ADDED = "How much the client adds to a request: types, checks, retries and the log."

MEANINGS = {
    "import comfy_cloud": "What naming the package costs a program, before a class of it is used.",
    "from comfy_cloud import": "How soon a script with the client starts, against one with httpx alone.",
    "comfy-cloud --version": "The shortest call of the command: what every call of it costs at least.",
    "comfy-cloud --help": "How soon the help appears, against the start of a bare click program.",
    "a second client": "What a client per task or per thread costs: certificates are read once.",
    "one small GET": _ADDED,
    "64 GETs in flight": "The same with many requests side by side, as a busy server sends them.",
    "64 GETs in flight, extra `fast`": "The same with the extra `fast`, which sends over aiohttp.",
    "a job's end to the return of": "How long after its end a program has the job in hand.",
    "a slot of `map`": "How soon a sweep sends its next variant: it limits sweeps of quick jobs.",
    "following 5,000 jobs": "How many requests a program sends that waits for thousands of jobs.",
    "from comfy_cloud import ComfyCloud: and the first": "The same with the first client.",
    "a history page of 1,000": "Reading a thousand history entries to compare ids, times and states.",
    "a history page of 1,000: ids, times, status: and the number of outputs": (
        "The same with how many files each made. Files that a node lists twice count once, so their names "
        "must be read: the limit does that and nothing else."
    ),
    "a history page of 1,000: ids, times, status: every field, entry": (
        "A program that reads everything of an entry and goes on to the next, as a loop over the history "
        "does. What it has read makes room for what comes."
    ),
    "a history page of 1,000: ids, times, status: every field, and": (
        "A program that also keeps what it reads. Fields are found first and decoded when they are read; "
        "the limit decodes them once."
    ),
    "a jobs page of 1,000": "Listing a thousand jobs.",
    "object_info: one class": "Looking up one node class of a server that has hundreds.",
    "object_info: one class: all classes": "Reading every node class, as an editor does.",
    "iterating 100,000 entries": "Going through a long history from a loop.",
    "iterating 100,000 entries: its": "How much memory a long history needs, in all and against a short one.",
    "100,000 entries into the mirror: its": "The same for the first sync of a long history.",
    "50,000 websocket events": "Following many jobs live: what an event costs.",
    "100,000 entries into the mirror": "The first sync of a long history, without waiting for the network.",
    "requests of a sync, nothing new": "What a sync every few minutes asks of the service.",
    "99th of 100 searches": "How long all but the slowest searches of the mirror take.",
    "stats": "Counting a whole history by model, state and week.",
    "peak memory of": "Whether a large history needs a large machine.",
    "1024 MiB download": "One large file, verified while it arrives.",
    "1024 MiB upload": "One large file, hashed before it is sent.",
    "1024 MiB in parts": "A storage that is slow for each connection is read over several of them.",
    "300 files of 1 MB": "Downloading the outputs of a sweep over a connection with latency.",
    "hashing": "Content is hashed before an upload and while a download arrives.",
    "start the emulator": "How soon a local Comfy Cloud is ready, against loading its libraries.",
    "slowest of": "How quick the emulator is when it has many jobs.",
    "500 GETs in flight": "Whether many clients at once slow each other down.",
    "a message, 200 listeners": "Whether many listeners of the websocket are served as well as one.",
    "memory for an asset": "Whether large uploads go to the disk or into memory.",
    "a session's emulator starts": "What the plugin adds to a whole test session, once.",
    "a reset and one GET": "What the plugin adds to each test.",
    "a reset to the demo": "The same where each test begins with the demo account.",
}


def meaning(work: str) -> str:
    """What a row means; empty if nobody has written it."""
    fitting = [start for start in MEANINGS if work.startswith(start)]
    return MEANINGS[max(fitting, key=len)] if fitting else ""
