"""Open reports in a real Chromium: `make report-check [CHROMIUM=<program>] [SCREENSHOTS=<folder>]`.

A report of 5,000 jobs must be usable in 1.5 seconds, by mouse and by keyboard, and pass axe-core in
light and dark at 400, 1400 and 3840 pixels. One whose every text is an attack must run none of it,
in a file and live. playwright-core and axe-core are installed from npm into a folder that git
ignores; the browser is that of this machine, and reaches no other host. Not part of the suite.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from comfy_cloud.mirror import Mirror, schema
from comfy_cloud.mirror.report.browse_routes import BrowseRoutes
from comfy_cloud.mirror.report.browse_server import BrowseServer
from comfy_cloud.mirror.report.report import write_report
from scripts.project.checkout import ROOT
from tests.mirror.hostile import fill_hostile
from tests.mirror.sample import fill

PACKAGES: Final = {"playwright-core": "1.65.1", "axe-core": "4.14.1"}
FOLDER: Final = ROOT / ".report-check"
JOBS: Final = 5_000
IMAGES: Final = 560


class CheckError(Exception):
    """The check cannot be run; the message says what to do."""


def installed() -> Path:
    """The folder of the packages, which are installed first if one is missing."""
    if all(_version(name) == version for name, version in PACKAGES.items()):
        return FOLDER
    npm = shutil.which("npm")
    if npm is None:
        raise CheckError("npm is not installed; playwright-core and axe-core need Node.js with npm")
    FOLDER.mkdir(exist_ok=True)
    # Scripts of packages are not run. A lock file would name the host used here.
    options = ["--ignore-scripts", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    command = [npm, "install", *options, "--loglevel=error", "--prefix", str(FOLDER), *wanted]
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode:
        raise CheckError(f"npm could not install {' and '.join(wanted)}")
    return FOLDER


def _version(name: str) -> str | None:
    manifest = FOLDER / "node_modules" / name / "package.json"
    if not manifest.exists():
        return None
    found: str = json.loads(manifest.read_text(encoding="utf-8"))["version"]
    return found


@contextmanager
def served(mirror: Mirror) -> Iterator[str]:
    """The live page of a mirror, in a thread; gives its address."""
    with BrowseServer(BrowseRoutes(mirror, fetch=lambda row, edge: drawn(row["filename"], edge))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def drawn(name: str, edge: int = 640) -> bytes:
    """An image as a job could make it: a landscape whose colours go by the name."""
    import random

    from PIL import Image, ImageDraw, ImageFilter

    rng = random.Random(name)
    sky, land = (tuple(rng.randrange(40, 230) for _ in "rgb") for _ in range(2))
    image = Image.new("RGB", (edge, edge), sky)
    draw = ImageDraw.Draw(image)
    sun, size = (rng.randrange(edge), rng.randrange(edge // 2)), rng.randrange(edge // 14, edge // 6)
    draw.ellipse((sun[0] - size, sun[1] - size, sun[0] + size, sun[1] + size), fill=(255, 236, 190))
    for layer in range(4):
        level = edge * (3 + layer) // 7
        points = [(edge * step // 6, level + rng.randrange(-edge // 9, edge // 9)) for step in range(7)]
        shade = tuple(value * (4 - layer) // 5 for value in land)
        draw.polygon([(0, edge), *points, (edge, edge)], fill=shade)
    target = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(edge / 300)).save(target, "PNG")
    return target.getvalue()


def save_images(mirror: Mirror, folder: Path) -> None:
    """Files on this machine for the newest outputs."""
    outputs = schema.OUTPUTS
    newest = (
        select(outputs.c.job_id, outputs.c.position, outputs.c.filename)
        .join(schema.JOBS, schema.JOBS.c.id == outputs.c.job_id)
        .order_by(schema.JOBS.c.created_ms.desc())
        .limit(IMAGES)
    )
    with mirror.store.writing() as connection:
        for number, (job_id, position, name) in enumerate(connection.execute(newest).all()):
            path = folder / f"{number}.png"
            path.write_bytes(drawn(name, 320))
            which = (outputs.c.job_id == job_id) & (outputs.c.position == position)
            connection.execute(outputs.update().where(which).values(local_path=str(path)))


def checked(chromium: str, node: str, screenshots: Path | None) -> Mapping[str, Any]:
    """The problems and figures that the browser finds."""
    packages = installed()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        usual, hostile = folder / "usual.sqlite", folder / "hostile.sqlite"
        with Mirror.open(usual, account="a.reader", origin="https://cloud.comfy.org:443") as mirror:
            fill(mirror, JOBS)
            plain = write_report(mirror, folder / "plain.html", thumbnails=0)
            save_images(mirror, folder)
            report = write_report(mirror, folder / "report.html")
            with Mirror.open(hostile) as attacked, served(mirror) as live, served(attacked) as live_attacked:
                fill_hostile(attacked)
                attack = write_report(attacked, folder / "attack.html")
                task = {
                    "usual": str(report),
                    "jobs": JOBS,
                    "hostile": [str(attack), live_attacked],
                    "live": live,
                    "screenshots": None if screenshots is None else str(screenshots),
                }
                (folder / "task.json").write_text(json.dumps(task))
                driver = Path(__file__).with_name("report_page.mjs")
                done = subprocess.run(
                    [node, str(driver), str(packages), chromium, str(folder / "task.json")],
                    check=False,
                    capture_output=True,
                    text=True,
                    env={**os.environ, "TZ": "UTC"},
                    timeout=900,
                )
        if not done.stdout.strip():
            raise CheckError(f"the browser could not be driven: {done.stderr[-800:]}")
        found: dict[str, Any] = json.loads(done.stdout)
        found["figures"] |= {
            "report_mb": round(report.stat().st_size / 1e6, 2),
            "without_thumbnails_mb": round(plain.stat().st_size / 1e6, 2),
        }
        return found


def main() -> int:
    """Print figures and problems; return 1 if there are problems."""
    parser = argparse.ArgumentParser(prog="make report-check", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--chromium", default="chromium", help="the browser's program")
    parser.add_argument("--screenshots", type=Path, help="the folder to write PNGs of the pages to")
    given = parser.parse_args()
    chromium, node = shutil.which(given.chromium), shutil.which("node")
    if chromium is None or node is None:
        parser.error(f"there is no program {given.chromium if chromium is None else 'node'}")
    try:
        found = checked(chromium, node, given.screenshots)
    except CheckError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for name, value in found["figures"].items():
        print(f"{name.replace('_', ' ')}: {value}")
    for problem in found["problems"]:
        print(f"BAD {problem}")
    print(f"{len(found['problems'])} problems")
    return 1 if found["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
