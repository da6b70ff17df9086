"""Run the client over a Prism mock of the contract: `make prism [CONTRACT=plain] [CLIENT=async]`.

Prism (npm) serves the contract on loopback and validates every request against it: a second opinion
on what the client sends, by a program that is not ours. It is installed into a folder that git
ignores, with the node and npm of this machine. Each operation of the published contract is called
once, and reported as ok or with what Prism found wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import httpx

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ComfyCloudError
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import read_contract
from comfy_cloud.contract._documents.release import merged_contract
from scripts.prism_mock.calls import CALLS
from scripts.prism_mock.mock import MockError, installed, mock
from scripts.prism_mock.outcomes import Outcome, OutcomeRecorder
from scripts.project.checkout import Checkout
from scripts.project.terminal import safe_line, say_error

KEY: Final = "comfyui-prism-mock"


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 0 when all operations are ok."""
    parser = argparse.ArgumentParser(prog="make prism", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--contract",
        choices=["merged", "plain"],
        default="merged",
        help="with our corrections, which the client follows, or as published",
    )
    parser.add_argument("--client", choices=["sync", "async", "both"], default="both")
    given = parser.parse_args(arguments)
    source = Checkout().contract
    published = read_contract(source.read_bytes(), source.name)
    document = merged_contract() if given.contract == "merged" else published
    clients = ["sync", "async"] if given.client == "both" else [given.client]
    try:
        program = installed()
        with tempfile.TemporaryDirectory() as folder:
            os.environ["COMFY_CLOUD_CACHE_DIR"] = os.environ["COMFY_CLOUD_CONFIG_DIR"] = folder
            with mock(program, document, Path(folder)) as url:
                check_that_it_validates(url)
                failed = sum(_report(client, run(client, url, document, published)) for client in clients)
    except MockError as error:
        say_error(error)
        return 2
    return 1 if failed else 0


def check_that_it_validates(url: str) -> None:
    """Raise MockError unless the mock reports wrong requests: else its silence means nothing."""
    wrong: list[dict[str, Any]] = [
        {"url": "/api/assets/from-hash", "json": {"hash": 3}},
        {"url": "/api/upload/mask", "files": {"image": ("a.png", b"x", "image/png")}},
    ]
    for request in wrong:
        path = request.pop("url")
        response = httpx.post(url + path, headers={"X-API-Key": KEY}, trust_env=False, **request)
        if "sl-violations" not in response.headers:
            raise MockError(
                f"Prism accepted a wrong request ({response.status_code}): its verdict means nothing"
            )
    if httpx.get(f"{url}/api/user", trust_env=False).status_code != 401:
        raise MockError("Prism accepted a request without a key: its verdict means nothing")


def run(client: str, url: str, document: dict[str, Any], published: dict[str, Any]) -> list[Outcome]:
    """Call every operation of the published contract once with the "sync" or the "async" client."""
    recorder = OutcomeRecorder(document, [op.id for op in operations_of(published)])
    if client == "sync":
        _run_sync(url, recorder)
    else:
        asyncio.run(_run_async(url, recorder))
    return list(recorder.outcomes.values())


def _run_sync(url: str, recorder: OutcomeRecorder) -> None:
    with httpx.Client(event_hooks={"response": [recorder.record]}, trust_env=False) as http:
        cloud = ComfyCloud(api_key=KEY, base_url=url, http_client=http, retry=1)
        for operation, call in CALLS.items():
            try:
                call(cloud)
            except ComfyCloudError as error:
                _add_error(recorder.outcomes[operation], error)


async def _run_async(url: str, recorder: OutcomeRecorder) -> None:
    hooks = {"response": [recorder.async_record]}
    async with httpx.AsyncClient(event_hooks=hooks, trust_env=False) as http:
        cloud = AsyncComfyCloud(api_key=KEY, base_url=url, http_client=http, retry=1)
        for operation, call in CALLS.items():
            try:
                found = call(cloud)
                if inspect.isawaitable(found):
                    await found
            except ComfyCloudError as error:
                _add_error(recorder.outcomes[operation], error)


def _add_error(outcome: Outcome, error: ComfyCloudError) -> None:
    outcome.problems.append(f"client: {type(error).__name__}: {error}")


def _report(client: str, outcomes: list[Outcome]) -> int:
    """Print one line per operation, and return how many are not ok."""
    failed = [outcome for outcome in outcomes if not outcome.is_ok]
    for outcome in outcomes:
        print(f"{'ok ' if outcome.is_ok else 'BAD'} {safe_line(str(outcome))}")
    print(f"{client}: {len(outcomes) - len(failed)} of {len(outcomes)} operations ok\n")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
