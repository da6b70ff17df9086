"""Where the files of the project are.

It imports nothing of the project, so that a script can run before the package can be imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Checkout:
    """The files of one copy of the project. Tests pass the root of a copy they may change."""

    root: Path = ROOT

    @property
    def contract(self) -> Path:
        """The contract."""
        return self.root / "openapi-cloud.yaml"

    @property
    def overlay(self) -> Path:
        """The overlay, which holds our corrections to the contract."""
        return self.root / "openapi-overlay.yaml"

    @property
    def lock(self) -> Path:
        """What `generated/` was made from."""
        return self.root / "openapi.lock.toml"

    @property
    def generated(self) -> Path:
        """The generated tree."""
        return self.root / "generated"

    @property
    def package(self) -> Path:
        """The handwritten package."""
        return self.root / "wrapper" / "comfy_cloud"

    @property
    def api_map(self) -> Path:
        """The map from operations to wrapper methods, for readers."""
        return self.root / "API.md"

    @property
    def methods(self) -> Path:
        """The same map as a table that an installed release contains."""
        return self.package / "contract" / "methods.json"

    @property
    def command_reference(self) -> Path:
        """The reference of the command."""
        return self.root / "docs" / "command-reference.md"

    @property
    def man_pages(self) -> Path:
        """The folder of the man pages, which a release installs."""
        return self.root / "docs" / "man"
