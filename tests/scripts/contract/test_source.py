from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from comfy_cloud.contract._documents import sources
from comfy_cloud.contract._documents.reader import ContractError
from comfy_cloud.contract._documents.sources import fetched_contract, shown
from scripts.contract.source import valid_contract
from scripts.project.checkout import Checkout
from tests.raw_server import http_response, raw_server

from ..copies import contract_of


@pytest.fixture
def server() -> Iterator[str]:
    """Responds by path: with the contract, a redirect to it, or an error."""
    contract = http_response(200, Checkout().contract.read_bytes())
    with raw_server() as served:
        served.other = http_response(404, b"<html></html>")
        served.script("/openapi.yaml", contract)
        served.script("/large", contract)
        served.script("/moved", http_response(302, location="/openapi.yaml"))
        served.script("/private", http_response(302, location="http://10.0.0.1/"))
        yield served.url


ODD = """
openapi: 3.0.3
info: {title: Odd, version: '1'}
paths:
  /a/{id}: {get: {operationId: same, responses: {'204': {description: done}}}}
  /b: {get: {operationId: same, responses: {'204': {description: done}}}}
  /c: {get: {responses: RESPONSES}}
"""


def test_errors_of_single_operations_are_left_to_the_generator(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(ODD.replace("RESPONSES", "{'204': {description: done}}"), encoding="utf-8")
    assert list(valid_contract(str(path)).document["paths"]) == ["/a/{id}", "/b", "/c"]
    path.write_text(ODD.replace("RESPONSES", "{'204': {}}"), encoding="utf-8")
    with pytest.raises(ContractError, match=r"is not valid OpenAPI: at paths//c/get"):
        valid_contract(str(path))


class TestFromAUrl:
    def test_it_is_fetched_and_redirects_are_followed(self, server: str) -> None:
        assert fetched_contract(f"{server}/openapi.yaml") == contract_of(Checkout())
        assert fetched_contract(f"{server}/moved") == contract_of(Checkout())

    def test_an_error_status_is_named(self, server: str) -> None:
        with pytest.raises(ContractError, match=r"/nowhere returned 404 Something"):
            fetched_contract(f"{server}/nowhere")

    def test_a_redirect_that_is_not_followed_names_a_fix_that_helps(self, server: str) -> None:
        with pytest.raises(ContractError) as caught:
            fetched_contract(f"{server}/private")
        assert str(caught.value) == (
            f"{server}/private cannot be fetched: http://10.0.0.1, which is not encrypted. "
            "Save the contract to a file, and give its path"
        )

    def test_more_than_the_bound_is_refused(
        self, server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(sources, "MOST_BYTES", 1024)
        with pytest.raises(ContractError, match="is larger than"):
            fetched_contract(f"{server}/large")
        path = tmp_path / "large.yaml"
        path.write_bytes(b"#" * 1025)
        with pytest.raises(ContractError, match="is larger than"):
            fetched_contract(str(path))

    def test_a_broken_url(self) -> None:
        with pytest.raises(ContractError, match=r"is not a URL|cannot be fetched|the URL"):
            fetched_contract("http://[::1/openapi.yaml")

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("https://a:b@example.com:8443/x.yaml?key=1#f", "https://example.com:8443/x.yaml"),
            ("openapi.yaml", "openapi.yaml"),
            ("http://example.com/x", "http://example.com/x"),
        ],
    )
    def test_messages_show_no_secret_of_a_url(self, source: str, expected: str) -> None:
        assert shown(source) == expected
