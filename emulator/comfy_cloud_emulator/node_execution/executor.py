"""Executing nodes with Pillow: from a class to its values and files.

`lazy_executor` imports this with the first job.
"""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO, Final

from comfy_cloud_emulator.engine.failures import NodeFailure
from comfy_cloud_emulator.engine.work import NodeResult, NodeTask
from comfy_cloud_emulator.media.images import ImageRefused, decoded
from comfy_cloud_emulator.nodes.catalogue import Catalogue, NodeClass
from comfy_cloud_emulator.state.files.lookup import find_file
from comfy_cloud_emulator.state.store import Store

from . import image_nodes, imitation, placeholders, value_nodes
from .output_nodes import OutputNodes
from .values import pixels_of, placeholder_for

_IMAGE_LOADERS: Final = ("LoadImage", "LoadImageMask")


class PillowNodeExecutor:
    """Executes nodes and stores their files. What it cannot compute becomes a placeholder.

    With `has_folders` files have names in folders, as on a self-hosted ComfyUI.
    """

    def __init__(self, store: Store, catalogue: Catalogue, *, has_folders: bool = False) -> None:
        self._store = store
        self._catalogue = catalogue
        self._has_folders = has_folders
        self._output_nodes = OutputNodes(store.files, store.folders if has_folders else None)

    def execute(self, task: NodeTask) -> NodeResult:
        """Execute a node. Raises NodeFailure, or what computing raises."""
        result = self._executed(task)
        return replace(result, pixels=pixels_of(result.values))

    def _executed(self, task: NodeTask) -> NodeResult:
        node_class = self._catalogue.get(task.class_type)
        if node_class is None or not node_class.is_foreign:
            # Unknown nodes have at least one output, so that the nodes behind them can run.
            outputs = 1 if node_class is None else len(node_class.outputs)
            return self._computed(task) or NodeResult((placeholder_for(task),) * outputs)
        imitation.refuse_undecided(task, node_class)
        try:
            result = None if self._is_only_listed(task, node_class) else self._computed(task)
        except (LookupError, TypeError):
            # A class of this name in another version may take other inputs.
            result = None
        if result is None:
            return imitation.imitated(task, node_class, self._output_nodes)
        return imitation.with_outputs(result, task, node_class)

    def _computed(self, task: NodeTask) -> NodeResult | None:
        """The result of a class that this package computes, or None for another one."""
        function = self._output_nodes.function_for(task.class_type)
        if function is not None:
            return self._passed_on(function(task), task)
        if task.class_type in _IMAGE_LOADERS:
            return self._loaded(task)
        compute = image_nodes.COMPUTED.get(task.class_type) or value_nodes.COMPUTED.get(task.class_type)
        return None if compute is None else NodeResult(compute(task))

    def _is_only_listed(self, task: NodeTask, node_class: NodeClass) -> bool:
        """Whether a node loads an image that only the described server has."""
        expected, name = node_class.inputs.get("image"), task.inputs.get("image")
        if task.class_type not in _IMAGE_LOADERS or expected is None or name not in (expected.files or ()):
            return False
        opened = self._opened(str(name))
        if opened is not None:
            opened.close()
        return opened is None

    def _passed_on(self, result: NodeResult, task: NodeTask) -> NodeResult:
        """The result of an output node, with what it saved if its class passes that on."""
        node_class = self._catalogue.get(task.class_type)
        if node_class is None or node_class.is_foreign or not node_class.outputs or result.values:
            return result
        return replace(result, values=(task.inputs[next(iter(node_class.inputs))],))

    def preview(self, key: str, fraction: float) -> bytes:
        """A JPEG of a node's unfinished work."""
        return placeholders.preview(key, fraction)

    def _loaded(self, task: NodeTask) -> NodeResult:
        name = str(task.inputs.get("image", ""))
        opened = self._opened(name)
        if opened is None and self._has_folders:
            raise FileNotFoundError(f"there is no file {name}")
        if opened is None:
            raise NodeFailure("ImageDownloadError", f"Failed to download image {name}: not found\n")
        try:
            with opened, decoded(opened) as image:
                images, mask = image_nodes.load_image(image)
        except ImageRefused as error:
            if isinstance(error.__cause__, Exception):
                raise error.__cause__ from None  # what Pillow raised, as on the service
            raise NodeFailure("OOMError", f"{error}\n") from error
        return NodeResult((mask,) if task.class_type == "LoadImageMask" else (images, mask))

    def _opened(self, name: str) -> BinaryIO | None:
        named = self._store.folders.annotated(name) if self._has_folders else None
        if named is not None:
            return self._store.files.open(named.stored)
        # The editor appends the kind of a file to its name.
        filename = name.rpartition("/")[2].removesuffix(" [output]").removesuffix(" [input]")
        found = find_file(self._store, filename)
        return None if found is None else self._store.files.open(found.filename)
