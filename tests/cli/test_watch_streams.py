"""`jobs watch` over an event stream whose texts are sequences for a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import pytest

from tests.event_stream_server import HEAD, JOB_ID, EventStreamServer, event

from .conftest import Run, run_on_terminal

HOSTILE = "\x1b]0;title\x07\x1b[2J\x9b31m\u202eNode\r\nX\x7f"
# What no text of a server may bring to a terminal. The command has colors and moves of its own.
FORBIDDEN = re.compile("\x1b\\]|\x1b\\[2J|\x07|\x9b|\u202e|\x7f")


def hostile(server: EventStreamServer) -> Iterable[bytes]:
    yield HEAD
    yield event("status", status="running", queue_position=None, detail=HOSTILE)
    for name, text in (("1", HOSTILE), (HOSTILE, "KSampler"), (HOSTILE, HOSTILE)):
        yield event(
            "progress",
            current_node=name,
            current_node_class=text,
            step=1,
            steps=2,
            value=0.5,
            message=HOSTILE,
        )
    yield event("log", level=HOSTILE, message=HOSTILE)
    yield event("output", node_id=HOSTILE, name=HOSTILE, type=HOSTILE, content_type=HOSTILE, id="x")
    yield event(HOSTILE.replace("\r\n", ""), text=HOSTILE)
    error = {"code": HOSTILE, "message": HOSTILE, "node_id": HOSTILE, "details": {"node_type": HOSTILE}}
    server.job = {**server.job, "error": error}
    server.finish("failed")
    yield event("status", status="failed", queue_position=None)


def options(server: EventStreamServer) -> list[str]:
    return ["--base-url", server.url, "--api", "v2", "jobs", "watch", JOB_ID]


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_no_text_of_a_stream_is_a_sequence_for_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "comfyui-0123456789abcdef")
    with EventStreamServer(hostile) as server:
        shown = run(*options(server), *more)
    assert shown.code == 3, shown.err
    assert "Node" in shown.out + shown.err
    assert not FORBIDDEN.search(shown.out + shown.err)
    if more:
        assert all(json.loads(line)["schema"] == 1 for line in shown.out.splitlines())


def test_nor_on_a_terminal() -> None:
    environment = {"COMFY_CLOUD_API_KEY": "comfyui-0123456789abcdef"}
    with EventStreamServer(hostile) as server:
        shown = run_on_terminal(*options(server), environment=environment, with_stderr=True)
    assert shown.code == 3, shown.out
    assert "Node" in shown.out
    assert not FORBIDDEN.search(shown.out)
