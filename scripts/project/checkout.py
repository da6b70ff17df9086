"""Where the files of the project are.

It imports nothing of the project, so that a script can run before the package can be imported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class ContractNames:
    """The names of what belongs to one contract: its files, and the package made from it."""

    contract: str
    overlay: str
    lock: str
    package: str
    methods: str


V1 = ContractNames(
    "openapi-cloud.yaml",
    "openapi-overlay.yaml",
    "openapi.lock.toml",
    package="comfy_cloud_api",
    methods="methods.json",
)
V2 = ContractNames(
    "openapi-v2.yaml",
    "openapi-overlay-v2.yaml",
    "openapi-v2.lock.toml",
    package="comfy_cloud_api_v2",
    methods="methods_v2.json",
)
CONTRACTS = {"v1": V1, "v2": V2}
"""Each contract by the name that options give it."""


@dataclass(frozen=True)
class Checkout:
    """The files of one copy of the project. Tests pass the root of a copy they may change.

    `names` says which of the contracts the contract, overlay and lock are those of.
    """

    root: Path = ROOT
    names: ContractNames = V1

    def of_each_contract(self) -> list[Checkout]:
        """The same copy for each contract that it has. The first one has to be there."""
        each = [replace(self, names=names) for names in CONTRACTS.values()]
        return [each[0], *(other for other in each[1:] if other.contract.exists())]

    @property
    def contract(self) -> Path:
        """The contract."""
        return self.root / self.names.contract

    @property
    def overlay(self) -> Path:
        """The overlay, which holds our corrections to the contract."""
        return self.root / self.names.overlay

    @property
    def lock(self) -> Path:
        """What `generated/` was made from."""
        return self.root / self.names.lock

    @property
    def generated(self) -> Path:
        """The generated tree, with a package for each contract."""
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
        return self.package / "contract" / self.names.methods

    @property
    def command_reference(self) -> Path:
        """The reference of the command."""
        return self.root / "docs" / "command-reference.md"

    @property
    def man_pages(self) -> Path:
        """The folder of the man pages, which a release installs."""
        return self.root / "docs" / "man"

    @property
    def performance(self) -> Path:
        """The page of measurements, made from the last run of `make bench`."""
        return self.root / "docs" / "performance.md"

    @property
    def charts(self) -> Path:
        """The folder of that page's charts."""
        return self.root / "docs" / "performance"

    @property
    def measurements(self) -> Path:
        """The folder of the committed results of `make bench` and `make bench-peers`."""
        return self.root / "benchmarks" / "results"
