"""`history report` and `history browse`: files, refusals, and a page that lives until Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from comfy_cloud.mirror import Mirror
from comfy_cloud_emulator import Emulator
from tests.mirror.pages import ReadPage
from tests.mirror.sample import NEWEST_MS, fill

from .conftest import PROGRAM, Run


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "history.sqlite"
    with Mirror.open(path, account="user-1") as mirror:
        fill(mirror, 30)
    return path


def test_a_report_is_one_file_that_is_replaced_only_on_request(
    run: Run, database: Path, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    arguments = ("history", "report", "-o", str(path), "--database", str(database))
    first = run(*arguments)
    assert (first.code, first.out) == (0, "")
    assert first.err.startswith("wrote ")
    before = path.read_bytes()
    assert len(ReadPage(before.decode()).jobs) == 30
    again = run(*arguments)
    assert again.code == 2
    assert again.err == f"error: {path} already exists; choose another FILE, or add --overwrite\n"
    assert path.read_bytes() == before
    assert run(*arguments, "--overwrite", "--status", "failed", "--limit", "1").code == 0
    assert [job["status"] for job in ReadPage(path.read_text()).jobs] == ["failed"]


def test_the_filters_of_a_report(run: Run, database: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    middle = (NEWEST_MS - 10 * 60_000) // 1000
    done = run(
        *("history", "report", "-o", str(path), "--database", str(database)),
        *("--since", str(middle), "--model", "flux", "--utc"),
    )
    assert done.code == 0
    page = ReadPage(path.read_text())
    assert 0 < len(page.jobs) < 30
    for job in page.jobs:
        assert job["created"] >= middle * 1000
        assert any("flux" in page.text(model) for _, model in job["models"])


@pytest.mark.parametrize("verb", [("report", "-o", "x.html"), ("browse",)])
def test_without_a_mirror_both_name_the_command_that_makes_one(
    run: Run, verb: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failed = run("history", *verb)
    assert failed.code != 0
    assert "history sync" in failed.err
    assert "Traceback" not in failed.err
    assert not (tmp_path / "x.html").exists()


def test_images_of_a_report_are_fetched_on_request(run: Run, cloud: Emulator, tmp_path: Path) -> None:
    from comfy_cloud.mirror import schema

    database = tmp_path / "history.sqlite"
    page = run("history", "list", "--all", "--status", "completed", "-o", "json")
    assert page.code == 0
    with Mirror.open(database) as mirror:
        fill(mirror, 1)
        name = _output_name(run)
        with mirror.store.writing() as connection:
            connection.execute(schema.OUTPUTS.update().values(filename=name))
    report = tmp_path / "report.html"
    done = run("history", "report", "-o", str(report), "--database", str(database), "--fetch")
    assert done.code == 0, done.err
    thumbs = ReadPage(report.read_text()).data["thumbs"]
    assert thumbs
    assert all(thumb.startswith("data:image/webp;base64,") for thumb in thumbs)


def _output_name(run: Run) -> str:
    """The name of an image on the server."""
    import json

    for job in json.loads(run("jobs", "list", "--status", "completed", "-o", "json").out):
        shown = json.loads(run("jobs", "show", job["id"], "-o", "json").out)
        for output in shown["outputs"]:
            if output["kind"] == "image":
                name: str = output["filename"]
                return name
    raise AssertionError("the demo account has no image")


def test_a_live_page_is_there_until_ctrl_c(database: Path, cloud: Emulator) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "history", "browse", "--database", str(database)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Ctrl-C may be ignored by the process that runs the tests, which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        assert len(httpx.get(f"{url}data.json", trust_env=False).json()["jobs"]) == 30
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in err
    assert url.rstrip("/").rpartition("/")[2] not in err


def test_a_port_that_is_taken_is_one_line(run: Run, database: Path, cloud: Emulator) -> None:
    port = cloud.url.rpartition(":")[2]
    failed = run("history", "browse", "--database", str(database), "--port", port)
    assert failed.code == 2
    assert f"port {port} cannot be used" in failed.err
