"""Which files are pages of the site, in which order, and what their links lead to.

In the repository a page links to files beside it and above it. On the site, links to other pages
stay links, and those to code become links to the repository. As long as the project has no public
address, a link to code becomes its text.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..project.checkout import ROOT
from . import python_reference, reference_pages

CONFIGURATION = ROOT / "zensical.toml"
ABOVE = ("API.md", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md")
"""Pages of the site that stand at the top of the repository."""
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^\s*(```|~~~)")


@dataclass(frozen=True)
class Page:
    """A page: its name on the site, such as `running.md`, and its file.

    `path` is None for a page of the reference, which is made from the sources.
    """

    name: str
    path: Path | None


def pages() -> list[Page]:
    """Every page, those of the menu first and in its order."""
    found: dict[str, Path | None] = {path.name: path for path in sorted((ROOT / "docs").glob("*.md"))}
    found |= {name: ROOT / name for name in ABOVE}
    found |= {page.name: None for page in reference_pages.PAGES}
    order = menu()
    names = [*order, *sorted(found.keys() - set(order))]
    return [Page(name, found[name]) for name in names]


def menu() -> list[str]:
    """The names of the pages in the site's menu, in its order."""
    settings = tomllib.loads(CONFIGURATION.read_text(encoding="utf-8"))["project"]
    return list(_leaves(settings["nav"]))


def _leaves(item: object) -> list[str]:
    if isinstance(item, str):
        return [item]
    inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else []
    return [name for each in inner for name in _leaves(each)]


def repository() -> str | None:
    """The public address of the repository, without a slash at its end, or None."""
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    address = urls.get("Repository")
    return address.rstrip("/") if isinstance(address, str) else None


def text_on_site(page: Page, address: str | None = None) -> str:
    """The page's Markdown with its links as the site needs them."""
    if page.path is None:
        return reference()[page.name]
    known = {each.name for each in pages()}
    folder = page.path.parent.relative_to(ROOT).as_posix()
    lines, fence = [], ""
    for line in page.path.read_text(encoding="utf-8").splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark is not None and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        elif not fence:
            line = _LINK.sub(lambda link: _on_site(link, folder, known, address), line)
        lines.append(line)
    return "".join(lines)


@cache
def reference() -> dict[str, str]:
    """The pages of the reference by their names, made once."""
    return python_reference.reference()


def _on_site(link: re.Match[str], folder: str, known: set[str], address: str | None) -> str:
    image, text, target = link[1], link[2], link[3]
    path, _, heading = target.partition("#")
    if "://" in target or target.startswith("mailto:") or not path:
        return link[0]
    full = posixpath.normpath(posixpath.join(folder, path))
    name = full.removeprefix("docs/")
    if name in known or (image and full.startswith("docs/")):
        return f"{image}[{text}]({name}{'#' if heading else ''}{heading})"
    if address is None:
        return text
    return f"{image}[{text}]({address}/blob/main/{full}{'#' if heading else ''}{heading})"
