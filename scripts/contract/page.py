"""A documentation page that carries its contract in a fenced block of code. Pure."""

from __future__ import annotations

from markdown_it import MarkdownIt

from comfy_cloud.contract._documents.reader import ContractError, read_document

MOST_BYTES = 2 * 1024 * 1024
_LANGUAGES = frozenset({"yaml", "yml", "json", "openapi", ""})


def contract_on_page(content: bytes, name: str) -> bytes | None:
    """The text of the one OpenAPI document in the fenced blocks of a Markdown page, None without.

    Raises ContractError when the page carries several; `name` is what the error calls the page.
    """
    if len(content) > MOST_BYTES:
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    found = [block for block in _blocks(text) if _is_openapi(block)]
    if len(found) > 1:
        raise ContractError(
            f"{name} carries {len(found)} OpenAPI documents; save the one to take over as a file"
        )
    return found[0].encode() if found else None


def _blocks(text: str) -> list[str]:
    """The fenced blocks that may be data. Only blocks are parsed, since prose has no bounds."""
    parser = MarkdownIt("zero").enable("fence")
    return [
        token.content
        for token in parser.parse(text)
        if token.type == "fence" and token.info.split(" ")[0].strip().lower() in _LANGUAGES
    ]


def _is_openapi(block: str) -> bool:
    try:
        return "openapi" in read_document(block, "a block")
    except ContractError:
        return False
