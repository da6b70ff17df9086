"""The key goes to the host of the base URL, whatever a request says of its path."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from comfy_cloud import ComfyCloud, ConfigurationError
from comfy_cloud_api.types import Operation, Request

KEY = "comfyui-0123456789abcdef"


def called(build: Any) -> list[httpx.URL]:
    seen: list[httpx.URL] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(200, json={})

    transport = httpx.MockTransport(respond)
    with ComfyCloud(api_key=KEY, http_client=httpx.Client(transport=transport)) as cloud:
        cloud.call(SimpleNamespace(build=build, parse=lambda response: None))
    return seen


@pytest.mark.parametrize("target", ["//other.example/", "/\\other.example/", "/..//other.example", "/@other"])
def test_a_path_stays_on_the_host(target: str) -> None:
    (url,) = called(lambda: Request(Operation("a", "GET", "/a", "required"), target))
    assert url.host == "cloud.comfy.org"


@pytest.mark.parametrize(
    "target",
    ["@other.example/", ":80@other.example/", ".other.example/", ":8443/", "http://a/", "?a", "a", ""],
)
def test_what_would_make_another_host_of_the_base_url_is_refused(target: str) -> None:
    with pytest.raises(ConfigurationError, match="begins with a slash"):
        called(lambda: Request(Operation("a", "GET", "/a", "required"), target))


@pytest.mark.parametrize("built", [None, {"a": 1}, "text", SimpleNamespace(target="/a")])
def test_a_module_that_builds_no_request_is_refused(built: object) -> None:
    with pytest.raises(ConfigurationError, match="no generated operation"):
        called(lambda: built)
