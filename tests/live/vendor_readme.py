"""Run the programs in the README of comfy-sdk as they are, by the SDK's own environment.

It imports nothing of the project. The README is that of the installed package. Programs about
`client.models` are left out: they are for another service. So is one whose graph is abridged.
"""

from __future__ import annotations

import asyncio
import re
import sys
import traceback
from importlib.metadata import metadata
from typing import Any

_OTHER_SERVICE = re.compile(r"\.models\b|\bRetryPolicy\b|\bRouterError\b")
_ABRIDGED = "(abridged)"
_REFUSED_BY_THE_CLOUD = "metadata="
"""In the program about labels, which the cloud refuses, as the README says."""


def programs() -> list[str]:
    """The Python programs of the README, in order."""
    found = metadata("comfy-sdk")
    text = found.get("Description") or str(found.get_payload())  # type: ignore[attr-defined]
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def outcome_of(program: str, names: dict[str, Any]) -> str:
    """Run one program with the names that those before it have left; returns what came of it."""
    if _OTHER_SERVICE.search(program):
        return "left out: another service"
    if _ABRIDGED in program:
        return "left out: its graph is abridged"
    names |= names["given"](names)
    try:
        exec(compile(program, "README", "exec"), names)
        if "async def main" in program:
            asyncio.run(names["main"]())
    except names["ComfyError"] as error:
        if _REFUSED_BY_THE_CLOUD in program and error.code == "metadata_not_supported":
            return "ran: labels are refused, as by the cloud"
        return f"FAILED: {type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 - whatever goes wrong belongs into the table
        traceback.print_exc()
        return f"FAILED: {type(error).__name__}: {error}"
    return "ran"


def main() -> int:
    """Print what came of each program; return 1 if one failed, or too few ran."""
    import comfy_sdk

    client = comfy_sdk.Comfy()
    numbers = iter(range(1000))

    def given(names: dict[str, Any]) -> dict[str, Any]:
        """What the text of the README takes for granted in each program."""
        if "asset" in names:
            names["asset"].commit()
        return {
            "wf": client.workflows.from_file("workflow_api.json"),
            "asset_id": client.assets.from_bytes(b"%d" % next(numbers), filename="other.txt").commit(),
            "job_id": names["job"].id if "job" in names else "",
        }

    names = {name: getattr(comfy_sdk, name) for name in comfy_sdk.__all__}
    names |= {"given": given, "show": print, "transcode": print, "enqueue": print}
    outcomes = [outcome_of(program, names) for program in programs()]
    for number, outcome in enumerate(outcomes, start=1):
        print(f"program {number} | {outcome}")
    ran = sum(outcome.startswith("ran") for outcome in outcomes)
    failed = sum(outcome.startswith("FAILED") for outcome in outcomes)
    print(f"{ran} ran, {failed} failed, {len(outcomes) - ran - failed} left out")
    return 1 if failed or ran < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
