"""The proof that a generated tree works, before it replaces the old one.

The code runs only in the isolated process. What it sends and reads there is judged here, against
the contract.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from comfy_cloud._errors.redaction import one_line
from comfy_cloud.contract._documents.normalised import normalised
from comfy_cloud.contract._documents.reader import ContractError
from scripts.contract.isolation import isolated_environment, run_isolated
from scripts.generator.left_out import LeftOut
from scripts.generator.operations import TAKEN_NAMES
from scripts.generator.plans import OperationPlan, plans_for
from scripts.project.checkout import ROOT, V1
from scripts.proof.exchanges import RequestSample, ResponseSample, request_samples, response_samples, tagged
from scripts.proof.read_back import read_problems
from scripts.proof.request_check import request_problems
from scripts.proof.sample_values import SampleValues
from scripts.proof.type_cache import TypeCache

_PROGRAM = Path(__file__).with_name("exchanger.py")
_CACHE = ROOT / ".mypy_cache" / "proof"
_MOST_LISTED = 10
_LONGEST_LINE = 700


def prove_made(tree: Path, left_out: Collection[LeftOut] = (), package: str = V1.package) -> str:
    """Prove a package as `tree.make` makes it, which has its contract in it; see `prove_tree`."""
    document = json.loads((tree / package / "contract.json").read_text(encoding="utf-8"))
    return prove_tree(tree, document, left_out, package)


def prove_tree(
    tree: Path, document: dict[str, Any], left_out: Collection[LeftOut] = (), package: str = V1.package
) -> str:
    """Prove a tree that was made from a merged contract, and return what was tried.

    It must have every operation that is not left out.
    Raises ContractError, with operation, place and values, for the first things that are wrong.
    """
    contract = normalised(document)
    missing = {each.http for each in left_out}
    plans = [
        plan
        for plan in plans_for(contract, TAKEN_NAMES).by_module.values()
        if plan.operation.http not in missing
    ]
    samples = SampleValues(contract)
    requests = [sample for plan in plans for sample in request_samples(plan, samples)]
    responses = [sample for plan in plans for sample in response_samples(plan, samples)]
    with tempfile.TemporaryDirectory() as folder, _Types(tree, package, folder) as types:
        printed, made = _exchanged(tree, package, requests, responses, Path(folder))
        problems = [
            *_request_problems(requests, made, contract),
            *_response_problems(responses, made, samples),
        ]
        problems += types.problems()
    if problems:
        listed = "\n".join(f"  {one_line(line, _LONGEST_LINE)}" for line in problems[:_MOST_LISTED])
        more = f"\n  and {len(problems) - _MOST_LISTED} more" if len(problems) > _MOST_LISTED else ""
        raise ContractError(f"The new code does not work, so nothing is changed:\n{listed}{more}")
    return (
        f"{printed.rstrip()}\n{_counted(plans)}: {len(requests)} requests, {len(responses)} responses, "
        "mypy strict: ok"
    )


def _counted(plans: list[OperationPlan]) -> str:
    return f"{len(plans)} operation{'' if len(plans) == 1 else 's'}"


# Exchanges


def _exchanged(
    tree: Path, package: str, requests: list[RequestSample], responses: list[ResponseSample], folder: Path
) -> tuple[str, dict[str, Any]]:
    source, target = folder / "exchanges.json", folder / "results.json"
    source.write_text(json.dumps(_for_the_process(requests, responses)), encoding="utf-8")
    printed = run_isolated("exchange", tree, str(_PROGRAM), package, str(source), str(target))
    return printed, json.loads(target.read_text(encoding="utf-8"))


def _for_the_process(requests: list[RequestSample], responses: list[ResponseSample]) -> dict[str, Any]:
    return {
        "requests": [
            {
                "module": sample.module,
                "positional": sample.positional,
                "named": tagged(sample.named),
                "has_body": sample.media_type is not None,
                "body": tagged(sample.body),
                "part_headers": sample.part_headers,
            }
            for sample in requests
        ],
        "responses": [
            {
                "module": sample.module,
                "status": sample.status,
                "headers": sample.headers,
                "content": base64.b64encode(sample.content).decode(),
            }
            for sample in responses
        ],
    }


def _request_problems(
    requests: list[RequestSample], made: dict[str, Any], contract: dict[str, Any]
) -> Iterator[str]:
    for sample, wires in zip(requests, made["requests"], strict=True):
        operation = sample.operation
        values = {name: value for (_, name), value in sample.values.items()}
        given = f"values {values!r}" + (f", body {sample.body!r}" if sample.media_type else "")
        where = f"{operation.id} ({operation.http}), request"
        if isinstance(wires, dict):
            yield f"{where}: {wires['error']}; {given}"
            continue
        for wire in wires:
            try:
                for problem in request_problems(sample, wire, contract):
                    yield f"{where}: {problem}; {given}"
            except (ValueError, KeyError, UnicodeError) as error:
                yield f"{where}: it cannot be read: {error}; {given}"


def _response_problems(
    responses: list[ResponseSample], made: dict[str, Any], samples: SampleValues
) -> Iterator[str]:
    for sample, read in zip(responses, made["responses"], strict=True):
        operation = sample.operation
        where = (
            f"{operation.id} ({operation.http}), response {sample.status} {sample.media_type or ''}".rstrip()
        )
        if "error" in read:
            yield f"{where}: {read['error']}; value {sample.value!r}"
            continue
        for problem in read_problems(sample, read, samples):
            yield f"{where}: {problem}; value {sample.value!r}"


# Types


class _Types:
    """mypy over the tree, which runs while the exchanges do; it runs nothing of the tree."""

    def __init__(self, tree: Path, package: str, home: str) -> None:
        environment = isolated_environment(os.environ, home)
        environment["MYPYPATH"] = str(tree)
        command = [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--no-error-summary"]
        self._cache = TypeCache(_CACHE)
        command += ["--cache-dir", str(self._cache.path), "-p", package]
        self._process = subprocess.Popen(
            command, cwd=tree, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def __enter__(self) -> _Types:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._cache.close()

    def problems(self) -> list[str]:
        """What mypy reports, one line each."""
        printed, _ = self._process.communicate()
        if not self._process.returncode:
            self._cache.keep()
            return []
        lines = [line for line in printed.splitlines() if ": error:" in line]
        return [f"mypy strict: {line}" for line in lines or printed.splitlines()[-1:]]
