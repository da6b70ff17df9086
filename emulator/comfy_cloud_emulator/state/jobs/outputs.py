"""Reading a job's outputs: kinds of media, their number, and the preview in a list.

The outputs are the same mapping as in the history: node id -> key -> list. Only their shape is
used; no file is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from comfy_cloud_emulator.state.json_values import Json, is_array, is_object

TEXT_PREVIEW_LENGTH: Final = 1024
"""Most characters of a text output in a preview."""

_KINDS: Final[dict[str, str]] = {
    "images": "image",
    "gifs": "video",
    "video": "video",
    "videos": "video",
    "audio": "audio",
    "3d": "3d",
}
_VIDEO_SUFFIXES: Final = (".mp4", ".webm", ".mov", ".mkv")
_VISUAL: Final = frozenset({"image", "video", "3d"})


def files(outputs: Json) -> Iterator[tuple[str, str, Json]]:
    """Every file as (node id, key, item), in the order of the outputs."""
    for node_id, node_outputs in outputs.items():
        for key, items in node_outputs.items():
            for item in items if is_array(items) else []:
                if is_object(item) and "filename" in item:
                    yield node_id, key, item


def texts(outputs: Json) -> Iterator[tuple[str, str]]:
    """Every text output as (node id, text). A bare string counts like a list of one."""
    for node_id, node_outputs in outputs.items():
        found = node_outputs.get("text", [])
        for text in [found] if isinstance(found, str) else found:
            if isinstance(text, str):
                yield node_id, text


def kind_of(key: str, item: Json) -> str:
    """Kind of one file: image, video, audio, 3d or file.

    `images` may contain a video, by its suffix.
    """
    if str(item["filename"]).lower().endswith(_VIDEO_SUFFIXES):
        return "video"
    return _KINDS.get(key, "file")


def kinds(outputs: Json) -> set[str]:
    """The kinds of all files of a job."""
    return {kind_of(key, item) for _, key, item in files(outputs)}


def output_counts(outputs: Json) -> tuple[int, int]:
    """(number of results, number of those with a preview)."""
    kinds_found = [kind_of(key, item) for _, key, item in files(outputs)]
    number_of_texts = sum(1 for _ in texts(outputs))
    previewable = sum(1 for kind in kinds_found if kind != "file") + number_of_texts
    return len(kinds_found) + number_of_texts, previewable


def preview_output(outputs: Json) -> Json | None:
    """The result that represents the job in a list, or None.

    A saved image, video or model comes first, then one of type temp, then any other file, then
    plain text.
    """
    best: tuple[int, Json] | None = None
    for node_id, key, item in files(outputs):
        visual = kind_of(key, item) in _VISUAL
        rank = 0 if visual and item.get("type") == "output" else 1 if visual else 2
        if best is None or rank < best[0]:
            best = (rank, _file_preview(node_id, key, item))
    if best is not None:
        return best[1]
    for node_id, text in texts(outputs):
        shown: Json = {"content": text[:TEXT_PREVIEW_LENGTH], "nodeId": node_id, "mediaType": "text"}
        if len(text) > TEXT_PREVIEW_LENGTH:
            shown["truncated"] = True
        return shown
    return None


def _file_preview(node_id: str, key: str, item: Json) -> Json:
    shown: dict[str, Any] = {
        "filename": item["filename"],
        "subfolder": item.get("subfolder", ""),
        "type": item.get("type", "output"),
        "nodeId": node_id,
        "mediaType": key,
    }
    for optional in ("display_name", "format", "frame_rate"):
        if optional in item:
            shown[optional] = item[optional]
    return shown
