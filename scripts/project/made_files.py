"""Writing files that a script makes, or checking that they are what their sources make."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path


def is_check(arguments: list[str] | None, description: str | None) -> bool:
    """Parse the command line of a script whose only option is `--check`."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the files on disk, write nothing")
    return bool(parser.parse_args(arguments).check)


def stale(texts: Mapping[Path, str]) -> list[Path]:
    """The files that are missing or differ from their text."""
    return [
        path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def write(texts: Mapping[Path, str], orphans: Iterable[Path] = ()) -> list[Path]:
    """Write the stale files and delete the orphans; return the paths written.

    Each file appears whole, also where several processes write it at once.
    """
    for path in orphans:
        path.unlink(missing_ok=True)
    written = stale(texts)
    for path in written:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            beside.write_text(texts[path], encoding="utf-8")
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    return written


def check(texts: Mapping[Path, str], root: Path, command: str, orphans: Iterable[Path] = ()) -> int:
    """Report stale files and orphans, and the command that mends them; 0 when there are none."""
    lines = [f"{path.relative_to(root).as_posix()}: no source makes it" for path in orphans]
    lines += [f"{path.relative_to(root).as_posix()}: is not what the sources make" for path in stale(texts)]
    for line in lines:
        print(line, file=sys.stderr)
    if lines:
        print(f"error: run `{command}`", file=sys.stderr)
    return 1 if lines else 0
