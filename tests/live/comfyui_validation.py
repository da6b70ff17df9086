"""A real ComfyUI's own validation of graphs, without running them.

`python comfyui_validation.py FOLDER < graphs.json` is started by `conversion_run` with the Python
of that ComfyUI; FOLDER is its source. Graphs come by name; "names" of the input are models and
files that it is to believe in. Prints a line of JSON for each: the name, and the errors. It imports
nothing of this project.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import sys
from typing import Any


def main() -> None:
    folder = sys.argv.pop(1)
    sys.argv[1:] = ["--cpu"]
    sys.path.insert(0, folder)
    given = json.loads(sys.stdin.read())
    sys.stdout, out = sys.stderr, sys.stdout  # what ComfyUI prints is not an answer
    logging.disable(logging.ERROR)
    import comfy.options  # type: ignore[import-not-found]

    comfy.options.enable_args_parsing()
    import comfyui_version  # type: ignore[import-not-found]
    import execution  # type: ignore[import-not-found]
    import folder_paths  # type: ignore[import-not-found]
    import nodes  # type: ignore[import-not-found]

    listed, exists = folder_paths.get_filename_list, folder_paths.exists_annotated_filepath
    names = given["names"]
    folder_paths.get_filename_list = lambda kind: [*listed(kind), *names]
    folder_paths.exists_annotated_filepath = lambda name: name in names or exists(name)
    asyncio.run(nodes.init_extra_nodes(init_custom_nodes=False, init_api_nodes=False))
    print(json.dumps({"version": comfyui_version.__version__}), file=out)
    for name, graph in given["graphs"].items():
        print(json.dumps({"name": name, "errors": errors_of(execution, nodes, graph)}), file=out, flush=True)


def errors_of(execution: Any, nodes: Any, graph: dict[str, Any]) -> list[str]:
    """What the validation says against a graph."""
    unknown = sorted({node["class_type"] for node in graph.values()} - set(nodes.NODE_CLASS_MAPPINGS))
    if unknown:
        return [f"no class {name}" for name in unknown]
    found = execution.validate_prompt("0", graph, None)
    valid, error, _, node_errors = asyncio.run(found) if inspect.isawaitable(found) else found
    lines = [] if valid or error is None else [f"{error['type']}: {error['details']}"]
    for id, node in node_errors.items():
        lines += [f"{id}: {each['type']}: {each['details']}" for each in node["errors"]]
    return lines


if __name__ == "__main__":
    main()
