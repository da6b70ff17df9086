"""Running a node, by what is made only when the first job runs.

Importing Pillow takes longer than starting the whole emulator, and many tests run no job.
"""

from __future__ import annotations

from comfy_cloud_emulator.engine.work import NodeExecutor, NodeResult, NodeTask
from comfy_cloud_emulator.nodes.catalogue import Catalogue
from comfy_cloud_emulator.state.store import Store


class LazyNodeExecutor:
    """Makes what nodes make, and stores their files in the store; with `has_folders`, under names in folders."""

    def __init__(self, store: Store, catalogue: Catalogue, *, has_folders: bool = False) -> None:
        self._store = store
        self._catalogue = catalogue
        self._has_folders = has_folders
        self._bench: NodeExecutor | None = None

    def execute(self, task: NodeTask) -> NodeResult:
        """Run a node. Raises NodeFailure, or what computing raises."""
        return self._ready().execute(task)

    def preview(self, key: str, fraction: float) -> bytes:
        """A JPEG of the unfinished work of a node."""
        return self._ready().preview(key, fraction)

    def _ready(self) -> NodeExecutor:
        if self._bench is None:
            from .executor import PillowNodeExecutor

            self._bench = PillowNodeExecutor(self._store, self._catalogue, has_folders=self._has_folders)
        return self._bench
