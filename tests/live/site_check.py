"""Open every page of the documentation site in Chromium: `make site-check [CHROMIUM=<program>]`.

axe-core must find nothing, and no page may be wider than its window, in light and dark at 400 and
1400 pixels; the search must answer without a network. The site is that of `make docs`. Not part of
the suite.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from scripts.project.checkout import ROOT
from tests.live.browser import Browser, CheckError, run_check


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def checked(browser: Browser, screenshots: Path | None) -> Mapping[str, Any]:
    """The problems and figures that the browser finds."""
    site = ROOT / "site"
    pages = sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html"))
    if not pages:
        raise CheckError("there is no site; run `make docs` first")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            task = {
                "url": f"http://127.0.0.1:{server.server_port}",
                "pages": [page for page in pages if page != "404.html"],
                "screenshots": None if screenshots is None else str(screenshots),
            }
            return browser.run("site_pages.mjs", task)
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    sys.exit(run_check("site-check", __doc__ or "", checked))
