"""`Containerfile` and `action.yml` fit the package; `make ready-made` does what they say."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import click
import yaml

from comfy_cloud.cli.emulate import command
from comfy_cloud_emulator.http.access import HEALTH_PATH
from scripts.project.checkout import ROOT

CONTAINER = (ROOT / "Containerfile").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def test_the_container_starts_the_emulator_for_other_machines() -> None:
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", CONTAINER, re.MULTILINE)
    words = json.loads(entry)
    assert words[:4] == ["comfy-cloud", "emulate", "--host", "0.0.0.0"]
    options = {name for each in command.params if isinstance(each, click.Option) for name in each.opts}
    assert {word for word in words if word.startswith("--")} <= options
    ports = [words[words.index(option) + 1] for option in ("--port", "--files-port")]
    assert re.findall(r"^EXPOSE (.*)$", CONTAINER, re.MULTILINE) == [" ".join(ports)]
    assert f"http://127.0.0.1:{ports[0]}{HEALTH_PATH}'" in CONTAINER


def test_the_container_has_no_key_and_no_root() -> None:
    assert "KEY=" not in "".join(line for line in CONTAINER.splitlines(True) if not line.startswith("#"))
    (user,) = re.findall(r"^USER (\d+)$", CONTAINER, re.MULTILINE)
    assert int(user) > 0
    assert CONTAINER.index("USER ") < CONTAINER.index("ENTRYPOINT")


def test_the_image_is_built_from_all_that_the_package_needs() -> None:
    kept = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    hatch = project["tool"]["hatch"]
    wheel = hatch["build"]["targets"]["wheel"]
    needed = ["pyproject.toml", "README.md", *project["project"]["license-files"]]
    needed.append(hatch["metadata"]["hooks"]["custom"]["path"])
    needed += [*wheel["packages"], *wheel["shared-data"], *re.findall(r"-r (\S+)", CONTAINER)]
    for path in needed:
        assert any(path == each or path.startswith(f"{each}/") for each in kept), path
    assert all((ROOT / each).exists() for each in kept)


def test_the_action_writes_no_input_into_a_script() -> None:
    """An input in the text of a script could run as a part of it."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
