"""A headless Chromium, driven over its debugging protocol: what a page logs, asks for and shows.

It resolves no host name, so a page reaches 127.0.0.1 and nothing else.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from websockets.sync.client import ClientConnection, connect

Json = dict[str, Any]
_OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--mute-audio",
    "--window-size=1600,1000", "--remote-debugging-port=0",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


class Response(NamedTuple):
    """A response to the page: the method and address of the request, and the status."""

    method: str
    url: str
    status: int


class Page:
    """One page of a Chromium; a context manager.

    `errors` are the red messages of its console, `responses` what its requests got.
    """

    def __init__(self, program: str) -> None:
        self._program = program
        self.errors: list[str] = []
        self.responses: list[Response] = []
        self._methods: dict[str, str] = {}
        self._number = 0

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        profile = Path(self._folder.name)
        command = [self._program, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            file = profile / "DevToolsActivePort"
            wait_until(lambda: file.is_file() and file.read_text().count("\n") >= 1, 60, "Chromium to start")
            port, path = file.read_text().split("\n")[:2]
            self._socket: ClientConnection = connect(
                f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None, ping_interval=None
            )
            self._session: str | None = None
            target = self._call("Target.createTarget", url="about:blank")["targetId"]
            attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
            self._session = attached["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self._call(f"{domain}.enable")
        except BaseException:
            self._process.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(20)
        self._folder.cleanup()

    def open(self, url: str) -> None:
        """Go to an address."""
        self._call("Page.navigate", url=url)

    def value(self, script: str) -> Any:
        """What a script in the page returns, as JSON; promises are awaited."""
        found = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(f"the script failed in the page: {found['exceptionDetails']}")
        return found["result"].get("value")

    def wait(self, script: str, seconds: float, what: str) -> None:
        """Wait until a script in the page returns true. Raises TimeoutError."""
        wait_until(lambda: self.value(script) is True, seconds, what)

    def screenshot(self, path: Path) -> None:
        """Write what the page shows as a PNG."""
        import base64

        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def _call(self, method: str, **params: Any) -> Json:
        self._number += 1
        session = {} if self._session is None else {"sessionId": self._session}
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params, **session}))
        while True:
            message: Json = json.loads(self._socket.recv(timeout=120))
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: Json = message["result"]
                return result
            if "method" in message:
                self._note(message["method"], message["params"])

    def _note(self, event: str, params: Json) -> None:
        match event:
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "assert"):
                shown = [str(each.get("value", each.get("description"))) for each in params["args"]]
                self.errors.append(" ".join(shown))
            case "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                self.errors.append(str(details.get("exception", {}).get("description", details["text"])))
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.errors.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
            case "Network.requestWillBeSent":
                self._methods[params["requestId"]] = params["request"]["method"]
            case "Network.responseReceived":
                response = params["response"]
                method = self._methods.get(params["requestId"], "GET")
                self.responses.append(Response(method, response["url"], response["status"]))
            case _:
                pass


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until a condition holds. Raises TimeoutError, which says what did not happen."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} seconds for {what}")
        time.sleep(0.2)
