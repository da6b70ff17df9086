"""A problem that the validation of a workflow found, for data formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from comfy_cloud import Problem


def problem_record(problem: Problem) -> dict[str, Any]:
    """Where it is, what is wrong, and what was probably meant."""
    return {
        "node": problem.node_id,
        "class": problem.class_type,
        "input": problem.input,
        "kind": problem.kind,
        "message": problem.message,
        "suggestions": list(problem.suggestions),
    }
