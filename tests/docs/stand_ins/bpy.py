"""As much of Blender's `bpy` as the cookbook uses: a render is a small image."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from PIL import Image

loaded: list[str] = []
timers: list[Callable[[], float | None]] = []


def _render(*, write_still: bool) -> None:
    Image.new("RGB", (16, 16), (10, 20, 30)).save(context.scene.render.filepath)


context: Any = SimpleNamespace(
    scene=SimpleNamespace(
        render=SimpleNamespace(filepath="", image_settings=SimpleNamespace(file_format="JPEG"))
    )
)
ops: Any = SimpleNamespace(render=SimpleNamespace(render=_render))
data: Any = SimpleNamespace(images=SimpleNamespace(load=loaded.append))
app: Any = SimpleNamespace(timers=SimpleNamespace(register=timers.append))
