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
QUOTED = "".join(f"> {line}\n" for line in CONTRACT.splitlines())
OTHER = CONTRACT.replace("/api/user", "/api/other")


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
        f"# In a quote\n\n> ```yaml\n{QUOTED}> ```\n\nAfter it.\n",
        f"1. In a list\n\n   ```yaml\n{QUOTED.replace('> ', '   ')}   ```\n",
        f"# Twice the same\n\n```yaml\n{CONTRACT}```\n\n> ```yaml\n{QUOTED}> ```\n",
        f"\ufeff# A mark\n\n```yaml\n{CONTRACT}```\n",
        f"# Windows\n\n```yaml\n{CONTRACT}```\n".replace("\n", "\r\n"),
        f"# Tabs\n\n```\tyaml\n{CONTRACT}```\t\n\n\tcode\n",
        f"# Blocks\n\n```sh\nopenapi: run\n```\n\n```yaml\na: 1\n```\n\n```yaml\n{CONTRACT}```\n",
    ],
)
def test_the_contract_is_found(tmp_path: Path, page: str) -> None:
    assert read(tmp_path, page) == ["/api/user"]


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        (f"# Both\n\n```yaml\n{CONTRACT}```\n\n```yaml\n{OTHER}```\n", "3, 15"),
        (f"```yaml\n{OTHER}```\n\n> ```yaml\n{QUOTED}> ```\n", "1, 13"),
        (f"```yaml\n{CONTRACT}```\n\n```yaml\nopenapi: 3.0.3\npaths: [\n```\n", "1, 13"),
        (f"```yaml\n{CONTRACT}```\n\nText.\n\n    openapi: 3.1.0\n    paths: {{}}\n", "1, 15"),
    ],
)
def test_a_second_contract_is_noticed(tmp_path: Path, page: str, lines: str) -> None:
    reason = f"carries 2 OpenAPI documents, in lines {lines}; save the one to take over as a file"
    with pytest.raises(ContractError, match=reason):
        read(tmp_path, page)


BOMB = "openapi: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"x{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("# A page\n\n```yaml\na: 1\n```\n", r"none of its 1 block\(s\).* has an `openapi: 3\.x` line"),
        ("# A page\n\nopenapi: 3.0.3\n", "has no paths"),
        (f"```yaml\n{BOMB}```\n", r"the block in line 1 is not read: it .*\. Is it a contract"),
        (f"# A\n\n```yaml\nopenapi: {'[' * 9000}\n```\n", "the block in line 3 is not read: it is nested"),
        (
            f"```yaml\n{CONTRACT}\nAnd so on: *all* of it.\n",
            "line 1 is never closed, .*Add the closing fence",
        ),
        (f"```yaml\n{CONTRACT.replace('    get', chr(9) + 'get')}```\n", "neither YAML.*spaces, not tabs"),
        (f"```yaml\n{CONTRACT}  ```\n{OTHER}```\n", "ends at an indented fence.*Use a longer fence"),
        (f"```yaml\nopenapi: 3.0.3\npaths: [\n```\n{CONTRACT}", "the block in line 1 is neither YAML"),
        ("> " * 100_000 + "\n```yaml\nopenapi: 3.0.3\n```\n", "page"),
        ("- " * 100_000 + "\n```yaml\nopenapi: 3.0.3\n```\n", "page"),
        (f"```yaml\nopenapi: 3.0.3\npaths: {{}}\n{'#' * 2_200_000}\n```\n", "larger than 2 MB.*as a file"),
        (f"{CONTRACT}x-odd: [\n\n```yaml\n{OTHER}```\n", "is neither YAML nor JSON"),
    ],
)
def test_what_is_not_a_page_with_a_contract_is_refused(tmp_path: Path, page: str, reason: str) -> None:
    with pytest.raises(ContractError, match=reason) as raised:
        read(tmp_path, page)
    assert "page.md" in str(raised.value)
    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            b"# Caf\xe9\n\n```yaml\n" + CONTRACT.encode() + b"```\n",
            "is not UTF-8, at byte 5. Save it as UTF-8",
        ),
        (b"\xff\xfe#\x00\n\x00\n\x00`\x00`\x00`\x00\n\x00a", "is not UTF-16, at byte"),
    ],
)
def test_another_encoding_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(content)
    with pytest.raises(ContractError, match=reason):
        valid_contract(str(page))


def test_a_page_in_utf_16_is_read(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(f"# A page\n\n```yaml\n{CONTRACT}```\n".encode("utf-16"))
    assert list(valid_contract(str(page)).document["paths"]) == ["/api/user"]


def test_a_file_of_200_mb_is_not_read_whole(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    with page.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(ContractError, match=r"page\.md is larger than 20 MB: is it a contract\?"):
        valid_contract(str(page))


def test_the_checksum_is_that_of_the_page(tmp_path: Path) -> None:
    text = f"# A page\n\n```yaml\n{CONTRACT}```\n"
    read(tmp_path, text)
    assert valid_contract(str(tmp_path / "page.md")).content == text.encode()
