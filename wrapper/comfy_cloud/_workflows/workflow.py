"""A workflow as a value: its graph, its inputs, its seeds, and the local files in it.

It sends and uploads nothing, and random numbers come from the caller. Whether a server would accept
the graph is checked by `validation`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from .._late_names import names_imported_late
from ..errors import ConfigurationError
from ..notices import warn
from .addresses import find_inputs
from .file_values import refuse_list_of_files
from .graph import Graph, check_links, checked_graph, copied_value, links_of
from .loading import LoadedLayout, convert_layout, load_source
from .local_files import FileInput, LocalFile, as_file, contains, files_in, refuse_files, with_stored_name
from .seeds import is_seed, put_seeds, seed_range

if TYPE_CHECKING:
    from comfy_cloud_catalogue.declarations import NodeFacts

    from .conversion.explanation import ConvertedNode
    from .editor_addresses import EditorNodes
    from .layout.layout import WorkflowLayout

__all__ = ["LocalFile", "Workflow", "WorkflowSource"]


@names_imported_late(
    ConvertedNode=".conversion.explanation",
    EditorNodes=".editor_addresses",
    NodeFacts="comfy_cloud_catalogue.declarations",
    WorkflowLayout=".layout.layout",
)
class Workflow:
    """A graph in API format, which can be changed and checked before it is submitted.

    `graph` maps node ids to nodes, each a dict with `class_type`, `inputs` and perhaps `_meta`. An
    input is a value or a link, [id of the other node, number of its output]. A `Path` among the
    values is a local file; bytes, images of Pillow and open binary files are files as well.
    Outputs, results of uploads and assets become their names on the server. `graph` is a copy of
    what was passed. `ui` is the same workflow in the editor's format, if known.

    Raises:
        ConfigurationError: The graph is empty, is not in API format, or has links that lead
            nowhere.
    """

    def __init__(self, graph: Mapping[str, Any], ui: Mapping[str, Any] | None = None) -> None:
        self.graph: Graph
        self.ui: dict[str, Any] | None
        self.graph, self.ui = checked_graph(graph, ui)
        self._nodes: Mapping[str, ConvertedNode] | None = None
        self._seed_controls: Mapping[str, str] = {}

    @classmethod
    def load(cls, source: WorkflowSource, *, object_info: Mapping[str, NodeFacts] | None = None) -> Workflow:
        """A workflow from a dict, from JSON, or from a file.

        Args:
            source: A graph as a dict or as JSON (text or bytes), by itself or inside the body of a
                request, a saved history with one job, what an app or another editor wraps around
                it, JSON Lines, or a text such as a curl command; the path of a file with one of
                these; the path or the bytes of an image, video, audio file, 3D model or safetensors
                file that ComfyUI made; another Workflow; or a job or history entry that was read
                with its graph, as by `history.get` (those of lists have none). Where there is only
                the workflow in the editor's format, that is converted.
            object_info: The response to GET /api/object_info, such as `cloud.nodes.all()`: the node
                classes that a conversion needs. A client passes them itself.

        Raises:
            ConfigurationError: It cannot be read, contains no workflow, or cannot be converted; the
                message says what to do.
        """
        loaded = load_or_layout(source)
        return converted(loaded, object_info) if isinstance(loaded, LoadedLayout) else loaded

    def set_inputs(self, inputs: Mapping[str, Any]) -> list[str]:
        """Set inputs of nodes. If one of them is wrong, none is set.

        Returns the inputs that were set, as "id.input", in the order given.

        Args:
            inputs: Values by address: "6.text", "KSampler.seed", "My title.image". The node is
                named by its id; else by its title, in any case if no title matches exactly; else by
                its class. Where the workflow is known as the editor has it, subgraphs around the
                node may be named before it, "My subgraph/Positive Prompt.text" or "5/3.text", and
                the inputs that a subgraph or a primitive node shows there are those that they set:
                "My subgraph.text". A value may replace a link, and [id, number] makes one. The
                input has to exist, unless a plus sign precedes its name: "6.+speed". Files to
                upload are a `Path`, bytes, an image of Pillow, an open binary file, and for a file
                input of a loader node a URL, or text if there is a file of that name. An output,
                the result of an upload or an asset is the file that the server has.

        Raises:
            ConfigurationError: No node, or more than one, matches an address; the node has no such
                input; two addresses mean the same input; a value cannot be written as JSON; or a
                link leads nowhere.
        """
        if not isinstance(inputs, Mapping):
            raise ConfigurationError(
                'inputs must be a dict of addresses and values, such as {"6.text": "a cat"}'
            )
        found: dict[tuple[str, str], Any] = {}
        for address, value in inputs.items():
            for node_id, name in self.find_inputs(address):
                if (node_id, name) in found:
                    raise ConfigurationError(
                        f"The input {node_id}.{name} is given twice, the second time as {address!r}"
                    )
                refuse_list_of_files(value, address)
                copied = copied_value(value, f"the input {address!r}")
                found[node_id, name] = as_file(self.graph[node_id], name, copied)
        changed = {node_id: {**node, "inputs": dict(node["inputs"])} for node_id, node in self.graph.items()}
        for (node_id, name), value in found.items():
            changed[node_id]["inputs"][name] = value
        check_links(changed)
        self.graph = changed
        return [f"{node_id}.{name}" for node_id, name in found]

    def find_inputs(self, address: str) -> list[tuple[str, str]]:
        """The inputs that an address means, as `set_inputs` takes it: (id of the node, name) each.

        There are several only where an input of a subgraph or a primitive node sets several.

        Raises:
            ConfigurationError: No node, or more than one, matches; or the node has no such input.
        """
        return find_inputs(self.graph, address, self._editor_nodes)

    def _editor_nodes(self) -> EditorNodes | None:
        """The nodes as the editor has them, None if that is not known."""
        if self._nodes is None:
            if self.ui is None:
                return None
            from .conversion.convert import convert_workflow

            try:  # ids and titles are the same without node classes
                self._nodes = convert_workflow(self.ui, {}).nodes
            except ConfigurationError:
                self._nodes = {}
        from .editor_addresses import EditorNodes

        return EditorNodes(self._nodes, self.graph) if self._nodes else None

    def randomise_seeds(
        self,
        random: Callable[[int, int], int],
        *,
        keep: Collection[str] = (),
        object_info: Mapping[str, NodeFacts] | None = None,
    ) -> dict[str, int]:
        """Randomise every seed; returns the seeds by "id.input".

        A seed that is a link is left alone. A seed that is text, such as "42", becomes a number.
        In a workflow that was converted from the editor's format, "control after generate" counts:
        an integer is drawn if the editor would change it after a run, whatever its name is, and a
        seed that is "fixed" stays. It warns if that leaves none to draw.

        Args:
            random: Called with the smallest and the largest seed, such as `random.randint`: 0 and
                2**31 - 1, or less where the node takes less.
            keep: Inputs as "id.input", as `set_inputs` returns them, whose seeds stay as they are.
            object_info: The response to GET /api/object_info, such as `cloud.nodes.all()`. Without
                it, the range of a node is not known.
        """
        drawn: dict[str, int] = {}
        for node_id, node in self.graph.items():
            names = [name for name, value in node["inputs"].items() if self._is_drawn(node_id, name, value)]
            for name in names:
                if f"{node_id}.{name}" not in keep:
                    seed = random(*seed_range(node, name, object_info or {}))
                    node["inputs"][name] = drawn[f"{node_id}.{name}"] = seed
        is_given = any(name in self._seed_controls or is_seed(name, 0) for name in keep)
        if not drawn and not is_given and "fixed" in self._seed_controls.values():
            fixed = next(name for name, control in self._seed_controls.items() if control == "fixed")
            warn(
                "No seed was randomised: the workflow of the editor has fixed them. Set its control to "
                f'"randomize" there, or give a value for the input {fixed}'
            )
        return drawn

    def _is_drawn(self, node_id: str, name: str, value: object) -> bool:
        control = self._seed_controls.get(f"{node_id}.{name}")
        return is_seed(name, value) if control is None else control != "fixed" and type(value) is int

    def put_seeds(self, seeds: Mapping[str, int]) -> dict[str, int]:
        """Set seeds by "id.input", as `randomise_seeds` returned them; returns those that were set.

        Seeds for inputs that do not exist are left out.
        """
        return put_seeds(self.graph, seeds)

    def local_files(self) -> list[LocalFile]:
        """The local files in the graph, in its order: one entry for each input and file.

        Raises:
            ConfigurationError: One of them does not exist, or is not a file.
        """
        return [
            LocalFile(found.node_id, found.input, found.file)
            for found in files_in(self.graph)
            if isinstance(found.file, Path)
        ]

    def files(self) -> list[FileInput]:
        """Everything in the graph that has to be uploaded: local files, contents and URLs.

        They are in the order of the graph: one entry for each input and file.

        Raises:
            ConfigurationError: A local file does not exist, or is not a file.
        """
        return files_in(self.graph)

    def replace_file(self, file: LocalFile | FileInput, stored_name: str | Mapping[str, Any]) -> None:
        """Replace a file by the name under which it was stored, or by a reference of API v2.

        Raises:
            ConfigurationError: The input does not contain the file, or no longer does.
        """
        inputs = self.graph.get(file.node_id, {}).get("inputs", {})
        value = inputs.get(file.input)
        found = file.path if isinstance(file, LocalFile) else file.file
        if not contains(value, found):
            raise ConfigurationError(f"The input {file.node_id}.{file.input} does not name {found}")
        inputs[file.input] = with_stored_name(value, found, stored_name)

    @property
    def output_nodes(self) -> list[str]:
        """The ids of the nodes whose outputs no other node takes: they save or show results."""
        used = {link[0] for node in self.graph.values() for _, link in links_of(node)}
        return [node_id for node_id in self.graph if node_id not in used]

    def classes(self) -> list[str]:
        """The node classes in the graph, each once, in its order."""
        return list(dict.fromkeys(str(node["class_type"]) for node in self.graph.values()))

    def uses(self, class_type: str) -> bool:
        """Whether the graph contains a node of this class."""
        return any(node["class_type"] == class_type for node in self.graph.values())

    def to_json(self, *, indent: int | None = 2) -> str:
        """The graph as JSON, which `load` reads.

        Raises:
            ConfigurationError: It contains a local file; upload that and call `replace_file` first.
        """
        refuse_files(self.graph)
        return json.dumps(self.graph, indent=indent, ensure_ascii=False, allow_nan=False)

    def layout(self, object_info: Mapping[str, NodeFacts]) -> WorkflowLayout:
        """This workflow in the editor's format, with a tidy layout, for ComfyUI to open.

        It is made of `graph`, whether or not there is a `ui`, which may be older. See
        `layout_workflow`.

        Args:
            object_info: The response to GET /api/object_info, such as `cloud.nodes.all()`.

        Raises:
            ConfigurationError: The graph contains a file that has to be uploaded, or networkx is
                not installed: pip install 'comfy-cloud[layout]'.
        """
        from .layout.layout import layout_workflow

        return layout_workflow(self.graph, object_info)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Workflow):
            return NotImplemented
        return self.graph == other.graph and self.ui == other.ui

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __repr__(self) -> str:
        count = len(self.graph)
        layout = ", with editor layout" if self.ui else ""
        return f"<Workflow of {count} node{'' if count == 1 else 's'}{layout}>"


def load_or_layout(source: WorkflowSource) -> Workflow | LoadedLayout:
    """A workflow, or what has to be converted to one with the node classes of a server.

    Raises ConfigurationError as `Workflow.load` does.
    """
    if isinstance(source, Workflow):
        return _made(*checked_graph(source.graph, source.ui), source._nodes, source._seed_controls)
    loaded = load_source(source)
    return loaded if isinstance(loaded, LoadedLayout) else _made(*loaded)


def converted(
    layout: LoadedLayout, object_info: Mapping[str, Any] | None, *, is_validated: bool = False
) -> Workflow:
    """The workflow that a layout is converted to, see `convert_layout`.

    Raises ConfigurationError if it cannot be converted.
    """
    (graph, ui), conversion = convert_layout(layout, object_info, is_validated=is_validated)
    return _made(graph, ui, conversion.nodes, conversion.seed_controls)


def _made(
    graph: Graph,
    ui: dict[str, Any] | None,
    nodes: Mapping[str, ConvertedNode] | None = None,
    seed_controls: Mapping[str, str] | None = None,
) -> Workflow:
    """A workflow of what has been checked already."""
    made = Workflow.__new__(Workflow)
    made.graph, made.ui, made._nodes, made._seed_controls = graph, ui, nodes, seed_controls or {}
    return made


class JobWithGraph(Protocol):
    """A job or a history entry. One from a list was read without its graph."""

    @property
    def id(self) -> str: ...

    @property
    def workflow(self) -> Mapping[str, Any] | None: ...


# What `Workflow.load` takes.
WorkflowSource: TypeAlias = (
    Workflow | Mapping[str, Any] | str | bytes | bytearray | memoryview | os.PathLike[str] | JobWithGraph
)
