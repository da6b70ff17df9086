"""Messages about missing packages name an extra of this package, where there is one for them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest

from tests.project.imports import ROOT, files, name_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
IN_EXTRAS = {
    re.split(r"[\[<>=~!; ]", requirement)[0].lower()
    for name, requirements in EXTRAS.items()
    if name != "all"
    for requirement in requirements
}
INSTALL = re.compile(r"pip install (?:--upgrade )?((?:[^\n`\"().:,\[]|\[[^\]\n]*\])+)")


def installs() -> Iterator[tuple[str, str]]:
    """Each line to install something that the code of the package names, and where."""
    for path in files("wrapper", "emulator", "catalogue"):
        for found in INSTALL.finditer(path.read_text(encoding="utf-8")):
            yield name_of(path), found[1]


@pytest.mark.parametrize(("place", "what"), sorted(set(installs())))
def test_a_line_to_install_something_names_an_extra(place: str, what: str) -> None:
    for extras in re.findall(r"comfy-cloud\[([a-z,]+)\]", what):
        assert set(extras.split(",")) <= EXTRAS.keys()
    outside = re.sub(r"'?comfy-cloud\[[^\]]*\]'?", "", what)
    assert not {word.strip("'").lower() for word in outside.split()} & IN_EXTRAS, (
        "there is an extra for it: pip install 'comfy-cloud[...]'"
    )


def test_the_lines_are_found() -> None:
    found = {what for _, what in installs()}
    assert {"'comfy-cloud[mirror,postgres]'", "'comfy-cloud[mirror,delta]'", "pandas"} <= found
