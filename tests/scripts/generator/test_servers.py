"""The address that a generated client has by default."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.generator.servers import has_own_server, server_url


@pytest.mark.parametrize(
    ("servers", "url"),
    [
        ([{"url": "https://things.test/v1"}, {"url": "https://other.test"}], "https://things.test/v1"),
        ([{"url": "/v1"}], "https://cloud.comfy.org/v1"),
        ([{"url": "v1/"}], "https://cloud.comfy.org/v1/"),
        ([{"url": "/"}], "https://cloud.comfy.org/"),
        ([{"url": ""}], "https://cloud.comfy.org"),
        ([], "https://cloud.comfy.org/"),
        (None, "https://cloud.comfy.org/"),
        (
            [{"url": "https://{env}.things.test:{port}/{v}", "variables": {
                "env": {"default": "live", "enum": ["live", "test"]}, "port": {"default": 8443}, "v": {}}}],
            "https://live.things.test:8443/{v}",
        ),
        ([{"url": "{base}", "variables": {"base": {"default": "/api"}}}], "https://cloud.comfy.org/api"),
        ([{"url": 5}], None),
    ],
)  # fmt: skip
def test_the_first_server_with_its_defaults(servers: Any, url: str | None) -> None:
    assert server_url({} if servers is None else {"servers": servers}) == url


def test_servers_of_an_operation_are_others_unless_the_first_of_the_contract_is_among_them() -> None:
    document = {"servers": [{"url": "https://{env}.things.test", "variables": {"env": {"default": "a"}}}]}
    assert not has_own_server(None, document)
    assert not has_own_server([], document)
    assert not has_own_server([{"url": "https://b.test"}, {"url": "https://a.things.test"}], document)
    assert has_own_server([{"url": "https://b.test"}], document)
