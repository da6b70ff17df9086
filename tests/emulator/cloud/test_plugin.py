"""The pytest plugin from an app's test suite: fixtures, markers, isolation, import costs."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

import comfy_cloud_emulator.emulator  # noqa: F401 - stays loaded, so that inner runs do not import it each time

GRAPH = """
GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 4, "batch_size": 1, "color": 255}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "plain"}},
}
"""


# Inner runs load only our plugin, by the name of its entry point. In this process it is loaded
# already.
ONLY_OURS = ("-p", "comfy_cloud", "-W", "error", "-W", "ignore:Module already imported")


@pytest.fixture(autouse=True)
def _no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def passes(
    pytester: pytest.Pytester, code: str, count: int, *arguments: str, own_process: bool = False
) -> None:
    """Run a test module with warnings as errors; every test must pass."""
    pytester.makepyfile(GRAPH + code)
    run = pytester.runpytest_subprocess if own_process else pytester.runpytest_inprocess
    result = run(*ONLY_OURS, *arguments)
    result.assert_outcomes(passed=count)


def test_a_program_under_test_reaches_the_emulator(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import os

from comfy_cloud import ComfyCloud, JobStatus

def program():
    with ComfyCloud() as cloud:
        return cloud.run(GRAPH, timeout=60)

def test_program(comfy_cloud_emulator, monkeypatch):
    assert os.environ["COMFY_CLOUD_BASE_URL"] == comfy_cloud_emulator.url
    assert "COMFY_CLOUD_PROFILE" not in os.environ
    job = program()
    assert job.status is JobStatus.COMPLETED
    assert [output.display_name for output in job.outputs] == ["plain_00001_.png"]
    assert comfy_cloud_emulator.jobs.executed(job.id) == 1
    assert comfy_cloud_emulator.submissions[0].graph == GRAPH
    requests = [(request.method, request.path) for request in comfy_cloud_emulator.requests]
    assert ("POST", "/api/prompt") in requests
    assert len(comfy_cloud_emulator.files) == 1

def test_fixture(comfy_cloud, comfy_cloud_emulator):
    assert comfy_cloud.settings.base_url == comfy_cloud_emulator.url
    job = comfy_cloud.run(GRAPH, timeout=60)
    assert [entry.prompt_id for entry in comfy_cloud.history] == [job.id]
    assert job.outputs[0].read().startswith(b"\\x89PNG")
    assert comfy_cloud_emulator.leaks == []
""",
        2,
        own_process=True,
    )


def test_each_test_has_idempotency_keys_of_its_own(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_DATA_DIR", str(pytester.path / "mine"))
    passes(
        pytester,
        """
import pytest
from comfy_cloud import ComfyCloud

@pytest.mark.parametrize("time", [1, 2])
def test_order(time, comfy_cloud, comfy_cloud_emulator):
    for _ in range(2):
        assert comfy_cloud.run(GRAPH, idempotency_key="order-1", timeout=60).outputs
    assert len(comfy_cloud_emulator.submissions) == 1
""",
        2,
    )
    assert not (pytester.path / "mine").exists()


def test_a_second_account(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import pytest
from comfy_cloud import ComfyCloud, PaymentRequired

def test_two(comfy_cloud, comfy_cloud_emulator):
    second = comfy_cloud_emulator.add_account(name="second", tier="pro", credits=5)
    with ComfyCloud(api_key=second.key) as cloud:
        job = cloud.run(GRAPH, timeout=60)
        assert [entry.prompt_id for entry in cloud.history] == [job.id]
        second.account.credits = 0
        with pytest.raises(PaymentRequired):
            cloud.submit(GRAPH)
    assert list(comfy_cloud.history) == []
    assert second.jobs.executed(job.id) == 1

def test_gone(comfy_cloud_emulator):
    assert list(comfy_cloud_emulator.accounts) == ["default"]
""",
        2,
    )


def test_each_test_gets_a_new_cloud_at_the_same_url(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import pytest
from comfy_cloud import JobFailed
from comfy_cloud_emulator import Fault

seen = []

@pytest.mark.parametrize("turn", [1, 2])
def test_turn(turn, comfy_cloud, comfy_cloud_emulator):
    cloud = comfy_cloud_emulator
    seen.append(cloud.url)
    assert len(set(seen)) == 1
    assert (cloud.store.jobs(), cloud.requests, len(cloud.faults), len(cloud.files)) == ([], [], 0, 0)
    assert (cloud.account.tier, cloud.account.credits) == ("standard", None)
    cloud.jobs.fail_next("OOMError")
    with pytest.raises(JobFailed):
        comfy_cloud.run(GRAPH, timeout=60)
    cloud.jobs.fail_next("OOMError")
    cloud.account.tier, cloud.account.credits = "free", 0.0
    cloud.store.add_job("in_progress")
    cloud.faults.add(Fault.status_burst(500, times=None))
""",
        2,
    )


def test_markers(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import pytest
from comfy_cloud import JobStatus, NotSupported
from comfy_cloud_emulator import Fault, Quirks

pytestmark = [
    pytest.mark.comfy_cloud_tier("pro"),
    pytest.mark.comfy_cloud_faults(Fault.status_burst(503, path="/api/user", times=None)),
]

def test_of_the_module(comfy_cloud_emulator):
    assert comfy_cloud_emulator.account.concurrent_jobs == 5
    assert comfy_cloud_emulator.quirks == Quirks()
    assert [fault.status for fault in comfy_cloud_emulator.faults.pending()] == [503]

@pytest.mark.comfy_cloud_tier("creator")
@pytest.mark.comfy_cloud_quirks("interrupt_all", "billing_as_429")
@pytest.mark.comfy_cloud_seed(7, seed=3)
@pytest.mark.comfy_cloud_faults(Fault.status_burst(500, times=1), Fault.reset())
def test_the_nearest_counts_and_faults_add_up(comfy_cloud_emulator, comfy_cloud):
    assert comfy_cloud_emulator.account.tier == "creator"
    assert comfy_cloud_emulator.quirks == Quirks(interrupt_all=True, billing_as_429=True)
    assert [fault.kind for fault in comfy_cloud_emulator.faults.pending()] == ["status", "reset", "status"]
    assert len(list(comfy_cloud.history)) == 7
    assert [request.fault for request in comfy_cloud_emulator.requests][:3] == ["status", "reset", None]

@pytest.mark.comfy_cloud_quirks("published")
def test_preset(comfy_cloud_emulator):
    assert comfy_cloud_emulator.quirks == Quirks.preset("published")

@pytest.mark.comfy_cloud_quirks("comfyui")
@pytest.mark.filterwarnings("ignore::comfy_cloud.ComfyCloudWarning")
def test_self_hosted(comfy_cloud, comfy_cloud_emulator):
    job = comfy_cloud.run(GRAPH)
    assert [output.subfolder for output in job.outputs] == [""]
    assert comfy_cloud_emulator.requests[-1].path == f"/api/history/{job.id}"

@pytest.mark.comfy_cloud_seed("demo")
def test_demo(comfy_cloud_emulator):
    assert len(comfy_cloud_emulator.store) == 300

@pytest.mark.comfy_cloud_seed("none")
def test_no_seed(comfy_cloud_emulator):
    assert len(comfy_cloud_emulator.store) == 0

@pytest.mark.comfy_cloud_time("virtual")
def test_time_that_stands_still(comfy_cloud, comfy_cloud_emulator):
    job = comfy_cloud.submit(GRAPH)
    before = comfy_cloud_emulator.time.now()
    assert job.refresh().status in {JobStatus.PENDING, JobStatus.IN_PROGRESS}
    comfy_cloud_emulator.time.advance(3600)
    assert job.refresh().status is JobStatus.COMPLETED
    assert comfy_cloud_emulator.time.now() == before + 3600

@pytest.mark.comfy_cloud_time(speed=5)
def test_other_speed(comfy_cloud_emulator):
    assert comfy_cloud_emulator.time.real_seconds(10) == 2

@pytest.mark.comfy_cloud_object_info({"Own": {"input": {}, "output": ["IMAGE"]}})
def test_classes_of_a_server(comfy_cloud):
    assert list(comfy_cloud.nodes.all()) == ["Own"]
""",
        9,
        "--strict-markers",
    )


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ('comfy_cloud_tier("gold")', "tier: expected one of free, standard, creator, pro, got 'gold'"),
        ("comfy_cloud_tier", "missing 1 required positional argument: 'tier'"),
        ('comfy_cloud_quirks("lively")', "unknown quirk 'lively'; use some of: validate_at_submit"),
        ("comfy_cloud_quirks", "one of the presets: live, published"),
        ('comfy_cloud_seed("dmeo")', 'seed_data: expected "demo"'),
        ('comfy_cloud_faults("reset")', "expected values like Fault.reset(), got 'reset'"),
        ("comfy_cloud_faults", "expected values like Fault.reset(), and no keywords"),
        ('comfy_cloud_time("imaginary")', "time: expected one of real, virtual"),
        ('comfy_cloud_object_info("none.json")', "cannot read the node classes in none.json: No such file"),
        ("comfy_cloud_object_info({})", "it describes no node class"),
        ("comfy_cloud_time(speed=0)", "speed: expected a number above zero"),
    ],
)
def test_an_invalid_marker_is_named(marker: str, message: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"import pytest\n\n@pytest.mark.{marker}\ndef test_it(comfy_cloud_emulator):\n    pass\n"
    )
    result = pytester.runpytest_inprocess(*ONLY_OURS)
    result.assert_outcomes(errors=1)
    text = result.stdout.str()
    assert f"@pytest.mark.{marker.partition('(')[0]}: " in text
    assert message in text


def test_the_testers_own_settings_are_ignored(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_PROFILE", "work")
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "a-real-key")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    passes(
        pytester,
        """
import os
from comfy_cloud import ComfyCloud

def test_inside(comfy_cloud_emulator):
    with ComfyCloud() as cloud:
        assert cloud.user.get().status
    keys = {request.headers["x-api-key"] for request in comfy_cloud_emulator.requests}
    assert keys == {comfy_cloud_emulator.key}

def test_outside():
    assert os.environ["COMFY_CLOUD_API_KEY"] == "a-real-key"
    assert os.environ["COMFY_CLOUD_PROFILE"] == "work"
""",
        2,
    )


def test_without_the_extra_it_says_what_to_install(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "comfy_cloud_emulator"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    pytester.makepyfile("def test_it(comfy_cloud_emulator):\n    pass\n\ndef test_other():\n    pass\n")
    result = pytester.runpytest_inprocess(*ONLY_OURS)
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(
        ["*comfy_cloud_emulator needs the package *pip install 'comfy-cloud?emulator?'*"]
    )


def test_it_is_registered_and_says_what_its_markers_mean(pytester: pytest.Pytester) -> None:
    shown = pytester.runpytest_inprocess(*ONLY_OURS, "--markers").stdout
    shown.fnmatch_lines(
        [
            f"@pytest.mark.comfy_cloud_{name}(*"
            for name in ("tier", "quirks", "faults", "seed", "object_info", "time")
        ]
    )
    shown = pytester.runpytest_inprocess(*ONLY_OURS, "--fixtures").stdout
    for name in ("async_comfy_cloud", "comfy_cloud_emulator", "comfy_cloud"):
        assert f"\n{name} -- " in shown.str()
    assert "\n_comfy_cloud" not in shown.str()


def test_a_suite_that_does_not_use_it_loads_no_server_and_no_client() -> None:
    """In a separate process, because this one has loaded them all."""
    code = (
        "import sys, pytest; before = set(sys.modules); import comfy_cloud_emulator.pytest_plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    shown = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert [name for name in shown.stdout.split() if "comfy" in name] == [
        "comfy_cloud_emulator",
        "comfy_cloud_emulator.pytest_plugin",
    ]
    assert not {"starlette", "uvicorn", "httpx", "PIL", "asyncio", "websockets"} & set(shown.stdout.split())


def test_a_session_begins_without_what_an_empty_cloud_does_not_need() -> None:
    """Each of these would take longer to import than the cloud takes to start."""
    code = (
        "import sys; from comfy_cloud_emulator import Emulator\n"
        "with Emulator() as emulator: emulator.reset()\n"
        "print(*sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(shown.stdout.split())
    package = "comfy_cloud_emulator"
    assert f"{package}.state.store" in loaded
    names = ("seeds.demo", "seeds.bulk", "node_execution.executor", "engine.run", "page")
    spared = {f"{package}.{name}" for name in names}
    assert all(map(find_spec, spared)), "a module was renamed"
    assert not loaded & {*spared, "PIL", "websockets", "importlib.resources", "gzip", "comfy_cloud", "httpx"}


def test_a_recording_is_played_and_what_it_lacks_fails(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import urllib.request

from comfy_cloud_emulator import Emulator, Recorder

def test_record(pytestconfig):
    with Emulator(seed_data=None, quirks="comfyui") as server:
        with Recorder(pytestconfig.rootpath / "queue.comfycloud", base_url=server.url) as recorder:
            urllib.request.urlopen(recorder.url + "/api/queue").read()
""",
        1,
    )
    pytester.makepyfile(
        """
import os, pytest, urllib.error, urllib.request

def ask(path):
    urllib.request.urlopen(os.environ["COMFY_CLOUD_BASE_URL"] + path).close()

@pytest.mark.comfy_cloud_recording("queue.comfycloud")
def test_plays(comfy_cloud_replay):
    ask("/api/queue")
    comfy_cloud_replay.check()

@pytest.mark.comfy_cloud_recording("queue.comfycloud")
def test_lacks(comfy_cloud_replay):
    with pytest.raises(urllib.error.HTTPError) as failed:
        ask("/api/jobs")
    failed.value.close()

def test_without_marker(comfy_cloud_replay): ...

@pytest.mark.comfy_cloud_recording("missing")
def test_without_file(comfy_cloud_replay): ...
"""
    )
    result = pytester.runpytest_inprocess(*ONLY_OURS)
    result.assert_outcomes(passed=2, errors=3)
    result.stdout.fnmatch_lines_random(
        ["*GET /api/jobs is not in the recording*", "*needs @pytest.mark.comfy_cloud_recording(path)*"]
    )
