"""Which files are layers of the same mask.

A mask editor saves up to four images for one original: the mask, the paint, the painted image, and
that with the mask in it. They form a group around the original; a layer of a layer belongs to the
same group.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from comfy_cloud_emulator.state.database import Database

Layer = Literal["mask", "paint", "painted", "painted_masked"]

LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS mask_layers (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    filename TEXT NOT NULL,
    layer TEXT NOT NULL,
    original TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS mask_layers_by_name ON mask_layers (filename);
CREATE INDEX IF NOT EXISTS mask_layers_by_original ON mask_layers (original);
"""


class MaskStore:
    """Groups of layers by stored name. Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(_SCHEMA)

    def add(self, filename: str, layer: Layer, original: str) -> None:
        """Record that a file is a layer over `original`, which may be a layer itself."""
        with self._database.write() as database:
            database.execute(
                "INSERT INTO mask_layers (filename, layer, original) VALUES (?, ?, ?)",
                (filename, layer, self._group(original) or original),
            )

    def layers(self, filename: str) -> dict[str, str | None] | None:
        """The newest file of each layer in a layer's group; None if the file is not a layer."""
        group = self._group(filename)
        if group is None:
            return None
        rows = self._database.read(
            "SELECT layer, filename FROM mask_layers WHERE original = ? ORDER BY number", (group,)
        )
        newest = dict(rows)
        return {layer: newest.get(layer) for layer in LAYERS}

    def _group(self, filename: str) -> str | None:
        found = self._database.read(
            "SELECT original FROM mask_layers WHERE filename = ? ORDER BY number DESC LIMIT 1", (filename,)
        )
        return found[0][0] if found else None


def layer_of(name: str) -> Layer:
    """The layer that an uploaded file is, by its name; by default a mask."""
    text = name.lower().replace("-", "_")
    for layer in ("painted_masked", "painted", "paint"):
        if layer in text:
            return layer
    return "mask"
