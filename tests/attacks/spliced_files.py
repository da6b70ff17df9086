"""A file that changes while it is downloaded: what is saved or read is one version, or nothing.

The first response breaks off. After that, the server has another version, and says so or not.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from comfy_cloud import ComfyCloudError, Retry
from comfy_cloud.hashing import hash_bytes
from tests.attacks.trials import TRANSPORTS, call_over
from tests.clock import FakeTime
from tests.live.forms import Form
from tests.raw_server import RawServer, RecordedRequest, http_response, partial_response, raw_server

SIZE = 60_000
FIRST = random.Random(1).randbytes(SIZE)
OTHER = random.Random(2).randbytes(SIZE)
VERSIONS = {"the same length": OTHER, "shorter": OTHER[:-7000], "longer": OTHER + b"more" * 99}
# Where the first response breaks off.
POINTS = (1, SIZE // 2, SIZE - 1)

_OLD, _LATER, _NOW = (f"Mon, 23 Nov 2026 {time} GMT" for time in ("09:00:00", "09:00:01", "12:00:00"))
# The headers of the first response, those of the next ones, and whether they lie: they say of a
# strong validator that the content is the same.
VALIDATORS: dict[str, tuple[dict[str, str], dict[str, str], bool]] = {
    "none": ({}, {}, False),
    "weak, the same": ({"etag": 'W/"1"'}, {"etag": 'W/"1"'}, False),
    "weak, different": ({"etag": 'W/"1"'}, {"etag": 'W/"2"'}, False),
    "weak, then strong": ({"etag": 'W/"1"'}, {"etag": '"1"'}, False),
    "strong, then none": ({"etag": '"1"'}, {}, False),
    "strong, different": ({"etag": '"1"'}, {"etag": '"2"'}, False),
    "strong, the same": ({"etag": '"1"'}, {"etag": '"1"'}, True),
    "recent date": ({"last_modified": _NOW, "date": _NOW}, {"last_modified": _NOW, "date": _NOW}, False),
    "date without a clock": ({"last_modified": _OLD}, {"last_modified": _OLD}, False),
    "different dates": (
        {"last_modified": _OLD, "date": _NOW},
        {"last_modified": _LATER, "date": _NOW},
        False,
    ),
    "old date": ({"last_modified": _OLD, "date": _NOW}, {"last_modified": _OLD, "date": _NOW}, True),
    "weak beside an old date": (
        {"etag": 'W/"1"', "last_modified": _OLD, "date": _NOW},
        {"etag": 'W/"1"', "last_modified": _OLD, "date": _NOW},
        False,
    ),
}
# How the server responds once the file has changed: what it sends for a range.
RESPONSES = ("206", "206 unasked", "206 without a total", "200", "416", "wrong position", "wrong total")
CALLERS = ("hash of the first", "hash of the other", "no hash", "stream")


@dataclass(frozen=True)
class Try:
    """One download."""

    version: str
    point: int
    validators: str
    response: str
    caller: str

    def is_beyond_help(self) -> bool:
        """Whether a lie is not to be noticed: without a hash, a strong validator is believed."""
        return VALIDATORS[self.validators][2] and self.caller in ("no hash", "stream")

    def __str__(self) -> str:
        return f"{self.version}, at {self.point}, {self.validators}, {self.response}, {self.caller}"


def tries() -> Iterator[Try]:
    """All of them."""
    for each in product(VERSIONS, POINTS, VALIDATORS, RESPONSES, CALLERS):
        attempt = Try(*each)
        if not attempt.is_beyond_help():
            yield attempt


def script(server: RawServer, attempt: Try) -> None:
    """Make the server respond as in this try."""
    before, after, _ = VALIDATORS[attempt.validators]
    content = VERSIONS[attempt.version]
    server.script("/api/view", http_response(302, location=f"{server.url}/stored"))
    server.script(
        "/stored",
        http_response(200, FIRST[: attempt.point], len(FIRST), **before),
        _other_version(content, attempt, after),
    )


def _other_version(
    content: bytes, attempt: Try, headers: dict[str, str]
) -> Callable[[RecordedRequest], bytes]:
    def respond(request: RecordedRequest) -> bytes:
        start = int(request.headers.get("range", "bytes=0-")[len("bytes=") : -1])
        if attempt.response == "206 unasked":
            start = attempt.point
        if not start or start >= len(content) or attempt.response == "200":
            return http_response(200, content, **headers)
        if request.headers.get("if-range") not in (None, *headers.values()):
            return http_response(200, content, **headers)
        match attempt.response:
            case "416":
                return http_response(416, b"", content_range=f"bytes */{len(content)}", **headers)
            case "wrong position":
                return partial_response(content, max(1, start - 1), **headers)
            case "wrong total":
                return partial_response(content, start, total=f"{len(content) + 1}", **headers)
            case "206 without a total":
                return partial_response(content, start, total="*", **headers)
            case _:
                return partial_response(content, start, **headers)

    return respond


def _name(attempt: Try) -> str:
    other = attempt.caller == "hash of the other"
    return f"{hash_bytes(VERSIONS[attempt.version] if other else FIRST)}.mp4"


def made(server: RawServer, transport: str, attempt: Try, path: Path) -> bytes:
    """What a try reads or saves."""
    found: list[bytes] = []

    async def download(form: Form) -> str:
        files = form.cloud.files
        if attempt.caller == "stream":
            async with form.entered(files.open("a.mp4")) as content:
                found.append(await form(content.read()))
        else:
            await form(files.download(_name(attempt), path, verify=attempt.caller != "no hash"))
            found.append(path.read_bytes())
        return ""

    time, retry = FakeTime(datetime.now(UTC)), Retry(attempts=3)
    call_over(transport, server.url, download, time, api_key="comfyui-a", retry=retry)
    return found[0]


def problem(server: RawServer, transport: str, attempt: Try) -> str | None:
    """Make a try; returns what is wrong with its outcome, or None."""
    script(server, attempt)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mp4"
        try:
            content = made(server, transport, attempt, path)
        except ComfyCloudError:
            return f"left in the folder: {left}" if (left := list(Path(folder).iterdir())) else None
        except Exception as error:  # noqa: BLE001 - it does not belong here
            return repr(error)
    allowed = [FIRST, VERSIONS[attempt.version]]
    if attempt.caller.startswith("hash"):
        allowed = [FIRST] if attempt.caller == "hash of the first" else allowed[1:]
    return None if content in allowed else "two versions were put together"


def attack(transport: str, validators: str, start: int = 0, step: int = 1) -> tuple[int, list[str]]:
    """Make every `step`-th try with these validators; returns their number, and what was wrong."""
    chosen = [each for each in tries() if each.validators == validators][start::step]
    with raw_server() as server:
        outcomes = [(attempt, problem(server, transport, attempt)) for attempt in chosen]
    return len(chosen), [f"{transport}, {attempt}: {wrong}" for attempt, wrong in outcomes if wrong]


def main() -> None:
    for validators in VALIDATORS:
        reports = [attack(transport, validators) for transport in TRANSPORTS]
        count, found = sum(count for count, _ in reports), [line for _, lines in reports for line in lines]
        print(f"file changed during the download, validator: {validators} | {count} | {count - len(found)}")
        for line in found[:5]:
            print("   ", line)


if __name__ == "__main__":
    main()
