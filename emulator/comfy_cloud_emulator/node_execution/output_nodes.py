"""The output nodes: from values to stored files, and to the job's outputs.

The workflow is written into every file where ComfyUI writes it, never with the keys that were sent
along.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import orjson
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from comfy_cloud_emulator.engine.failures import NODE_MESSAGES, NodeFailure
from comfy_cloud_emulator.engine.work import NodeResult, NodeTask
from comfy_cloud_emulator.media import audio, samples
from comfy_cloud_emulator.state.files.file_store import FileKind, FileStore
from comfy_cloud_emulator.state.files.named_files import Folders
from comfy_cloud_emulator.state.json_values import Json, is_object

from .save_paths import SavePath, save_path
from .values import as_images, as_text, is_images

_COMPRESSION: Final = 4
MOST_TEXTS: Final = 256 << 20
"""Characters of the texts in all files of a node: each image of a batch has the whole workflow."""
MOST_PIXELS_OF_A_FRAME: Final = 1 << 24
"""Pixels of a frame of an animation; its encoder takes many times their memory."""
_VIDEO_FORMATS: Final = {"image/gif": "gif", "image/webp": "webp", "video/webm": "webm"}
# ComfyUI stores the texts of a WebP in EXIF tags: the first in this one, the others in those below
# it.
_FIRST_EXIF_TAG: Final = 0x0110


class OutputNodes:
    """Stores the files of output nodes and numbers their display names.

    With `folders` the files get the names that a self-hosted ComfyUI gives them.
    """

    def __init__(self, files: FileStore, folders: Folders | None = None) -> None:
        self._files = files
        self._folders = folders
        self._counters: Counter[str] = Counter()
        self._functions: dict[str, Callable[[NodeTask], NodeResult]] = {
            "SaveImage": self._images,
            "PreviewImage": self._preview_images,
            "SaveAnimatedWEBP": self._animated_webp,
            "SaveAnimatedPNG": self._animated_png,
            "SaveWEBM": self._webm,
            "SaveVideo": self._video,
            "VHS_VideoCombine": self._video_combine,
            "SaveAudio": lambda task: self._audio(task, "flac", audio.flac(texts_of(task))),
            "SaveAudioMP3": lambda task: self._audio(task, "mp3", samples.mp3(task.key)),
            "SaveAudioOpus": lambda task: self._audio(task, "opus", audio.opus(texts_of(task))),
            "PreviewAudio": lambda task: self._audio(task, "wav", audio.wav(), kind="temp"),
            "SaveGLB": self._model,
            "Preview3D": self._preview_model,
            "SaveSVGNode": self._svg,
            "SaveLatent": self._latent,
            "PreviewAny": lambda task: self._text(task, "source"),
            "ShowText|pysssss": lambda task: self._text(task, "text"),
        }

    def function_for(self, class_type: str) -> Callable[[NodeTask], NodeResult] | None:
        """The function that executes an output node of this class, or None."""
        return self._functions.get(class_type)

    # Images

    def _images(self, task: NodeTask, kind: FileKind = "output", prefix: str | None = None) -> NodeResult:
        images, texts = as_images(task.inputs["images"]), texts_of(task)
        if len(images) * sum(map(len, texts.values())) > MOST_TEXTS:
            raise NodeFailure("OOMError", NODE_MESSAGES["OOMError"])
        path = self._path(task, kind, prefix, images[0].size)
        items = [
            self._stored(task, _png(image, texts), "png", kind, prefix, path, index)
            for index, image in enumerate(images)
        ]
        return NodeResult(shown={"images": items})

    def _preview_images(self, task: NodeTask) -> NodeResult:
        return self._images(task, "temp", "ComfyUI_temp")

    def _animated_webp(self, task: NodeTask) -> NodeResult:
        rate = float(task.inputs.get("fps", 6.0))
        exif = Image.Exif()
        for index, (name, text) in enumerate(texts_of(task).items()):
            exif[_FIRST_EXIF_TAG - index] = f"{name}:{text}"
        content = _animation(
            task,
            "WEBP",
            duration=max(1, round(1000 / rate)),
            exif=exif,
            lossless=bool(task.inputs.get("lossless", True)),
            quality=int(task.inputs.get("quality", 80)),
        )
        return _animated(self._stored(task, content, "webp"))

    def _animated_png(self, task: NodeTask) -> NodeResult:
        rate = float(task.inputs.get("fps", 6.0))
        content = _animation(
            task,
            "PNG",
            duration=max(1, round(1000 / rate)),
            pnginfo=_png_texts(texts_of(task)),
            compress_level=_COMPRESSION,
        )
        return _animated(self._stored(task, content, "png"))

    # Videos

    def _video(self, task: NodeTask) -> NodeResult:
        # The cloud's worker has `video` where a plain ComfyUI has `images`.
        item = self._stored(task, samples.mp4(task.key, texts_of(task)), "mp4")
        return NodeResult(shown={"video": [item]}) if self._folders is None else _animated(item)

    def _webm(self, task: NodeTask) -> NodeResult:
        return _animated(self._stored(task, _webm(task), "webm"))

    def _video_combine(self, task: NodeTask) -> NodeResult:
        form = str(task.inputs.get("format", "video/h264-mp4"))
        extension = _VIDEO_FORMATS.get(form, "mp4")
        rate = float(task.inputs.get("frame_rate", 8))
        if form.startswith("image/"):
            content = _animation(task, extension.upper(), duration=max(1, round(1000 / rate)), loop=0)
        else:
            content = _webm(task) if extension == "webm" else samples.mp4(task.key, texts_of(task))
        kind: FileKind = "output" if task.inputs.get("save_output", True) else "temp"
        item = self._stored(task, content, extension, kind) | {"format": form, "frame_rate": rate}
        return NodeResult((item["filename"],), {"gifs": [item]})

    # Audio, models, texts

    def _audio(self, task: NodeTask, extension: str, content: bytes, kind: FileKind = "output") -> NodeResult:
        return NodeResult(shown={"audio": [self._stored(task, content, extension, kind)]})

    def _model(self, task: NodeTask) -> NodeResult:
        return NodeResult(shown={"3d": [self._stored(task, samples.glb(task.key), "glb")]})

    def _preview_model(self, task: NodeTask) -> NodeResult:
        model = task.inputs.get("model_file", "")
        if not isinstance(model, str):
            model = self._stored(task, samples.glb(task.key), "glb", "output", "preview3d")["filename"]
        return NodeResult(shown={"result": [model]})

    def _svg(self, task: NodeTask) -> NodeResult:
        content = samples.svg(task.key, texts_of(task))
        return NodeResult(shown={"images": [self._stored(task, content, "svg")]})

    def _latent(self, task: NodeTask) -> NodeResult:
        content = samples.safetensors(task.key, texts_of(task))
        return NodeResult(shown={"latents": [self._stored(task, content, "latent")]})

    def _text(self, task: NodeTask, name: str) -> NodeResult:
        value = task.inputs.get(name, "")
        text = as_text(value) if is_images(value) or not isinstance(value, (list, dict)) else _indented(value)
        return NodeResult((text,), {"text": [text]}, text)

    def _path(
        self, task: NodeTask, kind: FileKind, prefix: str | None, size: tuple[int, int] | None = None
    ) -> SavePath | None:
        """Where a self-hosted ComfyUI saves the files of a node; None in the cloud."""
        folders = self._folders
        if folders is None:
            return None
        if size is None:
            images = task.inputs.get("images")
            size = as_images(images)[0].size if images is not None else (0, 0)
        given = task.inputs.get("filename_prefix", "ComfyUI")
        return save_path(
            prefix or str(given), lambda folder: folders.names(kind, folder), folders.now(), size
        )

    def _stored(
        self,
        task: NodeTask,
        content: bytes,
        extension: str,
        kind: FileKind = "output",
        prefix: str | None = None,
        path: SavePath | None = None,
        index: int = 0,
    ) -> Json:
        """Store a file and return its item in the outputs.

        In the cloud, folders in a prefix are dropped. `path` is that of a node with more files
        than one, and `index` counts them.
        """
        if self._folders is not None:
            path = path or self._path(task, kind, prefix) or SavePath("", "ComfyUI", 1)
            name = path.name(index, extension)
            stored = self._files.put(content, extension, name, kind, sync=False)
            self._folders.put(kind, path.subfolder, name, stored)
            return {"filename": name, "subfolder": path.subfolder, "type": kind}
        prefix = prefix or str(task.inputs.get("filename_prefix") or "ComfyUI")
        prefix = prefix.replace("\\", "/").rstrip("/").rpartition("/")[2] or "ComfyUI"
        self._counters[prefix] += 1
        name = f"{prefix}_{self._counters[prefix]:05d}_.{extension}"
        filename = self._files.put(content, extension, name, kind, sync=False)
        return {"filename": filename, "subfolder": "", "type": kind, "display_name": name}


def texts_of(task: NodeTask) -> dict[str, str]:
    """The texts in a file: the graph as `prompt`, and what was sent as `extra_pnginfo`."""
    texts = {"prompt": _json(task.graph)}
    more = task.extra_data.get("extra_pnginfo")
    if is_object(more):
        texts |= {name: _json(value) for name, value in more.items()}
    return texts


def _indented(value: Any) -> str:
    try:
        return json.dumps(value, indent=4)
    except (TypeError, ValueError):
        return str(value)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _png(image: Image.Image, texts: dict[str, str]) -> bytes:
    content = io.BytesIO()
    image.save(content, "PNG", pnginfo=_png_texts(texts), compress_level=_COMPRESSION)
    return content.getvalue()


def _png_texts(texts: dict[str, str]) -> PngInfo:
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    return info


def _animation(task: NodeTask, form: str, **options: Any) -> bytes:
    first, *others = as_images(task.inputs["images"])
    if first.width * first.height > MOST_PIXELS_OF_A_FRAME:
        raise NodeFailure("OOMError", NODE_MESSAGES["OOMError"])
    content = io.BytesIO()
    first.save(content, form, save_all=True, append_images=others, **options)
    return content.getvalue()


def _animated(item: Json) -> NodeResult:
    return NodeResult(shown={"images": [item], "animated": [True]})


def _webm(task: NodeTask) -> bytes:
    """A WebM without tracks: its head, and a segment with the texts."""
    head = _element(b"\x42\x82", b"webm") + _element(b"\x42\x87", b"\x04") + _element(b"\x42\x85", b"\x02")
    info = _element(b"\x2a\xd7\xb1", (1_000_000).to_bytes(3, "big"))
    info += _element(b"\x4d\x80", b"comfy_cloud_emulator") + _element(b"\x57\x41", task.key.encode())
    tags = b"".join(
        _element(
            b"\x73\x73",
            _element(
                b"\x67\xc8", _element(b"\x45\xa3", name.encode()) + _element(b"\x44\x87", text.encode())
            ),
        )
        for name, text in texts_of(task).items()
    )
    segment = _element(b"\x15\x49\xa9\x66", info) + _element(b"\x12\x54\xc3\x67", tags)
    return _element(b"\x1a\x45\xdf\xa3", head) + _element(b"\x18\x53\x80\x67", segment)


def _element(kind: bytes, content: bytes) -> bytes:
    """An EBML element; its size takes eight bytes, of which the first marks the length."""
    return kind + (1 << 56 | len(content)).to_bytes(8, "big") + content
