"""The errors of failed demo jobs.

Each function returns the data of an execution_error message that fits a graph. The exception types
are those the service documents, and Python's own where a node raised. The messages are made up,
except for those that clients recognise.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from comfy_cloud_emulator.engine import failures
from comfy_cloud_emulator.state.json_values import Json

ErrorMaker = Callable[[Random, Json], Json]


def out_of_memory(rng: Random, graph: Json) -> Json:
    """The sampler needed more video memory than the machine has."""
    return _at(
        graph,
        _node(graph, "KSampler"),
        "OOMError",
        failures.NODE_MESSAGES["OOMError"],
        [
            '  File "/app/nodes.py", line 1559, in sample\n',
            '  File "/app/comfy/sample.py", line 45, in sample\n',
        ],
    )


def wrong_shape(rng: Random, graph: Json) -> Json:
    """The model and the text encoder do not match."""
    size = rng.choice((768, 1280, 2048, 4096))
    return _at(
        graph,
        _node(graph, "KSampler"),
        "RuntimeError",
        f"mat1 and mat2 shapes cannot be multiplied (77x{size} and 768x320)\n",
        [
            '  File "/app/execution.py", line 496, in execute\n',
            '  File "/app/nodes.py", line 1525, in common_ksampler\n',
        ],
    )


def image_missing(rng: Random, graph: Json) -> Json:
    """The account does not have the input image."""
    node_id = _node(graph, "LoadImage")
    name = graph[node_id]["inputs"].get("image", "input.png")
    return _at(graph, node_id, "ImageDownloadError", f"Failed to download image {name}: not found\n", [])


def model_missing(rng: Random, graph: Json) -> Json:
    """A model could not be downloaded to the machine."""
    node_id = next(
        (node_id for node_id, node in graph.items() if "Loader" in node["class_type"]), next(iter(graph))
    )
    return _at(graph, node_id, "ModelDownloadError", failures.NODE_MESSAGES["ModelDownloadError"], [])


def refused_late(rng: Random, graph: Json) -> Json:
    """Only the worker found the graph invalid; the message contains its response."""
    node_id = _node(graph, "KSampler")
    problem = {
        "type": "value_bigger_than_max",
        "message": "Value 400 bigger than max of 100",
        "details": "cfg",
        "extra_info": {"input_name": "cfg", "received_value": 400.0},
    }
    refusal: Json = {
        "error": {
            "type": "prompt_outputs_failed_validation",
            "message": "Prompt outputs failed validation",
            "details": "",
            "extra_info": {},
        },
        "node_errors": {
            node_id: {
                "errors": [problem],
                "dependent_outputs": [next(reversed(graph))],
                "class_type": graph[node_id]["class_type"],
            }
        },
    }
    return failures.late_refusal(refusal)


def stagnated(rng: Random, graph: Json) -> Json:
    """The machine stopped reporting; it is not the failure of a node."""
    return failures.of_service("ServiceError", failures.SERVICE_MESSAGES["ServiceError"])


def too_long(rng: Random, graph: Json) -> Json:
    """The account's maximum run time was exceeded."""
    return failures.of_service("ServiceError", "Job execution time exceeded maximum limit")


DEMO_ERRORS: Final[tuple[ErrorMaker, ...]] = (
    out_of_memory,
    wrong_shape,
    image_missing,
    model_missing,
    refused_late,
    stagnated,
    too_long,
)


def fits(error_maker: ErrorMaker, graph: Json) -> bool:
    """Whether this error can happen with this graph."""
    needed: dict[ErrorMaker, str] = {
        image_missing: "LoadImage",
        out_of_memory: "KSampler",
        wrong_shape: "KSampler",
        refused_late: "KSampler",
    }
    class_type = needed.get(error_maker)
    return class_type is None or any(node["class_type"] == class_type for node in graph.values())


def _node(graph: Json, class_type: str) -> str:
    return next(node_id for node_id, node in graph.items() if node["class_type"] == class_type)


def _at(graph: Json, node_id: str, exception_type: str, message: str, traceback: list[str]) -> Json:
    node = graph[node_id]
    executed = [earlier for earlier in graph if int(earlier) < int(node_id)]
    shown: dict[str, Any] = {
        name: [value] for name, value in node["inputs"].items() if not isinstance(value, list)
    }
    return {
        "node_id": node_id,
        "node_type": node["class_type"],
        "executed": executed,
        "exception_type": exception_type,
        "exception_message": message,
        "traceback": traceback,
        "current_inputs": shown,
        "current_outputs": executed,
    }
