"""Running nodes with Pillow at hand: from a class to what makes its values and files.

Reached through `maker`, which puts off importing this until a job runs.
"""

from __future__ import annotations

import io

from PIL import Image

from comfy_cloud_emulator.engine.failures import NodeFailure
from comfy_cloud_emulator.engine.work import Made, Task
from comfy_cloud_emulator.nodes.catalogue import Catalogue
from comfy_cloud_emulator.state.files import lookup as contents
from comfy_cloud_emulator.state.store import Store

from . import image_nodes as images
from . import placeholders as drawing
from . import value_nodes as texts
from .output_nodes import Saver
from .values import stand_in


class Bench:
    """Makes what nodes make, and stores their files. What it cannot compute it stands in for.

    With `has_folders` files have names in folders, as on a self-hosted ComfyUI.
    """

    def __init__(self, store: Store, catalogue: Catalogue, *, has_folders: bool = False) -> None:
        self._store = store
        self._catalogue = catalogue
        self._has_folders = has_folders
        self._saver = Saver(store.files, store.folders if has_folders else None)

    def make(self, task: Task) -> Made:
        """Run a node. Raises NodeFailure, or what computing raises."""
        saver = self._saver.saver(task.class_type)
        if saver is not None:
            return saver(task)
        if task.class_type in ("LoadImage", "LoadImageMask"):
            return self._loaded(task)
        compute = images.COMPUTED.get(task.class_type) or texts.COMPUTED.get(task.class_type)
        if compute is not None:
            return Made(compute(task))
        node_class = self._catalogue.get(task.class_type)
        # Nodes that nobody knows have at least one output, so that what follows them can run.
        outputs = 1 if node_class is None else len(node_class.outputs)
        return Made((stand_in(task),) * outputs)

    def preview(self, key: str, fraction: float) -> bytes:
        """A JPEG of the unfinished work of a node."""
        return drawing.preview(key, fraction)

    def _loaded(self, task: Task) -> Made:
        name = str(task.inputs.get("image", ""))
        content = self._content(name)
        if content is None and self._has_folders:
            raise FileNotFoundError(f"there is no file {name}")
        if content is None:
            raise NodeFailure("ImageDownloadError", f"Failed to download image {name}: not found\n")
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            picture, mask = images.load_image(image)
        return Made((mask,) if task.class_type == "LoadImageMask" else (picture, mask))

    def _content(self, name: str) -> bytes | None:
        named = self._store.folders.annotated(name) if self._has_folders else None
        if named is not None:
            return self._store.files.get(named.stored)
        # The editor marks files of other kinds behind the name.
        filename = name.rpartition("/")[2].removesuffix(" [output]").removesuffix(" [input]")
        found = contents.find(self._store, filename)
        return None if found is None else self._store.files.get(found.filename)
