"""Follow a job by its event stream, fork, and go on in both processes.

Each process must see the end, the child over a stream of its own. Prints what did not hold. It runs
in a process of its own: a test runner has threads, and should not be forked.
"""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Iterable

from comfy_cloud import ComfyCloud, JobSucceeded, Progress
from tests.event_stream_server import EVENTS, HEAD, JOB_ID, EventStreamServer, event

_STEP = event("progress", current_node="1", step=1, steps=2)


def until_the_end(server: EventStreamServer) -> Iterable[bytes]:
    yield HEAD
    while server.job["status"] == "running" and not server.is_closed:
        yield _STEP
        server.closed.wait(0.02)
    yield event("status", status=server.job["status"])


def main() -> list[str]:
    problems: list[str] = []
    with EventStreamServer(until_the_end) as server, ComfyCloud(base_url=server.url, api="v2") as cloud:
        events = cloud.jobs.get(JOB_ID).events(timeout=20)
        for seen in events:
            if isinstance(seen, Progress):
                break
        child = os.fork()
        if child == 0:
            faulthandler.dump_traceback_later(20, exit=True)
            os._exit(0 if isinstance(list(events)[-1], JobSucceeded) else 1)
        if not server.wait_for(EVENTS, 2):
            problems.append("the child opened no stream of its own")
        server.finish()
        if not isinstance(list(events)[-1], JobSucceeded):
            problems.append("the parent saw no end")
        _, status = os.waitpid(child, 0)
        if status:
            problems.append(f"the child ended with {status}")
        if server.count(EVENTS) != 2:
            problems.append(f"{server.count(EVENTS)} streams were opened")
    return problems


if __name__ == "__main__":
    for problem in main():
        print(problem)
