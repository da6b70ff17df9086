"""docs/proxies.md: its programs run, and its table has the settings as they are read."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path

from comfy_cloud import ComfyCloud
from comfy_cloud._settings.profiles import read_profile
from scripts.project.checkout import ROOT
from tests.certificates import AUTHORITY

from .programs import blocks, run

PAGE = (ROOT / "docs/proxies.md").read_text(encoding="utf-8")
PROGRAMS = blocks(PAGE, "python")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.partition("## Reference")[2].splitlines()
    if line.startswith("| `")
]


def test_the_programs_run(tmp_path: Path) -> None:
    (tmp_path / "company-ca.pem").write_text(AUTHORITY.read_text())
    assert len(PROGRAMS) == 2
    for program in PROGRAMS:
        run("-c", program, folder=tmp_path)


def test_the_table_has_the_settings_as_they_are_read() -> None:
    arguments = {row[0].strip("`"): row[1:3] for row in ROWS}
    assert set(arguments) == {"proxy", "ca_file", "storage_hosts", "http_client"}
    assert set(arguments) <= set(signature(ComfyCloud).parameters)
    for name, (variable, profile) in arguments.items():
        if name != "http_client":
            assert (variable, profile) == (f"`COMFY_CLOUD_{name.upper()}`", f"`{name}`")


def test_the_lines_of_the_profile_are_read(tmp_path: Path) -> None:
    (text,) = blocks(PAGE, "toml")
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    values = read_profile(None, {"COMFY_CLOUD_CONFIG_DIR": str(tmp_path)}).values
    assert values == {"proxy": "http://proxy.example.com:3128", "ca_file": "/etc/ssl/company-ca.pem"}


def test_links_lead_to_headings() -> None:
    files = (ROOT / "docs/files.md").read_text(encoding="utf-8")
    assert "### Signed URLs" in files
    assert set(re.findall(r"\]\(([^)]+)\)", PAGE)) == {
        "#reference", "files.md#signed-urls", "settings.md#settings"
    }  # fmt: skip


def test_the_readme_lists_the_page() -> None:
    assert "[docs/proxies.md](docs/proxies.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
