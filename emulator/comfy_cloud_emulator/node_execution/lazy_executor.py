"""A node executor that imports the real one when the first job runs.

Importing Pillow takes longer than starting the whole emulator, and many tests run no job.
"""

from __future__ import annotations

from comfy_cloud_emulator.engine.work import NodeExecutor, NodeResult, NodeTask
from comfy_cloud_emulator.nodes.catalogue import Catalogue
from comfy_cloud_emulator.state.store import Store


class LazyNodeExecutor:
    """Executes nodes and stores their files; with `has_folders`, under names in folders."""

    def __init__(self, store: Store, catalogue: Catalogue, *, has_folders: bool = False) -> None:
        self._store = store
        self._catalogue = catalogue
        self._has_folders = has_folders
        self._executor: NodeExecutor | None = None

    def execute(self, task: NodeTask) -> NodeResult:
        """Execute a node. Raises NodeFailure, or what computing raises."""
        return self._loaded().execute(task)

    def preview(self, key: str, fraction: float) -> bytes:
        """A JPEG of a node's unfinished work."""
        return self._loaded().preview(key, fraction)

    def _loaded(self) -> NodeExecutor:
        if self._executor is None:
            from .executor import PillowNodeExecutor

            self._executor = PillowNodeExecutor(self._store, self._catalogue, has_folders=self._has_folders)
        return self._executor
