"""Make the synchronous client and its tests from the asynchronous ones: `python -m scripts.unasync [--check]`.

Whole words are replaced by the table below, and nothing else. A rule that no file uses is an error, and so is a file in a made
folder that has no source. `--check` writes nothing and compares both directions.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.contract_files import ROOT

FOLDERS = {
    "wrapper/comfy_cloud/_async": "wrapper/comfy_cloud/_sync",
    "tests/_async": "tests/_sync",
}

# Longer rules first where one contains another. Each is a whole word (or, with a leading dot or a space, a piece of code).
RULES = [
    (r"async def", "def"),
    (r"async with", "with"),
    (r"async for", "for"),
    (r"await ", ""),
    (r"AsyncGenerator\[(?:Async)?(\w+), None\]", r"Generator[\1, None, None]"),
    (r"AsyncGenerator", "Generator"),
    (r"(_?)Async([A-Z]\w*)", r"\1\2"),  # every name that begins so: AsyncJob, _AsyncSnapshot, AsyncIterator
    (r"(new_)?async_(\w+)", r"\1\2"),
    (r"comfy_cloud\._async", "comfy_cloud._sync"),
    (r"__aenter__", "__enter__"),
    (r"__aexit__", "__exit__"),
    (r"__aiter__", "__iter__"),
    (r"aclose", "close"),
    (r"aclosing", "closing"),
    (r"aiter_bytes", "iter_bytes"),
    (r"aiter_raw", "iter_raw"),
    (r"aread", "read"),
    (r"async", "sync"),  # in prose
]

BANNER = "# Made from {source} by `make unasync`. Do not edit.\n"


def translate(text: str, used: set[str], rules: list[tuple[str, str]] = RULES) -> str:
    """The synchronous text; the patterns that matched are added to `used`."""
    for pattern, replacement in rules:
        expression = rf"(?<![A-Za-z0-9_]){pattern}" + ("" if pattern.endswith(" ") else r"(?![A-Za-z0-9_])")
        text, count = re.subn(expression, replacement, text)
        if count:
            used.add(pattern)
    return text


def formatted(texts: dict[Path, str], root: Path) -> dict[Path, str]:
    """The texts as the formatter of the project leaves them: shorter words may make shorter lines."""
    options = ["--config", str(ROOT / "pyproject.toml"), "--quiet", "--no-cache"]
    with tempfile.TemporaryDirectory() as folder:
        copies = {path: Path(folder) / path.relative_to(root) for path in texts}
        for path, copy in copies.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(texts[path], encoding="utf-8")
        for command in (["check", "--select", "I", "--fix-only"], ["format"]):
            subprocess.run([sys.executable, "-m", "ruff", *command, *options, folder], cwd=folder, check=True)
        return {path: copy.read_text(encoding="utf-8") for path, copy in copies.items()}


def made_files(root: Path = ROOT, rules: list[tuple[str, str]] = RULES) -> dict[Path, str]:
    """Every made file with its text. Raises SystemExit when a rule is not used by any source."""
    used: set[str] = set()
    files: dict[Path, str] = {}
    for source_folder, target_folder in FOLDERS.items():
        for source in sorted((root / source_folder).rglob("*.py")):
            relative = source.relative_to(root / source_folder)
            banner = BANNER.format(source=source.relative_to(root).as_posix())
            target = root / target_folder / relative
            files[target] = banner + translate(source.read_text(encoding="utf-8"), used, rules)
    unused = [pattern for pattern, _ in rules if pattern not in used]
    if unused:
        raise SystemExit(
            f"error: no source uses these rules of scripts/unasync.py; remove them: {', '.join(unused)}"
        )
    return formatted(files, root)


def main(arguments: list[str] | None = None, root: Path = ROOT, rules: list[tuple[str, str]] = RULES) -> int:
    """Write the made files and delete orphans, or with --check list what differs; 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare with what is there, write nothing")
    check = parser.parse_args(arguments).check
    files = made_files(root, rules)
    there = {path for folder in FOLDERS.values() for path in (root / folder).rglob("*.py")}
    orphans = sorted(there - files.keys())
    stale = [
        path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if check:
        for path in [*orphans, *stale]:
            print(
                f"{path.relative_to(root)}: {'has no source' if path in orphans else 'is not what its source makes'}"
            )
        return 1 if orphans or stale else 0
    for path in orphans:
        path.unlink()
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    print(f"{len(files)} synchronous files, {len(stale)} changed, {len(orphans)} removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
