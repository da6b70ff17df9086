"""Copies of the project to change, and prints of a tree to prove that nothing in it has changed."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import yaml

from comfy_cloud.contract._documents.reader import read_contract, read_document
from scripts.contract_files import ROOT, Checkout

_IGNORED = shutil.ignore_patterns("__pycache__", "*.new", "*.old")


def copied(target: Path) -> Checkout:
    """A copy of all that the scripts read and write."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("openapi-cloud.yaml", "openapi-overlay.yaml", "openapi.lock.toml", "API.md"):
        if (ROOT / name).exists():
            shutil.copyfile(ROOT / name, target / name)
    for name in ("generated", "wrapper/comfy_cloud", "tests/_async", "tests/_sync"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, target / name, ignore=_IGNORED)
    return Checkout(target)


def prints(root: Path) -> dict[str, str]:
    """The sha256 of every file below `root`, by its path."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def contract_of(checkout: Checkout) -> dict[str, Any]:
    """The contract of a copy, to change."""
    return read_contract(checkout.contract.read_bytes(), "contract")


def overlay_of(checkout: Checkout) -> dict[str, Any]:
    """The overlay of a copy, to change."""
    return read_document(checkout.overlay.read_bytes(), "overlay")


def written(path: Path, document: object) -> Path:
    """The document as YAML in a file, in a layout that is nothing like ours."""
    path.write_text(yaml.safe_dump(document, sort_keys=True), encoding="utf-8")
    return path
