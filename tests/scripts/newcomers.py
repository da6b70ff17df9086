"""Contracts that might be published: ours with other descriptions, and a newer one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.project.checkout import Checkout

from .copies import contract_of, written

Document = dict[str, Any]


def in_other_words(node: Any) -> Any:
    """The same interface, with descriptions, summaries and samples by somebody else."""
    if isinstance(node, list):
        return [in_other_words(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"Somebody wrote: {value[:20]}"
        if key in ("description", "summary") and isinstance(value, str)
        else "sample"
        if key == "example" and isinstance(value, str)
        else in_other_words(value)
        for key, value in node.items()
    }


def newer(document: Document) -> None:
    """What a newer version of the service might bring."""
    document["info"]["version"] = "1.1.0"
    document["paths"]["/api/weather"] = {
        "get": {
            "operationId": "getWeather",
            "tags": ["system"],
            "summary": "Look outside",
            "description": "Somebody's text about the weather, long enough to take more than one line.",
            "parameters": [
                {"name": "days", "in": "query", "description": "How far.", "schema": {"type": "integer"}}
            ],
            "responses": {
                "200": {
                    "description": "The sky.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Weather"}}},
                }
            },
        }
    }
    schemas = document["components"]["schemas"]
    schemas["Weather"] = {
        "type": "object",
        "required": ["sky"],
        "properties": {"sky": {"type": "string", "enum": ["clear", "grey"]}, "degrees": {"type": "number"}},
    }
    for parameter in document["paths"]["/api/jobs"]["get"]["parameters"]:
        if parameter["name"] == "limit":
            parameter["required"] = True
    schemas["JobEntry"]["properties"]["status"]["enum"].append("paused")
    del schemas["JobEntry"]["properties"]["preview_output"]


def written_with(checkout: Checkout, path: Path, change: Callable[[Document], object]) -> Path:
    """A changed contract of the project in somebody else's words, in a file."""
    document = in_other_words(contract_of(checkout))
    change(document)
    return written(path, document)


def a_newer_version(document: Document) -> None:
    """A change of nothing but the version."""
    document["info"]["version"] = "1.1.0"
