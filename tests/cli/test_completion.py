from __future__ import annotations

import shutil
import subprocess

import pytest

from comfy_cloud.cli.app import COMMANDS

from .conftest import Run, completions, program_environment, run_program


def complete(words: str) -> list[str]:
    """The completions that bash gets after these words."""
    number = max(len(words.split(" ")) - 1, 0)
    return [line.partition(",")[2] for line in completions("bash", words, str(number))]


def test_names_of_commands_and_options() -> None:
    names = complete("comfy-cloud ")
    assert names == list(COMMANDS)
    assert {"run", "sweep", "jobs", "history", "assets", "doctor"} <= set(names)
    assert complete("comfy-cloud hi") == ["history"]
    assert complete("comfy-cloud history ")[:3] == ["list", "show", "download"]
    assert complete("comfy-cloud history list --st") == ["--status"]
    assert "--profile" in complete("comfy-cloud --p")


@pytest.mark.parametrize(
    ("shell", "word_index", "expected"),
    [
        ("zsh", "3", "plain\n--status=failed\n_\n"),
        ("fish", "--status=fai", "plain,--status=failed\n"),
        ("bash", "3", "plain,failed\n"),
    ],
)
def test_a_value_behind_an_equals_sign_keeps_its_option(shell: str, word_index: str, expected: str) -> None:
    shown = run_program(
        _COMFY_CLOUD_COMPLETE=f"{shell}_complete",
        COMP_WORDS="comfy-cloud history list --status=fai",
        COMP_CWORD=word_index,
    )
    assert (shown.code, shown.out) == (0, expected)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, run: Run) -> None:
    shown = run("completion", shell)
    assert (shown.code, shown.err) == (0, "")
    assert f"_COMFY_CLOUD_COMPLETE={shell}_complete" in shown.out
    assert "comfy-cloud" in shown.out


def test_the_script_is_valid_bash(run: Run) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    script = run("completion", "bash").out
    checked = subprocess.run(
        [bash, "-n"], input=script.encode(), capture_output=True, env=program_environment()
    )
    assert (checked.returncode, checked.stderr) == (0, b"")


def test_an_unknown_shell(run: Run) -> None:
    shown = run("completion", "tcsh")
    assert shown.code == 2
    assert "'bash', 'zsh', 'fish'" in shown.err
