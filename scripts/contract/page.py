"""A documentation page that carries its contract in a block of code. Pure.

Blocks in quotes and lists count too. A second contract is never overlooked, and a block that begins
like a contract but cannot be read is an error of its own.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt

from comfy_cloud.contract._documents.reader import ContractError, read_document

MOST_BYTES = 2 * 1024 * 1024
_LANGUAGES = frozenset({"yaml", "yml", "json", "openapi", ""})
_FENCE = re.compile(r"^[ >\t]*(?:```|~~~)", re.MULTILINE)
_FENCE_BYTES = re.compile(rb"^[ >\t]*(?:```|~~~)", re.MULTILINE)
_IN_CONTRACT = re.compile(r"""^\s*\{?\s*["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class _Block(NamedTuple):
    """A block of code: its text, the number of its first line, whether it ends, and how."""

    text: str
    line: int
    is_closed: bool = True
    closing_indent: int = 0


def contract_on_page(content: bytes, name: str) -> bytes | None:
    """The text of the one OpenAPI document on a Markdown page; None for what is not such a page.

    Raises ContractError when the page carries none, several, or one that cannot be read; `name` is
    what the error calls the page.
    """
    if not _FENCE_BYTES.search(content.replace(b"\0", b"")):
        return None
    if len(content) > MOST_BYTES:
        raise ContractError(
            f"{name} is larger than {MOST_BYTES // 1024 // 1024} MB, too large for a page. "
            "Save the contract in it as a file, and give that"
        )
    text = _decoded(content, name)
    if (fence := _FENCE.search(text)) is None or _IN_CONTRACT.search(text[: fence.start()]):
        return None
    blocks = list(_blocks(text))
    found = [block for block in blocks if _IN_CONTRACT.search(block.text)]
    if not found:
        raise ContractError(
            f"{name} is a page, and none of its {len(blocks)} block(s) of YAML or JSON has an `openapi: 3.x` "
            "line. Give the page or the file that has the contract"
        )
    if len({block.text.strip() for block in found}) > 1:
        lines = ", ".join(str(block.line) for block in found)
        raise ContractError(
            f"{name} carries {len(found)} OpenAPI documents, in lines {lines}; "
            "save the one to take over as a file, and give that"
        )
    _check(found[0], name)
    return found[0].text.encode()


def _check(block: _Block, name: str) -> None:
    """Raise ContractError for a block that is cut short, or cannot be read."""
    where = f"{name}, the block in line {block.line}"
    if block.closing_indent:
        raise ContractError(
            f"{where} ends at an indented fence, which may belong to the contract. "
            "Use a longer fence around it, or save it as a file"
        )
    try:
        read_document(block.text, where)
    except ContractError as error:
        if block.is_closed:
            hint = " (indent with spaces, not tabs)" if re.search(r"^ *\t", block.text, re.MULTILINE) else ""
            raise ContractError(f"{error}{hint}") from None
        raise ContractError(
            f"{where} is never closed, and what follows is not part of a contract. "
            "Add the closing fence, or save the contract as a file"
        ) from None


def _decoded(content: bytes, name: str) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ContractError(
            f"{name} is a page that is not {encoding.upper().removesuffix('-SIG')}, at byte {error.start}. "
            "Save it as UTF-8"
        ) from None


def _blocks(text: str) -> Iterator[_Block]:
    """The blocks that may be data. Only blocks are parsed, since prose has no bounds."""
    parser = MarkdownIt("zero").enable(["fence", "blockquote", "list", "code"])
    lines = text.splitlines()
    for token in parser.parse(text):
        if token.map is None or token.type not in ("fence", "code_block"):
            continue
        first, end = token.map
        if token.type == "code_block":
            yield _Block(token.content, first + 1)
        elif token.info.split(" ")[0].strip().lower() in _LANGUAGES:
            last = lines[end - 1] if first + 1 < end <= len(lines) else ""
            is_closed = last.strip(" >\t").startswith(token.markup)
            indents = [len(line) - len(line.lstrip(" ")) for line in (lines[first], last)]
            extra = indents[1] - indents[0] if is_closed and token.level == 0 else 0
            yield _Block(token.content, first + 1, is_closed, max(extra, 0))
