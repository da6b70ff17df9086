"""What the live page asks for: the document, the jobs as JSON, and images of single outputs."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from sqlalchemy import func, select

from ..schema import JOBS, OUTPUTS
from .document import document, json_block, policy
from .page_data import ALL_JOBS, MOST_JOBS, JobFilter, page_data
from .thumbnails import EDGE, Fetch, is_local, output_thumbnail

if TYPE_CHECKING:
    from ..mirror import Mirror

_EDGES = {"small": EDGE, "large": 1024}
_CACHE_BYTES = 64_000_000
_FETCHES = 4


class Page(NamedTuple):
    """A response of the live page."""

    status: int
    content: bytes = b""
    media_type: str = "text/plain; charset=utf-8"
    tag: str = ""


class BrowseRoutes:
    """Responds to paths below the token. Called from several threads."""

    def __init__(
        self,
        mirror: Mirror,
        wanted: JobFilter = ALL_JOBS,
        *,
        limit: int = MOST_JOBS,
        fetch: Fetch | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._mirror = mirror
        self._wanted = wanted
        self._limit = limit
        self._fetch = fetch
        self._now = now
        self._making = threading.Lock()
        self._made: Page | None = None
        self._images = _ImageCache()
        self._fetching = threading.Semaphore(_FETCHES)
        self.policy = policy(live=True) + "; frame-ancestors 'none'"

    def get(self, path: str, known_tag: str = "") -> Page:
        """The response for a path; `known_tag` is the state that the page has already."""
        if path == "":
            return Page(200, document({"live": True}, live=True).encode(), "text/html; charset=utf-8")
        if path == "data.json":
            return self._data(known_tag)
        size, _, rest = path.partition("/")
        job_id, _, index = rest.rpartition("/")
        if size in _EDGES and job_id and index.isascii() and index.isdecimal() and len(index) < 6:
            return self._image(size, unquote(job_id), int(index))
        return Page(404, b"not found")

    def _data(self, known_tag: str) -> Page:
        with self._making:
            tag = self._state()
            if tag == known_tag:
                return Page(304, tag=tag)
            if self._made is None or self._made.tag != tag:
                self._made = Page(200, self._json(), "application/json", tag)
            return self._made

    def _state(self) -> str:
        """A tag that changes whenever the mirror does."""
        path = self._mirror.path
        if path is not None:
            found: list[object] = []
            for name in (str(path), f"{path}-wal"):
                try:
                    entry = os.stat(name)
                except OSError:
                    continue
                found.append((entry.st_mtime_ns, entry.st_size))
        else:
            query = select(func.count(), func.max(JOBS.c.synced_ms))
            with self._mirror.connect() as connection:
                found = [*connection.execute(query).one()]
        return f'"{blake2b(repr(found).encode(), digest_size=12).hexdigest()}"'

    def _json(self) -> bytes:
        made_ms = int(self._now().timestamp() * 1000)
        with self._mirror.connect() as connection:
            page = page_data(connection, self._wanted, limit=self._limit, made_ms=made_ms)
        place = page.json["columns"].index("outputs")
        for image in page.images:
            if self._fetch is not None or is_local(image.columns):
                page.json["jobs"][image.job][place][image.output][3] = -1
        return json_block(page.json).encode()

    def _image(self, size: str, job_id: str, index: int) -> Page:
        key = (size, job_id, index)
        found = self._images.get(key)
        if found is None:
            query = select(OUTPUTS).where(OUTPUTS.c.job_id == job_id).order_by(OUTPUTS.c.position)
            with self._mirror.connect() as connection:
                row = connection.execute(query.offset(index).limit(1)).mappings().first()
            if row is None or row["kind"] != "image":
                return Page(404, b"no such image")
            with self._fetching:
                found = output_thumbnail(dict(row), self._fetch, _EDGES[size])
            if found is None:
                return Page(404, b"the image cannot be shown")
            self._images.put(key, found)
        return Page(200, found, "image/webp")


class _ImageCache:
    """The images that were last shown, up to so many bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._images: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[str, str, int]) -> bytes | None:
        with self._lock:
            if key not in self._images:
                return None
            self._images.move_to_end(key)
            return self._images[key]

    def put(self, key: tuple[str, str, int], image: bytes) -> None:
        with self._lock:
            self._bytes += len(image) - len(self._images.pop(key, b""))
            self._images[key] = image
            while self._bytes > _CACHE_BYTES:
                self._bytes -= len(self._images.popitem(last=False)[1])
