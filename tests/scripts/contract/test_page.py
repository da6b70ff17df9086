"""A documentation page carries its contract in a fenced block."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts.contract.source import valid_contract

CONTRACT = """\
openapi: 3.0.3
info: {title: Things, version: '1'}
paths:
  /api/user:
    get:
      operationId: getUser
      description: |
        An example: ```ignored```
      responses: {'200': {description: The caller.}}
"""


def read(folder: Path, text: str) -> list[str]:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return list(valid_contract(str(page)).document["paths"])


@pytest.mark.parametrize(
    "page",
    [
        f"# A page\n\n> Words: more.\n\n````yaml openapi.yaml get /api/user\n{CONTRACT}````\n",
        f"# A page\n\n```\n{CONTRACT}```\n\nAfter it.\n",
        f"~~~yml\n{CONTRACT}~~~\n",
        f"# Two\n\n```json\n{{}}\n```\n\n```python\nopenapi = 1\n```\n\n```YAML\n{CONTRACT}```\n",
        f"```yaml\n{CONTRACT}",
    ],
)
def test_the_contract_is_found(tmp_path: Path, page: str) -> None:
    assert read(tmp_path, page) == ["/api/user"]


def test_a_page_with_two_contracts_is_refused(tmp_path: Path) -> None:
    block = f"```yaml\n{CONTRACT}```\n"
    with pytest.raises(ContractError, match=r"page\.md carries 2 OpenAPI documents; save the one"):
        read(tmp_path, f"# Both\n\n{block}\n{block}")


@pytest.mark.parametrize("page", ["# A page\n\n```yaml\na: 1\n```\n", "# A page\n\nopenapi: 3.0.3\n"])
def test_a_page_without_one_is_no_contract(tmp_path: Path, page: str) -> None:
    with pytest.raises(ContractError, match=r"page\.md"):
        read(tmp_path, page)


def test_the_checksum_is_that_of_the_page(tmp_path: Path) -> None:
    text = f"# A page\n\n```yaml\n{CONTRACT}```\n"
    read(tmp_path, text)
    assert valid_contract(str(tmp_path / "page.md")).content == text.encode()
