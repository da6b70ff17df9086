from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import click
import pytest

import comfy_cloud
from comfy_cloud.cli import main
from comfy_cloud.cli._console.exits import EXIT_CODES, CommandError, exit_code_of
from comfy_cloud.cli.app import root
from comfy_cloud_emulator import Emulator, Fault

from .conftest import HANG_TIMEOUT, PROGRAM, Run, program_environment, run_for_terminal, run_program

COMMANDS = {
    "history": "List, search, save and delete finished jobs.",
    "auth": "Store an API key, and see which key is used.",
    "api": "Make any request to the API.",
    "spec": "Compare versions of the API's contract.",
    "contract": "Check a server against the contract.",
    "emulate": "Run a local Comfy Cloud to develop against.",
    "completion": "Print the completion script for a shell.",
}
COMMAND_MODULES = [f"comfy_cloud.cli.{name}" for name in COMMANDS]
HEAVY = ["httpx", "rich", "attrs", "attr", "orjson", "dateutil", "platformdirs", "logging", "asyncio", "json"]
# Of the standard library, what neither click nor the root needs: some take a tenth of its time.
UNUSED = ["difflib", "pathlib", "shutil", "urllib.parse", "dataclasses", "hashlib", "random"]
LIST_LOADED = f"""
import sys
import click  # with what it imports
before = set(sys.modules)
from comfy_cloud.cli import main
code = main(sys.argv[1:])
loaded = [name for name in {HEAVY + UNUSED!r} if name in sys.modules and name not in before]
prefixes = ("comfy_cloud._sync", "comfy_cloud._async", "comfy_cloud_")
loaded += [name for name in sys.modules if name.startswith(prefixes)]
loaded += [name for name in sys.modules if name in {COMMAND_MODULES!r}]
print(f"\\nloaded {{loaded}} {{code}}", file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--version"], {}),
        (["--help"], {}),
        ([], {"_COMFY_CLOUD_COMPLETE": "bash_complete", "COMP_WORDS": "comfy-cloud h", "COMP_CWORD": "1"}),
        ([], {"_COMFY_CLOUD_COMPLETE": "zsh_source"}),
    ],
)
def test_what_must_start_fast_imports_nothing_heavy(
    arguments: list[str], environment: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIST_LOADED, *arguments],
        capture_output=True,
        text=True,
        env=program_environment(**environment),
        timeout=HANG_TIMEOUT,
        check=True,
    )
    assert "loaded [] 0" in done.stderr
    assert done.stdout


def test_version(run: Run) -> None:
    assert run("--version").out == f"comfy-cloud {comfy_cloud.__version__}\n"


@pytest.mark.parametrize("module", ["comfy_cloud", "comfy_cloud.cli"])
def test_both_modules_are_the_program(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", module, "--version"],
        capture_output=True,
        text=True,
        env=program_environment(),
        timeout=HANG_TIMEOUT,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"comfy-cloud {comfy_cloud.__version__}\n"


@pytest.mark.parametrize("columns", ["20", "72", "0", "many", "", "300"])
def test_the_help_is_as_wide_as_click_makes_it(columns: str) -> None:
    """The width is our own calculation, for speed; it must be the same as click's."""
    environment = program_environment(COLUMNS=columns)
    ours = run_program("--help", COLUMNS=columns)
    shown = subprocess.run(
        [
            sys.executable,
            "-c",
            "import click; from comfy_cloud.cli.app import root;"
            "print(root.get_help(click.Context(root, info_name='comfy-cloud', max_content_width=100,"
            "help_option_names=['-h', '--help'])))",
        ],
        capture_output=True,
        text=True,
        env=environment,
        timeout=HANG_TIMEOUT,
    )
    assert (ours.code, ours.out) == (0, shown.stdout)


def test_help_has_the_commands_and_the_exit_codes(run: Run) -> None:
    shown = run("--help")
    assert shown.code == 0
    for name, summary in COMMANDS.items():
        assert f"  {name} " in shown.out
        assert summary in shown.out
    for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130):
        assert f"\n  {code} " in shown.out


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(name: str, run: Run) -> None:
    shown = run(name, "--help")
    assert shown.code == 0
    assert shown.out.startswith(f"Usage: comfy-cloud {name}")
    assert root.get_command(click.Context(root), name) is not None


def test_only_the_root_lists_the_global_options(run: Run) -> None:
    shown = run("history", "list", "--help").out
    assert "--since" in shown
    assert "--profile" not in shown
    assert "Global options: comfy-cloud --help" in shown
    assert "--profile" in run("--help").out


def test_an_alias_and_a_near_miss_of_a_verb(run: Run, cloud: Emulator) -> None:
    assert run("history", "ls", "--limit", "1").out == run("history", "list", "--limit", "1").out
    assert run("history", "view", "zzzzzz").err == run("history", "show", "zzzzzz").err
    assert "did you mean 'show'?" in run("config", "list").err
    assert run("history", "lst").err.startswith("error: there is no command 'lst'; did you mean 'list'? ")
    assert run("history", "zzz").err.startswith("error: there is no command 'zzz'; choose from list, show")


def test_no_option_takes_the_key(run: Run) -> None:
    texts = [run(*words, "--help").out for words in ([], ["history", "list"], ["api"], ["auth", "login"])]
    assert not any("--api-key" in text or "--key " in text for text in texts)


@pytest.mark.parametrize("arguments", [[], ["history"], ["auth"]])
def test_without_a_command_there_is_help_on_stderr(arguments: list[str], run: Run) -> None:
    shown = run(*arguments)
    assert (shown.code, shown.out) == (2, "")
    assert "Commands:" in shown.err


def test_wrong_usage_is_one_line(run: Run) -> None:
    shown = run("histroy")
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith("error: there is no command 'histroy'; did you mean 'history'? ")
    assert shown.err.count("\n") == 1
    shown = run("history", "list", "--bogus\x1b[2J")
    assert shown.code == 2
    assert shown.err.count("\n") == 1
    assert "\x1b" not in shown.err
    assert "(see `comfy-cloud history list --help`)" in shown.err


def test_without_click_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "click", None)
    assert main([]) == 2
    assert capsys.readouterr().err == (
        "comfy-cloud: the command line needs more packages; run: pip install 'comfy-cloud[cli]'\n"
    )


def test_ctrl_c_while_the_command_is_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "comfy_cloud.cli.app":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "comfy_cloud.cli.app")
    monkeypatch.setattr(sys, "meta_path", [Interrupted, *sys.meta_path])
    assert main([]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_an_option_of_another_verb_is_named_with_that_verb(run: Run) -> None:
    shown = run("history", "list", "--model", "flux")
    assert (shown.code, shown.out, shown.err.count("\n")) == (2, "", 1)
    assert shown.err.startswith(
        "error: comfy-cloud history list has no option --model; "
        "comfy-cloud history search, stats, report, browse have it"
    )
    shown = run("workflow", "show", "graph.json", "--in-place")
    assert "comfy-cloud workflow set has it (see `comfy-cloud workflow show --help`)" in shown.err


def api_error(kind: type[comfy_cloud.ApiError], status: int) -> comfy_cloud.ApiError:
    return kind("no", status=status)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (api_error(comfy_cloud.ServerError, 500), 1),
        (api_error(comfy_cloud.RateLimited, 429), 1),
        (comfy_cloud.UnexpectedResponse("no"), 1),
        (comfy_cloud.NotSupported("x"), 1),
        (RuntimeError("no"), 1),
        (comfy_cloud.ConfigurationError("no"), 2),
        (click.UsageError("no"), 2),
        (CommandError("no"), 2),
        (CommandError("no", 5), 5),
        (comfy_cloud.JobFailed("no", job_id="1"), 3),
        (comfy_cloud.JobCancelled(job_id="1"), 3),
        (api_error(comfy_cloud.Unauthorized, 401), 4),
        (api_error(comfy_cloud.Forbidden, 403), 4),
        (api_error(comfy_cloud.NotFound, 404), 5),
        (api_error(comfy_cloud.PaymentRequired, 402), 6),
        (api_error(comfy_cloud.BadRequest, 400), 7),
        (api_error(comfy_cloud.InvalidWorkflow, 400), 7),
        (api_error(comfy_cloud.Conflict, 409), 7),
        (api_error(comfy_cloud.PayloadTooLarge, 413), 7),
        (comfy_cloud.WaitTimeout(job_id="1"), 8),
        (comfy_cloud.ConnectionFailed("no"), 9),
        (comfy_cloud.RequestTimeout("no"), 9),
    ],
)
def test_exit_codes(error: Exception, code: int) -> None:
    assert exit_code_of(error) == code
    assert code in EXIT_CODES


def test_a_failed_connection_ends_with_9(
    monkeypatch: pytest.MonkeyPatch, run: Run, empty_cloud: Emulator
) -> None:
    empty_cloud.faults.add(Fault("reset", times=None))
    shown = run("--retries", "0", "history", "list")
    assert (shown.code, shown.out) == (9, "")
    assert shown.err.startswith("error: GET /api/history_v2: ")
    assert shown.err.count("\n") == 1


def test_the_global_options_may_follow_the_command(run: Run, empty_cloud: Emulator) -> None:
    empty_cloud.faults.add(Fault("status", status=503, times=None))
    assert run("history", "list", "--retries", "0").code == 1
    assert len(empty_cloud.requests) == 1
    assert (
        run(
            "--base-url",
            "http://127.0.0.1:9",
            "history",
            "list",
            "--base-url",
            empty_cloud.url,
            "--retries=0",
        ).code
        == 1
    )
    assert len(empty_cloud.requests) == 2


def test_verbose_shows_requests_and_earlier_attempts(
    run: Run, empty_cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comfy_cloud._http.runtime import Runtime

    # As in a program that has not set up logging, where logging prints records without a handler.
    logger = logging.getLogger("comfy_cloud")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "propagate", False)
    slept: list[float] = []
    monkeypatch.setattr(
        "comfy_cloud._sync._http.session.Runtime", lambda: Runtime(sleep=slept.append, random=lambda: 1.0)
    )
    empty_cloud.faults.add(Fault("status", status=500, times=2))
    quiet = run("history", "list", "-o", "json")
    assert (quiet.code, quiet.err) == (0, "")
    assert len(slept) == 2
    monkeypatch.setattr("comfy_cloud.cli._console.client.on_terminal", lambda stream=None: True)
    empty_cloud.faults.add(Fault("status", status=500, times=1))
    waiting = run("history", "list", "-o", "json")
    assert waiting.code == 0
    assert waiting.err.startswith("GET /api/history_v2: status 500; attempt 2 of 5 in 0.")
    assert waiting.err.count("\n") == 1
    empty_cloud.faults.add(Fault("status", status=500, times=2))
    shown = run("-v", "--retries", "1", "history", "list")
    assert shown.code == 1
    lines = shown.err.splitlines()
    assert lines[0].startswith("GET /api/history_v2 -> 500 in ")
    assert "attempt 1" in lines[0]
    assert "; retrying in 0.50 s" in lines[0]
    assert "attempt 2" in lines[1]
    assert lines[2].startswith("error: 500")
    assert lines[-1].startswith("attempt 1: 500")


def test_an_unexpected_exception(run: Run, empty_cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("boom\x1b[2J\nsecond")

    monkeypatch.setattr("comfy_cloud.ComfyCloud.request", fail)
    shown = run("api", "/api/user")
    assert (shown.code, shown.out) == (1, "")
    assert shown.err == "error: unexpected RuntimeError: boom\\x1b[2J second (-v shows the traceback)\n"
    shown = run("api", "/api/user", "-v")
    assert "Traceback" in shown.err
    assert "\x1b" not in shown.err


def test_ctrl_c_ends_with_130(run: Run, empty_cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("comfy_cloud.ComfyCloud.request", interrupt)
    shown = run("api", "/api/user")
    assert (shown.code, shown.out, shown.err) == (130, "", "interrupted\n")


def test_a_bad_setting_ends_with_2(run: Run, empty_cloud: Emulator) -> None:
    shown = run("--timeout", "-1", "history", "list")
    assert shown.code == 2
    assert "timeout" in shown.err
    shown = run("--profile", "nowhere", "history", "list")
    assert shown.code == 2
    assert "There is no profile 'nowhere'" in shown.err


@pytest.mark.parametrize("arguments", [["history", "list", "-o", "jsonl", "--limit", "0"], ["--help"]])
def test_a_closed_pipe_is_silent(arguments: list[str], cloud: Emulator) -> None:
    process = subprocess.Popen(
        [*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program_environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    if arguments != ["--help"]:
        assert json.loads(process.stdout.readline())
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(HANG_TIMEOUT) == 0


def test_errors_are_colored_on_a_terminal_only(cloud: Emulator) -> None:
    assert run_program("nope").err.startswith("error: ")
    assert run_program("--color", "always", "--timeout=-1", "history", "list").err.startswith(
        "\x1b[31merror:\x1b[0m "
    )
    shown = run_for_terminal("history", "list", "--limit", "30", "--output", "table")
    assert "\x1b[32m\N{CHECK MARK} completed" in shown.out
    shown = run_for_terminal("history", "list", "--limit", "30", environment={"NO_COLOR": "1"})
    assert "completed" in shown.out
    assert "\x1b" not in shown.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize(
    "arguments", [["--version"], ["history", "list", "-o", "jsonl"], ["api", "/api/user"]]
)
def test_output_that_cannot_be_written(cloud: Emulator, arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=program_environment(),
            timeout=HANG_TIMEOUT,
        )
    assert done.returncode == 1
    assert done.stderr == ("error: the output or a file cannot be written or read: No space left on device\n")
