"""Values that shells complete without having seen them: words, files, paths of the API."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest

from comfy_cloud._settings.profile_rules import CHANGEABLE
from comfy_cloud.cli._console.known_values import METHODS
from comfy_cloud.cli._console.options import GlobalOptions, global_options
from comfy_cloud.cli._console.remembered import remember
from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.quirks import PRESETS, Quirks

from .conftest import Run, completions, program_environment, run_program
from .test_completed_values import complete
from .test_verbs import ALL

# Options and arguments that take any text, and why no values are known for them.
FREE = {
    "--account": "a key of one's own",
    "--any-tag": "tags are on the server",
    "--content-type": "any media type",
    "--field": "a field of any body",
    "--hash": "a hash",
    "--idempotency-key": "a key of one's own",
    "--jq": "an expression",
    "--key": "a key of one's own",
    "--metadata": "any JSON",
    "--media-type": "any media type",
    "--name": "any name, or a template",
    "--param": "a parameter of any path",
    "--prefix": "any beginning",
    "--public-files-url": "an address",
    "--public-url": "an address",
    "--remote-url": "an address",
    "--since": "a time",
    "--subfolder": "any folder of the server",
    "--table": "any table or view",
    "--tag": "tags are on the server",
    "--until": "a time",
    "--without-tag": "tags are on the server",
    "--workflow": "ids of saved workflows are on the server",
    "asset_id": "ids of assets are on the server",
    "asset_ids": "ids of assets are on the server",
    "folder": "any folder of the account's files",
    "hash": "a hash",
    "name": "a stored name is on the server",
    "names": "stored names are on the server",
    "query": "any words",
    "original": "a stored name is on the server",
    "path": "paths of the account's files are on the server",
    "paths": "paths of the account's files are on the server",
    "sql": "any question",
    "subgraph_id": "ids of subgraphs are on the server",
    "tags": "tags are on the server",
    "task_id": "ids of tasks are on the server",
    "text": "any text",
    "url": "an address",
    "value": "any value of a setting",
    "--ignore": "any name of a parameter or member",
    "words": "any program and its arguments",
    "--base-url": "an address",
}


def values(words: str) -> list[str]:
    return [value for value, _ in complete(words)]


def is_completed(parameter: click.Parameter, workflow: Path) -> bool:
    """Whether shells complete it behind a workflow, or there is nothing to complete.

    So it is for flags and numbers.
    """
    if getattr(parameter, "is_flag", False) or isinstance(parameter.type, (click.Choice, click.Path)):
        return True
    if isinstance(parameter.type, (click.types.IntParamType, click.types.FloatParamType)):
        return True
    context = click.Context(click.Command("any"), obj=GlobalOptions())
    context.params["source"] = str(workflow)
    return bool(parameter.shell_complete(context, ""))


def test_every_option_with_known_values_completes_them(
    run: Run, empty_cloud: Emulator, tmp_path: Path
) -> None:
    workflow = tmp_path / "workflow.json"
    workflow.write_text('{"1": {"class_type": "LoadImage", "inputs": {"image": "x.png"}}}')
    for kind in ("jobs", "nodes", "models", "model folders"):
        remember(GlobalOptions(), kind, [["seen"]])
    run("auth", "login", "--profile", "work", "--no-check", stdin=b"comfyui-1")
    free: set[str] = set()
    missing = set()
    for words, command in [*ALL.items(), ("", click.Command("any", params=global_options()))]:
        for parameter in command.params:
            name = parameter.opts[0]
            if is_completed(parameter, workflow):
                continue
            if name in FREE:
                free.add(name)
            else:
                missing.add(f"{words} {name}")
    assert missing == set()
    assert FREE.keys() == free, "take the others out of FREE"


def test_paths_of_the_api() -> None:
    found = dict(complete("comfy-cloud api /api/jobs"))
    assert found["/api/jobs"] == "GET: List jobs in any state"
    assert found["/api/jobs/cancel"].startswith("POST: ")
    assert found["/api/jobs/{job_id}"].startswith("GET: ")
    assert "; DELETE: " in found["/api/jobs/{job_id}"]
    assert all(path.startswith("/api/jobs") for path in found)
    assert values("comfy-cloud api /api/jobs/some-id/") == [
        "/api/jobs/some-id/cancel",
        "/api/jobs/some-id/assets",
    ]
    assert values("comfy-cloud api /api/none") == []
    assert values("comfy-cloud api /api/jobs/some-id/cancel/more/") == []
    assert "/api/user" in values("comfy-cloud api ")


def test_paths_that_a_method_has() -> None:
    for option in ("-X DELETE", "--method delete", "-XDELETE"):
        paths = values(f"comfy-cloud api {option} /api/")
        assert "/api/jobs/{job_id}" in paths
        assert "/api/jobs" not in paths
    assert "/api/prompt" in values("comfy-cloud api -X POST /api/p")
    assert values("comfy-cloud api -X PATCH /api/") == []


def test_methods_that_a_path_has() -> None:
    assert values("comfy-cloud api -X ") == list(METHODS)
    assert values("comfy-cloud api -X p") == ["POST", "PUT", "PATCH"]
    assert values("comfy-cloud api /api/jobs/some-id/cancel -X ") == ["POST"]
    assert values("comfy-cloud api /api/jobs?limit=3 -X ") == ["GET"]
    assert values("comfy-cloud api /api/none -X ") == list(METHODS)


def test_ids_in_paths_are_those_that_were_seen() -> None:
    remember(GlobalOptions(), "jobs", [["5f2a1c0e", "completed"], ["77aa01b2", "failed"]])
    found = values("comfy-cloud api -X GET /api/jobs/")
    assert found == ["/api/jobs/5f2a1c0e", "/api/jobs/77aa01b2"]
    assert values("comfy-cloud api /api/jobs/7") == ["/api/jobs/77aa01b2"]
    assert values("comfy-cloud api /api/job/5") == ["/api/job/5f2a1c0e"]
    assert values("comfy-cloud api /api/job/5f2a1c0e/") == ["/api/job/5f2a1c0e/status"]


def test_quirks_and_faults() -> None:
    found = dict(complete("comfy-cloud emulate --quirks "))
    assert found.keys() == {*PRESETS, *Quirks.__dataclass_fields__}
    assert all(found.values()), "each is described"
    assert found["billing_as_429"] == "no credits, or no subscription, is a 429; otherwise a 402"
    assert found["newer_comfyui"].endswith("progress in floats")
    after = values("comfy-cloud emulate --quirks interrupt_all,")
    assert "interrupt_all,validate_at_submit" in after
    assert "interrupt_all,interrupt_all" not in after
    assert "interrupt_all,live" not in after
    assert values("comfy-cloud emulate --fault r") == ["reset", "retired", "refused"]
    assert values("comfy-cloud emulate --seed-data ") == ["demo", "none"]
    assert values("comfy-cloud emulate s") == ["status", "stop"]


@pytest.mark.parametrize("words", ["emulate --quirks ", "emulate --fault "])
def test_without_the_emulator_there_is_nothing_to_complete(words: str, tmp_path: Path) -> None:
    folder = tmp_path / "comfy_cloud_emulator"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise ModuleNotFoundError('no', name='starlette')")
    shown = run_program(
        _COMFY_CLOUD_COMPLETE="fish_complete",
        COMP_WORDS=f"comfy-cloud {words}",
        COMP_CWORD="",
        PYTHONPATH=f"{tmp_path}{os.pathsep}{program_environment()['PYTHONPATH']}",
    )
    assert (shown.code, shown.out, shown.err) == (0, "\n", "")


@pytest.mark.parametrize(
    "words",
    [
        "run ",
        "sweep w",
        "workflow show ",
        "workflow diff a.json b",
        "files upload a.png b",
        "assets upload ",
        "api /api/upload/image -X POST --input ",
        "userdata write workflows/a.json ",
        "spec diff ",
        "contract run --contract ",
        "emulate --object-info ",
    ],
)
def test_files_are_left_to_the_shell(words: str) -> None:
    before, _, typed = f"comfy-cloud {words}".rpartition(" ")
    assert completions("fish", before, typed) == [f"file,{typed}"]


def test_run_takes_a_job_as_well(run: Run, cloud: Emulator) -> None:
    run("history", "list", "--limit", "1")
    job_id = values("comfy-cloud history show ")[0]
    assert job_id in values(f"comfy-cloud run {job_id[:3]}")


def test_settings_of_a_profile() -> None:
    assert set(values("comfy-cloud config set ")) == set(CHANGEABLE)
    assert values("comfy-cloud config unset ti") == ["timeout"]
