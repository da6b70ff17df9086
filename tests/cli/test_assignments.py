"""Values for inputs: which input an option means, and what its value is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import Workflow
from comfy_cloud._workflows.file_values import FileUrl
from comfy_cloud.cli._console.exits import CommandError
from comfy_cloud.cli._workflows.assignments import assigned_inputs, find_assignment, typed_value

GRAPH = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 5,
            "steps": 20,
            "cfg": 7.0,
            "sampler_name": "euler",
            "enabled": True,
            "denoise": ["9", 0],
            "model": ["4", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd15.safetensors"}},
    "6": {"class_type": "CLIPTextEncode", "_meta": {"title": "Positive"}, "inputs": {"text": "a cat"}},
    "7": {"class_type": "CLIPTextEncode", "_meta": {"title": "a=b"}, "inputs": {"text": "blurry"}},
    "8": {"class_type": "CLIPTextEncode", "inputs": {"text": ["9", 0]}},
    "9": {"class_type": "PrimitiveFloat", "inputs": {"value": None}},
    "10": {"class_type": "LoadImage", "inputs": {"image": "old.png"}},
}
CATALOGUE: dict[str, Mapping[str, Any]] = {
    "KSampler": {
        "input": {
            "required": {
                "seed": ["INT", {"min": 10, "max": 99}],
                "denoise": ["FLOAT", {}],
                "mode": [["1", "2"]],
                "tiled": ["BOOLEAN", {}],
            }
        }
    },
    "CLIPTextEncode": {"input": {"required": {"text": ["STRING", {}]}}},
}


def read(*settings: str, files: tuple[str, ...] = (), with_catalogue: bool = False) -> dict[str, Any]:
    workflow = Workflow(GRAPH)
    found = assigned_inputs(
        workflow,
        settings,
        files,
        random=lambda least, most: most,
        catalogue=(lambda: CATALOGUE) if with_catalogue else None,
    )
    workflow.set_inputs(found)  # the library takes them
    return found


def refusal(*settings: str, files: tuple[str, ...] = ()) -> str:
    with pytest.raises(CommandError) as raised:
        read(*settings, files=files)
    assert raised.value.code == 2
    return raised.value.format_message()


@pytest.mark.parametrize(
    ("given", "address", "value"),
    [
        ("6.text=a dog", "6.text", "a dog"),
        ("6.text=", "6.text", ""),
        ("6.text=0xFF", "6.text", "0xFF"),
        ("3.steps=0x1E", "3.steps", 30),
        ("6.text=30", "6.text", "30"),  # the input is text
        ('6.text="quoted"', "6.text", '"quoted"'),
        ("6.text=a=b, c=d", "6.text", "a=b, c=d"),
        ("Positive.text=true", "Positive.text", "true"),
        ("positive.text=null", "positive.text", "null"),
        ("a=b.text=sharp", "a=b.text", "sharp"),  # a title with an equals sign
        ("6.text=@@home", "6.text", "@home"),
        ('6.text=["4", 0]', "6.text", ["4", 0]),  # a link
        ('6.text=["44", 0]', "6.text", '["44", 0]'),  # not a link: there is no node 44
        ("KSampler.steps=30", "KSampler.steps", 30),
        ("KSampler.cfg=6.5", "KSampler.cfg", 6.5),
        ("3.sampler_name=dpmpp_2m", "3.sampler_name", "dpmpp_2m"),
        ("3.enabled=false", "3.enabled", False),
        ("3.enabled=True", "3.enabled", True),
        ("3.seed=7", "3.seed", 7),
        ("3.seed=random", "3.seed", 2**31 - 1),
        ("3.sampler_name=random", "3.sampler_name", "random"),  # not a seed
        ("9.value=1.5", "9.value", 1.5),
        ("9.value=word", "9.value", "word"),
        ("9.value=NaN", "9.value", "NaN"),
        ("3.+speed=2", "3.+speed", 2),
    ],
)
def test_what_a_setting_means(given: str, address: str, value: object) -> None:
    found = read(given)
    assert found == {address: value}
    assert type(found[address]) is type(value)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("8.text=30", "30"),
        ("3.denoise=0.5", 0.5),
        ("3.+mode=2", "2"),
        ("3.+tiled=False", False),
        ("3.seed=random", 99),
    ],
)
def test_the_catalogue_decides_where_the_present_value_does_not(given: str, value: object) -> None:
    (found,) = read(given, with_catalogue=True).values()
    assert found == value
    assert type(found) is type(value)


def test_the_catalogue_is_not_asked_for_without_need() -> None:
    def fail() -> dict[str, Any]:
        raise AssertionError("the catalogue was read")

    texts = ("6.text=x", "3.steps=5", "3.enabled=true")
    found = assigned_inputs(Workflow(GRAPH), texts, random=lambda least, most: most, catalogue=fail)
    assert list(found.values()) == ["x", 5, True]


def test_text_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "prompt.txt"
    file.write_bytes("\ufeffline 1\nline é\n".encode())
    assert read(f"6.text=@{file}") == {"6.text": "line 1\nline é"}
    file.write_text("12\n")
    assert read(f"3.steps=@{file}") == {"3.steps": 12}
    file.write_bytes(b"\xff\xfe")
    assert "is not a text file in UTF-8" in refusal(f"6.text=@{file}")
    message = refusal(f"6.text=@{tmp_path / 'none.txt'}")
    assert message.startswith("--set 6.text: the file '")
    assert "No such file" in message
    assert message.endswith("write @@ for a text that begins with @")


def test_files_to_upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a=b.png").write_bytes(b"x")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read(files=(f"10.image={tmp_path}/a=b.png",)) == {"10.image": tmp_path / "a=b.png"}
    assert read(files=("10.image=~/a=b.png",)) == {"10.image": tmp_path / "a=b.png"}
    url = "https://example.com/photo.png"
    assert read(files=(f"10.image={url}",)) == {"10.image": FileUrl(url)}
    missing = refusal(files=("10.image=missing.png",))
    assert missing == "--input 10.image: no file 'missing.png'"
    assert refusal(files=(f"10.image={tmp_path}",)).endswith("is not a file")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("6.text", "--set takes NODE.INPUT=VALUE, such as KSampler.steps=30, not '6.text'"),
        ("=5", "--set takes NODE.INPUT=VALUE"),
        ("", "--set takes NODE.INPUT=VALUE"),
        ("text=5", "--set text: An input is addressed as node.input"),
        ("CLIPTextEncode.text=x", "--set CLIPTextEncode.text: 'CLIPTextEncode.text': 3 nodes are called"),
        ("KSampla.steps=5", "Did you mean: 3 (KSampler)"),
        ("3.stps=5", "did you mean 'steps'?"),
        ("3.steps=many", "--set 3.steps: it takes a number, not 'many'"),
        ("3.enabled=maybe", "--set 3.enabled: it takes true or false, not 'maybe'"),
        ("3.steps=1:3", "not '1:3'; a sweep takes START:STOP:STEP, or --set once for each value"),
        ("3.steps=random", "it takes a number"),  # not a seed
    ],
)
def test_errors_are_about_the_option(given: str, words: str) -> None:
    assert words in refusal(given)


def test_an_input_is_set_once(tmp_path: Path) -> None:
    message = refusal("3.seed=1", "KSampler.seed=2")
    assert message == "--set KSampler.seed: --set 3.seed sets the same input"
    assert "sets the same input" in refusal("6.text=a", "6.text=b")
    file = tmp_path / "a.png"
    file.write_bytes(b"x")
    assert "--set 10.image sets" in refusal("10.image=b.png", files=(f"10.image={file}",))


def test_the_parts_for_other_options() -> None:
    workflow = Workflow(GRAPH)
    each = find_assignment(workflow, "--set", "KSampler.cfg=5:9:1")
    assert (each.node_id, each.input, each.text) == ("3", "cfg", "5:9:1")
    assert typed_value(workflow, each, "6") == 6
