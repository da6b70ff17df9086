"""The README as the package's page shows it: no link that leads nowhere."""

from __future__ import annotations

import re
import tomllib
from importlib.util import module_from_spec, spec_from_file_location

from scripts.project.checkout import ROOT

PATH = ROOT / "packaging/package_page.py"
SPEC = spec_from_file_location("package_page", PATH)
assert SPEC is not None
assert SPEC.loader is not None
MODULE = module_from_spec(SPEC)
SPEC.loader.exec_module(MODULE)
README = (ROOT / "README.md").read_text(encoding="utf-8")
RELATIVE = re.compile(r"\]\((?!https?://|#)")


def test_the_build_uses_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "readme" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["metadata"]["hooks"]["custom"]["path"] == "packaging/package_page.py"
    metadata: dict[str, dict[str, str]] = {}
    MODULE.PackagePage(str(ROOT), {}).update(metadata)
    assert metadata["readme"]["content-type"] == "text/markdown"
    assert not RELATIVE.search(metadata["readme"]["text"])


def test_relative_links_become_text_and_others_stay() -> None:
    shown = MODULE.for_package_page("![A run](docs/run.svg) [a](b.md#c) [`d`](https://e/f) [g](#h)\n")
    assert shown.startswith("*A run* a [`d`](https://e/f) [g](#h)\n")


def test_with_an_address_they_become_absolute() -> None:
    shown = MODULE.for_package_page(README, "https://example.com/main/")
    assert not RELATIVE.search(shown)
    assert shown.count("](https://example.com/main/") == len(RELATIVE.findall(README)) > 30


def test_nothing_else_changes() -> None:
    shown = MODULE.for_package_page(README)
    code = re.compile(r"```.*?```", re.DOTALL)
    assert code.findall(shown) == code.findall(README)
    assert README.count("\n|") == shown.count("\n|")
