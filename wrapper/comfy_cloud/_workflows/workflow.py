"""A workflow as a value: its graph, the setting of inputs by address, its seeds, and the local files that it names.

Loading is done by `graph_loading`, checking against the node classes of a server by `validation`. Nothing here sends, uploads or
draws random numbers by itself.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from .loading import Graph, check_links, checked_graph, copied_value, links_of, load_graph

__all__ = ["LocalFile", "Workflow"]

# Nodes differ in how large a seed they take; this much all of them do.
LARGEST_SEED = 2**31 - 1

# Inputs of loading nodes that name a file. Models are named by inputs such as `lora_name`, and live on the server.
_FILE_INPUTS = frozenset(
    f"{name}{ending}"
    for name in ("image", "mask", "video", "audio", "file", "model_file")
    for ending in ("", "_path")
) | {"latent"}
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of this machine in an input of a node: it has to be uploaded before the graph can run.

    `node_id` and `input` say where it stands, `path` where it is.
    """

    node_id: str
    input: str
    path: Path


class Workflow:
    """A graph in API format, as the service runs it, and what one does with it before it is submitted.

    `graph` maps node ids to nodes, each a dict with `class_type`, `inputs` and perhaps `_meta`. An input is a value or a link,
    [id of the other node, number of its output]; a `Path` among the values is a local file. It is a copy of what it was made
    from. `ui` is the same workflow as the editor draws it, if it is known.

    Raises:
        ConfigurationError: The graph is empty, not in API format, or has links that lead nowhere.
    """

    def __init__(self, graph: Mapping[str, Any], ui: Mapping[str, Any] | None = None) -> None:
        self.graph: Graph
        self.ui: dict[str, Any] | None
        self.graph, self.ui = checked_graph(graph, ui)

    @classmethod
    def load(cls, source: object) -> Workflow:
        """A workflow from a dict, from JSON, or from a file.

        Args:
            source: A graph, or the body of a request around it, as a dict or as JSON (text or bytes); the path of a file with
                such JSON; the path or the bytes of a picture, film or sound that ComfyUI made; or another Workflow.

        Raises:
            ConfigurationError: It cannot be read, or is no graph in API format; the message says what to do.
        """
        if isinstance(source, Workflow):
            return cls(source.graph, source.ui)
        made = cls.__new__(cls)
        made.graph, made.ui = load_graph(source)
        return made

    def set_inputs(self, inputs: Mapping[str, Any]) -> list[str]:
        """Set inputs of nodes: all of them, or none when one is wrong. Returns where, as "id.input", in the order given.

        Args:
            inputs: Values by address: "6.text", "KSampler.seed", "My title.image". The node is named by its id, else by its
                title (in any case of letters when no title is written exactly so), else by its class. A value replaces a
                link too; [id, number] makes one. The input has to be there already, unless a plus sign stands before its
                name: "6.+speed". A `Path` is a local file to be uploaded; so is text for a file input of a loading node, when
                there is a file of that name.

        Raises:
            ConfigurationError: No node, or more than one, fits an address; the node has no such input; two addresses mean the
                same input; a value cannot be JSON; or a link leads nowhere.
        """
        if not isinstance(inputs, Mapping):
            raise ConfigurationError('inputs is a dict of addresses and values, such as {"6.text": "a cat"}')
        found: dict[tuple[str, str], Any] = {}
        for address, value in inputs.items():
            place = self._find(address)
            if place in found:
                raise ConfigurationError(
                    f"The input {place[0]}.{place[1]} is given twice, the second time as {address!r}"
                )
            found[place] = self._as_file(*place, copied_value(value, f"the input {address!r}"))
        changed = {node_id: {**node, "inputs": dict(node["inputs"])} for node_id, node in self.graph.items()}
        for (node_id, name), value in found.items():
            changed[node_id]["inputs"][name] = value
        check_links(changed)
        self.graph = changed
        return [f"{node_id}.{name}" for node_id, name in found]

    def randomise_seeds(
        self, random: Callable[[int, int], int], *, keep: Collection[str] = ()
    ) -> dict[str, int]:
        """Draw every seed anew, and return them by "id.input". Seeds that come by a link are left alone.

        Args:
            random: Called with the smallest and the largest seed, 0 and 2**31 - 1; `random.randint` does.
            keep: Addresses "id.input", as `set_inputs` returns them, whose seeds stay as they are.
        """
        drawn: dict[str, int] = {}
        for node_id, node in self.graph.items():
            for name, value in node["inputs"].items():
                is_seed = name in ("seed", "noise_seed") or name.endswith("_seed")
                if is_seed and type(value) is int and f"{node_id}.{name}" not in keep:
                    node["inputs"][name] = drawn[f"{node_id}.{name}"] = random(0, LARGEST_SEED)
        return drawn

    def put_seeds(self, seeds: Mapping[str, int]) -> dict[str, int]:
        """Set seeds as `randomise_seeds` returned them, by "id.input"; those whose place is not there are left out."""
        put: dict[str, int] = {}
        for node_id, node in self.graph.items():
            for name in node["inputs"]:
                if f"{node_id}.{name}" in seeds:
                    node["inputs"][name] = put[f"{node_id}.{name}"] = seeds[f"{node_id}.{name}"]
        return put

    def local_files(self) -> list[LocalFile]:
        """The local files in the graph, in its order, one entry for each place.

        Raises:
            ConfigurationError: One of them does not exist, or is not a file.
        """
        found = [
            LocalFile(node_id, name, path)
            for node_id, node in self.graph.items()
            for name, value in node["inputs"].items()
            for path in dict.fromkeys(_paths_in(value))
        ]
        for file in found:
            if not file.path.expanduser().is_file():
                is_there = file.path.expanduser().exists()
                reason = (
                    "is not a file"
                    if is_there
                    else "does not exist (give the whole path, or change the folder)"
                )
                raise ConfigurationError(
                    f"The input {file.node_id}.{file.input}: {str(file.path)[:200]} {reason}"
                )
        return [LocalFile(file.node_id, file.input, file.path.expanduser()) for file in found]

    def replace_file(self, file: LocalFile, stored_name: str) -> None:
        """Put the name under which a local file was stored in its place.

        Raises:
            ConfigurationError: The file does not stand there (any more).
        """
        inputs = self.graph.get(file.node_id, {}).get("inputs", {})
        value = inputs.get(file.input)
        if not any(path.expanduser() == file.path for path in _paths_in(value)):
            raise ConfigurationError(f"The input {file.node_id}.{file.input} does not name {file.path}")
        inputs[file.input] = _with_name(value, file.path, stored_name)

    @property
    def output_nodes(self) -> list[str]:
        """The ids of the nodes at the ends, whose outputs no other node takes: where results are saved or shown."""
        used = {link[0] for node in self.graph.values() for _, link in links_of(node)}
        return [node_id for node_id in self.graph if node_id not in used]

    def classes(self) -> list[str]:
        """The node classes in the graph, each once, in its order."""
        return list(dict.fromkeys(str(node["class_type"]) for node in self.graph.values()))

    def uses(self, class_type: str) -> bool:
        """Whether a node of this class is in the graph."""
        return any(node["class_type"] == class_type for node in self.graph.values())

    def to_json(self, *, indent: int | None = 2) -> str:
        """The graph as JSON text, which `load` takes.

        Raises:
            ConfigurationError: A local file stands in it; upload it and call `replace_file` first.
        """
        for node_id, node in self.graph.items():
            for name, value in node["inputs"].items():
                if any(True for _ in _paths_in(value)):
                    raise ConfigurationError(
                        f"The input {node_id}.{name} is a local file: upload it, and call replace_file with its stored name"
                    )
        return json.dumps(self.graph, indent=indent, ensure_ascii=False, allow_nan=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Workflow):
            return NotImplemented
        return self.graph == other.graph and self.ui == other.ui

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __repr__(self) -> str:
        count = len(self.graph)
        return f"<Workflow of {count} node{'' if count == 1 else 's'}{', with editor layout' if self.ui else ''}>"

    # Addresses

    def _find(self, address: object) -> tuple[str, str]:
        """The id of the node and the name of the input that an address means."""
        # Ids and names of inputs may have dots of their own: the longest name of a node is tried first.
        splits = list(_splits(address)) if isinstance(address, str) else []
        if not splits:
            raise ConfigurationError(
                f"An input is addressed as node.input, such as '6.text' or 'KSampler.seed', not {address!r:.80}"
            )
        places: list[tuple[str, str]] = []
        for part, name in splits:
            matches = self._nodes_named(part)
            if len(matches) > 1:
                raise ConfigurationError(
                    f"{address!r}: {len(matches)} nodes are called {part!r}. Use an id: {self._described(matches)}"
                )
            if matches and name in self.graph[matches[0]]["inputs"]:
                return matches[0], name
            places += [(node_id, name) for node_id in matches]
        if not places:
            raise ConfigurationError(self._no_node(splits[0][0]))
        for node_id, name in places:
            if name.startswith("+") and name != "+":
                return node_id, name[1:]
        raise ConfigurationError(self._no_input(*places[0]))

    def _nodes_named(self, name: str) -> list[str]:
        if name in self.graph:
            return [name]
        titles = {node_id: _title(node) for node_id, node in self.graph.items()}
        lowered = name.casefold()
        return (
            [node_id for node_id, title in titles.items() if title == name]
            or [node_id for node_id, title in titles.items() if title.casefold() == lowered]
            or [node_id for node_id, node in self.graph.items() if node["class_type"] == name]
        )

    def _no_node(self, part: str) -> str:
        names: dict[str, list[str]] = {}
        for node_id, node in self.graph.items():
            for known in (node_id, _title(node), node["class_type"]):
                names.setdefault(known.casefold(), []).append(node_id)
        close = difflib.get_close_matches(part.casefold(), [name for name in names if name], n=3, cutoff=0.5)
        near = list(dict.fromkeys(node_id for name in close for node_id in names[name]))
        question = "Did you mean" if near else "There are"
        return f"No node is called {part!r} (by id, title or class). {question}: {self._described(near or [*self.graph])}"

    def _no_input(self, node_id: str, name: str) -> str:
        known = list(self.graph[node_id]["inputs"])
        close = difflib.get_close_matches(name.lstrip("+"), known, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        listed = ", ".join(known[:20]) or "none"
        return (
            f"Node {self._described([node_id])} has no input {name!r}{hint} It has: {listed}. "
            f"To add one write '{node_id}.+{name.lstrip('+') or 'name'}'"
        )

    def _described(self, node_ids: list[str]) -> str:
        """Ids with class and title, as many as fit into a line."""
        parts = []
        for node_id in node_ids[:_MOST_NAMED]:
            class_type, title = self.graph[node_id]["class_type"], _title(self.graph[node_id])
            parts.append(
                f"{node_id} ({class_type}{f', {title[:40]!r}' if title not in ('', class_type) else ''})"
            )
        more = len(node_ids) - len(parts)
        return ", ".join(parts) + (f" and {more} more" if more else "")

    def _as_file(self, node_id: str, name: str, value: Any) -> Any:
        """Text that names a local file, in an input that takes files, as a Path; everything else as it is."""
        class_type = self.graph[node_id]["class_type"].lower()
        if isinstance(value, str) and value and name in _FILE_INPUTS and "load" in class_type:
            try:
                path = Path(value).expanduser()
                return path if path.is_file() else value
            except (OSError, ValueError, RuntimeError):
                return value
        return value


def _splits(address: str) -> Iterator[tuple[str, str]]:
    at = len(address)
    while (at := address.rfind(".", 0, at)) > 0:
        if address[at + 1 :]:
            yield address[:at], address[at + 1 :]


def _title(node: Mapping[str, Any]) -> str:
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    return title if isinstance(title, str) else ""


def _paths_in(value: object) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _paths_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _paths_in(part)


def _with_name(value: Any, path: Path, stored_name: str) -> Any:
    if isinstance(value, Path):
        return stored_name if value.expanduser() == path else value
    if isinstance(value, dict):
        return {key: _with_name(part, path, stored_name) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_name(part, path, stored_name) for part in value]
    return value
