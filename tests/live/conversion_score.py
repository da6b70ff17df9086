"""Convert workflows of the editor whose graphs were recorded from a browser, and compare.

`make conversion-score CASES=<folder>` reads the cases where they lie: they are other people's
workflows, and not part of the project. The folder has `ui/NAME.json`, the workflow as the editor
saves it; `api/NAME.json`, the graph that the editor made of it, or {"__error__": ...} where it made
none; perhaps `alt/NAME.json`, what a newer editor makes; `object_info.json`, the server's node
classes; and perhaps `cases.json`, the tags of each case. Each may be gzipped. The order of keys
never counts, and numbers are equal when they are the same double, since a browser rounds them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from comfy_cloud import ConfigurationError, convert_workflow

REFUSED = "__error__"


def main(arguments: list[str]) -> int:
    """Print the cases that differ, and a table by tag; 0 if there are none."""
    parser = argparse.ArgumentParser(prog="make conversion-score")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--titles", action="store_true", help="compare the titles too")
    parser.add_argument("--order", action="store_true", help="compare the order of the nodes too")
    parser.add_argument("--default", action="store_true", help="convert as the default does, not strictly")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    classes = read(found(folder, "object_info"))
    tags: dict[str, Any] = read(path) if (path := found(folder, "cases")).exists() else {}
    names = sorted({path.name.partition(".json")[0] for path in (folder / "api").iterdir()})
    exact: Counter[str] = Counter()
    total: Counter[str] = Counter()
    seconds = 0.0
    for name in names:
        ui = read(found(folder / "ui", name))
        started = time.perf_counter()
        try:
            graph = convert_workflow(ui, classes, strict=not options.default).graph
        except ConfigurationError as error:
            graph = {REFUSED: {"message": str(error)}}
        seconds += time.perf_counter() - started
        wanted = [read(path) for kind in ("api", "alt") if (path := found(folder / kind, name)).exists()]
        is_exact = any(is_same(one, graph, titles=options.titles, order=options.order) for one in wanted)
        if not is_exact:
            print(f"{name}: {difference(wanted[0], graph)}")
        for tag in ["all", *tags.get(name, {}).get("tags", [])]:
            total[tag] += 1
            exact[tag] += is_exact
    for tag in sorted(total, key=lambda tag: (tag == "all", tag)):
        print(f"{tag:20} {exact[tag]:4} of {total[tag]:4} exact")
    print(f"{seconds:.1f} s for {len(names)} conversions")
    return 0 if exact["all"] == len(names) else 1


def found(folder: Path, name: str) -> Path:
    """The path of a JSON file, plain or gzipped."""
    packed = folder / f"{name}.json.gz"
    return packed if packed.exists() else folder / f"{name}.json"


def read(path: Path) -> Any:
    """The JSON in a file, with numbers as a browser reads them."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return json.loads(content)


def is_same(wanted: dict[str, Any], graph: dict[str, Any], *, titles: bool, order: bool) -> bool:
    """Whether two graphs are the same. Any refusal is the same as another."""
    if REFUSED in wanted or REFUSED in graph:
        return REFUSED in wanted and REFUSED in graph
    if order and list(wanted) != list(graph):
        return False
    return comparable(wanted, titles=titles) == comparable(graph, titles=titles)


def comparable(graph: dict[str, Any], *, titles: bool) -> str:
    """A graph as text that is the same for the same graph."""
    nodes = {
        id: {name: part for name, part in node.items() if titles or name != "_meta"}
        for id, node in graph.items()
    }
    return json.dumps(rounded(nodes), sort_keys=True)


def rounded(value: Any) -> Any:
    """A value with all its numbers as doubles. True is not 1."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(part) for part in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def difference(wanted: dict[str, Any], graph: dict[str, Any]) -> str:
    """The first node that differs, as wanted and as it is."""
    for id in [*wanted, *graph]:
        one, other = wanted.get(id), graph.get(id)
        if rounded(one) != rounded(other):
            return f"node {id}: wanted {json.dumps(one)[:160]}, got {json.dumps(other)[:160]}"
    return "the order of the nodes"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
