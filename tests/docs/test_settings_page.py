"""docs/settings.md: its file of profiles is read, and its tables are complete."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from comfy_cloud._settings.profiles import read_profile
from comfy_cloud.cli._console import exits
from scripts.project.checkout import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_exit_codes_are_complete() -> None:
    table = PAGE.partition("| exit code |")[2].partition("\n\n")[0]
    assert {int(code) for code in re.findall(r"\| (\d+) \|", table)} == set(exits.EXIT_CODES)


def test_the_config_file_is_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    environment = {"COMFY_CLOUD_CONFIG_DIR": str(tmp_path)}
    profile = read_profile(None, environment)
    assert profile.name == "work"
    assert profile.values == tomllib.loads(text)["profiles"]["work"]


def test_every_extra_is_listed() -> None:
    table = PAGE.partition("| extra |")[2].partition("\n\n")[0]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    listed = {name for row in table.splitlines() for name in re.findall(r"`([a-z]+)`", row.split("|")[1])}
    assert listed == set(extras)
    (everything,) = extras["all"]
    assert set(everything.removeprefix("comfy-cloud[").removesuffix("]").split(",")) == set(extras) - {"all"}


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^):#]+)", PAGE))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()
