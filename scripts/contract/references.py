"""The references in a part of a contract. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def references_in(node: Any) -> Iterator[str]:
    """Every `$ref` below a node that leads to a place within its document."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            yield reference
        for value in node.values():
            yield from references_in(value)
    elif isinstance(node, list):
        for item in node:
            yield from references_in(item)
