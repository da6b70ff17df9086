"""`--jq`: a jq expression applied to JSON, by the package `jq`."""

from __future__ import annotations

from typing import Any

from .exits import CommandError
from .formats import json_text
from .sanitizing import safe_text


def jq_lines(expression: str, data: Any) -> list[str]:
    """Each result of the expression: text as it is, made safe to show, anything else as JSON.

    Raises CommandError when the expression is not valid, fails on this data, or the package is
    not installed.
    """
    try:
        import jq
    except ModuleNotFoundError:
        raise CommandError("--jq needs the package jq: pip install 'comfy-cloud[jq]'") from None
    import json

    try:
        # By way of text, which has only what JSON has.
        found = jq.compile(expression).input_text(json.dumps(data, default=str)).all()
    except ValueError as error:
        raise CommandError(f"--jq: {str(error).strip()}") from None
    return [safe_text(each) if isinstance(each, str) else json_text(each) for each in found]
