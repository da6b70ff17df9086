"""Check the emulator against the contract with requests that schemathesis makes, good and bad.

`python -m tests.contract.fuzz [--cases N] [--seed S]` starts an emulator on loopback and sends it
what schemathesis derives from the merged contract: its examples, every boundary, random data,
chains of operations that feed each other, and requests without a key. With `--plain` it is the
published contract without the overlay, and the emulator has the quirks "published". The client is
not involved: what it sends is checked by `exchanges`.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from comfy_cloud.contract._checks.checker import ContractChecker
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.release import merged_contract, published_contract
from comfy_cloud_emulator import Emulator, Quirks
from comfy_cloud_emulator.http.request_log import Request

from .exchanges import check_exchange
from .fuzz_exemptions import (
    CONTRADICTIONS,
    NEVER_REFUSES,
    RULES_BEYOND_SCHEMA,
    RULES_BEYOND_SCHEMA_V2,
    RULES_OF_THE_OVERLAY,
    UNDOCUMENTED_REFUSALS,
)

NOW: Final = 1_780_000_000.0
"""Seconds since 1970 at which the emulator's time begins."""

KEY: Final = "comfyui-fuzz-key"
DEFAULT_CASES: Final = 50
DEFAULT_SEED: Final = 20_261_123
SHOWN: Final = 1_500
"""Characters shown of the command that repeats a failure."""

Api = Literal["v1", "v2"]

PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")

TAKEN: Final = ("2xx", "3xx", "401", "403", "404", "409", "429")
REFUSED: Final = ("400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429")
BAD_INPUT: Final = ("400", "422")
"""Statuses for a request that is itself wrong."""

_KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "ApiKeyAuth": {"api_key": KEY},
    "bearerAuth": {"bearer": KEY},
}

_ERROR: Final = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}

_FOREIGN_HOST: Final = b"the emulator serves loopback only"
"""The emulator's own refusal of a made-up header `Host`, which no contract has."""

TIMEOUT: Final = 30
"""Seconds after which a response counts as missing."""


@dataclass
class Report:
    """The result of a run."""

    cases: Counter[str] = field(default_factory=Counter)
    """Requests sent, by phase."""
    operations: set[str] = field(default_factory=set)
    """Operations asked, as `METHOD path`."""
    checks: Counter[str] = field(default_factory=Counter)
    """Checks made, by name."""
    failures: dict[str, str] = field(default_factory=dict)
    """One text for each kind of failure of each operation, by its title."""

    def __str__(self) -> str:
        sent = ", ".join(f"{number} {phase}" for phase, number in self.cases.items())
        lines = [f"{title}\n{text}\n" for title, text in sorted(self.failures.items())]
        lines.append(
            f"{self.cases.total()} requests ({sent}) to {len(self.operations)} operations, "
            f"{self.checks.total()} checks, {len(self.failures)} failures"
        )
        return "\n".join(lines)


def contract(api: Api = "v1", *, plain: bool = False) -> dict[str, Any]:
    """A copy of the contract, merged or `plain`: schemathesis may change what it is given.

    The plain one is completed by what is missing from it or wrong in it, see `fuzz_exemptions`.
    """
    document = published_contract(api) if plain else merged_contract(api)
    if plain:
        for name, statuses in UNDOCUMENTED_REFUSALS.items():
            method, path = name.split()
            responses = document["paths"][path][method.lower()]["responses"]
            for status, reason in statuses.items():
                responses[status] = {"description": reason, "content": _ERROR}
        for name in CONTRADICTIONS:
            document["components"]["schemas"][name] = {}
    if api == "v2":
        # Schemathesis holds each event of a stream to this schema, which is that of the whole text.
        stream = document["paths"]["/api/v2/jobs/{id}/events"]["get"]["responses"]["200"]["content"]
        del stream["text/event-stream"]["schema"]
    return document


def run(
    cases: int,
    seed: int,
    *,
    phases: Sequence[str] = PHASES,
    document: dict[str, Any] | None = None,
    api: Api = "v1",
    plain: bool = False,
    quirks: Quirks | None = None,
) -> Report:
    """Send at most `cases` random requests per operation, and those of the other phases.

    `plain` takes the published contract instead of the merged one, and an emulator that keeps it,
    unless it has other `quirks`. `document` replaces the contract for schemathesis, but not for the
    suite's own checker.
    """
    report = Report()
    checker = ContractChecker(contract(api, plain=True)) if plain else None

    def check_ours(request: Request, status: int, headers: dict[str, str], body: bytes) -> None:
        # The suite's own checker gets the same responses: two readings of one contract.
        try:
            check_exchange(request, status, headers, body, checker)
        except AssertionError as error:
            report.failures.setdefault(f"{request.method} {request.raw_path}: our checker", f"  {error}")

    with Emulator(
        key=KEY,
        seed_data="demo",
        clock=lambda: NOW,
        time="virtual",
        quirks=quirks or ("published" if plain else {"history_v1"}),
        on_exchange=check_ours,
    ) as emulator:
        document = contract(api, plain=plain) if document is None else document
        exempt = RULES_BEYOND_SCHEMA if api == "v1" else RULES_BEYOND_SCHEMA_V2
        if plain:
            exempt = {**exempt, **RULES_OF_THE_OVERLAY}
        config = _config(document, emulator.url, cases, seed, phases, exempt)
        schema = schemathesis.openapi.from_dict(document, config=config)
        for event in from_schema(schema).execute():
            _note(report, event)
    return report


def _config(
    document: dict[str, Any],
    url: str,
    cases: int,
    seed: int,
    phases: Sequence[str],
    exempt: Mapping[str, str],
) -> SchemathesisConfig:
    """All checks for all operations; those on refusals as far as the contract goes.

    Operations in `exempt` may refuse what their schemas allow.
    """
    operations = []
    for operation in operations_of(document):
        refuses = not operation.raw["responses"].keys().isdisjoint(BAD_INPUT)
        accepted = TAKEN + (BAD_INPUT if operation.http in exempt else ())
        rejected = REFUSED + (() if refuses and operation.http not in NEVER_REFUSES else ("2xx", "3xx"))
        operations.append(
            {
                "include-name": operation.http,
                "checks": {
                    "positive_data_acceptance": {"expected-statuses": list(accepted)},
                    "negative_data_rejection": {"expected-statuses": list(rejected)},
                },
            }
        )
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "base-url": url,
            "operations": operations,
            "auth": {"openapi": {name: _KEYS[name] for name in document["components"]["securitySchemes"]}},
            "request-timeout": TIMEOUT,
            "workers": 1,
            "continue-on-failure": True,
            "cache": {"enabled": False},
            "generation": {"max-examples": cases, "database": "none", "no-shrink": True},
            "phases": {name: {"enabled": name in phases} for name in PHASES},
        }
    )


def _note(report: Report, event: events.EngineEvent) -> None:
    match event:
        case events.ScenarioFinished():
            recorder = event.recorder
            report.cases[event.phase.value] += len(recorder.interactions)
            for case_id, node in recorder.cases.items():
                report.operations.add(node.value.operation.label)
                for check in recorder.checks.get(case_id, ()):
                    report.checks[check.name] += 1
                    if check.status is Status.FAILURE and check.failure_info is not None:
                        info = check.failure_info
                        title = f"{node.value.operation.label}: {info.failure.title}"
                        response = recorder.find_response(case_id=case_id)
                        if response is not None and _FOREIGN_HOST in response.content:
                            continue
                        text = f"{check.name} ({event.phase.value}): {info.failure.message}"
                        seen = "no response"
                        if response is not None:
                            seen = f"{response.status_code} {response.content[:300].decode(errors='replace')}"
                        report.failures.setdefault(
                            title, f"  {text}\n  {_shortened(info.code_sample)}\n  -> {seen}"
                        )
        case events.NonFatalError():
            report.failures.setdefault(f"{event.label}: error in {event.phase}", f"  {event.value!r}")
        case events.FatalError():
            report.failures.setdefault("fatal error", f"  {event.exception!r}")
        case _:
            pass


def _shortened(command: str) -> str:
    # The chains of requests that lead to a failure end with the one that failed.
    return command if len(command) <= SHOWN else f"... {command[-SHOWN:]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 1 when anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=DEFAULT_CASES, help="random requests per operation")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--api", choices=("v1", "v2"), default="v1", help="which contract")
    parser.add_argument("--plain", action="store_true", help="the published contract, without our overlay")
    parser.add_argument("--phase", choices=PHASES, action="append", help="only this one; can be repeated")
    given = parser.parse_args(arguments)
    if given.plain and given.api != "v1":
        parser.error("--plain is for version 1: the emulator's API v2 keeps to the merged contract")
    report = run(given.cases, given.seed, phases=given.phase or PHASES, api=given.api, plain=given.plain)
    print(report)
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
