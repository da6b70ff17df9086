"""The emulator under attack: started in another process, its responses judged, its memory read."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

KEY = "a-key-of-the-attack"


@dataclass
class Report:
    """What came of one kind of attack."""

    kind: str
    tries: int = 0
    problems: list[str] = field(default_factory=list)
    peak: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        held = self.tries - len(self.problems)
        return f"emulator: {self.kind} | {self.tries} | {held} | {self.peak} MB | {self.seconds:.1f} s"


class Target:
    """The emulator that is attacked."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.url = url
        self.process = psutil.Process(process.pid)
        self.client = httpx.Client(
            base_url=url,
            headers={"X-API-Key": KEY},
            trust_env=False,
            timeout=120,
            limits=httpx.Limits(max_connections=None),
        )
        self.report = Report("")

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response | None:
        """Send a request and judge the response. None when the connection was closed."""
        self.report.tries += 1
        try:
            response = self.client.request(method, path, **options)
        except httpx.TimeoutException:
            self.report.problems.append(f"{method} {path[:60]}: no response")
        except (httpx.TransportError, httpx.InvalidURL):
            return None
        else:
            self.judge(f"{method} {path[:60]}", response.status_code, response.content)
            return response
        return None

    def judge(self, what: str, status: int, body: bytes) -> None:
        is_explained = status in (501, 503) and len(body) > 10
        if status >= 500 and not is_explained:
            self.report.problems.append(f"{what}: {status} {body[:200]!r}")

    def together(self, calls: Iterable[Callable[[], object]], threads: int = 16) -> None:
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(call) for call in calls]:
                done.result()

    def raw(self, *parts: bytes, seconds: float = 20) -> bytes:
        """Write bytes to a connection and read what comes back."""
        self.report.tries += 1
        answer = b""
        with suppress(OSError), socket.create_connection(self.address, timeout=seconds) as wire:
            with suppress(ConnectionError):
                for part in parts:
                    wire.sendall(part)
                wire.shutdown(socket.SHUT_WR)
            while chunk := wire.recv(1 << 16):
                answer += chunk
        status = re.match(rb"HTTP/1.1 (\d{3})", answer)
        if status is not None:
            self.judge(repr(parts[0][:60]), int(status[1]), answer)
        return answer

    def run(self, graph: dict[str, Any]) -> None:
        """Submit a workflow and wait until its job is over."""
        response = self.send("POST", "/api/prompt", json={"prompt": graph})
        if response is None or response.status_code != 200:
            return
        id = response.json()["prompt_id"]
        for _ in range(3_000):
            state = self.client.get(f"/api/jobs/{id}").json()
            if state["status"] not in ("pending", "in_progress"):
                return
            time.sleep(0.02)
        self.report.problems.append(f"a job does not end: {json.dumps(graph)[:200]}")

    def reset_peak(self) -> None:
        with suppress(OSError):
            Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak(self) -> int:
        """The most memory since `reset_peak`, in MB; elsewhere than on Linux, the memory now."""
        with suppress(OSError):
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            found = re.search(r"VmHWM:\s+(\d+)", status)
            if found is not None:
                return int(found[1]) // 1024
        return int(self.process.memory_info().rss) >> 20


@contextmanager
def running(*options: str) -> Iterator[Target]:
    """An emulator in another process."""
    command = [sys.executable, "-m", "comfy_cloud.cli", "emulate", "--port", "0", "--key", KEY]
    command += ["--seed-data", "none", "--speed", "1000", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMFY_CLOUD_")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        lines = process.stderr
        assert lines is not None
        try:
            url = next(found[0] for line in lines if (found := re.search(r"http://127.0.0.1:\d+", line)))
            # Its log is read on, because a full pipe would stop it.
            reader = threading.Thread(target=lambda: [None for _ in lines])
            reader.start()
            target = Target(process, url)
            with target.client:
                yield target
        finally:
            process.kill()
        reader.join()
