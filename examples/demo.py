"""`make demo`: a user's history, read over real HTTP from the local Comfy Cloud.

It starts the emulator on a free port, makes the first two requests fail with a 500, and runs the
command against it as a person would. It needs no key and no network, and leaves nothing running.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator, Fault

KEY = "comfyui-local-key"


def main() -> int:
    """Run the demo. Returns 0 when every step did what it says."""
    with tempfile.TemporaryDirectory() as config, Emulator(key=KEY, seed_data="demo") as emulator:
        os.environ.update(
            COMFY_CLOUD_BASE_URL=emulator.url, COMFY_CLOUD_API_KEY=KEY, COMFY_CLOUD_CONFIG_DIR=config
        )
        say(f"A local Comfy Cloud runs at {emulator.url}. Its next two responses will be errors (500).")
        emulator.faults.add(Fault.status_burst(500, times=2, path="/api/history_v2"))
        code = command("--verbose", "history", "list", "--limit", "12", "--output", "table")
        failed = [request.status for request in emulator.requests].count(500)
        say(f"{failed} requests failed with a 500 and were repeated; the list is complete.")

        with ComfyCloud() as cloud:
            failed_jobs = cloud.history.iter(status="failed")
            entry = next(entry for entry in failed_jobs if entry.error and entry.error.node_id)
        say(f"One entry in detail, a job that failed: {entry.id}")
        code = code or command("history", "show", entry.id, "--output", "table")
        code = code or (0 if failed == 2 else 1)
    say("The local Comfy Cloud has stopped. This was the whole chain: emulator, client, command.")
    return code


def command(*arguments: str) -> int:
    """Run `comfy-cloud` in a separate process, as a terminal would."""
    print(f"\n$ comfy-cloud {' '.join(arguments)}", flush=True)
    return subprocess.run([sys.executable, "-m", "comfy_cloud.cli", *arguments], check=False).returncode


def say(text: str) -> None:
    """Print a line for whoever watches."""
    print(f"\n# {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
