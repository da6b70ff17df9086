"""Build the documentation site into site/: `make docs`.

Warnings are errors, such as a link to a page or a heading that does not exist. Beside each page
stands its Markdown, and `llms.txt` lists them for programs that read for somebody.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ..project.checkout import ROOT
from .sources import CONFIGURATION, Page, pages, repository, text_on_site

SOURCES = ROOT / "build" / "pages"
SITE = ROOT / "site"
_SUMMARY = "Python client for Comfy Cloud, sync and async, with a command and a local Comfy Cloud to test on"

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def main(arguments: list[str] | None = None) -> int:
    """Build the site; returns the exit code of the program that does it."""
    parser = argparse.ArgumentParser(description="Build the documentation site into site/.")
    parser.add_argument("--program", default="zensical", help="Which zensical to run.")
    parser.add_argument("--serve", action="store_true", help="Show the site on loopback instead.")
    given = parser.parse_args(arguments)
    texts = write_sources(SOURCES)
    settings = SOURCES.parent / CONFIGURATION.name
    shutil.copyfile(CONFIGURATION, settings)
    if given.serve:
        return subprocess.run([given.program, "serve", "-f", settings], check=False).returncode
    shutil.rmtree(SITE, ignore_errors=True)
    code = subprocess.run(
        [given.program, "build", "--strict", "--clean", "-f", settings], check=False
    ).returncode
    if code:
        return code
    shutil.move(SOURCES.parent / "site", SITE)
    for name, text in texts.items():
        (SITE / name).write_text(text, encoding="utf-8")
    (SITE / "llms.txt").write_text(index_for_agents(texts), encoding="utf-8")
    print(f"site/: {len(texts)} pages, {sum(1 for _ in SITE.rglob('*'))} files")
    return 0


def write_sources(folder: Path) -> dict[str, str]:
    """Write what the site is built from. Returns the texts of the pages by their names."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    texts = {page.name: _checked(page) for page in pages()}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    docs = ROOT / "docs"
    for path in (*docs.glob("*.png"), *docs.rglob("*.svg"), *(docs / "theme").iterdir()):
        copy = folder / path.relative_to(docs)
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, copy)
    return texts


def _checked(page: Page) -> str:
    return text_on_site(page, repository())


def index_for_agents(texts: dict[str, str]) -> str:
    """What llms.txt says: each page's title and its first sentence."""
    lines = ["# comfy-cloud", "", f"> {_SUMMARY}", "", "## Pages", ""]
    for name, text in texts.items():
        lines.append(f"- [{title(text)}]({name}): {first_sentence(text)}")
    return "\n".join(lines) + "\n"


def title(text: str) -> str:
    """The page's first heading."""
    return next(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))


def first_sentence(text: str) -> str:
    """The first sentence of the first paragraph, on one line."""
    paragraphs = [part for part in text.split("\n\n") if part.strip() and part[0] not in "#<!|`>-"]
    words = _LINK.sub(r"\1", " ".join(paragraphs[0].split())) if paragraphs else title(text)
    end = words.find(". ")
    return words[: end + 1] if end >= 0 else words


if __name__ == "__main__":
    sys.exit(main())
