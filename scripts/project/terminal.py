"""Printing text that may come from a contract: control characters become visible escapes."""

from __future__ import annotations

import sys

from comfy_cloud.cli._console.sanitizing import safe_line, safe_text

__all__ = ["safe_line", "say", "say_error"]


def say(text: str) -> None:
    """Print text of our own and of a contract; line breaks stay."""
    print(safe_text(text))


def say_error(error: object) -> None:
    """Print an error on the error stream."""
    print(f"error: {safe_text(str(error))}", file=sys.stderr)
