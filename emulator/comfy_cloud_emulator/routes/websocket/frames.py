"""Events as frames: text frames of JSON, binary frames for previews and node texts."""

from __future__ import annotations

import struct
from typing import Final

import orjson

from comfy_cloud_emulator.engine.events import Event, JsonEvent, NodeText, Preview

Frame = str | bytes
_JPEG: Final = 1
_KIND_PREVIEW, _KIND_TEXT, _KIND_PREVIEW_WITH_METADATA = 1, 3, 4


def encode_frame(event: Event, with_metadata: bool) -> Frame:
    """An event as a frame. Previews have metadata for clients that declared support for it."""
    match event:
        case JsonEvent(type, data):
            return orjson.dumps({"type": type, "data": data}).decode()
        case NodeText(_, node_id, text):
            name = node_id.encode()
            return struct.pack(">II", _KIND_TEXT, len(name)) + name + text.encode()
        case Preview() if with_metadata:
            metadata = orjson.dumps(
                {
                    "node_id": event.node_id,
                    "display_node_id": event.node_id,
                    "real_node_id": event.node_id,
                    "parent_node_id": None,
                    "prompt_id": event.prompt_id,
                    "image_type": "image/jpeg",
                }
            )
            head = struct.pack(">II", _KIND_PREVIEW_WITH_METADATA, len(metadata))
            return head + metadata + event.image
        case Preview():
            return struct.pack(">II", _KIND_PREVIEW, _JPEG) + event.image
