"""docs/agents.md: its tools, options and limits are those of the command."""

from __future__ import annotations

import json
import re
from pathlib import Path

from comfy_cloud.cli._mcp import images, texts, tools
from comfy_cloud.cli._mcp.tools import Tools
from comfy_cloud.cli.mcp import command

PAGE = (Path(__file__).parents[2] / "docs" / "agents.md").read_text(encoding="utf-8")


def test_every_tool_is_in_the_table() -> None:
    listed = re.findall(r"^\| `(\w+)` \|.*\| (yes|no) \|$", PAGE, re.MULTILINE)
    offered = [name for name, value in vars(Tools).items() if callable(value) and not name.startswith("_")]
    assert sorted(name for name, _ in listed) == sorted(offered)
    assert [name for name, costs in listed if costs == "yes"] == ["run"]


def test_the_arguments_of_the_example_are_valid() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    arguments = json.loads(example)["mcpServers"]["comfy-cloud"]["args"]
    options = {name for parameter in command.params for name in parameter.opts}
    assert arguments[0] == command.name
    given = {word for word in [*arguments, *re.findall(r"--[a-z][a-z-]+", PAGE)] if word.startswith("--")}
    assert given <= options


def test_the_limits_are_those_of_the_code() -> None:
    assert f"up to {tools.LONGEST_WAIT} seconds" in PAGE
    assert f"up to {images.MOST_IMAGES} images" in PAGE
    assert f"at most {images.LARGEST_SIDE} pixels and 1 MB" in PAGE
    assert f"{texts.LONGEST_TEXT:,} characters" in " ".join(PAGE.split())
    assert f"lists of more than {texts.MOST_ITEMS} items" in PAGE
