from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud._settings import profiles
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .conftest import Run, run_on_terminal
from .test_workflow import GRAPH


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the keyring of the person who runs them."""
    monkeypatch.setattr("comfy_cloud._settings.key_stores._keyring", lambda: None)


@pytest.fixture
def server(empty_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """A server that the environment does not select."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return empty_emulator


def folder() -> Path:
    return Path(os.environ["COMFY_CLOUD_CONFIG_DIR"])


def stored() -> list[str]:
    return sorted(str(path.relative_to(folder())) for path in folder().rglob("*"))


# login


def test_login_checks_the_key_and_stores_it(run: Run, server: Emulator) -> None:
    shown = run("auth", "login", "--base-url", server.url, stdin=f"{server.key}\n".encode())
    assert (shown.code, shown.out) == (0, "")
    assert (
        shown.err
        == f"stored the key for {server.url} in profile 'default', in a private file in {folder()}\n"
    )
    assert server.requests[-1].path == "/api/user"
    assert server.requests[-1].headers["x-api-key"] == server.key
    assert stored() == ["config.toml", "default.key"]
    assert stat.S_IMODE((folder() / "default.key").stat().st_mode) == 0o600
    assert server.key not in (folder() / "config.toml").read_text()
    # Every command now uses it.
    assert run("history", "list").out == "[]\n"


def test_login_into_a_new_profile(run: Run, server: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        run("auth", "login", "--profile", "work", "--base-url", server.url, stdin=server.key.encode()).code
        == 0
    )
    monkeypatch.setenv("COMFY_CLOUD_PROFILE", "play")
    shown = run("auth", "login", "--base-url", server.url, "--with-key", "-", stdin=server.key.encode())
    assert shown.code == 0, shown.err
    assert profiles.profile_names() == ["play", "work"]
    assert profiles.read_profile().name == "work"  # the first one made


def test_login_again_keeps_the_server_of_the_profile(run: Run, server: Emulator) -> None:
    run("auth", "login", "--base-url", server.url, stdin=server.key.encode())
    assert run("auth", "login", stdin=server.key.encode()).code == 0
    assert profiles.read_profile().get("base_url") == server.url


def test_login_without_a_check_for_comfy_cloud_itself_stores_no_url(run: Run) -> None:
    shown = run("auth", "login", "--no-check", stdin=b"comfyui-something")
    assert shown.code == 0
    assert profiles.read_profile().get("base_url") is None
    assert "comfyui-something" not in shown.err


@pytest.mark.parametrize(
    ("key", "code"),
    [(b"comfyui-wrong-key", 4), (b"", 2), (b"  \n", 2), (b"two\nlines", 2), ("schlüssel".encode(), 2)],
)
def test_a_key_that_is_refused_is_not_stored(key: bytes, code: int, run: Run, server: Emulator) -> None:
    shown = run("auth", "login", "--base-url", server.url, stdin=key)
    assert (shown.code, shown.out) == (code, "")
    assert shown.err.startswith("error: ")
    assert shown.err.count("\n") == 1
    assert not key.strip() or key.decode() not in shown.err
    assert stored() == []


def test_nothing_is_stored_if_the_key_cannot_be_checked(run: Run, server: Emulator) -> None:
    server.faults.add(Fault("reset", times=None))
    shown = run("auth", "login", "--retries", "0", "--base-url", server.url, stdin=server.key.encode())
    assert shown.code == 9
    server.faults.clear()
    server.faults.add(Fault("retired", path="/api/user", status=404))
    shown = run("auth", "login", "--base-url", server.url, stdin=server.key.encode())
    assert shown.code == 1
    assert "--no-check" in shown.err
    server.faults.clear()
    server.faults.add(Fault("html", status=200, body="<html>Sign in to the hotel's network</html>"))
    shown = run("auth", "login", "--base-url", server.url, stdin=server.key.encode())
    assert shown.code == 1
    assert "the login page of a proxy. Check that --base-url" in shown.err
    assert stored() == []


def test_a_key_on_the_command_line_is_refused_and_not_repeated(run: Run, server: Emulator) -> None:
    shown = run("auth", "login", "--base-url", server.url, "--with-key", server.key)
    assert shown.code == 2
    assert server.key not in shown.err
    assert server.requests == []
    assert stored() == []


def test_a_missing_keyring(run: Run, server: Emulator) -> None:
    shown = run("auth", "login", "--keyring", "--base-url", server.url, stdin=server.key.encode())
    assert shown.code == 2
    assert "comfy-cloud[keyring]" in shown.err
    assert stored() == []


def test_the_name_of_a_profile_cannot_leave_the_folder(run: Run, server: Emulator) -> None:
    shown = run("auth", "login", "--profile", "../x", "--base-url", server.url, stdin=server.key.encode())
    assert shown.code == 2
    assert stored() == []


def test_a_terminal_gets_a_prompt_that_hides_the_key(server: Emulator) -> None:
    shown = run_on_terminal(
        "auth", "login", "--no-keyring", "--base-url", server.url, typed=[("API key", f"{server.key}\n")]
    )
    assert shown.code == 0, shown.err
    assert server.key not in shown.out + shown.err
    assert profiles.read_profile().get("api_key") == server.key


@pytest.mark.parametrize("attempt", range(3))
def test_ctrl_c_at_the_prompt_ends_with_130(attempt: int, server: Emulator) -> None:
    """It is typed as soon as the prompt is seen, so mostly before the program begins to read."""
    shown = run_on_terminal("auth", "login", "--base-url", server.url, typed=[("API key", "\x03")])
    assert shown.code == 130
    assert shown.err.endswith("\ninterrupted\n")
    assert stored() == []


# status


def status_of(run: Run, *options: str) -> tuple[int, dict[str, object], str]:
    shown = run("auth", "status", *options)
    return shown.code, json.loads(shown.out), shown.err


def test_status_names_the_sources_and_asks_the_server(
    run: Run, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("auth", "login", "--profile", "work", "--base-url", server.url, stdin=server.key.encode())
    code, facts, message = status_of(run)
    assert (code, message) == (0, "")
    assert facts == {
        "base_url": server.url,
        "base_url_source": "profile 'work'",
        "key": "present",
        "key_source": "profile 'work'",
        "check": "valid",
        "user": {"id": "user_emulated", "status": "active"},
        "plan": "paid",
        "credits": {"amount": 20.0, "currency": "usd"},
        "jobs": {"running": 0, "waiting": 0, "may_run": 1},
    }
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "comfyui-wrong-key")
    code, facts, message = status_of(run, "--base-url", server.url)
    assert code == 4
    assert (facts["check"], facts["key_source"]) == ("invalid", "environment variable COMFY_CLOUD_API_KEY")
    assert facts["base_url_source"] == "option --base-url"
    assert message.startswith("error: 401")


def test_status_offline_sends_nothing(run: Run, server: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "comfyui-some-key")
    code, facts, _ = status_of(run, "--offline", "--base-url", server.url)
    assert (code, facts["check"]) == (0, "skipped")
    assert server.requests == []


def test_status_without_a_key_ends_with_4(run: Run, server: Emulator) -> None:
    code, facts, message = status_of(run)  # Comfy Cloud itself: no request is made
    assert (code, facts["key"], facts["check"]) == (4, "none", "skipped")
    assert "auth login" in message
    code, facts, _ = status_of(run, "--base-url", server.url)
    assert (code, facts["check"]) == (4, "missing")
    assert status_of(run, "--base-url", server.url, "--offline")[0] == 4


@pytest.mark.beyond_contract  # such a server needs no key
@pytest.mark.parametrize("status", [404, 405, 501])
def test_status_of_a_server_without_accounts(status: int, run: Run, server: Emulator) -> None:
    server.faults.add(Fault("retired", path="/api/user", status=status))
    code, facts, _ = status_of(run, "--base-url", server.url)
    assert (code, facts["check"]) == (0, "unavailable")


def test_status_as_text_shows_no_key(run: Run, server: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", server.key)
    shown = run("auth", "status", "--base-url", server.url, "-o", "table")
    assert shown.out.splitlines() == [
        f"server   {server.url} (option --base-url)",
        "key      present (environment variable COMFY_CLOUD_API_KEY)",
        "check    the server accepts it",
        "user     user_emulated, active",
        "plan     paid",
        "credits  20.00 USD",
        "jobs     0 of 1 running",
    ]


def test_status_counts_jobs(
    run: Run, server: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", server.key)
    with ComfyCloud(base_url=server.url, api_key=server.key) as client:
        for seed in range(3):
            client.submit(GRAPH, {"3.seed": seed})
    time.advance(1)
    _, facts, _ = status_of(run, "--base-url", server.url)
    assert facts["jobs"] == {"running": 1, "waiting": 2, "may_run": 1}
    shown = run("auth", "status", "--base-url", server.url, "-o", "table")
    assert shown.out.endswith("jobs     1 of 1 running, 2 waiting\n")


@pytest.mark.beyond_contract
def test_status_without_what_the_service_does_not_document(
    run: Run, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", server.key)
    server.faults.add(Fault("retired", path="/api/billing/balance", status=404, times=None))
    server.faults.add(Fault("status", path="/api/queue", times=None))
    free = {"free_tier_balance": {"allowance": 20, "used": 8, "remaining": 12}, "max_concurrent_jobs": 1}
    server.faults.add(Fault("status", path="/api/features", status=200, body=free, times=None))
    code, facts, message = status_of(run, "--base-url", server.url)
    assert (code, message) == (0, "")
    assert (facts["plan"], facts["credits"]) == ("free", None)
    assert facts["jobs"] == {"running": None, "waiting": None, "may_run": 1}
    assert len([each for each in server.requests if each.path == "/api/queue"]) == 1  # not retried
    shown = run("auth", "status", "--base-url", server.url, "-o", "table")
    assert shown.out.endswith("plan    free, 12 of 20 left\njobs    1 may run at once\n")


# list and logout


def test_list_and_logout(run: Run, server: Emulator) -> None:
    assert run("auth", "list").out == "[]\n"
    assert run("auth", "list", "-o", "table").err == "no profiles; `comfy-cloud auth login` creates one\n"
    run("auth", "login", "--profile", "work", "--no-check", stdin=b"comfyui-1")
    run("auth", "login", "--profile", "play", "--base-url", server.url, stdin=server.key.encode())
    work = {"profile": "work", "default": True, "base_url": "https://cloud.comfy.org", "key_store": "file"}
    play = {"profile": "play", "default": False, "base_url": server.url, "key_store": "file"}
    assert json.loads(run("auth", "list").out) == [play, work]
    table = run("auth", "list", "-o", "table").out.splitlines()
    assert table[0].split() == ["profile", "default", "base_url", "key_store"]
    assert table[2].split() == ["work", "yes", "https://cloud.comfy.org", "file"]

    assert run("auth", "logout", "--profile", "play").err == "deleted profile 'play' and its key\n"
    assert stored() == ["config.toml", "work.key"]
    shown = run("auth", "logout", "--profile", "play")
    assert shown.code == 2
    assert shown.err == "error: there is no profile 'play' (profiles: work)\n"
    assert run("auth", "logout").code == 0
    assert stored() == ["config.toml"]


# The variable of the vendor's SDK


def test_a_line_says_that_the_vendors_variable_is_used(
    run: Run, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFY_API_KEY", f" {server.key}\r\n")
    line = "note: the key is that of COMFY_API_KEY; COMFY_CLOUD_API_KEY and profiles count first\n"
    shown = run("history", "list", "--base-url", server.url)
    assert (shown.code, shown.err) == (0, line)
    code, facts, message = status_of(run, "--base-url", server.url)
    assert (code, facts["check"], message) == (0, "valid", line)
    assert facts["key_source"] == "environment variable COMFY_API_KEY"
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", server.key)
    assert run("history", "list", "--base-url", server.url).err == ""
