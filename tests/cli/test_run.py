from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console
from textual_image.renderable import HalfcellImage

from comfy_cloud import (
    ComfyCloud,
    JobChanged,
    JobErrored,
    JobStarted,
    JobStatus,
    NodeExecuting,
    NodeFinished,
    NodesCached,
    NodesProgress,
    NodeState,
    Preview,
    Progress,
)
from comfy_cloud.cli._jobs.event_records import event_record
from comfy_cloud.cli._runs.preview_image import preview_image
from comfy_cloud.cli._runs.state import RunState
from comfy_cloud.cli._runs.sweep_view import LiveSweep
from comfy_cloud.cli._runs.view import LiveView, RunView
from comfy_cloud_emulator import Emulator
from tests._async.clients import SAMPLER_GRAPH

from .conftest import Run, run_on_terminal
from .interruption import interrupted


@pytest.fixture
def workflow(tmp_path: Path) -> str:
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(SAMPLER_GRAPH))
    return str(path)


# The command


def test_an_idempotency_key_is_one_job(
    run: Run, quick_cloud: Emulator, workflow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_IDEMPOTENCY_STORE", str(tmp_path / "keys.sqlite"))
    drawn = ("-s", "KSampler.seed=random", "--idempotency-key", "order-18")
    assert run("run", workflow, "--detach", *drawn).out == run("run", workflow, "--detach", *drawn).out != ""
    key = ("--idempotency-key", "order-17")
    first = run("run", workflow, "--detach", *key)
    assert first.code == 0, first.err
    assert run("run", workflow, "--detach", *key).out == first.out
    assert json.loads(run("run", workflow, "--json", *key).out.splitlines()[-1])["id"] == first.out.strip()
    other = run("run", workflow, "-s", "KSampler.seed=99", *key)
    assert other.code == 7
    assert "idempotency key was used before" in other.err
    assert sum(each.path == "/api/prompt" for each in quick_cloud.requests) == 2
    monkeypatch.setenv("COMFY_CLOUD_IDEMPOTENCY_STORE", workflow)
    refused = run("run", workflow, *key)
    assert refused.code == 2
    assert "is not a database" in refused.err


def test_run_saves_what_it_makes(run: Run, quick_cloud: Emulator, workflow: str, tmp_path: Path) -> None:
    shown = run("run", workflow, "-s", "KSampler.seed=5", "-d", str(tmp_path / "out"))
    assert shown.code == 0, shown.err
    (path,) = map(Path, shown.out.splitlines())
    assert path.parent == tmp_path / "out"
    assert path.read_bytes().startswith(b"\x89PNG")
    lines = shown.err.splitlines()
    assert "node 4: KSampler (4 of 6)" in lines
    assert lines[-1].endswith(" completed")
    (submitted,) = [each for each in quick_cloud.requests if each.path == "/api/prompt" and each.body]
    assert json.loads(submitted.body)["prompt"]["4"]["inputs"]["seed"] == 5


def test_a_pipe_gets_the_job_as_json(run: Run, quick_cloud: Emulator, workflow: str) -> None:
    record = json.loads(run("run", workflow).out)
    assert record["status"] == "completed"
    assert record["outputs"][0]["kind"] == "image"


def test_a_workflow_from_stdin_from_an_image_and_from_a_job(
    run: Run, quick_cloud: Emulator, workflow: str, tmp_path: Path
) -> None:
    first = json.loads(run("run", "-", stdin=Path(workflow).read_bytes()).out)
    saved = run("jobs", "download", first["id"], "-d", str(tmp_path)).out.strip()
    for source in (saved, first["id"][:8]):
        shown = run("run", source, "--detach")
        assert shown.code == 0, shown.err
        with ComfyCloud() as client:
            assert client.jobs.get(shown.out.strip()).workflow == SAMPLER_GRAPH


def test_events_and_the_result_are_lines_of_json(
    run: Run, quick_cloud: Emulator, workflow: str, tmp_path: Path
) -> None:
    shown = run("run", workflow, "--json", "-d", str(tmp_path / "out"))
    records = [json.loads(line) for line in shown.out.splitlines()]
    assert {"job_started", "node_executing", "node_finished", "result"} <= {each["type"] for each in records}
    assert {each["schema"] for each in records} == {1}
    assert records[-1]["type"] == "result"
    assert Path(records[-1]["saved"][0]).exists()


def test_a_random_seed_is_shown_and_used(run: Run, quick_cloud: Emulator, workflow: str) -> None:
    seeds = set()
    for _ in range(3):
        shown = run("run", workflow, "-s", "KSampler.seed=random", "--detach")
        (line,) = [line for line in shown.err.splitlines() if line.startswith("KSampler.seed = ")]
        with ComfyCloud() as client:
            graph = client.jobs.get(shown.out.strip()).workflow
        assert graph is not None
        assert graph["4"]["inputs"]["seed"] == int(line.rpartition(" ")[2])
        seeds.add(graph["4"]["inputs"]["seed"])
    assert len(seeds) == 3


def test_a_dry_run_submits_nothing(run: Run, quick_cloud: Emulator, workflow: str) -> None:
    shown = run("run", workflow, "--dry-run", "-s", "KSampler.steps=9")
    assert shown.code == 0
    assert json.loads(shown.out)["4"]["inputs"]["steps"] == 9
    shown = run("run", workflow, "--dry-run", "-s", "1.ckpt_name=nope.safetensors")
    assert shown.code == 7
    assert "does not have the model 'nope.safetensors'" in shown.err
    assert "error: 1 problem in this workflow; nothing was submitted" in shown.err
    assert not [each for each in quick_cloud.requests if each.method == "POST"]


def test_a_job_that_fails_ends_with_3(run: Run, quick_cloud: Emulator, workflow: str) -> None:
    quick_cloud.jobs.fail_next("OOMError")
    shown = run("run", workflow)
    assert (shown.code, shown.out) == (3, "")
    assert "OOMError" in shown.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["no-such-file.json"], "there is no file 'no-such-file.json'"),
        (["WORKFLOW", "--detach", "-d", "out"], "--detach leaves at once"),
        (["WORKFLOW", "-s", "nope.seed=1"], "--set nope.seed: No node is called 'nope'"),
        (["WORKFLOW", "-s", "seed"], "--set takes NODE.INPUT=VALUE"),
        (["WORKFLOW", "-i", "4.seed=no-such.png"], "no file 'no-such.png'"),
        (["WORKFLOW", "-d", "WORKFLOW"], "is a file; give the path of a folder"),
        (["WORKFLOW", "-d", "WORKFLOW/below"], "is a file; give the path of a folder"),
        (["WORKFLOW", "-d", "new", "--name", "{nope}"], "contains {nope}; the fields are"),
    ],
)
def test_bad_input_is_refused_before_anything_is_submitted(
    arguments: list[str], problem: str, run: Run, quick_cloud: Emulator, workflow: str
) -> None:
    shown = run("run", *(each.replace("WORKFLOW", workflow) for each in arguments))
    assert shown.code == 2
    assert problem in shown.err
    assert not [each for each in quick_cloud.requests if each.method == "POST"]


def test_ctrl_c_cancels_the_job_and_says_so(quick_cloud: Emulator, workflow: str) -> None:
    ended = interrupted("run", workflow, "-s", "KSampler.steps=10000", at="node 4:")
    assert (ended.code, ended.out) == (130, "")
    with ComfyCloud() as client:
        (job,) = client.jobs.list()
    assert job.status is JobStatus.CANCELLED
    assert f"interrupted: job {job.id} was cancelled" in ended.err


def test_a_terminal_sees_a_tree_of_nodes(quick_cloud: Emulator, workflow: str) -> None:
    shown = run_on_terminal("run", workflow, "--color", "never")
    assert shown.code == 0, shown.err
    assert "image sampled_" in shown.out
    assert "to save them: `comfy-cloud jobs download " in shown.err


# What is known while it goes on


def state(**options: object) -> RunState:
    return RunState(SAMPLER_GRAPH, **options)  # type: ignore[arg-type]


def test_nodes_stand_in_the_order_in_which_they_run() -> None:
    order = list(state().nodes)
    for node_id, node in SAMPLER_GRAPH.items():
        for value in node["inputs"].values():
            if isinstance(value, list):
                assert order.index(value[0]) < order.index(node_id)


def test_the_place_in_the_queue_is_told_once() -> None:
    run = state()
    waiting = JobChanged(
        type="poll", status=JobStatus.PENDING, queue_position=3, queue_reason="concurrency_limit"
    )
    assert run.apply(waiting, 0) == ["pending, position 3 (concurrency limit)"]
    assert run.apply(waiting, 1) == []


def test_progress_and_what_is_left() -> None:
    run = state()
    run.apply(JobStarted(type="x", job_id="j"), 10)
    assert run.apply(NodesCached(type="x", nodes=("1", "2", "3")), 10) == ["3 of 6 nodes cached"]
    assert run.apply(NodeExecuting(type="x", node_id="4"), 10) == ["node 4: KSampler (4 of 6)"]
    node = run.running()
    assert node is not None
    assert node.seconds_left(12) is None
    run.apply(Progress(type="x", node_id="4", value=5, max=20), 12)
    assert node.seconds_left(12) == 6
    run.apply(NodeExecuting(type="x", node_id="5"), 18)
    assert (node.state, node.ended) == ("finished", 18)
    assert run.done() == 4


def test_nodes_that_a_node_makes_are_shown_as_well() -> None:
    run = state()
    run.apply(NodesProgress(type="x", nodes={"4.1": NodeState("4.1", "running", 1, 2)}), 1)
    assert run.nodes["4.1"].state == "running"
    run.apply(NodeFinished(type="x", node_id="4.1"), 2)
    assert run.nodes["4.1"].state == "finished"


def test_an_error_marks_the_node_that_ran() -> None:
    run = state()
    run.apply(NodeExecuting(type="x", node_id="4"), 1)
    assert run.apply(JobErrored(type="x"), 2) == ["failed"]
    assert run.nodes["4"].state == "error"


def test_a_number_that_is_not_finite_is_no_progress() -> None:
    run = state()
    run.apply(Progress(type="x", node_id="4", value=float("nan"), max=20), 1)
    assert run.nodes["4"].fraction is None
    run.apply(Progress(type="x", node_id="4", value=1, max=float("inf")), 1)
    assert run.nodes["4"].fraction is None


# What is shown


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("nodes", [6, 300])
def test_the_tree_fits_the_terminal(width: int, nodes: int) -> None:
    graph = {str(n): {"class_type": f"Node\x1b[2J\N{CJK UNIFIED IDEOGRAPH-65E5}{n}"} for n in range(nodes)}
    run = RunState(graph, job_id="5f2a1c0e-0000-4000-8000-000000000000")
    run.apply(NodeExecuting(type="x", node_id="3"), 0)
    run.apply(Progress(type="x", node_id="3", value=1, max=3), 1)
    view = LiveView(run, color=False, images=False)
    console = Console(file=io.StringIO(), width=width, height=24, legacy_windows=False)
    view._console = console
    with console.capture() as captured:
        console.print(view._render())
    lines = captured.get().splitlines()
    assert len(lines) <= 24
    assert "\x1b" not in captured.get()
    assert any("1/3" in line for line in lines)
    assert ("more nodes" in captured.get()) == (nodes == 300)


def test_an_upload_is_shown_until_it_is_done() -> None:
    run = state()
    run.uploading(1_500_000, 3_000_000)
    assert run.summary() == "uploading 50 % of 3.0 MB"
    run.uploading(3_000_000, 3_000_000)
    assert run.summary() == "submitting"


class LostTerminal(io.StringIO):
    """A terminal at which Ctrl-C is typed as soon as the cursor is hidden."""

    is_interrupted = False

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        written = super().write(text)
        if text.endswith("\x1b[?25l") and not self.is_interrupted:
            self.is_interrupted = True
            raise KeyboardInterrupt
        return written


@pytest.mark.parametrize(
    "make", [lambda: LiveView(state(), color=False, images=False), lambda: LiveSweep([], color=False)]
)
def test_ctrl_c_while_a_view_starts_leaves_the_cursor(
    make: Callable[[], RunView], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = LostTerminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(KeyboardInterrupt), make():
        pass
    assert terminal.getvalue().rindex("\x1b[?25h") > terminal.getvalue().rindex("\x1b[?25l")


def test_a_terminal_sees_how_an_input_is_uploaded(quick_cloud: Emulator, tmp_path: Path) -> None:
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "x.png"}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    path, photo = tmp_path / "w.json", tmp_path / "photo.png"
    path.write_text(json.dumps(graph))
    Image.new("RGB", (8, 8), "red").save(photo)
    arguments = ("run", str(path), "-i", f"1.image={photo}", "--detach")
    shown = run_on_terminal(*arguments, with_stderr=True)
    assert shown.code == 0, shown.err
    assert "photo.png" in shown.out
    assert "bytes" in shown.out
    again = run_on_terminal(*arguments, with_stderr=True)
    assert "photo.png: already on the server" in again.out


def test_a_preview_is_drawn_and_what_is_no_image_is_not() -> None:
    content = io.BytesIO()
    Image.new("RGB", (64, 32), "red").save(content, "PNG")
    assert preview_image(content.getvalue(), HalfcellImage, height=4) is not None
    assert preview_image(b"not an image", HalfcellImage, height=4) is None
    assert preview_image(b"%!PS-Adobe-3.0 EPSF-3.0\n", HalfcellImage, height=4) is None


def test_records_of_events_have_no_bytes() -> None:
    record = event_record(Preview(type="x", job_id="j", image=b"\xff" * 9))
    assert record == {"schema": 1, "type": "preview", "job_id": "j", "format": "jpeg", "bytes": 9}
    assert json.loads(json.dumps(record)) == record
