"""Open reports in a real Chromium: `make report-check [CHROMIUM=<program>] [SCREENSHOTS=<folder>]`.

A report of 5,000 jobs must be usable in 1.5 seconds, by mouse and by keyboard, and pass axe-core in
light and dark at 400, 1400 and 3840 pixels. One whose every text is an attack must run none of it,
in a file and live. Not part of the suite.
"""

from __future__ import annotations

import io
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
from tests.live.browser import Browser, run_check
from tests.mirror.hostile import fill_hostile
from tests.mirror.sample import fill

JOBS: Final = 5_000
IMAGES: Final = 560


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


def checked(browser: Browser, screenshots: Path | None) -> Mapping[str, Any]:
    """The problems and figures that the browser finds."""
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
                found = browser.run("report_page.mjs", task)
        found["figures"] |= {
            "report_mb": round(report.stat().st_size / 1e6, 2),
            "without_thumbnails_mb": round(plain.stat().st_size / 1e6, 2),
        }
        return found


if __name__ == "__main__":
    sys.exit(run_check("report-check", __doc__ or "", checked))
