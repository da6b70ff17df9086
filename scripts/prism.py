"""Run the client over Prism mocks of the contracts: `make prism [CONTRACT=plain] [CLIENT=async]`.

Prism (npm) serves the contract on loopback and validates every request against it: a second opinion
on what the client sends, by a program that is not ours. It is installed into a folder that git
ignores, with the node and npm of this machine. Three contracts are tried: version 1 with our
corrections (`merged`), version 1 as it was published (`plain`), and API v2 (`v2`). Each operation
is called once, and reported as ok or with what Prism found wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, Literal

import httpx

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ComfyCloudError
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import read_contract
from comfy_cloud.contract._documents.release import merged_contract
from scripts.prism_mock.calls import CALLS, Call
from scripts.prism_mock.calls_v2 import CALLS_V2
from scripts.prism_mock.mock import MockError, installed, mock
from scripts.prism_mock.outcomes import Outcome, OutcomeRecorder
from scripts.project.checkout import Checkout
from scripts.project.terminal import safe_line, say_error

EXPECTED: Final = {
    ("plain", "uploadAsset"): "the service takes the tags of a form as JSON text, not as a list",
    ("plain", "interruptJob"): "the service takes the id of a job in a body, which was not published",
}
"""Operations that the client sends otherwise than a contract says, with the reason."""
KEY: Final = "comfyui-prism-mock"


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 0 when all operations are ok."""
    parser = argparse.ArgumentParser(prog="make prism", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--contract",
        choices=["merged", "plain", "v2", "all"],
        default="all",
        help="version 1 with our corrections, which the client follows; as published; API v2; or all",
    )
    parser.add_argument("--client", choices=["sync", "async", "both"], default="both")
    given = parser.parse_args(arguments)
    contracts = ["merged", "plain", "v2"] if given.contract == "all" else [given.contract]
    clients = ["sync", "async"] if given.client == "both" else [given.client]
    try:
        program = installed()
        with tempfile.TemporaryDirectory() as folder:
            os.environ["COMFY_CLOUD_CACHE_DIR"] = os.environ["COMFY_CLOUD_CONFIG_DIR"] = folder
            failed = sum(_failures(program, contract, clients, Path(folder)) for contract in contracts)
    except MockError as error:
        say_error(error)
        return 2
    return 1 if failed else 0


def _failures(program: Path, contract: str, clients: list[str], folder: Path) -> int:
    """Run the clients over one contract; how many operations are not ok."""
    source = Checkout().contract
    published = read_contract(source.read_bytes(), source.name)
    document = {"merged": merged_contract(), "plain": published, "v2": merged_contract("v2")}[contract]
    api: Literal["v1", "v2"] = "v2" if contract == "v2" else "v1"
    called = document if api == "v2" else published
    with mock(program, document, folder) as url:
        check_that_it_validates(url, api)
        return sum(_report(contract, client, run(client, url, document, called, api)) for client in clients)


def check_that_it_validates(url: str, api: Literal["v1", "v2"] = "v1") -> None:
    """Raise MockError unless the mock reports wrong requests: else its silence means nothing."""
    wrong: list[dict[str, Any]] = [
        {"url": "/api/assets/from-hash", "json": {"hash": 3}},
        {"url": "/api/upload/mask", "files": {"image": ("a.png", b"x", "image/png")}},
    ]
    if api == "v2":
        wrong = [
            {"url": "/api/v2/assets/from-hash", "json": {"hash": 3}},
            {"url": "/api/v2/jobs", "json": {}},
        ]
    for request in wrong:
        path = request.pop("url")
        response = httpx.post(url + path, headers={"X-API-Key": KEY}, trust_env=False, **request)
        if "sl-violations" not in response.headers:
            raise MockError(
                f"Prism accepted a wrong request ({response.status_code}): its verdict means nothing"
            )
    if api == "v1" and httpx.get(f"{url}/api/user", trust_env=False).status_code != 401:
        raise MockError("Prism accepted a request without a key: its verdict means nothing")


def run(
    client: str,
    url: str,
    document: dict[str, Any],
    published: dict[str, Any],
    api: Literal["v1", "v2"] = "v1",
) -> list[Outcome]:
    """Call every operation of the published contract once with the "sync" or the "async" client."""
    recorder = OutcomeRecorder(document, [op.id for op in operations_of(published)])
    if client == "sync":
        _run_sync(url, recorder, api)
    else:
        asyncio.run(_run_async(url, recorder, api))
    return list(recorder.outcomes.values())


def _calls(api: Literal["v1", "v2"]) -> dict[str, Call]:
    return CALLS_V2 if api == "v2" else CALLS


def _run_sync(url: str, recorder: OutcomeRecorder, api: Literal["v1", "v2"]) -> None:
    with httpx.Client(event_hooks={"response": [recorder.record]}, trust_env=False) as http:
        cloud = ComfyCloud(api_key=KEY, base_url=url, http_client=http, retry=1, api=api)
        for operation, call in _calls(api).items():
            try:
                call(cloud)
            except ComfyCloudError as error:
                _add_error(recorder.outcomes[operation], error)


async def _run_async(url: str, recorder: OutcomeRecorder, api: Literal["v1", "v2"]) -> None:
    hooks = {"response": [recorder.async_record]}
    async with httpx.AsyncClient(event_hooks=hooks, trust_env=False) as http:
        cloud = AsyncComfyCloud(api_key=KEY, base_url=url, http_client=http, retry=1, api=api)
        for operation, call in _calls(api).items():
            try:
                found = call(cloud)
                if inspect.isawaitable(found):
                    await found
            except ComfyCloudError as error:
                _add_error(recorder.outcomes[operation], error)


def _add_error(outcome: Outcome, error: ComfyCloudError) -> None:
    outcome.problems.append(f"client: {type(error).__name__}: {error}")


def _report(contract: str, client: str, outcomes: list[Outcome]) -> int:
    """Print one line per operation, and return how many are not ok where they should be.

    One of those expected to fail counts when it does not.
    """
    failed = [outcome for outcome in outcomes if not outcome.is_ok]
    surprises = 0
    for outcome in outcomes:
        why = EXPECTED.get((contract, outcome.operation))
        surprises += outcome.is_ok == (why is not None)
        verdict = "BAD" if not outcome.is_ok and why is None else "ok " if outcome.is_ok else "-- "
        print(f"{verdict} {safe_line(str(outcome))}{'' if why is None else f' [expected: {why}]'}")
    print(f"{contract}, {client}: {len(outcomes) - len(failed)} of {len(outcomes)} operations ok\n")
    return surprises


if __name__ == "__main__":
    sys.exit(main())
