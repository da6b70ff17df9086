"""What jobs produce: computed images, placeholder images, videos, audio, models and texts."""

from __future__ import annotations

import io
import json
import struct
import wave
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from comfy_cloud_emulator import Emulator
from tests.contract.exchanges import check_exchange

from ..workflows import Json, job, plain, submit, text_to_image

UI_WORKFLOW = {"version": 0.4, "nodes": [], "links": []}
Run = Callable[..., Json]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(time="virtual", on_exchange=check_exchange) as emulator:
        yield emulator


@pytest.fixture
def run(emulator: Emulator, client: httpx.Client) -> Run:
    """Run a workflow to its end. Returns its outputs by node id."""

    def start(graph: Json, **fields: Any) -> Json:
        id = submit(client, graph, **fields)
        emulator.time.advance(600)
        entry = job(client, id)
        assert entry["status"] == "completed", entry.get("execution_error")
        outputs: Json = entry["outputs"]
        return outputs

    return start


def content(emulator: Emulator, item: Json) -> bytes:
    found = emulator.store.files.get(item["filename"])
    assert found is not None
    return found


def opened(emulator: Emulator, item: Json) -> Image.Image:
    image = Image.open(io.BytesIO(content(emulator, item)))
    image.load()
    return image


def node(class_type: str, **inputs: Any) -> Json:
    return {"class_type": class_type, "inputs": inputs}


def empty(color: int, width: int = 4, height: int = 2) -> Json:
    return node("EmptyImage", width=width, height=height, batch_size=1, color=color)


def save(source: str) -> Json:
    return node("SaveImage", images=[source, 0], filename_prefix="out")


def test_an_image_contains_its_workflow_but_no_key(emulator: Emulator, run: Run) -> None:
    extra = {"extra_pnginfo": {"workflow": UI_WORKFLOW}, "api_key_comfy_org": "comfyui-secret"}
    (item,) = run(text_to_image(), extra_data=extra)["9"]["images"]
    assert item["type"] == "output"
    assert item["display_name"] == "test_00001_.png"
    assert len(item["filename"]) == 64 + len(".png")
    image = opened(emulator, item)
    assert image.size == (96, 64)
    assert json.loads(image.info["prompt"]) == text_to_image()
    assert json.loads(image.info["workflow"]) == UI_WORKFLOW
    assert b"comfyui-secret" not in content(emulator, item)


def test_the_same_workflow_makes_the_same_file_everywhere(run: Run, emulator: Emulator) -> None:
    first = run(text_to_image())["9"]["images"][0]["filename"]
    emulator.jobs.forget_results()
    assert run(text_to_image())["9"]["images"][0]["filename"] == first
    assert run(text_to_image(seed=8))["9"]["images"][0]["filename"] != first
    assert run(text_to_image(text="a fox"))["9"]["images"][0]["filename"] != first


def test_the_seed_and_text_are_written_on_it(run: Run, emulator: Emulator) -> None:
    graph = text_to_image()
    graph["5"]["inputs"] |= {"width": 256, "height": 128}
    image = opened(emulator, run(graph)["9"]["images"][0]).convert("RGB")
    assert image.size == (256, 128)
    counts = {color: count for count, color in image.getcolors(1 << 20) or []}
    assert counts[(24, 24, 28)] > 1000
    assert any(min(color) > 200 for color in counts), "letters stand out"


def test_a_batch_makes_several(run: Run) -> None:
    graph = text_to_image()
    graph["5"]["inputs"]["batch_size"] = 3
    names = [item["filename"] for item in run(graph)["9"]["images"]]
    assert len(set(names)) == 3


def test_files_are_listed_as_assets(emulator: Emulator, client: httpx.Client) -> None:
    id = submit(client, text_to_image())
    emulator.time.advance(60)
    (asset,) = emulator.store.assets.of_job(id)
    assert (asset.node_id, asset.output_key, asset.output_index) == ("9", "images", 0)
    assert asset.filename == job(client, id)["outputs"]["9"]["images"][0]["filename"]


def test_previews_are_temporary(run: Run) -> None:
    (item,) = run({"1": empty(7), "2": node("PreviewImage", images=["1", 0])})["2"]["images"]
    assert item["type"] == "temp"


RED, GREEN, BLUE = 0xFF0000, 0x00FF00, 0x0000FF


@pytest.mark.parametrize(
    ("class_type", "inputs", "size", "corner"),
    [
        ("ImageInvert", {}, (4, 2), (0, 255, 255)),
        (
            "ImageScale",
            {"upscale_method": "lanczos", "width": 8, "height": 6, "crop": "disabled"},
            (8, 6),
            None,
        ),
        ("ImageScale", {"upscale_method": "area", "width": 8, "height": 0, "crop": "center"}, (8, 4), None),
        ("ImageScale", {"upscale_method": "area", "width": 0, "height": 0, "crop": "disabled"}, (4, 2), None),
        ("ImageScaleBy", {"upscale_method": "bilinear", "scale_by": 2.5}, (10, 5), None),
        ("ImageCrop", {"width": 2, "height": 1, "x": 1, "y": 1}, (2, 1), None),
        ("ImageCrop", {"width": 9, "height": 9, "x": 3, "y": 1}, (1, 1), None),
        ("ImageFlip", {"flip_method": "x-axis: vertically"}, (4, 2), None),
        ("ImageRotate", {"rotation": "90 degrees"}, (2, 4), None),
    ],
)
def test_nodes_without_a_model_are_computed(
    emulator: Emulator,
    run: Run,
    class_type: str,
    inputs: Json,
    size: tuple[int, int],
    corner: tuple[int, int, int] | None,
) -> None:
    graph = {"1": empty(RED), "2": node(class_type, image=["1", 0], **inputs), "3": save("2")}
    image = opened(emulator, run(graph)["3"]["images"][0])
    assert image.size == size
    assert image.getpixel((0, 0)) == (corner or (255, 0, 0))


@pytest.mark.parametrize(
    ("mode", "factor", "expected"),
    [
        ("normal", 1.0, (0, 255, 0)),
        ("normal", 0.0, (255, 0, 0)),
        ("multiply", 1.0, (0, 0, 0)),
        ("screen", 1.0, (255, 255, 0)),
        ("difference", 1.0, (255, 0, 0)),
    ],
)
def test_blending(
    emulator: Emulator, run: Run, mode: str, factor: float, expected: tuple[int, int, int]
) -> None:
    graph = {
        "1": empty(RED),
        "2": empty(GREEN, 6, 6),
        "3": node("ImageBlend", image1=["1", 0], image2=["2", 0], blend_factor=factor, blend_mode=mode),
        "4": save("3"),
    }
    image = opened(emulator, run(graph)["4"]["images"][0])
    assert image.size == (4, 2)
    assert image.getpixel((0, 0)) == expected


def test_masks_and_sizes(emulator: Emulator, run: Run) -> None:
    graph = {
        "1": node("SolidMask", value=1.0, width=5, height=3),
        "2": node("InvertMask", mask=["1", 0]),
        "3": node("MaskToImage", mask=["2", 0]),
        "4": save("3"),
        "5": node("GetImageSize", image=["3", 0]),
        "6": node("PreviewAny", source=["5", 0]),
        "7": empty(BLUE),
        "8": node("ImageToMask", image=["7", 0], channel="blue"),
        "9": node("MaskToImage", mask=["8", 0]),
        "10": node("ImageBatch", image1=["3", 0], image2=["9", 0]),
        "11": save("10"),
    }
    outputs = run(graph)
    assert opened(emulator, outputs["4"]["images"][0]).getpixel((0, 0)) == (0, 0, 0)
    assert outputs["6"] == {"text": ["5"]}
    second = opened(emulator, outputs["11"]["images"][1])
    assert (second.size, second.getpixel((4, 2))) == ((5, 3), (255, 255, 255))


def test_an_uploaded_image_is_loaded_with_its_transparency(emulator: Emulator, run: Run) -> None:
    source = io.BytesIO()
    Image.new("RGBA", (3, 2), (10, 20, 30, 0)).save(source, "PNG")
    name = emulator.store.files.put(source.getvalue(), "png", "mine.png", "input")
    graph = {
        "1": node("LoadImage", image=name),
        "2": save("1"),
        "3": node("MaskToImage", mask=["1", 1]),
        "4": save("3"),
    }
    outputs = run(graph)
    assert opened(emulator, outputs["2"]["images"][0]).getpixel((0, 0)) == (10, 20, 30)
    assert opened(emulator, outputs["4"]["images"][0]).getpixel((0, 0)) == (255, 255, 255)


def test_a_missing_image_fails_the_job(emulator: Emulator, client: httpx.Client) -> None:
    graph = {"1": node("LoadImage", image="holiday.png"), "2": save("1")}
    id = submit(client, graph)
    emulator.time.advance(60)
    error = job(client, id)["execution_error"]
    assert (error["exception_type"], error["node_id"]) == ("ImageDownloadError", "1")
    assert "holiday.png" in error["exception_message"]


def test_an_invalid_image_fails_with_the_python_exception(emulator: Emulator, client: httpx.Client) -> None:
    name = emulator.store.files.put(b"not an image", "png")
    id = submit(client, {"1": node("LoadImage", image=name), "2": save("1")})
    emulator.time.advance(60)
    assert job(client, id)["execution_error"]["exception_type"] == "UnidentifiedImageError"


def test_images_too_large_for_the_machine(emulator: Emulator, client: httpx.Client) -> None:
    graph = {"1": node("EmptyImage", width=16384, height=16384, batch_size=9, color=0), "2": save("1")}
    id = submit(client, graph)
    emulator.time.advance(60)
    assert job(client, id)["execution_error"]["exception_type"] == "OOMError"


def test_texts(run: Run) -> None:
    graph = {
        "1": node("PrimitiveString", value="a fox"),
        "2": node("PrimitiveStringMultiline", value="at dawn"),
        "3": node("StringConcatenate", string_a=["1", 0], string_b=["2", 0], delimiter=", "),
        "4": node("PreviewAny", source=["3", 0]),
        "5": node("PrimitiveInt", value=12),
        "6": node("ShowText|pysssss", text=["3", 0]),
        "7": node("PreviewAny", source=["5", 0]),
    }
    outputs = run(graph)
    assert outputs["4"] == {"text": ["a fox, at dawn"]}
    assert outputs["6"] == {"text": ["a fox, at dawn"]}
    assert outputs["7"] == {"text": ["12"]}


def batch(count: int = 3) -> Json:
    return node("EmptyImage", width=16, height=8, batch_size=count, color=RED)


def test_animations(emulator: Emulator, run: Run) -> None:
    graph = {
        "1": node("ImageBatch", image1=["2", 0], image2=["3", 0]),
        "2": empty(RED, 16, 8),
        "3": empty(BLUE, 16, 8),
        "4": node(
            "SaveAnimatedWEBP",
            images=["1", 0],
            filename_prefix="a",
            fps=4.0,
            lossless=True,
            quality=80,
            method="default",
        ),
        "5": node("SaveAnimatedPNG", images=["1", 0], filename_prefix="a", fps=4.0, compress_level=4),
    }
    outputs = run(graph, extra_data={"extra_pnginfo": {"workflow": UI_WORKFLOW}})
    for id, form in (("4", "WEBP"), ("5", "PNG")):
        assert outputs[id]["animated"] == [True]
        image = opened(emulator, outputs[id]["images"][0])
        assert (image.format, getattr(image, "n_frames", 1)) == (form, 2)
    exif = opened(emulator, outputs["4"]["images"][0]).getexif()
    assert json.loads(exif[0x0110].removeprefix("prompt:")) == graph
    assert json.loads(exif[0x010F].removeprefix("workflow:")) == UI_WORKFLOW


def boxes(video: bytes) -> list[bytes]:
    found, offset = [], 0
    while offset < len(video):
        (length,) = struct.unpack(">I", video[offset : offset + 4])
        found.append(video[offset + 4 : offset + 8])
        assert length >= 8
        offset += length
    assert offset == len(video)
    return found


def test_videos(emulator: Emulator, run: Run) -> None:
    graph = {
        "1": batch(),
        "2": node("CreateVideo", images=["1", 0], fps=8.0),
        "3": node("SaveVideo", video=["2", 0], filename_prefix="video/mine", format="auto", codec="auto"),
        "4": node(
            "VHS_VideoCombine",
            images=["1", 0],
            frame_rate=8,
            loop_count=0,
            filename_prefix="v",
            format="video/h264-mp4",
            pingpong=False,
            save_output=True,
        ),
        "5": node("SaveWEBM", images=["1", 0], filename_prefix="w", codec="vp9", fps=24.0, crf=32.0),
    }
    outputs = run(graph)
    (video,) = outputs["3"]["video"]
    assert video["display_name"] == "mine_00001_.mp4"
    assert boxes(content(emulator, video)) == [b"ftyp", b"moov", b"mdat"]
    assert json.dumps(graph, separators=(",", ":")).encode() in content(emulator, video)
    (combined,) = outputs["4"]["gifs"]
    assert (combined["format"], combined["frame_rate"]) == ("video/h264-mp4", 8.0)
    (web,) = outputs["5"]["images"]
    assert web["filename"].endswith(".webm")
    assert content(emulator, web).startswith(b"\x1a\x45\xdf\xa3")


def crc(data: bytes, bits: int, polynomial: int) -> int:
    """A checksum by definition: the remainder of a polynomial division."""
    value = int.from_bytes(data, "big") << bits
    divisor = (1 << bits) | polynomial
    while value.bit_length() > bits:
        value ^= divisor << (value.bit_length() - bits - 1)
    return value


def test_audio(emulator: Emulator, run: Run) -> None:
    graph: Json = {
        "1": node("EmptyAudio", duration=1.0, sample_rate=44100, channels=2),
        "2": node("SaveAudio", audio=["1", 0], filename_prefix="audio/mine"),
        "3": node("SaveAudioMP3", audio=["1", 0], filename_prefix="a", quality="V0"),
        "4": node("SaveAudioOpus", audio=["1", 0], filename_prefix="a", quality="128k"),
        "5": node("PreviewAudio", audio=["1", 0]),
    }
    outputs = run(graph)
    files = {id: content(emulator, outputs[id]["audio"][0]) for id in ("2", "3", "4", "5")}
    assert files["3"].startswith(b"ID3")
    assert outputs["5"]["audio"][0]["type"] == "temp"
    with wave.open(io.BytesIO(files["5"])) as audio:
        assert (audio.getframerate(), audio.getnframes()) == (44_100, 44_100)
    text = b"prompt=" + json.dumps(graph, separators=(",", ":")).encode()
    flac = files["2"]
    assert flac.startswith(b"fLaC\x00\x00\x00\x22")
    assert text in flac
    assert int.from_bytes(flac[18:21], "big") >> 4 == 44_100
    frame = flac[flac.index(b"\xff\xf8\xc9\x08") :][:11]
    assert crc(frame[:6], 8, 0x07) == 0
    assert crc(frame, 16, 0x8005) == 0
    page = files["4"][: 28 + 19]
    assert page.startswith(b"OggS")
    assert page[28:36] == b"OpusHead"
    unchecked = page[:22] + bytes(4) + page[26:]
    assert struct.unpack("<I", page[22:26])[0] == crc(unchecked, 32, 0x04C11DB7)
    assert text in files["4"]


def test_models(emulator: Emulator, run: Run) -> None:
    graph = {
        "1": node("EmptyLatentHunyuan3Dv2", resolution=512, batch_size=1),
        "2": node("VAELoader", vae_name="ae.safetensors"),
        "3": node(
            "VAEDecodeHunyuan3D", samples=["1", 0], vae=["2", 0], num_chunks=8000, octree_resolution=256
        ),
        "4": node("VoxelToMesh", voxel=["3", 0], algorithm="surface net", threshold=0.6),
        "5": node("SaveGLB", mesh=["4", 0], filename_prefix="mesh/mine"),
    }
    (item,) = run(graph)["5"]["3d"]
    assert content(emulator, item).startswith(b"glTF")


# The catalogue


def test_the_catalogue_lists_inputs_and_outputs(client: httpx.Client) -> None:
    data = client.get("/api/object_info").json()
    assert len(data) > 100
    sampler = data["KSampler"]
    assert sampler["output"] == ["LATENT"]
    assert sampler["input"]["required"]["steps"] == ["INT", {"default": 20, "min": 1, "max": 10000}]
    assert "euler" in sampler["input"]["required"]["sampler_name"][0]
    assert sampler["input_order"]["required"][0] == "model"
    assert data["SaveImage"]["output_node"] is True
    assert data["SaveImage"]["input"]["hidden"] == {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}
    checkpoints = data["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0]
    assert "sd_xl_base_1.0.safetensors" in checkpoints
    assert data["GetImageSize"]["output_name"] == ["width", "height", "batch_size"]
    marks = [mark for mark in ('"$', '"@') if mark in json.dumps(data)]
    assert marks == [], "every list is spelled out"


def test_every_demo_workflow_passes_the_catalogue(client: httpx.Client, emulator: Emulator) -> None:
    assert job(client, submit(client, plain()))["status"] == "pending"
    with Emulator(seed_data="demo", quirks={"validate_at_submit"}) as demo:
        refused = [
            response.json()
            for found in demo.store.jobs("completed")[:60]
            for response in [
                httpx.post(
                    f"{demo.url}/api/prompt",
                    json={"prompt": found.graph},
                    headers={"X-API-Key": demo.key},
                    verify=False,
                    trust_env=False,
                )
            ]
            if response.status_code != 200
        ]
    assert refused == []
