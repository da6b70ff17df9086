"""A lock file: what a generated package was made from, and the published contract behind it."""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import tomllib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli_w

from comfy_cloud.contract._documents.reader import ContractError, read_contract
from scripts.project.checkout import V1

GENERATOR = "openapi-python-client"

_HEAD = """\
# Written by `make generate` and `make update-spec`: what generated/ was made from.
# [published] is Comfy's own file. {contract} has the same interface in our words.
# That file is not kept here: `sha256` identifies it; `date` is when it was published or taken over.
"""


@dataclass(frozen=True)
class Provenance:
    """The published contract that ours was made from.

    Attributes:
        title: The title in the file.
        version: The version in the file.
        date: When it was published, or, since `make update-spec`, when it was taken over.
        sha256: The checksum of the file as it was published.
        parts: What was taken over alone since then: `operations`, `date` and `sha256` of each part.
    """

    title: str
    version: str
    date: datetime.date
    sha256: str
    parts: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, content: bytes, document: dict[str, Any], day: datetime.date) -> Provenance:
        """The provenance of a published file, as bytes and document, taken over on that day."""
        info = document["info"]
        return cls(str(info["title"]), str(info["version"]), day, hashlib.sha256(content).hexdigest())

    def with_part(self, content: bytes, operations: list[str], day: datetime.date) -> Provenance:
        """The same with one more part: the checksum of its file, and the operations in it."""
        part = {"operations": operations, "date": day, "sha256": hashlib.sha256(content).hexdigest()}
        return replace(self, parts=[*self.parts, part])


def read_provenance(lock: Path) -> Provenance:
    """The published contract in a lock file. Raises ContractError when the file has none."""
    try:
        table = tomllib.loads(lock.read_text(encoding="utf-8"))["published"]
        return Provenance(**table)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ContractError(
            f"{lock.name} has no complete [published] table ({type(error).__name__}), which records where "
            f"the contract comes from. Restore it with `git checkout {lock.name}`."
        ) from None


def lock_text(contract: bytes, overlay: bytes, provenance: Provenance, name: str = V1.contract) -> str:
    """The text of the lock file of the contract that is in the file `name`."""
    version = read_contract(contract, "the contract")["info"]["version"]
    return f"{_HEAD.format(contract=name)}\n" + tomli_w.dumps(
        {
            "published": {key: value for key, value in asdict(provenance).items() if value != []},
            "contract": {"version": version, "sha256": hashlib.sha256(contract).hexdigest()},
            "overlay": {"sha256": hashlib.sha256(overlay).hexdigest()},
            "generator": {"name": GENERATOR, "version": importlib.metadata.version(GENERATOR)},
        }
    )
