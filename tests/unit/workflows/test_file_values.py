"""What may be given to an input that takes a file, and what becomes of it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from comfy_cloud import ConfigurationError, Workflow
from comfy_cloud._files.upload_sources import UploadSource
from comfy_cloud._jobs.outputs import Output
from comfy_cloud._submission.variant_digests import VariantDigests, upload_key
from comfy_cloud._workflows.file_values import FileContent, FileUrl
from comfy_cloud._workflows.validation import validate
from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.asset_created import AssetCreated
from comfy_cloud_api.models.upload_image_response_200 import UploadImageResponse200
from comfy_cloud_api.models.upload_mask_response_200 import UploadMaskResponse200
from tests.images import png

HEX = "0123456789abcdef" * 4
LOAD = {"1": {"class_type": "LoadImage", "inputs": {"image": "old.png"}}}


def value_of(given: object) -> Any:
    workflow = Workflow(LOAD)
    workflow.set_inputs({"1.image": given})
    return workflow.graph["1"]["inputs"]["image"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (Output({"filename": f"{HEX}.png", "subfolder": "", "type": "output"}), f"{HEX}.png"),
        (Output({"filename": "a.png", "type": "output"}), "a.png [output]"),
        (Output({"filename": "a.png", "subfolder": "x/y", "type": "temp"}), "x/y/a.png [temp]"),
        (Output({"filename": "3d/a.glb"}), "3d/a.glb [output]"),
        (Output({"filename": "a.png", "subfolder": "x", "type": "input"}), "x/a.png"),
        (UploadImageResponse200(name="a.png", subfolder="x", type_="input"), "x/a.png"),
        (UploadImageResponse200(name=f"{HEX}.png", subfolder="", type_="input"), f"{HEX}.png"),
        (UploadMaskResponse200(name="clip.png", subfolder="clip", type_="temp"), "clip/clip.png [temp]"),
        (UploadImageResponse200(name="a.png"), "a.png"),
        (AssetCreated.from_dict({"id": "1", "name": "a.PNG", "hash": f"blake3:{HEX}"}), f"{HEX}.png"),
        (Asset.from_dict({"id": "1", "name": "a.png", "loader_path": "x/a.png"}), "x/a.png"),
    ],
)
def test_what_the_server_has_is_named(given: object, name: str) -> None:
    assert value_of(given) == name
    assert Workflow({"1": {"class_type": "A", "inputs": {"list": [given]}}}).graph["1"]["inputs"] == {
        "list": [name]
    }


@pytest.mark.parametrize("given", [UploadImageResponse200(), Asset.from_dict({"id": "1", "name": "a.png"})])
def test_a_file_without_a_name_is_refused(given: object) -> None:
    with pytest.raises(ConfigurationError, match="no name on the server: upload it again"):
        value_of(given)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (png(), "file.png"),
        (bytearray(png()), "file.png"),
        (memoryview(png()), "file.png"),
        (b"\xff\xd8\xff\xe0jpeg", "file.jpg"),
        (b"\0\0\0\x18ftypisom", "file.mp4"),
        (b"RIFF\0\0\0\0WAVEfmt ", "file.wav"),
        (b"plain", "file"),
    ],
)
def test_bytes_are_a_file_with_the_extension_of_their_type(given: bytes, name: str) -> None:
    assert value_of(given) == FileContent(name, bytes(given))


@pytest.mark.parametrize(
    ("mode", "stored"),
    [("RGBA", "RGBA"), ("L", "L"), ("CMYK", "RGB"), ("F", "RGB"), ("PA", "RGBA"), ("I", "RGB")],
)
def test_an_image_in_memory_is_sent_as_a_png(mode: str, stored: str) -> None:
    found = value_of(Image.new(mode, (5, 7)))
    assert found.name == "image.png"
    with Image.open(io.BytesIO(found.content)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", stored, (5, 7))


def test_open_files(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(png())
    with (tmp_path / "cat.png").open("rb") as file:
        assert value_of(file) == FileContent("cat.png", png())
    assert value_of(io.BytesIO(png())) == FileContent("file.png", png())
    with pytest.raises(ConfigurationError, match=r"the input '1.image' is open as text"):
        value_of(io.StringIO("text"))

    class Odd:
        def read(self) -> str:
            return "text"

    with pytest.raises(ConfigurationError, match=r"a Odd, whose read\(\) gives no bytes"):
        value_of(Odd())


def test_a_url_is_a_file_only_where_a_loader_takes_one() -> None:
    assert value_of("https://host.example/cat.png?key=1") == FileUrl("https://host.example/cat.png?key=1")
    assert "key=1" not in repr(FileUrl("https://host.example/cat.png?key=1"))
    other = Workflow({"1": {"class_type": "Text", "inputs": {"text": ""}}})
    other.set_inputs({"1.text": "https://host.example/cat.png"})
    assert other.files() == []
    # What a graph contains already is not fetched.
    loaded = Workflow({"1": {"class_type": "LoadImage", "inputs": {"image": "https://host.example/cat.png"}}})
    assert loaded.files() == []


def test_each_file_is_listed_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())
    graph = {
        "1": {"class_type": "A", "inputs": {"image": png(), "more": [path, png()]}},
        "2": {"class_type": "LoadImage", "inputs": {"image": "x"}},
    }
    workflow = Workflow(graph)
    workflow.set_inputs({"2.image": "s3://bucket/b.png"})
    content = FileContent("file.png", png())
    found = workflow.files()
    assert [(each.node_id, each.input, each.file) for each in found] == [
        ("1", "image", content),
        ("1", "more", path),
        ("1", "more", content),
        ("2", "image", FileUrl("s3://bucket/b.png")),
    ]
    assert [each.path for each in workflow.local_files()] == [path]
    with pytest.raises(ConfigurationError, match=r"1\.image is a local file"):
        workflow.to_json()
    assert json.dumps(Workflow(workflow.graph).graph["1"], default=repr) == json.dumps(
        workflow.graph["1"], default=repr
    )
    for number, each in enumerate(found):
        workflow.replace_file(each, f"stored-{number}")
    assert workflow.graph["1"]["inputs"] == {"image": "stored-0", "more": ["stored-1", "stored-2"]}
    assert workflow.graph["2"]["inputs"] == {"image": "stored-3"}
    assert workflow.files() == []


def test_validation_does_not_judge_files() -> None:
    info = {
        "LoadImage": {
            "input": {"required": {"image": [["old.png"]]}},
            "output": ["IMAGE"],
            "output_node": True,
        }
    }
    workflow = Workflow(LOAD)
    workflow.set_inputs({"1.image": png()})
    assert validate(workflow.graph, info) == []
    workflow.set_inputs({"1.image": "https://host.example/cat.png"})
    assert validate(workflow.graph, info) == []


def test_the_same_content_is_the_same_variant(tmp_path: Path) -> None:
    path = tmp_path / "other name.png"
    path.write_bytes(png())

    def digest(value: object) -> str:
        return VariantDigests().of(Workflow({"1": {"class_type": "A", "inputs": {"image": value}}}))

    assert digest(png()) == digest(path) == digest(io.BytesIO(png()))
    assert digest(png()) != digest(png(mode="L"))
    assert digest(FileUrl("https://host/a")) != digest(FileUrl("https://host/b"))
    assert upload_key(FileContent("a", b"1")) != upload_key(FileContent("a", b"2"))


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ([Output({"filename": "a.png", "type": "output"})], "a list of outputs"),
        ((Path("a.png"), Path("b.png")), "a list of files"),
        ([b"content"], "a list of files"),
    ],
)
def test_a_list_of_files_is_not_one_file(given: object, what: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'1.image' takes one file, and this is {what}: pass one"):
        value_of(given)


def test_a_data_url_is_not_a_name() -> None:
    url = "data:image/png;base64,aGk="
    with pytest.raises(ConfigurationError, match=r"data: URLs are not read\. Pass the bytes") as raised:
        value_of(url)
    assert "aGk" not in str(raised.value)
    with pytest.raises(ConfigurationError, match="data: URLs are not read"):
        UploadSource(url)
    workflow = Workflow({"1": {"class_type": "LoadImageBase64", "inputs": {"image": ""}}})
    workflow.set_inputs({"1.image": url})
    assert workflow.graph["1"]["inputs"]["image"] == url
