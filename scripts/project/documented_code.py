"""Check the Python code of README and docs with mypy --strict, as a reader would who copies it.

Usage: python -m scripts.project.documented_code
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mypy import api

from comfy_cloud import node_stubs
from comfy_cloud_emulator.nodes.catalogue import catalogue

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks() -> Iterator[tuple[str, str]]:
    """Each block of Python on the pages: a name that says where it is, and its text."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = page.read_text()
        for block in _BLOCK.finditer(text):
            line = text.count("\n", 0, block.start(1)) + 1
            yield f"{page.stem.replace('-', '_')}_line_{line}", block[1]


def main() -> int:
    """Print what mypy finds; the exit code is 1 if that is anything."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, text in blocks():
            path = Path(folder, f"{name}.py")
            path.write_text(text)
            files.append(str(path))
        # What `nodes stubs` writes, which a page imports.
        Path(folder, "nodes.py").write_text(node_stubs(catalogue().object_info()), encoding="utf-8")
        # fsspec has no type information; packages that are not installed here have stand-ins.
        stand_ins = ROOT / "tests/docs/stand_ins"
        untyped = f"[mypy]\nmypy_path = {stand_ins}\n[mypy-fsspec.*]\nignore_missing_imports = True\n"
        config = Path(folder, "mypy.ini")
        config.write_text(untyped)
        options = [
            "--strict",
            "--config-file",
            str(config),
            "--cache-dir",
            str(ROOT / ".mypy_cache/documented"),
        ]
        found, problems, code = api.run([*options, *files])
    if code:
        print(found.replace(f"{folder}/", "") + problems, end="", file=sys.stderr)
    else:
        print(f"{len(files)} blocks of documented code pass mypy --strict")
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
