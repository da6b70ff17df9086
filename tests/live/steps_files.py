"""Steps of `drive` about files: uploads, views, chains of jobs, workflows in files, userdata."""

from __future__ import annotations

import io
import struct
import uuid
from typing import Any

from PIL import Image

from comfy_cloud import ConfigurationError, NotFound, NotSupported, Workflow
from tests.images import png

from .forms import Form, Step
from .steps_jobs import Json, expect, images, node


def loads(value: Any) -> Json:
    """A graph that loads an image and saves it again."""
    return {
        "1": node("LoadImage", image=value),
        "2": node("SaveImage", images=["1", 0], filename_prefix="drive/loaded"),
    }


async def upload_images(form: Form) -> str:
    cloud, mark = form.cloud, uuid.uuid4().hex[:6]
    (form.folder / f"file {mark} ü.png").write_bytes(png())
    sources: dict[str, Any] = {
        "bytes": {"source": png((9, 9, 9))},
        "path": {"source": form.folder / f"file {mark} ü.png"},
        "file": {"source": io.BytesIO(png((8, 8, 8))), "name": f"open{mark}.png"},
        "folder": {"source": png(), "name": f"drive_{mark}/deep/x.png"},
        "subfolder": {"source": png(), "name": f"y{mark}.png", "subfolder": f"drive_{mark}"},
        "temp": {"source": png(), "name": f"z{mark}.png", "type": "temp"},
    }
    for name, given in sources.items():
        stored = await form(cloud.files.upload_image(**given))
        place = {"subfolder": stored.subfolder or "", "type": stored.type_ or "input"}
        async with _opened(form, stored.name, **place) as content:
            expect(content.startswith(b"\x89PNG"), f"{name}: {stored}")
    renamed = (await form(cloud.files.upload_image(png((7, 7, 7)), name=f"open{mark}.png"))).name
    expect(renamed == f"open{mark} (1).png", renamed)
    try:
        await form(cloud.files.upload_image(png(), name="../x.png"))
    except ConfigurationError:
        return f"{', '.join(sources)}; a taken name gets a number; a name with .. is refused"
    raise AssertionError("a name with .. was sent")


class _opened:
    """The content of a file in either form."""

    def __init__(self, form: Form, file: Any, **options: Any) -> None:
        self._form, self._content = form, form.cloud.files.open(file, **options)

    async def __aenter__(self) -> bytes:
        opened = self._content
        if self._form.is_async:
            async with opened as content:
                return bytes(await content.read())
        with opened as content:
            return bytes(content.read())

    async def __aexit__(self, *error: object) -> None:
        pass


async def upload_a_mask(form: Form) -> str:
    mark = uuid.uuid4().hex[:6]
    image = png((1, 2, 3))
    original = (await form(form.cloud.files.upload_image(image, name=f"original{mark}.png"))).name
    mask = png((0, 0, 0, 77), "RGBA")
    stored = await form(form.cloud.files.upload_mask(mask, original))
    async with _opened(form, stored.name, type="input") as content:
        alpha = Image.open(io.BytesIO(content)).convert("RGBA").getpixel((0, 0))
    expect(alpha == (1, 2, 3, 77), alpha)
    return f"stored with its transparency ({stored.name.rpartition('.')[2]})"


async def view_a_file_and_a_channel(form: Form) -> str:
    stored = (await form(form.cloud.files.upload_image(png(), name=f"{uuid.uuid4().hex}.png"))).name
    path = f"/api/view?filename={stored}&type=input"
    response = await form(form.cloud.request("GET", path))
    expect(response.content == png(), response.status_code)
    async with _opened(form, stored, type="input", channel="a") as content:
        expect(Image.open(io.BytesIO(content)).mode == "RGBA", "no alpha channel")
    target = form.folder / "saved.png"
    await form(form.cloud.files.download(stored, target, type="input"))
    expect(target.read_bytes() == png(), "other bytes")
    try:
        async with _opened(form, stored, type="input", res=64):
            pass
    except NotSupported:
        return "whole, alpha channel, saved; res is NotSupported"
    raise AssertionError("res was ignored")


async def missing_file(form: Form) -> str:
    try:
        async with _opened(form, "no such file.png", type="input"):
            pass
    except NotFound:
        return "NotFound"
    raise AssertionError("found")


async def download_outputs(form: Form) -> str:
    job = await form(form.cloud.run(images(5), timeout=60))
    paths = await form(job.download(form.folder / "all"))
    expect(len({path.name for path in paths}) == 5, paths)
    one = await form(job.outputs[0].read())
    expect(one == paths[0].read_bytes(), "other bytes")
    return "5 files, the same bytes as read()"


async def local_files_as_inputs(form: Form) -> str:
    path = form.folder / f"{uuid.uuid4().hex}.png"
    path.write_bytes(png((5, 6, 7)))
    pillow = Image.new("RGB", (16, 16), (7, 6, 5))
    values: dict[str, Any] = {"path": path, "bytes": png((3, 3, 4)), "PIL": pillow}
    values["file"] = io.BytesIO(png((4, 3, 3)))
    done = []
    for name, value in values.items():
        job = await form(form.cloud.run(loads(""), {"1.image": value}, timeout=60))
        expect(len(job.outputs) == 1, f"{name}: {job.status}")
        done.append(name)
    return ", ".join(done)


async def an_output_as_the_next_input(form: Form) -> str:
    first = await form(form.cloud.run(images(color=0x102030), timeout=60))
    second = await form(form.cloud.run(loads(""), {"1.image": first.outputs[0]}, timeout=60))
    content = await form(second.outputs[0].read())
    pixel = Image.open(io.BytesIO(content)).convert("RGB").getpixel((0, 0))
    expect(pixel == (0x10, 0x20, 0x30), pixel)
    return "the same pixels, without a download"


async def an_upload_as_an_input(form: Form) -> str:
    mark = uuid.uuid4().hex[:6]
    stored = await form(form.cloud.files.upload_image(png((9, 8, 7)), name=f"d{mark}/u.png"))
    job = await form(form.cloud.run(loads(""), {"1.image": stored}, timeout=60))
    content = await form(job.outputs[0].read())
    expect(Image.open(io.BytesIO(content)).convert("RGB").getpixel((0, 0)) == (9, 8, 7), "other pixels")
    return "a result of upload_image in a folder"


_ANIMATION: Json = {"images": ["1", 0], "filename_prefix": "drive/a", "fps": 6.0}
SAVERS: dict[str, Json] = {
    "PNG": node("SaveImage", images=["1", 0], filename_prefix="drive/p"),
    "WebP": node("SaveAnimatedWEBP", **_ANIMATION, lossless=True, quality=80, method="default"),
    "animated PNG": node("SaveAnimatedPNG", **_ANIMATION, compress_level=4),
    "WebM": node("SaveWEBM", **_ANIMATION, codec="vp9", crf=32.0),
    "MP4": node("SaveVideo", video=["3", 0], filename_prefix="drive/v", format="mp4", codec="h264"),
    "FLAC": node("SaveAudio", audio=["4", 0], filename_prefix="drive/s"),
    "MP3": node("SaveAudioMP3", audio=["4", 0], filename_prefix="drive/s", quality="V0"),
    "Opus": node("SaveAudioOpus", audio=["4", 0], filename_prefix="drive/s", quality="128k"),
    "latent": node("SaveLatent", samples=["5", 0], filename_prefix="drive/l"),
}
_SOURCES: Json = {
    "3": node("CreateVideo", images=["1", 0], fps=8.0),
    "4": node("EmptyAudio", duration=1.0, sample_rate=44100, channels=2),
    "5": node("EmptyLatentImage", width=64, height=64, batch_size=1),
}


async def workflows_in_its_own_files(form: Form) -> str:
    ui = {"nodes": [], "links": [], "version": 0.4}
    found = []
    for name, saver in SAVERS.items():
        source = {name: each for name, each in _SOURCES.items() if [name, 0] in saver["inputs"].values()}
        graph = {"1": images(2)["1"], **source, "9": saver}
        options = {"extra_data": {"extra_pnginfo": {"workflow": ui}}}
        job = await form(form.cloud.run(graph, timeout=60, **options))
        if not job.outputs:
            found.append(f"{name} (no output reported)")
            continue
        (path,) = (await form(job.download(form.folder / name)))[:1]
        loaded = Workflow.load(path)
        expect(loaded.graph == graph and loaded.ui == ui, f"{name}: {loaded!r}")
        found.append(name)
    return ", ".join(found)


async def texts_as_outputs(form: Form) -> str:
    text = uuid.uuid4().hex
    job = await form(form.cloud.run({"1": node("PreviewAny", source=text)}, timeout=60))
    expect(job.texts == [text], job.texts)
    return "the text of PreviewAny"


def glb() -> bytes:
    """A binary glTF without a mesh."""
    text = b'{"asset":{"version":"2.0"},"scenes":[{"nodes":[]}],"scene":0}'
    text += b" " * (-len(text) % 4)
    return struct.pack("<4sII", b"glTF", 2, 20 + len(text)) + struct.pack("<I4s", len(text), b"JSON") + text


async def a_3d_file_in_and_out(form: Form) -> str:
    name = f"{uuid.uuid4().hex}.glb"
    stored = await form(form.cloud.files.upload_image(glb(), name=f"3d/{name}"))
    graph = {"1": node("Preview3D", model_file=f"{stored.subfolder}/{stored.name}")}
    job = await form(form.cloud.run(graph, timeout=60))
    shown = [(output.subfolder, output.filename) for output in job.outputs]
    expect(len(shown) == 1, (shown, job.raw))
    # Preview3D says nothing of the folder "input", so only its name can be checked here.
    expect(shown[0] == ("3d", name), shown)
    async with _opened(form, name, subfolder="3d", type="input") as content:
        expect(content == glb(), "other bytes")
    return "uploaded into a folder, named by Preview3D, read"


async def personal_files(form: Form) -> str:
    cloud, path = form.cloud.userdata, f"drive_{uuid.uuid4().hex[:6]}/ü b.json"
    folder, _, name = path.partition("/")
    await form(cloud.write(path, '{"a": 1}'))
    expect(await form(cloud.read(path)) == b'{"a": 1}', "other content")
    listed = [file.path for file in await form(cloud.list(folder))]
    expect(listed == [name], listed)
    await form(cloud.delete(path))
    try:
        await form(cloud.read(path))
    except NotFound:
        return "written, read, listed, deleted"
    raise AssertionError("still there")


async def node_classes_and_system(form: Form) -> str:
    cloud = form.cloud
    classes = await form(cloud.nodes.all())
    one = await form(cloud.nodes.get("SaveImage"))
    stats, features = await form(cloud.system.stats()), await form(cloud.system.features())
    folders, templates = await form(cloud.models.folders()), await form(cloud.workflows.templates())
    subgraphs = await form(cloud.workflows.subgraphs())
    if subgraphs:
        graph = await form(cloud.workflows.subgraph(next(iter(subgraphs))))
        expect(graph.data, graph)
    expect(one.output_node and stats.system.comfyui_version, one)
    expect(features, features)
    return (
        f"{len(classes)} classes, version {stats.system.comfyui_version}, {len(folders)} model folders, "
        f"{len(templates)} template packages, {len(subgraphs)} subgraphs"
    )


STEPS: list[Step] = [
    upload_images,
    upload_a_mask,
    view_a_file_and_a_channel,
    missing_file,
    download_outputs,
    local_files_as_inputs,
    an_output_as_the_next_input,
    an_upload_as_an_input,
    workflows_in_its_own_files,
    texts_as_outputs,
    a_3d_file_in_and_out,
    personal_files,
    node_classes_and_system,
]
