"""What completion imports: not what commands do, since it runs at each press of a key."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from comfy_cloud.cli._console.options import GlobalOptions
from comfy_cloud.cli._console.remembered import remember
from comfy_cloud.cli.app import COMMANDS
from tests.cli.conftest import program_environment

# In addition to what `import click` brings.
MOST_MODULES = 64
# Packages, and the modules of the standard library that take longest.
HEAVY = {
    "asyncio", "attr", "attrs", "comfy_cloud_api", "comfy_cloud_emulator", "dataclasses", "dateutil",
    "email", "hashlib", "http", "httpcore", "httpx", "keyring", "logging", "orjson",
    "platformdirs", "random", "rich", "shutil", "ssl", "tempfile", "yaml",
}  # fmt: skip
PARTS_OF_THE_LIBRARY = tuple(
    f"comfy_cloud.{name}"
    for name in (
        "_async",
        "_sync",
        "_http",
        "_jobs",
        "_files",
        "_submission",
        "_workflows",
        "errors",
        "contract",
    )
)
# A process that has imported what each of them has, and forks for each line that it reads: its
# environment and the file for what it imports.
LIST_IMPORTED = """
import json, os, sys
import click, click.shell_completion
before = set(sys.modules)
for line in sys.stdin:
    environment, target = json.loads(line)
    pid = os.fork()
    if not pid:
        code = 1
        try:
            os.environ.clear()
            os.environ.update(environment)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            from comfy_cloud.cli import main
            code = main([])
            imported = sorted(set(sys.modules) - before)
            with open(target, "w") as file:
                json.dump(imported, file)
        finally:
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
# One for each kind of value, beside the verbs or options of each noun.
WITH_VALUES = [
    "jobs show ",
    "jobs rerun ",
    "jobs list --status ",
    "jobs list --columns id,",
    "history show ",
    "queue cancel ",
    "nodes show K",
    "models list ",
    "models show checkpoints ",
    "auth login --profile ",
    "run --if-exists ",
    "run workflow.json -s ",
    "jobs list --where s",
]


@pytest.fixture(scope="module")
def forking() -> Iterator[subprocess.Popen[str]]:
    """The process that runs LIST_IMPORTED."""
    with subprocess.Popen(
        [sys.executable, "-c", LIST_IMPORTED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=program_environment(),
    ) as process:
        yield process


@pytest.mark.parametrize("words", [*(f"{name} " for name in COMMANDS), "", *WITH_VALUES])
def test_completion_imports_no_implementation(
    words: str, forking: subprocess.Popen[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COMFY_CLOUD_CONFIG_DIR", "COMFY_CLOUD_CACHE_DIR"):
        monkeypatch.delenv(name)  # so that the folders of the platform are found
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for kind in ("jobs", "nodes", "models", "model folders"):
        remember(GlobalOptions(), kind, [["KSampler", "completed", "2026-11-23T14:30:00+00:00", "x"]])
    line = f"comfy-cloud {words}"
    environment = program_environment(
        _COMFY_CLOUD_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(line.count(" "))
    )
    target = tmp_path / "imported.json"
    assert forking.stdin is not None
    assert forking.stdout is not None
    print(json.dumps([environment, str(target)]), file=forking.stdin, flush=True)
    assert forking.stdout.readline() == "0\n"
    imported = json.loads(target.read_text(encoding="utf-8"))
    assert not HEAVY & {name.split(".")[0] for name in imported}
    assert not [name for name in imported if name.startswith(PARTS_OF_THE_LIBRARY)]
    assert len(imported) <= MOST_MODULES, imported


def test_verbs_that_are_imported_later_have_the_help_of_their_module() -> None:
    """In a process that has not used them yet."""
    code = (
        "from comfy_cloud.cli._console.commands import LaterVerb\n"
        "from comfy_cloud.cli.history import command\n"
        "later = [verb for verb in command.commands.values() if isinstance(verb, LaterVerb)]\n"
        "for verb in later:\n"
        "    shown, real = verb.get_short_help_str(200), verb.load().get_short_help_str(200)\n"
        "    assert shown == real, (shown, real)\n"
        "print(len(later))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "12\n"
