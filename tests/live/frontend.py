"""Open ComfyUI's own frontend on the emulator in a headless Chromium, and run a workflow there.

`make frontend-check FRONTEND=<folder> CHROMIUM=<program>` starts an emulator, serves the frontend's
files and the emulator at one address, and fails when the page logs an error, when a request of the
page is refused, when the page shows an error, when its default workflow does not run and show its
image, or when it makes another graph of a graph that was laid out for it. The folder is the
unpacked package comfyui-frontend-package. Nothing is downloaded, and the page reaches no other
host. It is not part of the test suite, which has no browser.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from comfy_cloud_emulator import Emulator, Quirks

from .chromium import Page
from .frontend_layouts import layout_problems
from .frontend_server import FrontendServer

NEW_USER = (
    "/user.css",
    "/api/userdata/user.css",
    "/api/userdata/comfy.templates.json",
    "/api/userdata?dir=workflows&recurse=true&split=false&full_info=true",
    "/api/userdata?dir=subgraphs&recurse=true&split=false&full_info=true",
)
"""What a new user does not have: a real ComfyUI 0.30 responds with 404 as well."""
# `app.graph` would log an error before there is one.
_IS_LOADED = "(window.app?.canvas?.graph?._nodes.length ?? 0) > 0"
_IS_SHOWN = "Object.values(window.app.nodeOutputs).some(shown => (shown.images ?? []).length > 0)"
_RUN = "[...document.querySelectorAll('button')].find(each => each.innerText.trim() === 'Run').click()"
_MESSAGES = """[...document.querySelectorAll('.p-toast-message-error, .p-toast-message-warn, [role=alert]')]
    .map(each => each.innerText)"""
_DIALOGS = "[...document.querySelectorAll('[role=dialog], [role=alertdialog]')].map(each => each.innerText)"
_SETTLE = "new Promise(done => setTimeout(done, 3000))"


def problems(folder: Path, chromium: str, *, assets: bool, screenshot: Path | None) -> list[str]:
    """What goes wrong when the page is opened and its workflow is run; a line for each."""
    quirks = replace(Quirks.preset("comfyui_new"), assets_disabled=not assets)
    with (
        Emulator(quirks=quirks, speed=20) as emulator,
        FrontendServer(folder, emulator.url) as server,
        Page(chromium) as page,
    ):
        # Otherwise the page begins with a choice of templates, which are not part of the package.
        settings = {"Comfy.TutorialCompleted": True}
        httpx.post(f"{emulator.url}/api/settings", json=settings, trust_env=False).raise_for_status()
        page.open(server.url)
        found: list[str] = []
        try:
            page.wait(_IS_LOADED, 120, "the default workflow on the page")
            page.value(_SETTLE)
            page.value(_RUN)
            page.wait(_IS_SHOWN, 60, "the workflow's image on the page")
            page.value(_SETTLE)
            shown = [text.strip() for text in page.value(_MESSAGES) + page.value(_DIALOGS)]
            found += [f"the page shows: {text}" for text in shown if text]
            if assets:
                found += _missing_asset(emulator.url)
        except TimeoutError as error:
            found.append(str(error))
        if screenshot is not None:
            page.screenshot(screenshot)
        refused = [each for each in page.responses if each.status >= 400 and _is_ours(each.url, server.url)]
        found += [
            f"{each.method} {each.url.removeprefix(server.url)} is a {each.status}"
            for each in refused
            if each.url.removeprefix(server.url) not in NEW_USER
        ]
        if not any(_is_ours(each.url, f"{server.url}/api/view") for each in page.responses):
            found.append("the page asked for no image")
        return found + [f"the console: {text}" for text in page.errors if not _is_expected(text, server.url)]


def problems_of_layouts(folder: Path, chromium: str) -> list[str]:
    """What the frontend makes of graphs that were laid out, where that is another graph."""
    with (
        Emulator(quirks=replace(Quirks.preset("comfyui_new"), assets_disabled=True)) as emulator,
        FrontendServer(folder, emulator.url) as server,
        Page(chromium) as page,
    ):
        settings = {"Comfy.TutorialCompleted": True}
        httpx.post(f"{emulator.url}/api/settings", json=settings, trust_env=False).raise_for_status()
        page.open(server.url)
        try:
            page.wait(_IS_LOADED, 120, "the default workflow on the page")
        except TimeoutError as error:
            return [str(error)]
        page.value(_SETTLE)
        return layout_problems(page, httpx.get(f"{emulator.url}/api/object_info", trust_env=False).json())


def _missing_asset(url: str) -> list[str]:
    listed = httpx.get(f"{url}/api/assets?include_tags=output", trust_env=False).json()["assets"]
    return [] if [each["tags"] for each in listed] == [["output"]] else [f"the output is no asset: {listed}"]


def _is_ours(address: str, url: str) -> bool:
    return address.startswith(url)


def _is_expected(text: str, url: str) -> bool:
    """Whether an error is about what a new user lacks, or about a host that cannot be reached."""
    address = text.rpartition(" ")[2]
    if "ERR_NAME_NOT_RESOLVED" in text:
        return urlsplit(address).hostname not in (None, "127.0.0.1")
    return "status of 404" in text and address.removeprefix(url) in NEW_USER


def frontend_folder(given: Path) -> Path:
    """The folder with the page, in an unpacked package or given itself.

    Raises ValueError when there is none.
    """
    for folder in (given, given / "static", given / "comfyui_frontend_package/static"):
        if (folder / "index.html").is_file():
            return folder
    raise ValueError(
        f"there is no index.html in {given}; unpack the wheel of comfyui-frontend-package there"
        " (pip download --no-deps comfyui-frontend-package)"
    )


def main() -> int:
    """Print the problems; return 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m tests.live.frontend", description=__doc__)
    parser.add_argument("folder", type=Path, help="the unpacked package comfyui-frontend-package")
    parser.add_argument("--chromium", default="chromium", help="the browser's program")
    parser.add_argument("--screenshot", type=Path, help="write a PNG of the page at the end")
    given = parser.parse_args()
    chromium = shutil.which(given.chromium)
    if chromium is None:
        parser.error(f"there is no program {given.chromium}; say where Chromium is")
    try:
        folder = frontend_folder(given.folder)
    except ValueError as error:
        parser.error(str(error))
    failed = False
    for assets in (False, True):
        found = problems(folder, chromium, assets=assets, screenshot=given.screenshot)
        failed = failed or bool(found)
        print(f"with{'' if assets else 'out'} assets: {len(found)} problems")
        for line in found:
            print(f"  {line}")
    found = problems_of_layouts(folder, chromium)
    for line in found:
        print(f"  {line}")
    return 1 if failed or found else 0


if __name__ == "__main__":
    sys.exit(main())
