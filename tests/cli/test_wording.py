"""What the library says about arguments, the command says about options and variables."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from comfy_cloud import ComfyCloud, ConfigurationError, UnexpectedResponse
from comfy_cloud._http.address_hint import socket_hint
from comfy_cloud._settings.config import load
from comfy_cloud._settings.storage_hosts import AddressPolicy
from comfy_cloud.cli._console.wording import in_command_words
from comfy_cloud_emulator import Emulator

from .conftest import Run

# An argument as the library writes it: `api_key=`, `base_url`.
ARGUMENT = re.compile(r"\b[a-z]+(_[a-z]+)*=(?!\d)|\b(base_url|api_key|params|storage_hosts)\b")


@pytest.mark.parametrize("key", ["", "comfyui-wrong-key"])
def test_401_says_whether_a_key_was_sent(
    run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", key)
    result = run("history", "list")
    expected = {
        "": "No API key was sent. Set COMFY_CLOUD_API_KEY, or run `comfy-cloud auth login`",
        "comfyui-wrong-key": "The API key was refused. Check COMFY_CLOUD_API_KEY or the profile",
    }[key]
    assert (result.code, result.out) == (4, "")
    assert expected in result.err
    assert "wrong-key" not in result.err
    assert not ARGUMENT.search(result.err)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--base-url", "http://example.com", "history", "list"], "Use https"),
        (["--base-url", "https://a:b@example.com", "history", "list"], "set COMFY_CLOUD_API_KEY"),
        (["--base-url", "example.com", "history", "list"], "the base URL (--base-url, COMFY_CLOUD"),
        (["--timeout", "0", "history", "list"], "the timeout (--timeout, COMFY_CLOUD"),
        (["api", "/api/a b"], "PATH must be without spaces and control characters"),
        (["api", "/api/a b"], "or use --param"),
        (
            ["api", "/a", "-X", "POST", "--input", "-", "--content-type", "a\nb"],
            "--content-type takes a media type",
        ),
    ],
)
def test_settings_are_named_as_options(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: str
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "comfyui-some-key")
    result = run(*arguments)
    assert result.code == 2
    assert expected in result.err
    assert not ARGUMENT.search(result.err)


def test_a_key_that_is_needed() -> None:
    with ComfyCloud() as cloud, pytest.raises(ConfigurationError) as caught:
        cloud.history.list()
    assert "Pass api_key=" in str(caught.value)
    words = in_command_words(str(caught.value))
    assert "Set COMFY_CLOUD_API_KEY, or run `comfy-cloud auth login`" in words
    assert not ARGUMENT.search(words)


def test_where_signed_urls_may_lead() -> None:
    reason = AddressPolicy("https://example.com").refusal_of_address("files.lan", "10.0.0.1")
    assert reason is not None
    assert "storage_hosts=" in reason
    assert in_command_words(reason).endswith(
        "If your server keeps files there, set COMFY_CLOUD_STORAGE_HOSTS=files.lan"
    )


def test_a_response_that_is_too_large(cloud: Emulator) -> None:
    with ComfyCloud(max_response_bytes=10) as client, pytest.raises(UnexpectedResponse) as caught:
        client.history.list()
    assert "pass a larger max_response_bytes=" in str(caught.value)
    words = in_command_words(str(caught.value))
    assert "use a Python program with ComfyCloud(max_response_bytes=None)" in words


def test_the_change_to_api_v2_names_the_option(
    run: Run, start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = start_emulator(quirks=["v1_gone"])
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.key)
    shown = run("jobs", "list")
    assert (shown.code, shown.err.count("--api v2, or COMFY_CLOUD_API=v2, asks for it at once")) == (0, 1)
    assert not ARGUMENT.search(shown.err)


@pytest.mark.parametrize("arguments", [{}, {"base_url": "http://127.0.0.1:9"}])
def test_where_an_address_and_a_proxy_came_from(arguments: dict[str, str]) -> None:
    settings = load(**arguments, proxy="http://127.0.0.1:9", environment={}, allow_insecure=True)
    hint = socket_hint(settings)
    assert ARGUMENT.search(hint)
    assert "check COMFY_CLOUD_PROXY, ALL_PROXY" in in_command_words(hint)
    assert not ARGUMENT.search(in_command_words(hint).replace("the argument proxy=", ""))
