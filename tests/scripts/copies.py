"""Copies of the project to change, and checksums to prove that nothing in a tree has changed."""

from __future__ import annotations

import hashlib
import pickle
import shutil
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from comfy_cloud.contract._documents.reader import read_contract, read_document
from scripts.project.checkout import ROOT, V1, V2, Checkout

EVERYTHING = ("generated", "wrapper/comfy_cloud", "tests/_async", "tests/_sync")


def copied(target: Path, folders: Sequence[str] = EVERYTHING, *, without: Sequence[str] = ()) -> Checkout:
    """A copy of all that the scripts read and write, or of some of these folders.

    `without` names folders below that are not needed: making a thousand files takes most of the
    time of many tests.
    """
    target.mkdir(parents=True, exist_ok=True)
    contracts = [name for names in (V1, V2) for name in (names.contract, names.overlay, names.lock)]
    for name in (*contracts, "API.md"):
        if (ROOT / name).exists():
            shutil.copyfile(ROOT / name, target / name)
    for name in folders:
        if (ROOT / name).exists():
            ignored = shutil.ignore_patterns("__pycache__", "*.new", "*.old", *without)
            shutil.copytree(ROOT / name, target / name, ignore=ignored)
    return Checkout(target)


def checksums(root: Path) -> dict[str, str]:
    """The sha256 of every file below `root`, by its path."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def contract_of(checkout: Checkout) -> dict[str, Any]:
    """The contract of a copy, to change."""
    return _read(read_contract, checkout.contract)


def overlay_of(checkout: Checkout) -> dict[str, Any]:
    """The overlay of a copy, to change."""
    return _read(read_document, checkout.overlay)


def _read(read: Callable[[bytes, str], dict[str, Any]], path: Path) -> dict[str, Any]:
    document: dict[str, Any] = pickle.loads(_pickled(read, path.read_bytes(), path.name))
    return document


# Most copies have the same contract, and reading YAML takes a hundred times as long.
@lru_cache(maxsize=8)
def _pickled(read: Callable[[bytes, str], dict[str, Any]], text: bytes, name: str) -> bytes:
    return pickle.dumps(read(text, name))


def written(path: Path, document: object) -> Path:
    """The document as YAML in a file, in another layout than ours."""
    path.write_text(yaml.safe_dump(document, sort_keys=True), encoding="utf-8")
    return path
