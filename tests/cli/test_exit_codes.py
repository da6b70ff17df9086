"""Every documented exit code, reached by a process, with a message that names what to do."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator, Fault
from tests._async.clients import SAMPLER_GRAPH
from tests.forking import Forking

from .conftest import HANG_TIMEOUT, Result, program_environment
from .interruption import interrupted

# Wrong keys, statuses from faults, and a run of the contract that asks for missing things.
pytestmark = pytest.mark.beyond_contract

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-W", "error", "-m", "comfy_cloud"]
UNKNOWN = "5f2a1c0e-0000-4000-8000-000000000000"
# A port of this machine on which nothing listens.
NOWHERE = {"COMFY_CLOUD_BASE_URL": "http://127.0.0.1:9"}


def nothing(cloud: Emulator) -> None:
    """What a case does before it starts, where that is nothing."""


def adds(*faults: Fault) -> Callable[[Emulator], None]:
    return lambda cloud: [cloud.faults.add(each) for each in faults] and None


def status(number: int, **more: object) -> Callable[[Emulator], None]:
    return adds(Fault("status", status=number, times=None, **more))  # type: ignore[arg-type]


def fails(cloud: Emulator) -> None:
    cloud.jobs.fail_next("OOMError")


@dataclass
class Case:
    """How a code is reached. Each of `says` is in what stderr has; `advice` names what to do."""

    arguments: str
    says: str = ""
    advice: str = ""
    before: Callable[[Emulator], None] = nothing
    environment: Mapping[str, str] = field(default_factory=dict)


# WORKFLOW is a file with a graph that runs.
CASES: dict[int, list[Case]] = {
    0: [Case("history list"), Case("run WORKFLOW"), Case("--version"), Case("jobs list --help")],
    1: [
        Case("history list --retries 0", "error: 503", "try again later", before=status(503)),
        Case("history list --retries 0", "error: 429", "try again later", before=status(429)),
        Case("workflow diff WORKFLOW OTHER"),
    ],
    2: [
        Case("histroy", "no command 'histroy'", "did you mean 'history'?"),
        Case("jobs list --bogus", "--bogus", "see `comfy-cloud jobs list --help`"),
        Case("--profile nowhere history list", "There is no profile 'nowhere'", "auth login"),
        Case("--timeout -1 history list", "--timeout", "COMFY_CLOUD_TIMEOUT"),
        Case("history clear", "deleting needs", "--yes"),
        Case("run no-such.json", "there is no file 'no-such.json'"),
        Case("history list --columns nope", "there is no column 'nope'", "choose from id, "),
    ],
    3: [
        Case("run WORKFLOW", "OOMError", "comfy-cloud jobs explain", before=fails),
        Case("jobs wait CANCELLED", "cancelled"),
    ],
    4: [
        Case(
            "history list",
            "no API key",
            "comfy-cloud auth login",
            environment={"COMFY_CLOUD_API_KEY": "", "COMFY_CLOUD_BASE_URL": "https://cloud.comfy.org"},
        ),
        Case(
            "history list",
            "401",
            "Check COMFY_CLOUD_API_KEY",
            environment={"COMFY_CLOUD_API_KEY": "comfyui-x"},
        ),
    ],
    5: [
        Case(f"jobs show {UNKNOWN}", "404", UNKNOWN),
        Case("jobs show 5f2a1c0", "none of the newest 1000 jobs", "begins with '5f2a1c0'"),
    ],
    6: [
        Case(
            "run WORKFLOW",
            "402",
            "comfy-cloud auth status",
            before=status(402, method="POST", path="/api/prompt"),
        )
    ],
    7: [
        Case("run WORKFLOW", "400", before=status(400, method="POST", path="/api/prompt")),
        Case("run BROKEN --dry-run", "NoSuchClass", "nothing was submitted"),
        Case("workflow validate BROKEN -o table", "1 problem"),
    ],
    8: [
        Case("run SLOW --timeout 0.2", "was not finished", "jobs wait"),
        Case("jobs wait RUNNING --timeout 0.2", "was not finished", "jobs wait"),
    ],
    9: [
        Case("history list --retries 0", "127.0.0.1:9", "COMFY_CLOUD_BASE_URL", environment=NOWHERE),
        Case("history list --retries 0", "GET /api/history_v2", before=adds(Fault("reset", times=None))),
    ],
}
# The codes that `contract run` has of its own, in the table of its page.
CONTRACT_CASES: dict[int, Case] = {
    0: Case("contract run", "0 deviations"),
    1: Case(
        "contract run",
        "deviation",
        before=adds(Fault("garbage", path="/api/user", body={"status": 3}, times=None)),
    ),
    2: Case("contract run --contract no-such.yaml", "no-such.yaml"),
    4: Case("contract run", "key", environment={"COMFY_CLOUD_API_KEY": "comfyui-wrong"}),
    9: Case("contract run --retries 0", "127.0.0.1:9", environment=NOWHERE),
}
# These need a signal, and have tests of their own below.
BY_SIGNAL = {130, 143}


def documented(path: str, heading: str) -> set[int]:
    """The codes of the Markdown table behind a heading."""
    text = (ROOT / path).read_text(encoding="utf-8")
    table = text[text.index(heading) :].partition("\n\n")[0]
    if heading.startswith("#"):
        table = text[text.index(heading) :].split("\n\n")[1]
    return {int(code) for code in re.findall(r"\| (\d+) \|", table)}


def test_each_documented_code_has_a_case() -> None:
    shown = subprocess.run([*PROGRAM, "--help"], capture_output=True, text=True, env=program_environment())
    in_help = {int(code) for code in re.findall(r"^  (\d+) ", shown.stdout.partition("Exit codes:")[2], re.M)}
    assert in_help == documented("docs/settings.md", "## Exit codes") == {*CASES, *BY_SIGNAL}
    assert documented("docs/contract.md", "| exit code | meaning |") == {*CONTRACT_CASES}


@pytest.fixture(scope="module")
def forking() -> Iterator[Forking]:
    """The process that the programs are forked from."""
    forking = Forking("tests.cli.forked")
    yield forking
    forking.stop()


def run_case(case: Case, cloud: Emulator, folder: Path, forking: Forking) -> Result:
    files = {"WORKFLOW": SAMPLER_GRAPH, "OTHER": changed(seed=9), "SLOW": changed(steps=10_000)}
    files["BROKEN"] = {**SAMPLER_GRAPH, "4": {"class_type": "NoSuchClass", "inputs": {}}}
    words = case.arguments.split(" ")
    for name, graph in files.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(graph))
        words = [str(path) if word == name else word for word in words]
    for name in {"CANCELLED", "RUNNING"} & set(words):
        with ComfyCloud() as client:
            job = client.submit(files["SLOW"])
            if name == "CANCELLED":
                job.cancel()
        words = [job.id if word == name else word for word in words]
    case.before(cloud)
    environment = json.dumps(program_environment(**case.environment))
    return Result(*forking.start(folder / "process", environment, *words).wait())


def changed(**inputs: object) -> dict[str, object]:
    node = SAMPLER_GRAPH["4"]
    return {**SAMPLER_GRAPH, "4": {**node, "inputs": {**node["inputs"], **inputs}}}


@pytest.mark.parametrize(
    ("code", "case"),
    [
        pytest.param(
            code, case, id=f"{code}-{case.arguments}", marks=[] if place == 0 else [pytest.mark.slow]
        )
        for code in CASES
        for place, case in enumerate(CASES[code])
    ],
)
def test_a_process_ends_with_it(
    code: int, case: Case, quick_cloud: Emulator, forking: Forking, tmp_path: Path
) -> None:
    shown = run_case(case, quick_cloud, tmp_path, forking)
    assert shown.code == code, shown.err
    assert case.says in shown.err
    assert case.advice in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("code", CONTRACT_CASES)
def test_a_run_of_the_contract_ends_with_it(
    code: int, cloud: Emulator, forking: Forking, tmp_path: Path
) -> None:
    shown = run_case(CONTRACT_CASES[code], cloud, tmp_path, forking)
    assert shown.code == code, shown.err
    assert CONTRACT_CASES[code].says in shown.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ("history list", 0, ""),
        pytest.param(f"jobs show {UNKNOWN}", 5, UNKNOWN, marks=pytest.mark.slow),
    ],
)
def test_a_program_that_python_starts_ends_with_it(
    arguments: str, code: int, says: str, cloud: Emulator
) -> None:
    """The cases above are forked, and do not go through the end of the interpreter."""
    done = subprocess.run(
        [*PROGRAM, *arguments.split(" ")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=program_environment(),
        timeout=HANG_TIMEOUT,
    )
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert bool(done.stdout) == (code == 0)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_cancels_the_job_and_ends_with_its_code(
    number: signal.Signals, code: int, word: str, quick_cloud: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "slow.json"
    path.write_text(json.dumps(changed(steps=10_000)))
    ended = interrupted("run", str(path), at="node 4:", by=number)
    assert (ended.code, ended.out) == (code, "")
    assert "was cancelled" in ended.err
    assert ended.err.endswith(f"{word}\n")
