"""`comfy-cloud mcp` as a program: over stdin and stdout, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

from mcp import Client, StdioServerParameters

from comfy_cloud_emulator import Emulator
from tests.cli.conftest import HANG_TIMEOUT, PROGRAM, program_environment

ONE_TRANSPORT = True
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


async def test_a_client_talks_to_it(cloud: Emulator, tmp_path: Path) -> None:
    environment = program_environment()
    parameters = StdioServerParameters(
        command=PROGRAM[0], args=[*PROGRAM[1:], "mcp"], env=environment, cwd=tmp_path
    )
    async with Client(parameters) as client:
        assert "run" in {tool.name for tool in (await client.list_tools()).tools}
        listed = await client.call_tool("list_history", {"limit": 2})
        refused = await client.call_tool("run", {"workflow": "{}"})
    assert not listed.is_error
    assert len(listed.structured_content["jobs"]) == 2
    assert refused.is_error


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=program_environment(),
        cwd=folder,
    )


def test_it_ends_quietly_on_ctrl_c_and_when_stdin_is_closed(cloud: Emulator, tmp_path: Path) -> None:
    for ending in ("ctrl-c", "closed"):
        with start(tmp_path) as program:
            assert program.stdin is not None
            assert program.stdout is not None
            program.stdin.write("no json\n" + json.dumps(INITIALIZE) + "\n")
            program.stdin.flush()
            while (line := json.loads(program.stdout.readline())).get("id") != 1:
                assert line["jsonrpc"] == "2.0"
            assert line["result"]["serverInfo"]["name"] == "comfy-cloud"
            if ending == "ctrl-c":
                program.send_signal(signal.SIGINT)
                program.wait(timeout=HANG_TIMEOUT)
            out, err = program.communicate(timeout=HANG_TIMEOUT)
        assert (program.returncode, out, err) == (0, "", "")
