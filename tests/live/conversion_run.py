"""Run converted workflows of the editor on the emulator, and have a real ComfyUI validate them.

`make conversion-run CASES=<folder>` converts recorded workflows (see `conversion_score`) until
twenty were run on an emulator with the recorded node classes. With COMFYUI=<folder of its source>
and COMFYUI_PYTHON=<its Python>, that ComfyUI validates the same graphs; those with classes that it
does not have are left out, as are workflows that our own validation finds flawed. Models and files
that the workflows name are taken to exist.
"""

from __future__ import annotations

import argparse
import copy
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from comfy_cloud import ComfyCloud, ComfyCloudError, convert_workflow
from comfy_cloud._workflows.validation import validate
from comfy_cloud_emulator import Emulator

from .conversion_score import found, read

_WANTED = 20
_LARGEST = 60


def main(arguments: list[str]) -> int:
    """Print a row for each graph; 0 if all were accepted."""
    parser = argparse.ArgumentParser(prog="make conversion-run")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--comfyui", type=Path, help="the source of a ComfyUI")
    parser.add_argument("--comfyui-python", default=sys.executable, help="a Python with its requirements")
    options = parser.parse_args(arguments)
    classes = read(found(options.folder, "object_info"))
    graphs = dict(converted(options.folder, classes))
    verdicts: dict[str, list[str]] = {}
    if options.comfyui is not None:
        version, verdicts = validated(graphs, classes, options.comfyui, options.comfyui_python)
        graphs = {name: graph for name, graph in graphs.items() if not _lacks_classes(verdicts[name])}
        print(f"ComfyUI {version} has the classes of {len(graphs)} of {len(verdicts)} graphs")
    flawed = {name for name in graphs if validate(graphs[name], with_names(classes, {name: graphs[name]}))}
    refused = sum(bool(verdicts.get(name)) for name in flawed)
    print(f"{len(flawed)} workflows are flawed themselves, says our validation; ComfyUI refuses {refused}")
    graphs = _spread({name: graph for name, graph in graphs.items() if name not in flawed})
    failures = 0
    completed = with_names(classes, graphs)
    with (
        Emulator(object_info=completed, speed=1000) as emulator,
        ComfyCloud(api_key=emulator.key, base_url=emulator.url) as cloud,
    ):
        for name, graph in graphs.items():
            try:
                result = cloud.run(graph, timeout=60)
                shown = f"{result.status}, {len(result.outputs)} outputs"
            except ComfyCloudError as error:
                shown = f"{type(error).__name__}: {str(error)[:120]}"
                failures += 1
            errors = verdicts.get(name)
            failures += bool(errors)
            real = "not asked" if errors is None else "; ".join(errors)[:160] or "accepted"
            print(f"{name[:58]:58} {len(graph):3} nodes | emulator: {shown} | ComfyUI: {real}")
    print(f"{len(graphs)} graphs, {failures} failures")
    return 1 if failures or len(graphs) < _WANTED else 0


def converted(folder: Path, classes: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Graphs with an output node and with classes that are known, from the default conversion."""
    for name in sorted({path.name.partition(".json")[0] for path in (folder / "ui").iterdir()}):
        try:
            graph = convert_workflow(read(found(folder / "ui", name)), classes).graph
        except ComfyCloudError:
            continue
        types = {node["class_type"] for node in graph.values()}
        is_known = types <= set(classes) and len(graph) <= _LARGEST
        is_run = any(classes[type].get("output_node") for type in types) if is_known else False
        if is_run and not any(classes[type].get("api_node") for type in types):
            yield name, graph


def _spread(graphs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Twenty of the graphs, from all of them."""
    names = list(graphs)
    step = max(1, len(names) // _WANTED)
    return {name: graphs[name] for name in names[::step][:_WANTED]}


def with_names(classes: Mapping[str, Any], graphs: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Node classes whose lists have the models and files that graphs name."""
    used = {node["class_type"] for graph in graphs.values() for node in graph.values()}
    made = {name: copy.deepcopy(cls) if name in used else cls for name, cls in classes.items()}
    for graph in graphs.values():
        for node in graph.values():
            for options, value in _listed(made[node["class_type"]], node["inputs"]):
                if value not in options:
                    options.append(value)
    return made


def _listed(cls: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[tuple[list[Any], str]]:
    for group in ("required", "optional"):
        for name, (type, *rest) in (cls["input"].get(group) or {}).items():
            options = type if isinstance(type, list) else (rest[0] if rest else {}).get("options")
            if isinstance(options, list) and isinstance(inputs.get(name), str):
                yield options, inputs[name]


def validated(
    graphs: Mapping[str, dict[str, Any]], classes: Mapping[str, Any], folder: Path, python: str
) -> tuple[str, dict[str, list[str]]]:
    """The version of a real ComfyUI, and what its validation says against each graph."""
    names = {
        value
        for graph in graphs.values()
        for node in graph.values()
        for _, value in _listed(classes[node["class_type"]], node["inputs"])
    }
    script = Path(__file__).with_name("comfyui_validation.py")
    ran = subprocess.run(
        [python, str(script), str(folder.resolve())],
        input=json.dumps({"names": sorted(names), "graphs": dict(graphs)}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    first, *lines = [json.loads(line) for line in ran.stdout.splitlines()]
    return first["version"], {line["name"]: line["errors"] for line in lines}


def _lacks_classes(errors: list[str]) -> bool:
    return any(error.startswith("no class ") for error in errors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
