"""The README as the package's page shows it, made while the package is built.

The page of a package index has no other files beside it, so a relative link there leads nowhere.
Until the repository has a public address, such links become their text, and images what they show.
Then `ADDRESS` is that address, and links become absolute.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

ADDRESS: str | None = None
"""The address of the files in the repository, with a slash at its end."""
_NOTE = "\nThe pages and files that are named here are in the source distribution of this package.\n"
_RELATIVE = r"\]\((?![a-z]+:|#)([^)\s]+)\)"
_IMAGE = re.compile(rf"!\[([^\]]*){_RELATIVE}")
_LINK = re.compile(rf"(?<!!)\[([^\[\]]*){_RELATIVE}")


class PackagePage(MetadataHookInterface):
    """Gives the build its readme."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the readme to the metadata."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": for_package_page(text, ADDRESS)}


def for_package_page(text: str, address: str | None = None) -> str:
    """A page without relative links: with absolute ones if there is an address, else with none."""
    if address is not None:
        text = _IMAGE.sub(rf"![\1]({address}\2)", text)
        return _LINK.sub(rf"[\1]({address}\2)", text)
    text = _IMAGE.sub(r"*\1*", text)
    return _LINK.sub(r"\1", text) + _NOTE


def get_metadata_hook() -> type[MetadataHookInterface]:
    """What hatchling looks for in this file."""
    return PackagePage
